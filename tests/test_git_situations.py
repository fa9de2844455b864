"""Wherever git may stand: each situation gives the right answer, or one clear line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.conftest import git, run
from tests.support.manifests import FIRST


@pytest.fixture
def two_commits(repository: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Add a second commit, of a day later, that touches another file only; return the root."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_DATE", "2026-11-25T12:00:00+02:00")
    (repository / "other").write_text("x")
    git("add", "-A")
    git("commit", "-qm", "another file")
    return repository


def updated_at() -> str | None:
    extra: dict[str, str | None] = json.loads(run("status", "--format", "json").out)["extra"]
    return extra["updated_at"]


GIT_COMMANDS = (
    ["history"],
    ["blame"],
    ["diff"],
    ["validate", "--against", "main"],
    ["status", "--at", "HEAD"],
    ["git-setup"],
    ["incomplete", "--notes", "x", "--commit"],
)


@pytest.mark.parametrize("words", GIT_COMMANDS, ids=" ".join)
def test_no_git(repository: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setenv("PATH", str(repository))
    ran = run(*words)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "Git is not installed" in ran.err


def test_reading_needs_no_git(
    repository: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(repository))
    assert updated_at() is None
    assert "unknown: Git is not installed" in run("status").out
    assert run("packs", "show", "h").out.splitlines()[1] == "status       installed"


def test_without_a_repository_the_time_is_the_file_s_own_even_without_git(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (manifest.parents[1] / ".git").rmdir()
    os.utime(manifest, (1_800_000_000, 1_800_000_000))
    assert updated_at() == "2027-01-15T08:00:00+00:00"
    monkeypatch.setenv("PATH", str(manifest.parent))
    assert updated_at() == "2027-01-15T08:00:00+00:00"


def test_a_repository_that_git_cannot_read_is_not_taken_for_none(repository: Path) -> None:
    Path(".git/config").write_text("[core\n")
    assert updated_at() is None
    assert "unknown: git: bad config line 1" in run("status").out
    assert run("status", "--at", "HEAD").code == 2
    assert run("require", "clean").code == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="owners are the superuser's")
def test_a_repository_of_another_owner_is_not_taken_for_none(repository: Path) -> None:
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    assert updated_at() is None
    assert "unknown: git: detected dubious ownership" in run("status").out


@pytest.mark.parametrize("words", GIT_COMMANDS, ids=" ".join)
def test_not_a_repository(manifest: Path, words: list[str]) -> None:
    (manifest.parents[1] / ".git").rmdir()
    ran = run(*words)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "manifest/system.yaml is not in a Git repository" in ran.err


def test_an_unborn_branch(folder: Path, manifest: Path) -> None:
    (folder / ".git").rmdir()
    git("init", "-q", "-b", "main")
    assert run("history").err == "error: there is no commit yet\n"
    assert run("status").code == 0
    assert updated_at() is not None
    git("config", "user.name", "A")
    git("config", "user.email", "a@b.c")
    ran = run("version", "bump", "minor", "--commit")
    assert ran.code == 0
    assert git("log", "--format=%s") == "manifest: first, 1.1.0\n"


def test_a_refused_first_commit_leaves_the_index_as_it_was(folder: Path, manifest: Path) -> None:
    (folder / ".git").rmdir()
    git("init", "-q", "-b", "main")
    git("config", "user.name", "A")
    git("config", "user.email", "a@b.c")
    hook = Path(".git/hooks/pre-commit")
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no such ticket >&2\nexit 1\n")
    hook.chmod(0o755)
    ran = run("version", "bump", "minor", "--commit")
    assert ran.code == 2
    assert ran.err.startswith("error: not committed: git: no such ticket; ")
    assert git("ls-files") == ""


def test_a_detached_head(repository: Path) -> None:
    git("switch", "-q", "--detach")
    assert run("incomplete", "--notes", "x", "--commit").code == 0
    assert [line for line in run("history").out.splitlines() if "  manifest:" in line] == [
        "  manifest: notes",
        "  manifest: first",
    ]


def test_a_shallow_clone_says_so(
    two_commits: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path_factory.mktemp("shallow")
    git("clone", "-q", "--depth", "1", f"file://{two_commits}", str(clone))
    monkeypatch.chdir(clone)
    assert updated_at() is None
    assert "unknown, older than this shallow clone" in run("status").out
    assert json.loads(run("history", "--format", "json").out) == {
        "path": "manifest/system.yaml",
        "truncated": True,
        "revisions": [],
    }
    assert "older revisions are not in this shallow clone" in run("history").out
    assert "older than the clone" in run("blame", "h").out
    assert "since before this shallow clone" in run("packs", "show", "h").out
    run("version", "set", "1.1.0", "--commit")
    found = json.loads(run("history", "--format", "json").out)
    assert [each["subject"] for each in found["revisions"]] == ["manifest: version 1.1.0"]
    assert updated_at() == "2026-11-25T10:00:00+00:00"


def test_a_shallow_clone_that_holds_the_last_change(
    two_commits: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("version", "set", "1.1.0", "--commit")
    clone = tmp_path_factory.mktemp("shallow")
    git("clone", "-q", "--depth", "2", f"file://{two_commits}", str(clone))
    monkeypatch.chdir(clone)
    assert updated_at() == "2026-11-25T10:00:00+00:00"


def test_a_shallow_clone_without_the_place_where_a_branch_parted(
    two_commits: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("switch", "-q", "--create", "topic", "HEAD~1")
    run("version", "set", "1.1.0", "--commit")
    clone = tmp_path_factory.mktemp("shallow")
    git("clone", "-q", "--depth", "1", "--no-single-branch", f"file://{two_commits}", str(clone))
    monkeypatch.chdir(clone)
    ran = run("validate", "--against", "origin/main")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "have no commit in common here; fetch more of the history" in ran.err


def test_a_bare_repository(
    two_commits: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path_factory.mktemp("bare")
    git("clone", "-q", "--bare", str(two_commits), str(bare))
    monkeypatch.chdir(bare)
    named = ("-m", "manifest/system.yaml")
    assert "1 pack" not in run(*named, "summary", "--at", "HEAD").out
    assert run(*named, "summary", "--at", "HEAD").out.startswith("Valhalla backend 1.0.0")
    assert "manifest: first" in run(*named, "history").out
    assert "manifest: first" in run(*named, "status", "--at", "main").out
    assert run(*named, "diff", "HEAD", "HEAD").out == "no changes\n"
    assert run(*named, "blame", "h", "--at", "HEAD").code == 0
    edit = run(*named, "incomplete", "--commit")
    assert (edit.code, edit.err.count("\n")) == (2, 1)


def test_a_worktree(two_commits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("worktree", "add", "-q", "-b", "topic", "work")
    monkeypatch.chdir(two_commits / "work")
    run("version", "set", "1.1.0", "--commit")
    assert run("history").out.count("manifest:") == 2
    monkeypatch.chdir(two_commits)
    assert run("history").out.count("manifest:") == 1


def test_a_submodule(
    two_commits: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = tmp_path_factory.mktemp("outer")
    monkeypatch.chdir(outer)
    git("init", "-q")
    add = ("submodule", "--quiet", "add", str(two_commits), "inner")
    git("-c", "protocol.file.allow=always", *add)
    git("commit", "-qm", "outer")
    ran = run("-m", "inner/manifest/system.yaml", "history")
    assert "manifest: first" in ran.out
    assert "outer" not in ran.out
    assert run("-m", "inner/manifest/system.yaml", "incomplete", "--commit").code == 0
    assert git("log", "--format=%s") == "outer\n"


def test_a_sparse_checkout_without_the_manifest(two_commits: Path) -> None:
    git("sparse-checkout", "set", "--no-cone", "/other")
    assert not Path("manifest").exists()
    named = ("-m", "manifest/system.yaml")
    assert run(*named, "summary", "--at", "HEAD").code == 0
    assert "manifest: first" in run(*named, "history").out
    ran = run(*named, "status")
    assert ran.err == "error: cannot read manifest/system.yaml: no such file or directory\n"


def test_an_untracked_manifest(repository: Path) -> None:
    Path("new.yaml").write_text(FIRST)
    named = ("-m", "new.yaml")
    assert run(*named, "history").err == "error: new.yaml has no history; commit it first\n"
    assert run(*named, "diff").err == "error: new.yaml is not in HEAD\n"
    assert "not committed" in run(*named, "status").out
    assert run(*named, "version", "set", "1.1.0", "--commit").code == 0
    assert git("show", "--format=", "--name-only") == "new.yaml\n"


def test_an_ignored_manifest(repository: Path) -> None:
    Path(".gitignore").write_text("new.yaml\n")
    Path("new.yaml").write_text(FIRST)
    ran = run("-m", "new.yaml", "version", "set", "1.1.0", "--commit")
    assert ran.code == 2
    assert ran.err.startswith("error: not committed: git: The following paths are ignored")
    assert "the edit is in new.yaml" in ran.err
    assert "  in new.yaml: version 1.0.0 → 1.1.0\n" in ran.err
    assert run("-m", "new.yaml", "version", "show").out == "1.1.0\n"


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"])
def test_a_variable_that_a_hook_sets(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
) -> None:
    monkeypatch.setenv(name, str(tmp_path_factory.mktemp("elsewhere")))
    assert run("history").out.count("manifest: first") == 1
    assert run("validate", "--against", "main").code == 0


def test_a_file_inside_the_git_folder(repository: Path) -> None:
    Path(".git/system.yaml").write_text(FIRST)
    ran = run("-m", ".git/system.yaml", "history")
    assert (ran.code, ran.err.count("\n")) == (2, 1)


@pytest.mark.parametrize("name", ["with space.yaml", "-dash.yaml", "glob*.yaml", "ümlaut.yaml"])
def test_a_strange_name(repository: Path, name: str) -> None:
    Path(name).write_text(FIRST)
    named = (f"--manifest={name}",)
    assert run(*named, "version", "set", "1.1.0", "--commit").code == 0
    assert git("-c", "core.quotePath=false", "show", "--format=", "--name-only") == f"{name}\n"
    assert run(*named, "history").out.count("manifest created") == 1
    assert run(*named, "packs", "show", "h").out.count("since 1.1.0") == 2


def test_settings_of_the_user_do_not_change_the_answer(repository: Path) -> None:
    before = run("history").out
    for key, value in {
        "log.showSignature": "true",
        "log.follow": "true",
        "color.ui": "always",
        "core.pager": "false",
        "diff.external": "false",
        "log.date": "relative",
        "format.pretty": "oneline",
        "log.decorate": "full",
    }.items():
        git("config", key, value)
    assert run("history").out == before


# --- commits ------------------------------------------------------------------------------------


def test_a_commit_takes_the_manifest_and_nothing_else(repository: Path) -> None:
    Path("staged").write_text("x")
    Path("loose").write_text("x")
    git("add", "staged")
    ran = run("version", "bump", "minor", "--commit")
    assert ran.out.startswith("version 1.0.0 → 1.1.0\ncommitted ")
    assert git("show", "--format=%B", "--name-only").split() == [
        *("manifest:", "version", "1.1.0"),
        "manifest/system.yaml",
    ]
    assert git("status", "--porcelain") == "A  staged\n?? loose\n"


def test_the_message_tells_the_change(repository: Path) -> None:
    run("complete", "--version", "1.2.0", "--commit")
    subject, _, body = git("log", "-1", "--format=%B").partition("\n\n")
    assert subject == "manifest: complete 1.2.0"
    assert "backend_complete false → true" in body
    run("incomplete", "--commit", "--message", "Back to work")
    assert git("log", "-1", "--format=%s") == "Back to work\n"


def test_an_edit_that_changes_nothing_is_no_commit(repository: Path) -> None:
    assert run("version", "set", "1.0.0", "--commit").out == "nothing to change\n"
    assert git("rev-list", "--count", "HEAD") == "1\n"


@pytest.mark.parametrize("tracked", [True, False])
def test_a_hook_that_refuses_leaves_the_edit_and_the_index(repository: Path, tracked: bool) -> None:
    path = "manifest/system.yaml" if tracked else "new.yaml"
    Path(path).write_text(FIRST)
    hook = Path(".git/hooks/commit-msg")
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no such ticket >&2\nexit 1\n")
    hook.chmod(0o755)
    ran = run("-m", path, "version", "set", "1.1.0", "--commit")
    assert (ran.code, ran.out) == (2, "")
    add = "" if tracked else f"git add -- {path} && "
    assert ran.err == (
        f"error: not committed: git: no such ticket; the edit is in {path}, so run "
        f"`{add}git commit -- {path}` when the cause is fixed\n"
        f"  in {path}: version 1.0.0 → 1.1.0\n"
    )
    assert run("-m", path, "version", "show").out == "1.1.0\n"
    assert git("status", "--porcelain") == (
        " M manifest/system.yaml\n" if tracked else "?? new.yaml\n"
    )


def test_without_an_identity_the_message_has_the_first_line_of_git(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    git("config", "user.useConfigOnly", "true")
    ran = run("version", "set", "1.1.0", "--commit")
    path = "manifest/system.yaml"
    first, *rest = ran.err.splitlines()
    assert ran.code == 2
    assert first == (
        f"error: not committed: git: Author identity unknown; the edit is in {path}, so run "
        f"`git commit -- {path}` when the cause is fixed"
    )
    assert [line for line in rest if "Please tell me" in line] == [
        "  *** Please tell me who you are."
    ]
    assert rest[-1] == f"  in {path}: version 1.0.0 → 1.1.0"


def test_without_an_identity_the_first_commit_says_where_the_edit_is(
    folder: Path, manifest: Path
) -> None:
    (folder / ".git").rmdir()
    git("init", "-q", "-b", "main")
    git("config", "user.useConfigOnly", "true")
    ran = run("version", "set", "1.1.0", "--commit")
    path = "manifest/system.yaml"
    assert ran.code == 2
    assert f"the edit is in {path}, so run `git add -- {path} && git commit -- {path}`" in ran.err


@pytest.mark.parametrize(
    "words", [["--message", "x"], ["--dry-run", "--commit"]], ids=["message", "dry run"]
)
def test_options_that_do_not_go_together(repository: Path, words: list[str]) -> None:
    assert run("incomplete", *words).code == 2


def test_the_diff_of_a_dry_run_is_a_patch_from_any_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("manifest")
    patch = run("version", "set", "1.1.0", "--dry-run").out
    assert patch.startswith("--- a/manifest/system.yaml\n")
    assert "No newline" not in patch
    monkeypatch.chdir(repository)
    Path("a.patch").write_text(patch)
    git("apply", "a.patch")
    assert run("version", "show").out == "1.1.0\n"


def test_the_diff_of_a_text_without_a_final_line_break_is_a_patch(repository: Path) -> None:
    file = Path("manifest/system.yaml")
    file.write_text(file.read_text().rstrip("\n"))
    for words in (
        ["packs", "set", "W", "--owner", "ops"],
        ["set", "x-a=1"],
        ["packs", "remove", "W"],
    ):
        Path("a.patch").write_text(run(*words, "--dry-run").out)
        git("apply", "--check", "a.patch")
