"""Whatever fails inside the merge driver, no side is lost: a text merge, or markers and exit 1."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples, git, run
from tests.support.changes import pull_request
from tests.support.checking import check
from tests.support.manifests import FIRST
from tests.support.merging import merge, merge_branches, replace_strings
from valhalla_manifest.document import comments
from valhalla_manifest.document.reader import read
from valhalla_manifest.manifest.compiled import KEYED
from valhalla_manifest.project import merge_driver
from valhalla_manifest.versioning.diff import changes

OURS = replace_strings(("notes: System", "notes: Our"))
THEIRS = replace_strings(("completed_at: null", "# theirs\ncompleted_at: null"))


def both(text: str) -> bool:
    """Return whether a text holds what each side wrote."""
    return "notes: Our" in text and "# theirs" in text


def test_settings_that_are_wrong_lose_no_side(manifest_with_driver: Path) -> None:
    Path("pyproject.toml").write_text("[tool.valhalla-manifest]\nbogus = 1\n")
    ran = merge_branches(manifest_with_driver, OURS, THEIRS)
    assert ran.code == 1
    assert both(manifest_with_driver.read_text())
    assert 'has no key "bogus"' in ran.err + ran.out


def test_a_mistake_of_the_tool_itself_loses_no_side(
    manifest_with_driver: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(merge_driver, "merge", broken)
    sides = {"base": FIRST, "ours": OURS, "theirs": THEIRS}
    for name, text in sides.items():
        Path(name).write_text(text)
    ran = run("merge", *sides)
    assert (ran.code, both(Path("ours").read_text())) == (1, True)
    assert ran.err == "ours: conflict: merged as text: a mistake of ours\n"


@pytest.mark.parametrize(
    "damage",
    [lambda text: text.replace("System", "\0System").encode(), lambda text: text.encode("utf-16")],
    ids=["a NUL", "UTF-16"],
)
def test_a_side_that_is_no_text_is_kept_between_markers(
    manifest_with_driver: Path, damage: object
) -> None:
    assert callable(damage)
    for name, data in (("base", FIRST), ("ours", OURS), ("theirs", THEIRS)):
        Path(name).write_bytes(damage(data) if name == "theirs" else data.encode())
    assert run("merge", "base", "ours", "theirs").code == 1
    after = Path("ours").read_bytes()
    assert after.startswith(b"<" * 7 + b" ours") or b"\n<<<<<<< ours" in after
    lines = damage(THEIRS).splitlines()
    assert all(line in after for line in lines)
    assert b"notes: Our" in after


def test_lists_of_mappings_under_a_key_of_ones_own_merge(manifest_with_driver: Path) -> None:
    base = FIRST + "x-links:\n  - {to: a, by: 1}\n  - {to: b, by: 2}\n"
    ours = base.replace("{to: a, by: 1}", "{to: a, by: 9}")
    theirs = base.replace("notes: System", "notes: Their")
    assert merge_branches(manifest_with_driver, ours, theirs, base).code == 0
    root = read(manifest_with_driver.read_text()).root
    assert root is not None
    assert root.value["x-links"] == [{"to": "a", "by": 9}, {"to": "b", "by": 2}]
    assert "notes: Their" in manifest_with_driver.read_text()


def test_without_the_tool_git_merges_as_text(manifest_with_driver: Path) -> None:
    """The command that git-setup registered falls back to git's own merge."""
    command = git("config", "merge.valhalla-manifest.driver").strip()
    gone = command.replace("valhalla-manifest merge", "no-such-tool merge")
    gone = gone if gone != command else f"no-such-tool {command.partition(' merge ')[2]}"
    git("config", "merge.valhalla-manifest.driver", gone)
    assert (
        merge_branches(
            manifest_with_driver, OURS, replace_strings(("status: installed", "status: pending"))
        ).code
        == 0
    )
    git("reset", "-q", "--hard", "HEAD~1")
    git("branch", "-qD", "theirs")
    ran = merge_branches(
        manifest_with_driver, OURS, replace_strings(("notes: System", "notes: Their"))
    )
    assert ran.code == 1
    assert "<<<<<<<" in manifest_with_driver.read_text()
    assert "notes: Our" in manifest_with_driver.read_text()
    assert "notes: Their" in manifest_with_driver.read_text()


def test_a_true_conflict_stays_one_beside_the_fallback(manifest_with_driver: Path) -> None:
    ran = merge_branches(
        manifest_with_driver, OURS, replace_strings(("notes: System", "notes: Their"))
    )
    assert (ran.code, manifest_with_driver.read_text().count("<<<<<<<")) == (1, 1)


LAYOUTS: dict[str, Callable[[str], str]] = {
    "line ends": lambda text: text.replace("\n", "\r\n"),
    "a byte-order mark": lambda text: "\ufeff" + text,
    "both": lambda text: "\ufeff" + text.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_one_side_did_to_the_whole_text_stays(tmp_path: Path, layout: str) -> None:
    ours = replace_strings(("notes: System", "x-new: 1\nnotes: System"))
    relaid = LAYOUTS[layout]
    for one, other in ((ours, relaid(FIRST)), (relaid(FIRST), ours)):
        outcome = merge(tmp_path, FIRST, one, other)
        assert (outcome.text.decode(), outcome.conflicts) == (relaid(ours), [])


def test_two_layouts_that_cannot_both_stay_are_left_to_the_person(tmp_path: Path) -> None:
    ours = replace_strings(
        ("notes: System metadata initialized.", "notes: >-\n  System metadata\n  set up.")
    )
    theirs = "".join(
        f"  {line}" if line.startswith("  ") else line for line in FIRST.splitlines(keepends=True)
    ).replace("backend_complete: false", "backend_complete:   false")
    outcome = merge(tmp_path, FIRST, ours.replace('"1.0.0"', "'1.0.0'"), theirs)
    assert outcome.conflicts == ["both sides changed the layout"]
    assert b"<<<<<<<" in outcome.text
    assert b"set up." in outcome.text
    assert b"backend_complete:   false" in outcome.text


@given(st.integers(0, 2**32), st.sampled_from(["", *LAYOUTS]), st.sampled_from(["", *LAYOUTS]))
@examples(60)
def test_random_pairs_with_layouts_lose_nothing(
    tmp_path_factory: pytest.TempPathFactory, seed: int, mine: str, other: str
) -> None:
    """Data, comments, line ends and byte-order mark of both sides, or a person is asked."""
    rng = random.Random(seed)
    nested = "x-nested:\n  a: {b: [1, {c: 2}]}\n  d:\n    - e: 1  # kept\n      f: [u, w]\n"
    base, sides = FIRST + nested, []
    for tag, layout in (("ours", mine), ("theirs", other)):
        number = rng.choice([2, 2, 3, 4])
        text = pull_request(rng, tag).text + nested.replace("c: 2", f"c: {number}")
        sides.append(LAYOUTS[layout](text) if layout else text)
    outcome = merge(tmp_path_factory.mktemp("merge"), base, *sides)
    if outcome.conflicts:
        assert b"<<<<<<<" in outcome.text
        return
    after = check(outcome.text)
    assert not after.errors
    wanted = {layout for layout in (mine, other) if layout}
    crlf = any("line ends" in layout or layout == "both" for layout in wanted)
    assert after.source.bom == any(layout in {"a byte-order mark", "both"} for layout in wanted)
    assert (after.source.newline == "\r\n") == crlf
    first = check(base.encode())
    for side in map(str.encode, sides):
        checked = check(side)
        for change in changes(first.data, checked.data, KEYED):
            left = {each.key: each for each in changes(first.data, after.data, KEYED)}
            assert change.key in left
        written = comments.count(checked.source) - comments.count(first.source)
        assert not written - comments.count(after.source)
