"""Git never gives an answer that is not true: what is missing, odd or hidden is said or seen."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import git, run
from tests.support.manifests import FIRST

READING = (
    ["validate", "--against", "HEAD~1"],
    ["summary", "--at", "HEAD~1"],
    ["diff", "HEAD~1"],
    ["history"],
    ["blame"],
)


@pytest.fixture
def three_commits(repository: Path) -> Path:
    """Add two commits that set the version; return the root."""
    for number in ("1.1.0", "1.2.0"):
        assert run("version", "set", number, "--commit").code == 0
    git("config", "uploadpack.allowFilter", "true")
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    return repository


@pytest.fixture
def partial(
    three_commits: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Clone without the old files, and work in the clone; return where it came from."""
    clone = tmp_path_factory.mktemp("partial")
    git("clone", "-q", "--filter=blob:none", f"file://{three_commits}", str(clone))
    monkeypatch.chdir(clone)
    return three_commits


def assert_says_what_is_missing(words: list[str]) -> None:
    ran = run(*words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "this clone does not have all of the history" in ran.err
    assert "run `git fetch --refetch --no-filter`, or in CI clone with fetch-depth: 0" in ran.err


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_partial_clone_without_its_remote_says_what_to_do(
    partial: Path, words: list[str]
) -> None:
    partial.rename(partial.with_name(f"{partial.name}-gone"))
    assert run("summary").code == 0
    assert_says_what_is_missing(words)


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_partial_clone_gets_what_is_missing_where_the_user_lets_git(
    partial: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("GIT_NO_LAZY_FETCH", "0")
    assert run(*words).code == 0


@pytest.mark.parametrize("words", READING, ids=" ".join)
@pytest.mark.parametrize("what", ["HEAD~1:manifest/system.yaml", "HEAD~1:manifest"])
def test_an_object_that_is_gone_is_not_a_file_that_was_not_there(
    three_commits: Path, words: list[str], what: str
) -> None:
    name = git("rev-parse", what).strip()
    Path(".git/objects", name[:2], name[2:]).unlink()
    assert_says_what_is_missing(words)


def test_a_commit_that_is_gone_is_not_a_branch_without_commits(three_commits: Path) -> None:
    name = git("rev-parse", "HEAD").strip()
    Path(".git/objects", name[:2], name[2:]).unlink()
    assert_says_what_is_missing(["history"])
    assert_says_what_is_missing(["summary", "--at", "main"])


def test_a_file_that_was_not_there_is_still_none(three_commits: Path) -> None:
    Path("new.yaml").write_text(FIRST)
    git("add", "new.yaml")
    git("commit", "-qm", "new")
    assert run("-m", "new.yaml", "validate", "--against", "HEAD~1").code == 0
    ran = run("-m", "new.yaml", "diff", "HEAD~1")
    assert ran.err == "error: new.yaml is not in HEAD~1\n"


# --- dates --------------------------------------------------------------------------------------

DATES = {
    "1700000000 +2400": "2023-11-14T22:13:20+00:00",
    "1700000000 +9959": "2023-11-14T22:13:20+00:00",
    "1700000000 -9999": "2023-11-14T22:13:20+00:00",
    "1700000000 +0260": "2023-11-15T01:13:20+03:00",
    "1700000000 -0330": "2023-11-14T18:43:20-03:30",
    "253402300800 +0000": "9999-12-31T23:59:59+00:00",
    "253402300799 +0200": "9999-12-31T23:59:59+00:00",
    "99999999999999999999 +0000": "1970-01-01T00:00:00+00:00",
    "0 -0130": "1969-12-31T22:30:00-01:30",
    "-5 +0000": "1970-01-01T00:00:00+00:00",
    "": "1970-01-01T00:00:00+00:00",
    "yesterday": "1970-01-01T00:00:00+00:00",
}


@pytest.mark.parametrize(("date", "shown"), DATES.items(), ids=DATES)
def test_an_odd_date_of_a_commit_fails_nothing(repository: Path, date: str, shown: str) -> None:
    who = f"A B <a@b.c> {date}".rstrip()
    tree = git("rev-parse", "HEAD^{tree}").strip()
    written = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        input=f"tree {tree}\nauthor {who}\ncommitter {who}\n\nodd\n",
        capture_output=True,
        text=True,
        check=True,
    )
    git("update-ref", "refs/heads/main", written.stdout.strip())
    told = json.loads(run("history", "--format", "json").out)["revisions"]
    assert [each["date"] for each in told] == [shown]
    since = run("history", "--since", "1960-01-01")
    assert (since.code, run("history").code, run("blame").code) == (0, 0, 0)
    for form in ("text", "json", "markdown", "html"):
        assert run("status", "--format", form).code == 0
    assert run("site", "public").code == 0
    assert run("packs", "show", "h").code == 0


# --- what the index overlooks -------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["skip-worktree", "assume-unchanged"])
def test_an_edit_that_the_index_overlooks_is_an_edit(repository: Path, flag: str) -> None:
    path = "manifest/system.yaml"
    git("update-index", f"--{flag}", path)
    assert run("require", "clean").code == 0
    assert run("version", "set", "1.1.0").code == 0
    assert run("require", "clean").code == 1
    assert "uncommitted edits" in run("status").out
    ran = run("version", "set", "1.2.0", "--commit", "--all")
    assert (ran.code, "committed " in ran.out) == (0, True)
    assert git("log", "-1", "--format=%s") == "manifest: version 1.2.0\n"
    assert 'version: "1.2.0"' in git("show", f"HEAD:{path}")
    assert run("require", "clean").code == 0
    kept = {"skip-worktree": "S", "assume-unchanged": "h"}[flag]
    assert git("ls-files", "-v", path) == f"{kept} {path}\n"


def test_line_ends_that_git_converts_are_no_edit(repository: Path, manifest: Path) -> None:
    Path(".gitattributes").write_text("*.yaml text eol=crlf\n")
    manifest.unlink()
    git("checkout", "--", "manifest")
    assert b"\r\n" in manifest.read_bytes()
    assert run("require", "clean").code == 0


# --- names --------------------------------------------------------------------------------------


def test_a_folder_with_a_line_break_in_its_name(repository: Path) -> None:
    folder = Path("a\nb")
    folder.mkdir()
    (folder / "system.yaml").write_text(FIRST)
    Path("a").write_text("another file\n")
    git("add", "-A")
    git("commit", "-qm", "both")
    named = ("-m", "a\nb/system.yaml")
    assert run(*named, "version", "set", "1.1.0", "--commit").code == 0
    assert git("show", "-z", "--format=", "--name-only") == "a\nb/system.yaml\0"
    assert run(*named, "require", "clean").code == 0
    found = json.loads(run(*named, "history", "--format", "json").out)["revisions"]
    assert [each["subject"] for each in found] == ["manifest: version 1.1.0", "both"]
    assert run(*named, "diff", "HEAD~1").out.startswith("version 1.0.0 → 1.1.0")
    assert run(*named, "validate", "--against", "HEAD~1").code == 0


def test_a_repository_with_a_line_break_in_its_name(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = repository.with_name(f"{repository.name}\nmoved")
    repository.rename(moved)
    monkeypatch.chdir(moved)
    assert run("version", "set", "1.1.0", "--commit").code == 0
    assert run("git-setup").code == 0
    assert (moved / ".gitattributes").exists()
