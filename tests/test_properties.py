"""Properties that hold for any manifest and any edit, not for the examples alone."""

from __future__ import annotations

import json
import string
from collections import Counter
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.conftest import NOW, examples
from tests.support.checking import DEFAULTS, check
from tests.support.manifests import FORMATS
from valhalla_manifest.document import comments, emitter
from valhalla_manifest.document.characters import FORBIDDEN
from valhalla_manifest.document.data import strictly_equal
from valhalla_manifest.document.edit import Add, Remove, Replace, apply
from valhalla_manifest.document.fields import Field
from valhalla_manifest.document.reader import read
from valhalla_manifest.manifest import compiled
from valhalla_manifest.validation import revisions
from valhalla_manifest.validation.check import Checked
from valhalla_manifest.validation.fix import fix_text
from valhalla_manifest.validation.revisions import RevisionChecker
from valhalla_manifest.validation.rule_settings import RuleSettings
from valhalla_manifest.validation.rules.registry import RULES

letters = st.characters(exclude_categories=("Cs", "Cc", "Cf", "Cn", "Co", "Zl", "Zp")).filter(
    lambda char: not FORBIDDEN.match(char)
)
texts = st.text(letters | st.sampled_from(" \"'#:-&*!|>%@{}[],?"), max_size=30)
awkward = st.sampled_from(
    ["yes", "N", "012", "1e3", "2026-01-01", "null", "~", "true", "1.0", "", " x", "x ", "- a"]
)
lines = texts | awkward
paragraphs = st.lists(lines, min_size=1, max_size=4).map("\n".join)
names = lines.filter(lambda text: text.strip() != "")
ids = st.text(string.ascii_uppercase, min_size=1, max_size=4)
statuses = st.sampled_from(["installed", "pending", "deprecated", "experimental"])
versions = st.tuples(*[st.integers(0, 99)] * 3).map(lambda parts: ".".join(map(str, parts)))
packs = st.fixed_dictionaries(
    {"id": ids, "name": names, "status": statuses},
    optional={
        "category": st.from_regex(r"[a-z]{1,8}(-[a-z]{1,5})?", fullmatch=True),
        "description": paragraphs,
        "owner": texts,
    },
)
manifests = st.fixed_dictionaries(
    {
        "schema_version": st.just(1),
        "version": versions,
        "backend_complete": st.just(False),
        "notes": paragraphs | st.none(),
        "summary": paragraphs.filter(lambda text: text.strip() != ""),
        "packs": st.lists(packs, max_size=4, unique_by=lambda pack: pack["id"]),
    }
)


def written(data: dict[str, Any]) -> str:
    """Write a manifest as the tool itself writes one: value by value into an empty one."""
    text = "schema_version: 1\npacks: []\n"
    for key, value in data.items():
        if key != "packs":
            text = apply(text, [Replace((key,), value)], compiled.FIELDS)
    for index, pack in enumerate(data["packs"]):
        text = apply(text, [Add(("packs",), index, pack)], compiled.FIELDS)
    return text


@pytest.mark.slow
@given(manifests)
@examples(150)
def test_what_is_written_reads_back_and_is_valid(data: dict[str, Any]) -> None:
    text = written(data)
    root = read(text).root
    assert root is not None
    assert strictly_equal(root.value, data)
    assert check(text.encode(), now=NOW).problems == ()


@given(manifests, st.data())
@examples(150)
def test_an_edit_gives_just_the_intended_data_and_its_inverse_the_first(
    data: dict[str, Any], draw: st.DataObject
) -> None:
    text = written(data)
    key, values = draw.draw(
        st.sampled_from([("version", versions), ("notes", paragraphs), ("summary", paragraphs)])
    )
    new = draw.draw(values)
    edited = apply(text, [Replace((key,), new)], compiled.FIELDS)
    root = read(edited).root
    assert root is not None
    assert strictly_equal(root.value, data | {key: new})
    back = read(apply(edited, [Replace((key,), data[key])], compiled.FIELDS)).root
    assert back is not None
    assert strictly_equal(back.value, data)


@pytest.mark.slow
@given(st.sampled_from(sorted(FORMATS)), packs.filter(lambda pack: pack["id"] not in "HI"))
@examples(200)
def test_adding_and_removing_a_pack_gives_back_the_first_bytes(
    style: str, pack: dict[str, Any]
) -> None:
    text = FORMATS[style].text()
    before = read(text).root
    assert before is not None
    for index in range(len(before.value["packs"]) + 1):
        edited = apply(text, [Add(("packs",), index, pack)], compiled.FIELDS)
        root = read(edited).root
        assert root is not None
        assert strictly_equal(root.value["packs"][index], pack)
        assert apply(edited, [Remove(("packs", index))], compiled.FIELDS) == text


@given(st.sampled_from(sorted(FORMATS)), names)
@examples(200)
def test_setting_a_name_touches_one_line_and_setting_it_back_gives_the_first_data(
    style: str, name: str
) -> None:
    text = FORMATS[style].text()
    root = read(text).root
    assert root is not None
    old = root.value["packs"][0]["name"]
    edited = apply(text, [Replace(("packs", 0, "name"), name)], compiled.FIELDS)
    changed = [
        (one, other)
        for one, other in zip(text.split("\n"), edited.split("\n"), strict=True)
        if one != other
    ]
    assert len(changed) == (0 if name == old else 1)
    back = read(apply(edited, [Replace(("packs", 0, "name"), old)], compiled.FIELDS)).root
    assert back is not None
    assert strictly_equal(back.value, root.value)


@given(st.lists(ids, max_size=4), st.lists(ids, max_size=4), st.booleans())
@examples(100)
def test_a_list_becomes_another_item_by_item(old: list[str], new: list[str], block: bool) -> None:
    rows = "".join(f'  - "{item}" # {item}\n' for item in old)
    text = f"l:\n{rows}" if block and old else f"l: {json.dumps(old)}\n"
    root = read(apply(text, [Replace(("l",), new)], {"": {"l": Field("array", quoted=True)}})).root
    assert root is not None
    assert root.value == {"l": new}


@given(st.text() | st.text(alphabet=" \n\t:-#'\"[]{}&*!|>%@`,?abN1", max_size=60))
@examples(400)
def test_any_text_is_checked_and_every_problem_is_inside_it(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    checked = check(data, now=NOW)
    lines_of_file = checked.source.lines
    assert checked.problems
    for problem in checked.problems:
        assert 1 <= problem.line <= len(lines_of_file)
        assert (problem.line, problem.column) <= (problem.end_line, problem.end_column)
    ordered = [(problem.line, problem.column) for problem in checked.problems]
    assert ordered == sorted(ordered)


@given(st.binary(max_size=80))
@examples(200)
def test_any_bytes_are_checked(data: bytes) -> None:
    assert check(data, now=NOW).problems


@given(lines)
@examples(400)
def test_a_text_that_is_written_without_quotes_is_that_text_to_other_readers(text: str) -> None:
    written = f"key: {emitter.scalar(text, '')}\n"
    assert yaml.safe_load(written) == {"key": text}  # YAML 1.1
    assert YAML(typ="safe", pure=True).load(written) == {"key": text}  # YAML 1.2


@given(st.sampled_from(sorted(FORMATS)))
def test_a_good_manifest_needs_no_repair(style: str) -> None:
    text = FORMATS[style].text()
    assert fix_text(text) == text


POLICIES = [
    RuleSettings(),
    RuleSettings(ignore=frozenset(rule.code for rule in RULES if rule.adjustable)),
    RuleSettings(warn=frozenset({"VM104", "VM105", "VM112", "VM302"})),
    RuleSettings(error=frozenset({"VM131", "VM306"})),
]


@given(st.lists(st.sampled_from(sorted(FORMATS)), min_size=2, max_size=4), st.data())
@examples(150)
def test_what_is_remembered_of_other_versions_changes_no_verdict(
    styles: list[str], draw: st.DataObject
) -> None:
    policy = draw.draw(st.sampled_from(POLICIES))
    checker = RevisionChecker(policy)
    for style in styles:
        text = FORMATS[style].text()
        start = draw.draw(st.integers(0, len(text)))
        end = draw.draw(st.integers(start, min(start + 8, len(text))))
        new = draw.draw(st.text("\n\"'#:-|{[ aN1", max_size=4))
        data = (text[:start] + new + text[end:]).encode()
        whole, put_together = check(data, now=NOW, rule_settings=policy), checker.check(data)
        assert put_together.errors == whole.errors
        assert whole.errors or strictly_equal(put_together.data, whole.data)


@given(st.sampled_from(sorted(FORMATS)))
def test_comments_are_put_back_where_they_are(style: str) -> None:
    text = FORMATS[style].text()
    there = comments.collect(read(text), compiled.KEYED)
    assert comments.place(text, there, compiled.KEYED) == text
    bare = comments.place(text, {}, compiled.KEYED)
    assert comments.count(read(bare)) == Counter()
    again = comments.place(bare, there, compiled.KEYED)
    assert comments.count(read(again)) == comments.count(read(text))


def test_what_only_looks_blank_is_content_of_a_block() -> None:
    """A no-break space is no blank to YAML; it was left behind when a block was replaced."""
    text = "summary: |-\n  one\n  two\xa0\n\npacks: []\n"
    assert apply(text, [Replace(("summary",), "three")], compiled.FIELDS) == (
        "summary: |-\n  three\n\npacks: []\n"
    )


def test_trailing_spaces_of_a_block_are_its_content() -> None:
    text = "summary: |-\n  one  \npacks: []\n"
    assert (
        apply(text, [Replace(("summary",), "two")], compiled.FIELDS)
        == "summary: |-\n  two\npacks: []\n"
    )


PLAIN = FORMATS["plain"].text()
OF_THE_WHOLE = {
    "words above the first key": f" words\n\n{PLAIN}",
    "62 brackets in a pack": f"{PLAIN}    x-a: {'[' * 62}{']' * 62}\n",
    "61 brackets in a pack": f"{PLAIN}    x-a: {'[' * 61}{']' * 61}\n",
    "more than 16 MiB": f"{PLAIN}# {'y' * (16 << 20)}\n",
    "more than 250 000 values": PLAIN
    + "".join(f"x-{at}: [{','.join('1' * 1000)}]\n" for at in range(251)),
    "TOML": f"x-a = 1\n{PLAIN}",
    "an equals sign in the first key": f"x-a=b: 1\n{PLAIN}",
}


@pytest.mark.parametrize("text", OF_THE_WHOLE.values(), ids=list(OF_THE_WHOLE))
def test_what_only_the_whole_tells_is_not_put_together(text: str) -> None:
    data = text.encode()
    assert RevisionChecker(DEFAULTS).check(data).errors == check(data, now=NOW).errors


COMPLETE = PLAIN.replace(
    "backend_complete: false\ncompleted_at: null",
    'backend_complete: true\ncompleted_at: "2026-01-31T12:00:00Z"',
).replace("status: installed", "status: pending", 1)
UNKNOWN = PLAIN.replace("    status:", '    depends_on: ["ZZ"]\n    status:', 1)


@pytest.mark.parametrize(
    ("text", "policy", "is_read_whole"),
    [
        (COMPLETE, RuleSettings(), False),  # VM306 is a warning
        (COMPLETE, RuleSettings(error=frozenset({"VM306"})), True),
        (UNKNOWN, RuleSettings(), True),  # VM302 is an error
        (UNKNOWN, RuleSettings(warn=frozenset({"VM302"})), False),
        (UNKNOWN, RuleSettings(ignore=frozenset({"VM302"})), False),
        (f"{PLAIN}x-a: Fixed #12\n", RuleSettings(ignore=frozenset({"VM131"})), False),
    ],
)
def test_only_an_error_makes_the_whole_text_be_read_again(
    monkeypatch: pytest.MonkeyPatch, text: str, policy: RuleSettings, is_read_whole: bool
) -> None:
    """A rule that is ignored, or only warns, made every revision of a history slow."""
    full = check(text.encode(), now=NOW, rule_settings=policy)
    assert bool(full.errors) == is_read_whole
    calls = []

    def counted(data: bytes, policy: RuleSettings, **given: Any) -> Checked:
        calls.append(data)
        return check(data, policy, **given)

    monkeypatch.setattr(revisions, "check", counted)
    found = RevisionChecker(policy).check(text.encode())
    assert (found.errors, found.data) == (full.errors, full.data)
    assert bool(calls) == is_read_whole
