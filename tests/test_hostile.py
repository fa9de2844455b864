"""Hostile input: the right verdict at the right place, within limits, as every reader sees it."""

from __future__ import annotations

import json
import os
import resource
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW, examples, run
from tests.support.checking import check
from tests.support.corpus import CORPUS, as_bytes
from tests.support.manifests import FIRST, FORMATS, SMALL
from tests.support.readers import HAS_JAVASCRIPT, Readers
from valhalla_manifest.document.characters import FORBIDDEN
from valhalla_manifest.validation.check import Checked
from valhalla_manifest.validation.rule_settings import RuleSettings
from valhalla_manifest.validation.rules.registry import RULES

MEMORY = 1 << 30  # bytes; a bare interpreter with the tool takes 25 MiB
CPU = 30  # seconds, for the whole corpus
SMALL_ENOUGH = 100_000  # bytes: the readers in Python take seconds for more


def first(checked: Checked) -> tuple[str, int, int] | None:
    found = checked.problems[0] if checked.problems else None
    return (found.code, found.line, found.column) if found else None


@pytest.mark.parametrize("name", CORPUS)
def test_the_verdict(name: str) -> None:
    case = CORPUS[name]
    assert first(check(as_bytes(case), now=NOW)) == case[1]


@pytest.mark.slow
def test_the_whole_corpus_within_limits(tmp_path: Path) -> None:
    """One process for all, ended by the system where it takes more than it may."""
    files = []
    for number, case in enumerate(CORPUS.values()):
        file = tmp_path / f"{number}.yaml"
        file.write_bytes(as_bytes(case))
        files.append(str(file))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))

    command = [sys.executable, "-m", "valhalla_manifest", "validate", "--format", "json", *files]
    ran = subprocess.run(command, preexec_fn=limit, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, b"")
    verdicts = {
        Path(each["path"]).stem: each["problems"] for each in json.loads(ran.stdout)["files"]
    }
    good = {str(number) for number, (_, verdict) in enumerate(CORPUS.values()) if verdict is None}
    assert {name for name, problems in verdicts.items() if not problems} == good


def test_more_problems_than_are_worth_listing() -> None:
    checked = check((SMALL + "#\u200b\n" * 20_000).encode(), now=NOW)
    assert len(checked.problems) == 10_001
    assert checked.problems[-1].code == "VM010"
    assert checked.problems[-1].message == "more than 10 000 problems; the others are not listed"


@pytest.mark.parametrize("text", ['x-a: "b" dead\n', 'x-a: "\\ud800"\n', 'x-a: "\\U00110000"\n'])
def test_no_setting_makes_a_text_valid_that_is_not_yaml(text: str) -> None:
    """Even where the rule that names the error better is switched off."""
    ignored = RuleSettings(ignore=frozenset(rule.code for rule in RULES if rule.adjustable))
    checked = check((SMALL + text).encode(), now=NOW, rule_settings=ignored)
    assert [problem.code for problem in checked.errors] == ["VM004"]


# --- files that are none ------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero", "/dev/full"])
def test_a_device(folder: Path, device: str) -> None:
    ran = run("validate", device)
    assert (ran.code, ran.out) == (1, f"{device}: error VM001: it is a device, not a file\n")


@pytest.mark.parametrize(
    "name", ["-rf.yaml", "two\nlines.yaml", "\x1b[31m.yaml", "é ü.yaml", "::error::"]
)
def test_a_strange_path_is_only_a_path(folder: Path, name: str) -> None:
    (folder / name).write_text(SMALL.replace("installed", "gone"))
    ran = run("validate", "--", name)
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert ran.out.count("\n") == 3
    assert "8:13: error VM204" in ran.out
    (found,) = json.loads(run("validate", "--format", "json", "--", name).out)["files"]
    assert found["path"] == name
    assert run(f"--manifest={name}", "packs", "set", "H", "--status", "installed").code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(manifest: Path) -> None:
    manifest.chmod(0)
    assert "VM001: permission denied" in run("validate").out


def test_a_file_that_goes_before_it_is_edited(manifest: Path) -> None:
    manifest.unlink()
    ran = run("-m", str(manifest), "version", "set", "1.1.0")
    assert (ran.code, ran.err.count("\n")) == (2, 1)


@pytest.mark.parametrize("name", [name for name, case in CORPUS.items() if case[1] is not None])
def test_a_bad_manifest_is_read_and_edited_by_no_command(folder: Path, name: str) -> None:
    """Never a traceback, never a change, whatever the input."""
    data = as_bytes(CORPUS[name])
    if len(data) > SMALL_ENOUGH:
        pytest.skip("large: the verdict is tested above")
    path = folder / "m.yaml"
    path.write_bytes(data)
    for words in (["status"], ["get"]):
        ran = run("-m", "m.yaml", *words)
        assert (ran.code, ran.out) == (1, "")
        assert "m.yaml is not valid\n" in ran.err
        assert path.read_bytes() == data
    for words in (["version", "set", "3.0.0"], ["packs", "remove", "H"]):
        ran = run("-m", "m.yaml", *words)
        assert "internal error" not in ran.err
        if ran.code == 0:  # the edit repaired what was wrong
            assert path.read_bytes() != data
            assert not check(path.read_bytes(), now=NOW).errors
        else:
            undone = any(
                each in ran.err for each in ("error: there is no pack", "cannot be changed here")
            )
            assert (ran.code, path.read_bytes()) == (2 if undone else 1, data)
        path.write_bytes(data)


# --- the same to every reader -------------------------------------------------------------------


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    if not HAS_JAVASCRIPT:
        pytest.skip("the JavaScript readers are not here: see `make readers`")
    started = Readers()
    yield started
    started.close()


GOOD = [
    name for name, case in CORPUS.items() if case[1] is None and len(as_bytes(case)) <= SMALL_ENOUGH
]


@pytest.mark.parametrize("name", GOOD)
def test_what_is_accepted_is_the_same_to_every_reader(readers: Readers, name: str) -> None:
    data = as_bytes(CORPUS[name])
    assert readers.disagreement(data, check(data, now=NOW).data) is None


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_is_the_same_to_every_reader(readers: Readers, style: str) -> None:
    data = FORMATS[style].text().encode()
    assert readers.disagreement(data, check(data, now=NOW).data) is None


def hold(readers: Readers, data: bytes) -> None:
    """Hold what must be true of any bytes."""
    checked = check(data, now=NOW)
    lines = len(checked.source.lines)
    for problem in checked.problems:
        assert 1 <= problem.line <= problem.end_line <= lines
        assert not FORBIDDEN.search(problem.message)
        assert "\n" not in problem.message
    if not checked.errors:
        assert readers.disagreement(data, checked.data) is None


scalar_like = st.text(
    "0123456789" * 3 + "abefxoXOE" + "+-._:, #'\"[]{}&*!|>%@`~=<?" + "yYnNtTfFuUlLsS" + "\n\t ",
    max_size=12,
)
fragments = st.sampled_from(
    ["\n", "  ", " ", "#", " #", '"', "'", "[", "]", "{", "}", ",", ":", ": ", "- ", "?", "? ", "|",
     ">-", "|+", "!", "&", "*", "%", "@", "`", "\\", "~", "\n  ", "\n    ", "\t", "...", "---",
     "\r\n", "\r", "null", "1", "yes", "é", "  - ", "\n\n", "=", "<", "\u200b", "x-a: "]
)  # fmt: skip


@given(scalar_like)
@examples(400)
def test_any_value_is_refused_or_the_same_to_every_reader(readers: Readers, value: str) -> None:
    hold(readers, f"{SMALL}x-a: {value}\n".encode())


@given(st.sampled_from(sorted(FORMATS)), st.lists(st.tuples(st.integers(0), fragments), max_size=3))
@examples(300)
def test_a_mutated_manifest_is_refused_or_the_same_to_every_reader(
    readers: Readers, style: str, changes: list[tuple[int, str]]
) -> None:
    text = FORMATS[style].text()
    for place, new in changes:
        at = place % (len(text) + 1)
        text = text[:at] + new + text[at + place % 3 :]
    hold(readers, text.encode())


values = st.recursive(
    st.text(string.printable + "é🚀", max_size=8) | st.integers() | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(string.ascii_letters + " -#:", max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(values)
@examples(150)
def test_a_structured_document_is_refused_or_the_same_to_every_reader(
    readers: Readers, value: Any
) -> None:
    hold(readers, f"{SMALL}x-a: {json.dumps(value, ensure_ascii=False)}\n".encode())


@given(st.binary(max_size=40), st.integers(0, len(FIRST)))
@examples(150)
def test_any_bytes_in_a_manifest(readers: Readers, noise: bytes, place: int) -> None:
    data = FIRST.encode()
    hold(readers, data[:place] + noise + data[place:])
