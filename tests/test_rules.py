"""Every rule: what it refuses, where exactly it points, and what it lets pass."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import NOW, run
from tests.support.checking import check
from tests.support.manifests import FIRST, SMALL
from valhalla_manifest.document.problems import Finding, Span
from valhalla_manifest.report import sarif
from valhalla_manifest.report.rules import page, table
from valhalla_manifest.report.text import Style
from valhalla_manifest.validation import check as checking
from valhalla_manifest.validation.rule_settings import RuleSettings
from valhalla_manifest.validation.rules.base import AnyRule, rule
from valhalla_manifest.validation.rules.registry import BY_CODE, RULES
from valhalla_manifest.validation.rules.subjects import ParsedManifest


def found(text: str | bytes, tested: str = "") -> list[tuple[str, int, int]]:
    """Return code, line and column of every problem; a tested rule is turned on if it is off."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    policy = RuleSettings(error=frozenset({tested} & {r.code for r in RULES if not r.enabled}))
    return [(p.code, p.line, p.column) for p in check(data, now=NOW, rule_settings=policy).problems]


def small(**changes: str) -> str:
    """Return the small manifest with values replaced: version='1.0' for the line ``version:``."""
    text = SMALL
    for key, value in changes.items():
        text, number = re.subn(rf"(?m)^([ -]*{key}:).*$", lambda m: f"{m[1]} {value}", text)  # noqa: B023
        assert number == 1, key
    return text


# What a user writes → code, line, column. One mistake, one problem.
REFUSED = {
    # the file
    "not UTF-8": (SMALL.encode().replace(b"Engine", b"Eng\xffine"), "VM003", 7, 14),
    "UTF-16": (SMALL.encode("utf-16"), "VM003", 1, 1),
    "an open quote": (small(summary='"never closed'), "VM004", 4, 10),
    "an open list": (SMALL + "    depends_on: [H\n", "VM004", 9, 17),
    "an open mapping": (SMALL + "x-a: {b: c\n", "VM004", 9, 6),
    "a second colon": (small(name="A: b: c"), "VM004", 7, 12),
    "a tab": (SMALL.replace("    name", "\tname"), "VM004", 7, 1),
    "an unknown escape": (small(name=r'"\q"'), "VM004", 7, 12),
    "an at sign": (small(name="@home"), "VM004", 7, 11),
    "bad indentation": (SMALL.replace("    status", "   status"), "VM004", 8, 4),
    "too deep": (SMALL + "x-a: " + "[" * 70 + "]" * 70 + "\n", "VM005", 9, 69),
    "nothing": ("", "VM006", 1, 1),
    "nothing but comments": ("# nothing\n", "VM006", 1, 1),
    "two documents": (SMALL + "---\na: b\n", "VM007", 9, 1),
    "conflict markers": (SMALL.replace("backend", "<<<<<<< HEAD\nbackend"), "VM008", 3, 1),
    "a web page": ("<!DOCTYPE html>\n<html></html>\n", "VM011", 1, 1),
    # portable YAML
    "a zero-width space": (small(name="En\u200bgine"), "VM101", 7, 13),
    "a bidirectional override in a comment": (SMALL + "# \u202e\n", "VM101", 9, 3),
    "a next-line character": (small(name="a\u0085b"), "VM101", 7, 12),
    "a NUL": (small(name="a\0b"), "VM101", 7, 12),
    "a control as an escape": (small(name=r'"a\x07b"'), "VM102", 7, 13),
    "an unpaired surrogate": (small(name=r'"a\ud800b"'), "VM102", 7, 13),
    "a key twice": (SMALL + "version: 2.0.0\n", "VM103", 9, 1),
    "a tab between values": (small(name="\tEngine"), "VM112", 7, 11),
    "a closing bracket at the key's column": (SMALL + "x-a: [\n  1,\n]\n", "VM113", 11, 1),
    "a comment glued to a quote": (small(name='"Engine"# it'), "VM114", 7, 19),
    "a pair without braces": (SMALL + "x-a: [b: 1]\n", "VM115", 9, 7),
    "a space before a line break in quotes": (small(name='"a \n      b"'), "VM117", 7, 13),
    "an empty item of a list in a list": (SMALL + "x-a:\n- -\n- 1\n", "VM118", 10, 3),
    "a block text without a final line break": (SMALL + "notes: |\n  a", "VM119", 9, 8),
    "an escaped slash": (small(name='"a\\/b"'), "VM120", 7, 13),
    "a first key indented behind a mark": (
        "\ufeff" + "".join(f"  {line}\n" for line in SMALL.splitlines()),
        "VM121",
        1,
        1,
    ),
    "a text that a comment cuts": (SMALL + "notes: Fixed #12\n", "VM131", 9, 14),
    "a header with its signs swapped": (SMALL + "notes: -<\n  text\n", "VM132", 9, 8),
    "curly quotes": (SMALL + "notes: “Released”\n", "VM133", 9, 8),
    "a dash between brackets": (SMALL + "x-a: [-]\n", "VM116", 9, 7),
    "a letter that is a boolean": (small(id="N"), "VM104", 6, 9),
    "an octal number": (SMALL + "x-mode: 0755\n", "VM104", 9, 9),
    "a number with an underscore": (SMALL + "x-size: 1_000\n", "VM104", 9, 9),
    "a base-60 number": (SMALL + "x-at: 12:30:45\n", "VM104", 9, 7),
    "a date": (SMALL + "x-day: 2026-01-01\n", "VM104", 9, 8),
    "an octal of YAML 1.2": (SMALL + "x-mode: 0o7\n", "VM104", 9, 9),
    "a float to some": (SMALL + "x-many: 1e3\n", "VM104", 9, 9),
    "yes for true": (small(backend_complete="yes"), "VM104", 3, 19),
    "an ambiguous key": (SMALL + "x-a: {on: 1}\n", "VM104", 9, 7),
    "a number too large": (SMALL + "x-a: 9007199254740993\n", "VM105", 9, 6),
    "an anchor": (SMALL + "x-a: &b c\n", "VM106", 9, 6),
    "an alias": (SMALL + "x-a: *b\n", "VM107", 9, 6),
    "a merge key": (SMALL + "x-a:\n  <<: {a: b}\n", "VM108", 10, 3),
    "a tag": (SMALL + "x-a: !!str c\n", "VM109", 9, 6),
    "a directive": ("%YAML 1.2\n---\n" + SMALL, "VM110", 1, 1),
    "a number as a key": (SMALL + "x-a: {80: b}\n", "VM111", 9, 7),
    # shape
    "a key missing at the top": (SMALL.replace("summary: A platform.\n", ""), "VM201", 1, 1),
    "a key missing in a pack": (SMALL.replace("    status: installed\n", ""), "VM201", 6, 5),
    "an unknown key": (SMALL + "note: x\n", "VM202", 9, 1),
    "an unknown key of a pack": (SMALL + "    stat: x\n", "VM202", 9, 5),
    "a number for a version": (small(version="1.10"), "VM203", 2, 10),
    "a string for a boolean": (small(backend_complete='"true"'), "VM203", 3, 19),
    "a string for the format": (small(schema_version='"1"'), "VM203", 1, 17),
    "null for a name": (small(name=""), "VM203", 7, 10),
    "a list at the root": ("- a\n", "VM203", 1, 1),
    "a status that is none": (small(status="instaled"), "VM204", 8, 13),
    "a format of the past": (small(schema_version="0"), "VM204", 1, 17),
    "two numbers for a version": (small(version='"1.2"'), "VM205", 2, 10),
    "a leading zero": (small(version='"1.02.0"'), "VM205", 2, 10),
    "a day that is none": (
        SMALL + 'completed_at: "2026-02-30T00:00:00Z"\n',
        "VM205",
        9,
        15,
    ),
    "a time without a zone": (SMALL + 'completed_at: "2026-01-01T00:00:00"\n', "VM205", 9, 15),
    "a digit first": (small(id='"1h"'), "VM205", 6, 9),
    "33 characters": (small(id="h" * 33), "VM205", 6, 9),
    "a blank name": (small(name='" "'), "VM205", 7, 11),
    "a blank summary": (small(summary='""'), "VM205", 4, 10),
    "a name of two lines": (small(name='"a\\nb"'), "VM205", 7, 11),
    "a category that is no slug": (SMALL + "    category: Big Data\n", "VM205", 9, 15),
    "a long name": (small(name="n" * 121), "VM206", 7, 11),
    "a long summary": (small(summary="s" * 4001), "VM206", 4, 10),
    "long notes": (SMALL + "notes: " + "n" * 10_001 + "\n", "VM206", 9, 8),
    "a newer format": (small(schema_version="2", version="1"), "VM207", 1, 17),
    # meaning
    "an id twice": (SMALL + SMALL.partition("packs:\n")[2], "VM301", 9, 9),
    "an unknown dependency": (SMALL + '    depends_on: ["ZZ"]\n', "VM302", 9, 18),
    "an unknown replacement": (
        small(status="deprecated") + '    replaced_by: "ZZ"\n',
        "VM302",
        9,
        18,
    ),
    "a pack that names another twice": (
        SMALL + '    depends_on: ["I", "I"]\n  - {id: "I", name: E, status: installed}\n',
        "VM309",
        9,
        23,
    ),
    "a pack that needs itself": (SMALL + '    depends_on: ["H"]\n', "VM303", 9, 18),
    "a pack that needs a pending one": (
        SMALL + '    depends_on: ["I"]\n  - {id: "I", name: B, status: pending}\n',
        "VM304",
        9,
        18,
    ),
    "complete without a time": (small(backend_complete="true"), "VM305", 1, 1),
    "complete with a null time": (
        small(backend_complete="true") + "completed_at: null\n",
        "VM305",
        9,
        15,
    ),
    "a time without complete": (SMALL + 'completed_at: "2026-01-01T00:00:00Z"\n', "VM305", 9, 15),
    "complete while pending": (
        small(backend_complete="true", status="pending") + 'completed_at: "2026-01-01T00:00:00Z"\n',
        "VM306",
        3,
        19,
    ),
    "a time in the future": (
        small(backend_complete="true") + 'completed_at: "2026-11-24T10:05:01Z"\n',
        "VM307",
        9,
        15,
    ),
    "a replacement of an installed pack": (
        SMALL + '    replaced_by: "I"\n  - {id: "I", name: B, status: installed}\n',
        "VM308",
        9,
        18,
    ),
}

ACCEPTED = {
    "the first manifest": FIRST,
    "the small one": SMALL,
    "CRLF": SMALL.replace("\n", "\r\n"),
    "a BOM": "\ufeff" + SMALL,
    "no final newline": SMALL.rstrip("\n"),
    "one document with its marks": f"---\n{SMALL}...\n",
    "a plain version": small(version="1.0.0"),
    "a pre-release and a build": small(version='"1.0.0-rc.1+build.7"'),
    "no packs": SMALL.partition("packs:")[0] + "packs: []\n",
    "nulls": SMALL + "completed_at: null\nnotes: ~\n",
    "notes of several lines": SMALL + "notes: |\n  one\n  two\n",
    "escapes that are fine": small(name=r'"a\tb \u00e9"'),
    "emoji": small(name="Engine 🚀"),
    "extensions": SMALL + "    x-a: {b: [1, 1.5, true, null, text]}\nx-b: 0\n",
    "an id of four letters": small(id='"ABCD"'),
    "exactly as long as allowed": small(name="n" * 120, summary="s" * 4000),
    "a time within the tolerance": small(backend_complete="true")
    + 'completed_at: "2026-11-24T10:05:00Z"\n',
    "29 February of a leap year": small(backend_complete="true")
    + 'completed_at: "2024-02-29T23:59:59Z"\n',
    "a marker that is text": SMALL + "notes: |\n  <<<<<<< HEAD\n",
}


@pytest.mark.parametrize(("text", "code", "line", "column"), REFUSED.values(), ids=list(REFUSED))
def test_one_mistake_is_one_problem_at_its_place(
    text: str | bytes, code: str, line: int, column: int
) -> None:
    assert found(text, code) == [(code, line, column)]


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=list(ACCEPTED))
def test_a_good_manifest_passes(text: str) -> None:
    assert found(text) == []


def test_every_rule_has_an_example_that_it_refuses() -> None:
    # A file that is not there, too large, or too full: see test_store and the corpus. What a
    # project asks of its own keys: see test_extensions.
    by_edge = {"VM001", "VM002", "VM009", "VM010", "VM208"}
    of_change = {r.code for r in RULES if r.code.startswith("VM4")}  # see test_change
    assert {code for _, code, _, _ in REFUSED.values()} == {
        r.code for r in RULES
    } - by_edge - of_change


def examples(rule: AnyRule, kind: str) -> list[str]:
    parts = re.split(r"^(Bad|Good):\n", rule.explanation, flags=re.MULTILINE)
    return [text for label, text in zip(parts[1::2], parts[2::2], strict=True) if label == kind]


def with_fragment(fragment: str) -> str:
    """Return a whole manifest that holds a fragment of top-level keys."""
    lines = [line.removeprefix("    ") for line in fragment.rstrip("\n").split("\n")]
    keys = {line.partition(":")[0] for line in lines if line and line[0] not in " -<"}
    kept: list[str] = []
    keep = True
    for line in SMALL.splitlines():
        if line[0] not in " -":
            keep = line.partition(":")[0] not in keys
        if keep:
            kept.append(line)
    return "\n".join([*lines, *kept, ""])


@pytest.mark.parametrize(
    "subject", [r for r in RULES if "Bad:" in r.explanation], ids=lambda r: r.code
)
def test_the_examples_of_an_explanation_are_true(subject: AnyRule) -> None:
    for fragment in examples(subject, "Bad"):
        assert {code for code, _, _ in found(with_fragment(fragment), subject.code)} == {
            subject.code
        }
    for fragment in examples(subject, "Good"):
        assert found(with_fragment(fragment), subject.code) == []


def test_ten_mistakes_are_ten_problems_in_one_run(folder: Path) -> None:
    (folder / "bad.yaml").write_text(
        """\
schema_version: 1
version: 1.10
backend_complete: yes
completed_at: "2026-13-01T00:00:00Z"
note: mistyped
summary: &s A platform.
packs:
  - id: N
    name: Engine: the first
    status: installed
  - id: "I"
    name: Another
    status: instaled
  - id: "I"
    name: Twice
    status: installed
  - id: "j_"
    name: Small
""",
        encoding="utf-8",
    )
    ran = run("validate", "bad.yaml")
    assert ran.code == 1
    assert [line.split(": ")[0] for line in ran.out.splitlines() if "VM" in line] == [
        "bad.yaml:2:10",
        "bad.yaml:3:19",
        "bad.yaml:4:15",
        "bad.yaml:5:1",
        "bad.yaml:6:10",
        "bad.yaml:9:17",
        "bad.yaml:13:13",
        "bad.yaml:14:9",
        "bad.yaml:17:5",
        "bad.yaml:17:9",
    ]
    assert ran.err == "10 errors\n"


def test_a_newer_format_is_one_problem_not_a_cascade() -> None:
    text = small(schema_version="7", version="x", status="y", backend_complete='"z"')
    assert [code for code, _, _ in found(text)] == ["VM207"]


def test_the_cycle_is_printed() -> None:
    packs = "".join(
        f'  - {{id: "{a}", name: E, status: installed, depends_on: ["{b}"]}}\n'
        for a, b in ("AB", "BC", "CA")
    )
    checked = check((SMALL.partition("  - id")[0] + packs).encode(), now=NOW)
    assert [p.message for p in checked.problems] == ["dependency cycle: A → B → C → A"]


def test_the_rules_page_is_current() -> None:
    committed = (Path(__file__).parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert committed == page(RULES), "run `make generate`"


def test_codes_are_in_order_and_unique() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))


@rule("VM399", "owner-missing", ParsedManifest, enabled=False)
def owner_missing(known: ParsedManifest) -> Iterator[Finding]:
    """A pack has no owner."""
    for pack in known.packs:
        if "owner" not in pack.data:
            span = known.span("packs", pack.place)
            yield Finding(Span(span.start, span.start + 1), "", "it has no owner")


@pytest.fixture
def off(monkeypatch: pytest.MonkeyPatch) -> AnyRule:
    """Return a rule that is off by default, as one of the rules."""
    monkeypatch.setitem(BY_CODE, owner_missing.code, owner_missing)
    monkeypatch.setattr(checking, "OF_MEANING", (*checking.OF_MEANING, owner_missing))
    return owner_missing


@pytest.mark.usefixtures("off")
@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ("", 0, "manifest/system.yaml is valid\n"),
        ('ignore = ["VM399"]\n', 0, "manifest/system.yaml is valid\n"),
        ('warn = ["VM399"]\n', 0, "manifest/system.yaml:6:5: warning VM399: it has no owner\n"),
        ('error = ["VM399"]\n', 1, "manifest/system.yaml:6:5: error VM399: it has no owner\n"),
        ('error = ["VM399"]\nignore = ["VM399"]\n', 0, "manifest/system.yaml is valid\n"),
    ],
)
def test_a_rule_that_is_off_by_default_is_turned_on_by_the_settings(
    manifest: Path, settings: str, code: int, said: str
) -> None:
    manifest.write_text(SMALL)
    Path("pyproject.toml").write_text(f"[tool.valhalla-manifest]\n{settings}")
    ran = run("validate")
    assert (ran.code, ran.out.splitlines(keepends=True)[0]) == (code, said)


def test_a_rule_that_is_off_by_default_says_so(
    monkeypatch: pytest.MonkeyPatch, off: AnyRule
) -> None:
    assert run("rules", off.code).out.startswith(
        "VM399 owner-missing (error, adjustable, off by default)\n"
    )
    assert list(table([off], Style()))[1] == "VM399  A pack has no owner (off by default)"
    (as_json,) = json.loads(run("rules", off.code, "--format", "json").out)
    assert (as_json["enabled"], as_json["adjustable"]) == (False, True)
    assert "### VM399 owner-missing\n\n*error, adjustable, off by default*\n" in page([off])
    monkeypatch.setattr(sarif, "RULES", (*RULES, off))
    (run_of_sarif,) = json.loads(sarif.report({}))["runs"]
    by_id = {each["id"]: each for each in run_of_sarif["tool"]["driver"]["rules"]}
    assert by_id["VM399"]["defaultConfiguration"] == {"level": "error", "enabled": False}
    assert by_id["VM301"]["defaultConfiguration"] == {"level": "error"}
