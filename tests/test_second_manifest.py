"""The engine knows no manifest: feature flags, in two keyed lists that share an id.

Only ``document/`` and ``versioning/`` are imported: what these do not know, nothing here does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from valhalla_manifest import document, versioning
from valhalla_manifest.document.edit import Add, Edit, Remove, Replace, apply
from valhalla_manifest.document.reader import read
from valhalla_manifest.versioning.diff import Change, Item, apply_changes, changes, items
from valhalla_manifest.versioning.merge import common_order, merge
from valhalla_manifest.versioning.provenance import History, Revision
from valhalla_manifest.versioning.text_merge import candidates

KEYED = {"flags": "key", "segments": "name"}
BASE = """\
owner: web
limits: {daily: 10, burst: [1, 2]}
flags:
  - key: beta  # asked for by sales
    on: false
    rollout: {percent: 5, regions: [eu]}
  - key: dark
    on: true
segments:
  # people who said yes
  - name: beta
    on: true
    size: 100
"""
BETA_FLAG, BETA_SEGMENT = Item("flags", "beta"), Item("segments", "beta")


DARK = "  - key: dark\n    on: true\n"


def test_no_sentence_of_the_engine_names_a_command_or_a_pack() -> None:
    for folder in (document, versioning):
        for file in Path(folder.__path__[0]).rglob("*.py"):
            assert not re.search("valhalla-manifest|[Pp]ack", file.read_text("utf-8")), file


def data(text: str) -> dict[str, Any]:
    root = read(text).root
    assert root is not None
    return dict(root.value)


def edited(*edits: Edit) -> str:
    return apply(BASE, edits, {})


OURS = edited(Replace(("flags", 0, "on"), True), Remove(("flags", 1))).replace(
    "on: true\n    rollout", "on: true  # since May\n    rollout"
)
THEIRS = edited(
    Replace(("flags", 0, "rollout"), {"percent": 50}),
    Replace(("segments", 0, "size"), 250),
    Add(("segments",), 1, {"name": "dark", "size": 7}),
    Replace(("limits",), {"daily": 20, "burst": [1, 2]}),
).replace("on: true\n    size", "on: true  # by hand\n    size")


def test_an_edit_touches_its_lines_alone() -> None:
    assert edited(Replace(("flags", 0, "on"), True)) == BASE.replace("on: false", "on: true")
    assert edited(Remove(("flags", 1))) == BASE.replace(DARK, "")


def test_changes_name_the_list() -> None:
    assert changes(data(BASE), data(OURS), KEYED) == [
        Change(BETA_FLAG, "on", False, True),
        Change(Item("flags", "dark"), None, {"key": "dark", "on": True}, None),
    ]
    found = changes(data(BASE), data(THEIRS), KEYED)
    assert [change.key for change in found] == [
        (None, "limits"),
        (BETA_FLAG, "rollout"),
        (BETA_SEGMENT, "size"),
        (Item("segments", "dark"), None),
    ]
    assert apply_changes(data(BASE), found, KEYED) == data(THEIRS)


def test_what_one_side_does_to_an_id_is_no_conflict_in_the_other_list() -> None:
    """One side removes the flag "dark", the other adds a segment of that name."""
    both = merge(data(BASE), data(OURS), data(THEIRS), KEYED)
    assert both.conflicts == []
    assert both.data == {
        "owner": "web",
        "limits": {"daily": 20, "burst": [1, 2]},
        "flags": [{"key": "beta", "on": True, "rollout": {"percent": 50}}],
        "segments": [{"name": "beta", "on": True, "size": 250}, {"name": "dark", "size": 7}],
    }
    assert merge(data(BASE), data(THEIRS), data(OURS), KEYED).data == both.data


def test_texts_merge_with_their_comments() -> None:
    found = next(candidates(read(BASE), read(OURS), read(THEIRS), KEYED, {}))
    assert found.lost is None
    assert found.text == THEIRS.replace("on: false", "on: true  # since May").replace(DARK, "")


def test_a_list_that_one_side_begins_and_an_order_that_the_other_changed() -> None:
    base, ours = (
        "flags:\n" + "".join(f"  - key: {key}\n" for key in keys) for keys in ("ab", "ba")
    )
    begun = "segments:\n  # new\n  - name: a\n    size: 1\n  - name: b\n"
    found = next(candidates(read(base), read(ours), read(base + begun), KEYED, {}))
    assert (found.text, found.lost) == (ours + begun, None)


def test_each_list_keeps_the_order_that_a_side_gave_it() -> None:
    def state(keys: str, names: str) -> dict[str, Any]:
        return {"flags": [{"key": key} for key in keys], "segments": [{"name": n} for n in names]}

    order = common_order(state("ab", "ab"), state("ba", "ab"), state("ab", "ba"), KEYED)
    assert order == [*items(state("ba", "ba"), KEYED)]
    assert common_order(state("abc", ""), state("bac", ""), state("acb", ""), KEYED) is None


def test_each_field_has_the_revision_that_set_it() -> None:
    texts = {"1": (BASE, ()), "2": (OURS, ("1",)), "3": (THEIRS, ("1",))}
    revisions = [Revision(name, parents, data(text)) for name, (text, parents) in texts.items()]
    both = merge(data(BASE), data(OURS), data(THEIRS), KEYED)
    history = History(KEYED)
    events = history.follow([*revisions, Revision("4", ("2", "3"), both.data)])
    assert [len(event.changes) for event in events] == [5, 2, 4, 0]
    state = history.snapshots["4"]
    assert state.set_by((BETA_FLAG, "on")) == "2"
    assert state.set_by((BETA_FLAG, "rollout")) == "3"
    assert state.set_by((BETA_SEGMENT, "size")) == "3"
    assert state.set_by((BETA_SEGMENT, "name")) == "1"
    assert state.set_by((Item("flags", "dark"), None)) == "2"
    assert state.set_by((Item("segments", "dark"), None)) == "3"


fields = st.dictionaries(st.sampled_from("xy"), st.integers(0, 2), max_size=2)
ids = st.lists(st.sampled_from("abc"), max_size=3, unique=True)


@st.composite
def states(draw: st.DrawFn) -> dict[str, Any]:
    lists = {name: [{by: one} | draw(fields) for one in draw(ids)] for name, by in KEYED.items()}
    return draw(fields) | lists


@given(states(), states(), states())
@examples(200)
def test_changes_lead_from_state_to_state_and_no_side_of_a_merge_comes_first(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    assert changes(apply_changes(base, changes(base, ours, KEYED), KEYED), ours, KEYED) == []
    one, other = merge(base, ours, theirs, KEYED), merge(base, theirs, ours, KEYED)
    assert bool(one.conflicts) == bool(other.conflicts)
    assert one.conflicts or changes(one.data, other.data, KEYED) == []
