"""The merge driver: different fields never conflict, and no side is ever lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.conftest import SOAK, git, run
from tests.support.changes import expected_merge, is_true_conflict, pull_request
from tests.support.checking import check
from tests.support.manifests import FIRST, SMALL
from tests.support.merging import merge, merge_branches, replace_strings
from valhalla_manifest.document.reader import read
from valhalla_manifest.project.merge_driver import MergeResult

PACK_W = FIRST[FIRST.index('  - id: "W"') :]
NEXT_TO_EACH_OTHER = (
    ("notes: System", "notes: Our"),
    ("completed_at: null", "# theirs\ncompleted_at: null"),
)
NEW_X = '  - id: "X"\n    name: Export Engine\n    status: pending\n    # for the export\n'
NEW_Y = '  # Yard\n  - id: "Y"\n    name: Yard Engine\n    status: pending\n'


def test_two_packs_added_at_the_same_place(manifest_with_driver: Path) -> None:
    assert merge_branches(manifest_with_driver, FIRST + NEW_X, FIRST + NEW_Y).code == 0
    assert manifest_with_driver.read_text() in {FIRST + NEW_X + NEW_Y, FIRST + NEW_Y + NEW_X}


def test_two_fields_of_one_pack(manifest_with_driver: Path) -> None:
    ours = replace_strings(("name: System Completion Metadata", "name: Metadata  # shorter"))
    theirs = replace_strings((PACK_W, PACK_W.replace("installed", "deprecated")))
    assert merge_branches(manifest_with_driver, ours, theirs).code == 0
    assert manifest_with_driver.read_text() == replace_strings(
        ("    name: System Completion Metadata", "    name: Metadata  # shorter"),
        ("# shorter\n    status: installed", "# shorter\n    status: deprecated"),
    )


def test_lines_next_to_each_other_with_a_comment(manifest_with_driver: Path) -> None:
    ours, theirs = (replace_strings(step) for step in NEXT_TO_EACH_OTHER)
    assert merge_branches(manifest_with_driver, ours, theirs).code == 0
    assert manifest_with_driver.read_text() == replace_strings(*NEXT_TO_EACH_OTHER)


def test_a_layout_that_one_side_changed_stays(manifest_with_driver: Path) -> None:
    ours = replace_strings(("notes: System", "notes: Our"))
    theirs = FIRST.replace(
        "notes: System metadata initialized.", 'notes: "System metadata initialized."  # quoted'
    )
    theirs = theirs.replace("\n  - ", "\n\n  - ")
    assert merge_branches(manifest_with_driver, ours, theirs).code == 0
    assert manifest_with_driver.read_text() == theirs.replace("System metadata", "Our metadata")


def test_an_order_that_one_side_changed_stays(manifest_with_driver: Path) -> None:
    ours = replace_strings((PACK_W, PACK_W.replace("installed", "deprecated")))
    theirs = replace_strings(
        (PACK_W, ""),
        ("packs:\n  # Professional management\n", f"packs:\n  # Professional management\n{PACK_W}"),
    )
    assert merge_branches(manifest_with_driver, ours, theirs).code == 0
    data = check(manifest_with_driver.read_bytes()).data
    assert (data["packs"][0]["id"], data["packs"][0]["status"]) == ("W", "deprecated")


CONFLICTS = {
    "one field, two values": (
        replace_strings(("notes: System", "notes: Our")),
        replace_strings(("notes: System", "notes: Their")),
        "ours: notes System metadata initialized. → Our metadata initialized.; "
        "theirs: notes System metadata initialized. → Their metadata initialized.",
    ),
    "one id, two packs": (
        FIRST + NEW_X,
        FIRST + NEW_X.replace("Export", "Expert"),
        "ours: pack X added: Export Engine, pending; theirs: pack X added: Expert Engine, pending",
    ),
    "removed and changed": (
        replace_strings((PACK_W, "")),
        replace_strings((PACK_W, PACK_W.replace("installed", "deprecated"))),
        "ours: pack W removed: System Completion Metadata; "
        "theirs: pack W: status installed → deprecated",
    ),
    "removed and called otherwise": (
        replace_strings((PACK_W, "")),
        replace_strings((PACK_W, PACK_W.replace('"W"', '"w"'))),
        "ours: pack W removed: System Completion Metadata; "
        "theirs: pack w added: System Completion Metadata, installed",
    ),
    "removed, and called otherwise with an owner": (
        replace_strings((PACK_W, "")),
        replace_strings((PACK_W, PACK_W.replace('"W"', '"WX"').rstrip() + "\n    owner: ops\n")),
        "ours: pack W removed: System Completion Metadata; "
        "theirs: pack WX added: System Completion Metadata, installed",
    ),
    "removed, and called otherwise with another status": (
        replace_strings((PACK_W, "")),
        replace_strings((PACK_W, PACK_W.replace('"W"', '"WX"').replace("installed", "pending"))),
        "ours: pack W removed: System Completion Metadata; "
        "theirs: pack WX added: System Completion Metadata, pending",
    ),
    "called in two ways": (
        replace_strings((PACK_W, PACK_W.replace('"W"', '"WX"'))),
        replace_strings((PACK_W, PACK_W.replace('"W"', '"WY"'))),
        "ours: pack WX added: System Completion Metadata, installed; "
        "theirs: pack WY added: System Completion Metadata, installed",
    ),
    "valid alone, not together": (
        replace_strings((PACK_W, "")),
        replace_strings(('  - id: "H"\n', '  - id: "H"\n    depends_on: ["W"]\n')),
        'the merged manifest would not be valid: VM302 there is no pack "W"',
    ),
}


@pytest.mark.parametrize(("ours", "theirs", "why"), CONFLICTS.values(), ids=list(CONFLICTS))
def test_a_true_conflict_is_left_to_the_person(
    manifest_with_driver: Path, ours: str, theirs: str, why: str
) -> None:
    ran = merge_branches(manifest_with_driver, ours, theirs)
    assert ran.code == 1
    assert f"manifest/system.yaml: conflict: {why}\n" in ran.err
    text = manifest_with_driver.read_text()
    assert "<<<<<<< ours\n" in text
    assert ">>>>>>> theirs\n" in text
    both = {line for side in (ours, theirs) for line in side.splitlines()}
    assert both <= set(text.splitlines())
    assert [each.code for each in check(text.encode()).problems] == ["VM008"]


def test_what_is_new_and_alike_is_no_rename(tmp_path: Path) -> None:
    other = PACK_W.replace('"W"', '"X"').replace("System Completion Metadata", "Weather Radar")
    renamed = PACK_W.replace('"W"', '"WX"')
    sides = [(other, ""), (renamed, renamed + other), (renamed + other, renamed)]
    for ours, theirs in sides:
        outcome = merge(
            tmp_path, FIRST, replace_strings((PACK_W, ours)), replace_strings((PACK_W, theirs))
        )
        assert outcome.conflicts == []


def test_without_the_driver_git_sees_a_conflict(repository: Path, manifest: Path) -> None:
    """The same two changes conflict in plain git: that is what the driver is for."""
    assert merge_branches(manifest, FIRST + NEW_X, FIRST + NEW_Y).code == 1


# --- many pairs ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8 * SOAK))
def test_random_pairs_lose_nothing(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(25):
        ours, theirs = pull_request(rng, "ours"), pull_request(rng, "theirs")
        outcome = merge(tmp_path, FIRST, ours.text, theirs.text)
        assert bool(outcome.conflicts) == is_true_conflict(ours, theirs), outcome.conflicts
        if not outcome.conflicts:
            result = check(outcome.text)
            assert result.problems == ()
            packs = {pack["id"]: pack for pack in result.data["packs"]}
            assert result.data | {"packs": packs} == expected_merge(
                check(FIRST.encode()).data, ours, theirs
            )
            kept = outcome.text.decode()
            assert all(text in kept for text in [*ours.comments, *theirs.comments])


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [(SMALL, SMALL, SMALL), ("", SMALL, SMALL), (SMALL, SMALL + "# ours\n", SMALL)],
    ids=["no change", "both added the same", "a comment"],
)
def test_what_does_not_differ_merges(tmp_path: Path, base: str, ours: str, theirs: str) -> None:
    assert merge(tmp_path, base, ours, theirs) == MergeResult(ours.encode(), [])


def test_crlf_and_a_byte_order_mark_stay(tmp_path: Path) -> None:
    base = "\ufeff" + FIRST.replace("\n", "\r\n")
    ours, theirs = (
        replace_strings((old, new.replace("\n", "\r\n")), text=base)
        for old, new in NEXT_TO_EACH_OTHER
    )
    outcome = merge(tmp_path, base, ours, theirs)
    assert outcome.conflicts == []
    assert outcome.text.decode() == "\ufeff" + replace_strings(*NEXT_TO_EACH_OTHER).replace(
        "\n", "\r\n"
    )


def test_a_side_that_is_broken_is_merged_as_text(tmp_path: Path) -> None:
    broken = replace_strings(("status: installed", "status: gone"))
    outcome = merge(tmp_path, FIRST, broken, replace_strings(("notes: System", "notes: Their")))
    assert outcome.conflicts == [
        "ours is not valid: line 17, status is gone, not installed, pending, deprecated or "
        "experimental"
    ]
    assert b"notes: Their" in outcome.text


def test_both_sides_add_to_one_literal_block(tmp_path: Path) -> None:
    """The two additions are one field with two values: neither may be dropped in silence."""
    base = replace_strings(("notes: System metadata initialized.", "notes: |\n  one\n"))
    ours, theirs = (
        replace_strings(("  one\n", f"  one\n  {name}\n"), text=base) for name in ("ours", "theirs")
    )
    outcome = merge(tmp_path, base, ours, theirs)
    assert len(outcome.conflicts) == 1
    assert b"  ours\n" in outcome.text
    assert b"  theirs\n" in outcome.text


def test_two_comments_in_one_place_both_stay(tmp_path: Path) -> None:
    notes = "notes: System metadata initialized."
    ours, theirs = (replace_strings((notes, f"{notes} # {name}")) for name in ("ours", "theirs"))
    outcome = merge(tmp_path, FIRST, ours, theirs)
    assert outcome.conflicts == []
    assert outcome.text.decode() == replace_strings((notes, f"# theirs\n{notes} # ours"))


def test_a_comment_beside_a_value_that_becomes_a_block(tmp_path: Path) -> None:
    """The comment behind the block's header was taken to go on to the end of the block."""
    notes = "notes: System metadata initialized."
    ours = replace_strings((notes, f"{notes}  # ours"))
    theirs = replace_strings((notes, "notes: |\n  one\n  two"))
    outcome = merge(tmp_path, FIRST, ours, theirs)
    assert outcome.conflicts == []
    assert outcome.text.decode() == replace_strings((notes, "notes: |  # ours\n  one\n  two"))


def test_a_comment_on_what_the_other_side_removed_is_not_lost(tmp_path: Path) -> None:
    theirs = replace_strings(
        ("    name: System Completion", "    # keep!\n    name: System Completion")
    )
    outcome = merge(tmp_path, FIRST, replace_strings((PACK_W, "")), theirs)
    assert outcome.conflicts == ["a comment would be lost: # keep!"]
    assert b"# keep!" in outcome.text


def test_two_orders_are_left_to_the_person(tmp_path: Path) -> None:
    first, second = PACK_W.replace('"W"', '"A"'), PACK_W.replace('"W"', '"B"')
    base = FIRST + first + second
    ours = FIRST + second + first
    theirs = FIRST.replace(PACK_W, "") + first + PACK_W + second
    assert merge(tmp_path, base, ours, theirs).conflicts == ["both sides changed the order"]


# --- registration -------------------------------------------------------------------------------


def test_git_setup_shows_what_it_does_and_can_be_undone(repository: Path) -> None:
    Path(".gitattributes").write_text("*.png binary")
    before = Path(".git/config").read_text()
    ran = run("git-setup")
    assert ran.code == 0
    assert ".gitattributes: /manifest/system.yaml merge=valhalla-manifest\n" in ran.out
    assert "git config merge.valhalla-manifest.driver: " in ran.out
    assert Path(".gitattributes").read_text() == (
        "*.png binary\n/manifest/system.yaml merge=valhalla-manifest\n"
    )
    assert run("git-setup").out == "nothing to do\n"
    assert run("git-setup", "--remove").code == 0
    assert Path(".gitattributes").read_text() == "*.png binary\n"
    assert Path(".git/config").read_text() == before
    assert run("git-setup", "--remove").out == "nothing to do\n"


def test_git_setup_keeps_the_driver_that_another_manifest_needs(repository: Path) -> None:
    Path("other.yaml").write_text(SMALL)
    run("git-setup")
    run("-m", "other.yaml", "git-setup")
    assert "removed" in run("-m", "other.yaml", "git-setup", "--remove").out
    assert " merge " in git("config", "merge.valhalla-manifest.driver")
    assert "git config merge.valhalla-manifest: removed" in run("git-setup", "--remove").out


def test_the_file_that_git_setup_made_goes_with_it(repository: Path) -> None:
    run("git-setup")
    run("git-setup", "--remove")
    assert git("status", "--porcelain") == ""


def test_a_file_that_cannot_be_read(folder: Path) -> None:
    ran = run("merge", "a", "b", "c")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert read("").root is None
