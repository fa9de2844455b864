"""``history``, ``diff`` and ``blame``: who changed what, when, in the manifest's own terms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.conftest import SOAK, Ran, git, run
from tests.support.histories import Story
from tests.support.manifests import FIRST
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.git import objects as git_objects
from valhalla_manifest.project import blame, history, selection
from valhalla_manifest.project.manifest_file import ManifestFile


@pytest.mark.parametrize("seed", range(6 * SOAK))
def test_a_random_history_is_told_as_it_happened(tmp_path: Path, seed: int) -> None:
    """Edits, layout, moves, broken revisions, merges and renames; the story keeps its own books."""
    story = Story(seed).grow(300)
    number = {commit: at for at, commit in story.write(tmp_path).items()}
    path = tmp_path / story.main.path
    entries = history.read_history(ManifestFile.at(path)).entries
    told = {number[e.commit.id]: e.event.changes for e in entries if e.event.changes}
    assert {at: unordered(found) for at, found in told.items()} == {
        at: unordered(known) for at, known in story.changes().items()
    }
    assert {number[e.commit.id] for e in entries if e.event.problem} == {
        commit.number for commit in story.commits if not commit.valid
    }
    lines = blame.blame(ManifestFile.at(path))
    assert {
        (each.item, each.field): number[each.commit.id] for each in lines if each.commit
    } == story.blame()


WANTED = [
    selection.HistoryFilter(limit=1),
    selection.HistoryFilter(limit=7),
    selection.HistoryFilter(limit=3, with_text_changes=True),
    selection.HistoryFilter(pack="H", limit=2),
    selection.HistoryFilter(since="2023-11-15 00:00:00 +0000"),
    selection.HistoryFilter(since="2023-11-15 12:00:00 +0000", limit=4),
    selection.HistoryFilter(pack="ZZ", limit=1),
    selection.HistoryFilter(pack="H", since="2023-11-15 12:00:00 +0000"),
]


@pytest.mark.parametrize("seed", range(6 * SOAK))
def test_the_newest_revisions_alone_tell_what_the_whole_history_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(history, "_FIRST_STRETCH", 2)
    monkeypatch.setattr(history, "_GROWTH", 2)
    story = Story(seed).grow(60 + 40 * seed)
    story.write(tmp_path)
    path = tmp_path / story.main.path
    whole = history.read_history(ManifestFile.at(path))
    for wanted in WANTED:
        try:
            expected = selection.select(whole, wanted)
        except ManifestError as error:
            with pytest.raises(ManifestError, match=re.escape(str(error))):
                selection.select(
                    history.read_history(ManifestFile.at(path), enough=wanted.enough), wanted
                )
            continue
        found = history.read_history(ManifestFile.at(path), enough=wanted.enough)
        assert selection.select(found, wanted) == expected
    of_all = blame.blame(ManifestFile.at(path))
    monkeypatch.setattr(history, "_FIRST_STRETCH", 1 << 20)
    assert blame.blame(ManifestFile.at(path)) == of_all
    for pack in {line.item for line in of_all if line.item}:
        monkeypatch.setattr(history, "_FIRST_STRETCH", 2)
        chosen = blame.blame(ManifestFile.at(path), select=partial(blame.select_pack, pack_id=pack))
        assert chosen == blame.select_pack(of_all, pack)


def test_older_revisions_are_not_read_where_the_newest_do(
    eventful: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_FIRST_STRETCH", 2)
    read: list[str] = []
    contents = git_objects.read_blobs

    def counted(folder: Path, names: list[str]) -> Iterator[bytes]:
        read.extend(names)
        return contents(folder, names)

    monkeypatch.setattr("valhalla_manifest.project.history.git.read_blobs", counted)
    assert run("history", "-n", "1").code == 0
    assert len(read) == 3  # the two newest, and the one before
    read.clear()
    assert run("history").code == 0
    assert len(read) > 5


def unordered(changes: Any) -> list[str]:
    return sorted(repr((getattr(item, "id", item), *rest)) for item, *rest in changes)


@pytest.fixture
def eventful(repository: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Continue the first commit with edits, a layout change, a broken revision and its repair."""
    steps = (
        ("version", "bump", "minor", "--notes", "Ready for review"),
        ("packs", "set", "U", "--status", "deprecated", "--owner", "ops"),
        ("packs", "add", "X", "--name", "Export Engine"),
    )
    for hour, step in enumerate(steps, 13):
        at(hour, monkeypatch)
        assert run(*step, "--commit").code == 0
    at(16, monkeypatch)
    manifest.write_text("# a comment\n" + manifest.read_text())
    git("commit", "-qam", "only words")
    at(17, monkeypatch)
    text = manifest.read_text()
    manifest.write_text(text.replace('"1.1.0"', "1.10"))
    git("commit", "-qam", "oops")
    at(18, monkeypatch)
    manifest.write_text(text.replace('"1.1.0"', '"1.1.1"'))
    git("commit", "-qam", "repair | [it](http://x) @all")
    return manifest


def at(hour: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_DATE", f"2026-11-24T{hour}:00:00+00:00")


def with_names(ran: Ran) -> str:
    """Return the output with commits by their subject: their ids are another in each run."""
    text = ran.out
    for row in git("log", "--format=%H %s").splitlines():
        commit, _, subject = row.partition(" ")
        name = "".join(char for char in subject if char.isalnum())[:10]
        text = text.replace(commit, f"<{name}>").replace(commit[:10], f"<{name:<8}>")
    return text


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_history(eventful: Path, form: str, snapshot: SnapshotAssertion) -> None:
    assert with_names(run("history", "--format", form)) == snapshot


def test_history_of_all_revisions_one_pack_some_time_a_number(eventful: Path) -> None:
    def subjects(*words: str) -> list[str]:
        found = json.loads(run("history", "--format", "json", *words).out)
        return [revision["subject"] for revision in found["revisions"]]

    assert subjects("--all")[2] == "only words"
    assert subjects("--pack", "x") == ["manifest: pack X added: Export Engine, pending"]
    assert subjects("--since", "2026-11-24T14:30:00+00:00")[-1].startswith("manifest: pack X added")
    assert subjects("-n", "2") == ["repair | [it](http://x) @all", "oops"]
    assert subjects("--at", "HEAD~5") == ["manifest: version 1.1.0", "manifest: first"]


def test_the_history_of_an_unknown_pack(eventful: Path) -> None:
    ran = run("history", "--pack", "UU")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: there is no pack 'UU'; did you mean \"U\"?\n"


def test_blame(eventful: Path, snapshot: SnapshotAssertion) -> None:
    eventful.write_text(eventful.read_text().replace("owner: ops", "owner: team"))
    assert with_names(run("blame", "u")) == snapshot(name="text")
    assert with_names(run("blame", "u", "--format", "json")) == snapshot(name="json")
    assert len(json.loads(run("blame", "--format", "json").out)["fields"]) == 6 + 16 * 4 + 1 + 3


def test_blame_of_an_unknown_pack(eventful: Path) -> None:
    assert run("blame", "zz").code == 2


def test_packs_show_tells_since_when(eventful: Path, snapshot: SnapshotAssertion) -> None:
    assert with_names(run("packs", "show", "u")) == snapshot(name="changed")
    run("packs", "set", "u", "--status", "installed")
    assert with_names(run("packs", "show", "u")) == snapshot(name="not committed")


def test_diff(eventful: Path, snapshot: SnapshotAssertion) -> None:
    assert run("diff").out == "no changes\n"
    assert run("diff", "--exit-code").code == 0
    run("incomplete", "--notes", "Back | to *work*")
    assert run("diff").out == "notes Ready for review → Back | to *work*\n"
    assert run("diff", "--exit-code").code == 1
    assert run("diff", "HEAD~6", "HEAD").out == snapshot(name="text")
    assert run("diff", "HEAD~6", "--format", "markdown").out == snapshot(name="markdown")
    found = json.loads(run("diff", "--format", "json").out)
    assert found == {
        "from": "HEAD",
        "to": "working file",
        "changes": [
            {
                "pack": None,
                "field": "notes",
                "before": "Ready for review",
                "after": "Back | to *work*",
            }
        ],
    }


def test_diff_with_a_revision_that_is_not_valid(eventful: Path) -> None:
    ran = run("diff", "HEAD~1", "HEAD")
    assert (ran.code, ran.out) == (1, "")
    assert "HEAD~1:manifest/system.yaml is not valid\n  5:10 VM203" in ran.err


def test_three_revisions_are_too_many(eventful: Path) -> None:
    assert run("diff", "HEAD", "HEAD", "HEAD").code == 2


READING = [
    ["status"],
    ["summary"],
    ["packs", "list"],
    ["packs", "show", "h"],
    ["version", "show"],
    ["notes", "show"],
    ["history"],
    ["blame"],
]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_every_reading_command_reads_a_revision(eventful: Path, words: list[str]) -> None:
    then = run(*words, "--at", "HEAD~6")
    assert then.code == 0
    git("checkout", "-q", "HEAD~6")
    assert run(*words).out == then.out
    assert run(*words, "--at", "--output=x").err == "error: unknown revision '--output=x'\n"
    assert not Path("x").exists()


def test_the_state_of_a_revision_that_is_not_valid(eventful: Path) -> None:
    ran = run("status", "--at", "HEAD~1")
    assert (ran.code, ran.out) == (1, "")
    assert "HEAD~1:manifest/system.yaml is not valid" in ran.err


def test_the_mailmap_gives_authors_their_name(eventful: Path) -> None:
    Path(".mailmap").write_text("Augusta King <king@example.com> <ada@example.com>\n")
    authors = {
        revision["author"]
        for revision in json.loads(run("history", "--format", "json").out)["revisions"]
    }
    assert authors == {"Augusta King <king@example.com>"}


def test_only_what_a_merge_itself_changed_is_its_own(repository: Path, manifest: Path) -> None:
    git("switch", "-qc", "topic")
    run("packs", "set", "H", "--owner", "team", "--commit")
    git("switch", "-q", "main")
    run("version", "set", "1.1.0", "--commit")
    git("merge", "-q", "--no-commit", "topic")
    run("packs", "set", "W", "--owner", "ops")
    git("commit", "-qam", "merge topic")
    revisions = json.loads(run("history", "--format", "json").out)["revisions"]
    changes = {each["subject"]: each["changes"] for each in revisions}
    assert changes["merge topic"] == [
        {"pack": "W", "field": "owner", "before": None, "after": "ops"}
    ]
    assert len(changes["manifest: pack H: owner set: team"]) == 1
    assert len(changes["manifest: version 1.1.0"]) == 1


def test_a_file_that_was_removed_and_came_back(repository: Path, manifest: Path) -> None:
    git("rm", "-q", "manifest/system.yaml")
    git("commit", "-qm", "removed")
    manifest.parent.mkdir(exist_ok=True)
    manifest.write_text(FIRST)
    git("add", "-A")
    git("commit", "-qm", "back")
    revisions = json.loads(run("history", "--format", "json").out)["revisions"]
    assert [(each["subject"], len(each["changes"])) for each in revisions] == [
        ("back", 22),
        ("removed", 22),
        ("manifest: first", 22),
    ]


def test_a_hostile_subject_and_author_are_only_text(
    repository: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "\x1b[31mEve\u202e")
    run("incomplete", "--notes", "x", "--commit", "--message", "\x1b]0;owned\x07 <img> `x`")
    text = run("history").out + run("blame").out + run("status").out
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<img>" not in run("history", "--format", "markdown").out


@pytest.mark.parametrize(
    "text",
    ["nonsense", "2 weks ago", "", "tomorow", "2 weeks ago please", "--all", "2026-01-31x"],
)
def test_since_what_is_no_date_is_an_error(repository: Path, text: str) -> None:
    ran = run("history", f"--since={text}")
    assert (ran.code, ran.out) == (2, "")
    assert "is not a date" in ran.err


@pytest.mark.parametrize(
    "text",
    [
        "2 weeks ago", "yesterday", "last monday", "1.week.ago", "2026-01-31",
        "3 hours, 5 minutes ago",
        "2026-01-31T12:00:00Z", "2026-01-31 12:00:00 +0200", "Jan 5 2026", "5th of January, 3pm",
        "@1700000000", "noon yesterday", "one year ago",
    ],
)  # fmt: skip
def test_since_takes_what_git_takes_for_a_date(repository: Path, text: str) -> None:
    assert run("history", "--since", text).code == 0


def test_a_manifest_that_was_deleted_is_removed(repository: Path, manifest: Path) -> None:
    git("rm", "-q", "manifest/system.yaml")
    git("commit", "-qm", "moved to another place")
    out = run("-m", "manifest/system.yaml", "history").out
    assert "\n    manifest removed: version 1.0.0, 16 packs\n" in out
    changes = json.loads(run("-m", "manifest/system.yaml", "history", "--format", "json").out)
    assert {"pack": None, "field": "version", "before": "1.0.0", "after": None} in (
        changes["revisions"][0]["changes"]
    )


def test_blame_of_one_field(repository: Path) -> None:
    assert run("blame", "version").out.endswith(" version                  1.0.0\n")
    assert run("blame", "packs.h.status").out.count("\n") == 1
    assert run("blame", "h").out.count("\n") == 4
    ran = run("blame", "verison")
    assert ran.code == 2
    assert "there is no field 'verison'; did you mean \"version\"?" in ran.err
    printed = run("blame", "h").out.splitlines()[0].split()[4]
    assert printed == "packs.H.id"
    assert run("blame", printed).out.count("\n") == 1
