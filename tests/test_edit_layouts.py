"""Layouts in which an edit lost a comment, or was refused although nothing speaks against it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import run
from tests.support.merging import merge
from valhalla_manifest.document.edit import Add, Edit, Remove, Replace, apply

HEAD = 'schema_version: 1\nversion: "1.0.0"\nbackend_complete: false\nsummary: x\n'
PACK = "packs:\n  - id: H\n    name: Core\n    status: installed\n"


def changed(folder: Path, text: str, *words: str) -> str:
    """Return a manifest after an edit by command."""
    path = folder / "m.yaml"
    path.write_bytes(text.encode())
    ran = run("-m", str(path), *words)
    assert (ran.code, ran.err) == (0, "")
    return path.read_bytes().decode()


FLOW = """\
packs: [
    {id: H, name: Core, status: installed},  # first: keep
    {id: I, name: Two, status: pending},  # second: drop me
  ]
"""


def test_a_pack_takes_its_own_comment_along_and_no_other_in_flow_style(folder: Path) -> None:
    keep, drop = FLOW.splitlines(keepends=True)[1:3]
    assert changed(folder, HEAD + FLOW, "packs", "remove", "i") == HEAD + FLOW.replace(drop, "")
    assert changed(folder, HEAD + FLOW, "packs", "remove", "h") == HEAD + FLOW.replace(keep, "")


def test_a_key_takes_its_own_comment_along_in_a_flow_mapping(folder: Path) -> None:
    text = HEAD + (
        "packs: [\n    {id: H,  # the id\n     name: Core,  # the name\n"
        "     owner: ops,  # the owner\n     status: installed}]  # all\n"
    )
    expected = text.replace("     owner: ops,  # the owner\n", "")
    assert changed(folder, text, "packs", "set", "h", "--clear", "owner") == expected


def test_json_with_comments_keeps_them(folder: Path) -> None:
    text = """\
{
  "schema_version": 1,
  "version": "1.0.0",
  "backend_complete": false,
  "summary": "x",  # one line
  # the links
  "x-links": [
    "a",  # about a
    "b"  # about b
  ],
  "x-team": "core",  # the team
  "packs": []  # none
}
"""
    shorter = changed(folder, text, "set", 'x-links=["b"]', "--clear", "x-team")
    expected = text.replace('    "a",  # about a\n', "")
    assert shorter == expected.replace('  "x-team": "core",  # the team\n', "")
    shorter = changed(folder, text, "set", 'x-links=["a"]')
    assert shorter == text.replace('"a",  # about a\n    "b"  # about b', '"a"  # about a')


@pytest.mark.parametrize("new", ['["Core"]', '{"Lead":"Ada"}', "[]", "{}", "7", '"a\\nb"'])
@pytest.mark.parametrize(
    "old",
    [
        "core",
        "'core'",
        "7",
        "null",
        "|\n  one\n  two",
        "[a, b]",
        "{a: b}",
        "\n- a\n- b",
        "\n  a: 1",
    ],
)
def test_a_key_of_any_kind_takes_a_value_of_any_kind(folder: Path, old: str, new: str) -> None:
    text = f"{HEAD}{PACK}x-team: {old}\nx-z: 1  # last\n".replace(": \n", ":\n")
    after = yaml.safe_load(changed(folder, text, "set", f"x-team={new}"))
    assert after == yaml.safe_load(text) | {"x-team": yaml.safe_load(new)}


def test_both_sides_change_the_kind_of_different_keys(tmp_path: Path) -> None:
    base = f"{HEAD}{PACK}x-a: one\nx-b: two\nx-c: three\n"
    ours = base.replace("x-a: one", 'x-a: ["one"]').replace("x-b: two", 'x-b: "two"  # ours')
    theirs = base.replace("x-c: three", "x-c: {lead: Ada}").replace("x: x", "x: y")
    outcome = merge(tmp_path, base, ours, theirs)
    assert outcome.conflicts == []
    both = yaml.safe_load(base) | {"x-a": ["one"], "x-c": {"lead": "Ada"}}
    assert yaml.safe_load(outcome.text) == both
    assert b"# ours" in outcome.text


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        ("x-links: # see wiki\n- a\n- b  # of b\n", "x-links: core # see wiki\n"),
        ("x-links:\n# inside\n- a\n", "x-links: core\n"),
        ("x-links: # see wiki\n  # inside\n  - a\n", "x-links: core # see wiki\n"),
        ("x-links:   # see wiki\n  a: 1\n    # under a\n", "x-links: core   # see wiki\n"),
    ],
)
def test_a_commented_list_is_replaced_by_a_string(folder: Path, old: str, expected: str) -> None:
    tail = "# below\nx-z: 1\n"
    after = changed(folder, HEAD + PACK + old + tail, "set", "x-links=core")
    assert after == HEAD + PACK + expected + tail


@pytest.mark.parametrize("typed", ["0.00001", "1.0e-300", "12345678901234567890.5", "1.0e+22"])
def test_a_number_that_is_written_is_accepted_and_the_same(folder: Path, typed: str) -> None:
    after = changed(folder, HEAD + PACK, "set", f"x-rate=[{typed}]")
    assert yaml.safe_load(after)["x-rate"] == [float(typed)]


def test_a_pack_behind_a_block_that_keeps_its_last_lines_is_removed(folder: Path) -> None:
    first = PACK + "    description: |+\n      text\n\n"
    text = HEAD + first + "  - id: I\n    name: Two\n    status: pending\n"
    assert changed(folder, text, "packs", "remove", "i") == HEAD + first


def test_a_comment_above_a_key_goes_with_the_key(folder: Path) -> None:
    team = "# who\n# and why\nx-team: core\n"
    text = f"# head\n{HEAD}{team}# the packs\n{PACK}    # whose\n    owner: o\n"
    cleared = changed(folder, text, "set", "--clear", "x-team")
    assert cleared == text.replace(team, "")
    cleared = changed(folder, text, "packs", "set", "h", "--clear", "owner")
    assert cleared == text.replace("    # whose\n    owner: o\n", "")


@pytest.mark.parametrize("empty", ["packs: []   # none yet", "packs: [] # none", "packs: []"])
def test_the_first_pack_leaves_no_trace_when_it_goes(folder: Path, empty: str) -> None:
    text = f"{HEAD}{empty}\nx-a: 1\n"
    with_pack = changed(folder, text, "packs", "add", "Z", "--name", "New")
    assert with_pack.startswith(HEAD + empty.replace(" []", "") + '\n  - id: "Z"\n')
    assert changed(folder, with_pack, "packs", "remove", "z") == text


TEXTS = {
    "a pack that holds nothing else": ("l:\n  - a: 1\nz: 2\n", Remove(("l", 0, "a"))),
    "the only key below a key": ("m:\n  a: 1 # c\nz: 2\n", Remove(("m", "a"))),
    "the first item on the line of a dash": ("l:\n  - - a\n    - b\n", Remove(("l", 0, 0))),
    "the only item on the line of a dash": ("l:\n  - - a\n  - c\n", Remove(("l", 0, 0))),
    "the only item below a dash": ("l:\n  -\n    - a\n  - c\n", Remove(("l", 0, 0))),
    "a first item before one on the line of a dash": ("l:\n  - - a\n", Add(("l", 0), 0, "n")),
    "the only key of all": ("a: 1\n", Remove(("a",))),
    "an item without a value": ("l:\n  - a\n  -\n  - b\n", Replace(("l", 1), "c")),
    "several lines below a dash": ("l:\n    - - a\n", Replace(("l", 0, 0), "a\nb\n")),
}


@pytest.mark.parametrize(("text", "edit"), TEXTS.values(), ids=list(TEXTS))
def test_what_stands_beside_a_dash_or_alone_is_edited(text: str, edit: Edit) -> None:
    data: Any = yaml.safe_load(text)
    holder = data
    for step in edit.path if isinstance(edit, Add) else edit.path[:-1]:
        holder = holder[step]
    if isinstance(edit, Add):
        holder.insert(edit.index, edit.value)
    elif isinstance(edit, Remove):
        del holder[edit.path[-1]]
    else:
        holder[edit.path[-1]] = edit.value
    assert yaml.safe_load(apply(text, [edit], {})) == data
