"""History, comparisons and commits when a manifest is renamed, moved, deleted or repaired."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import git, run
from tests.support.manifests import FIRST, SMALL

MANIFEST = Path("manifest/system.yaml")
TABLE = "[tool.valhalla-manifest]\n"


def commit(subject: str, *paths: str) -> str:
    """Commit everything, and return the id of the commit."""
    git("add", "-A", *paths)
    git("commit", "-qm", subject, "--allow-empty")
    return git("rev-parse", "HEAD").strip()


def write(path: str | Path, version: str, text: str = SMALL) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text.replace('"1.0.0"', f'"{version}"'))


def revisions(*words: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the subject and the changes of each revision, newest first."""
    found = json.loads(run("history", "--format", "json", *words).out)["revisions"]
    return [(each["subject"], each["changes"]) for each in found]


def versions(*words: str) -> list[tuple[str, str, str]]:
    """Return which revision changed the version, from what to what; newest first."""
    return [
        (subject, change["before"], change["after"])
        for subject, changes in revisions(*words)
        for change in changes
        if (change["pack"], change["field"]) == (None, "version")
    ]


# --- the file's own line of descent -------------------------------------------------------------


@pytest.mark.usefixtures("repository")
def test_a_file_that_takes_the_place_of_a_deleted_one_has_its_own_history() -> None:
    write("new.yaml", "3.0.0")
    commit("another file")
    write("new.yaml", "3.1.0")
    commit("bump the other file")
    git("rm", "-q", str(MANIFEST))
    commit("delete")
    MANIFEST.parent.mkdir(exist_ok=True)
    git("mv", "new.yaml", str(MANIFEST))
    commit("replace")
    assert versions() == [
        ("bump the other file", "3.0.0", "3.1.0"),
        ("another file", None, "3.0.0"),
    ]


@pytest.mark.usefixtures("repository")
def test_a_branch_with_the_older_name_is_a_part_of_the_history() -> None:
    git("switch", "-qc", "older")
    write(MANIFEST, "1.1.0", FIRST)
    commit("bump on the branch")
    git("switch", "-q", "main")
    git("mv", str(MANIFEST), "state.yaml")
    commit("rename")
    git("merge", "-q", "--no-edit", "-m", "merge", "older")
    found = versions("-m", "state.yaml")
    assert found == [("bump on the branch", "1.0.0", "1.1.0"), ("manifest: first", None, "1.0.0")]


def test_an_added_subtree_brings_its_own_commits(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = tmp_path_factory.mktemp("service")
    monkeypatch.chdir(service)
    git("init", "-q", "-b", "main")
    write(MANIFEST, "1.0.0")
    commit("begin the service")
    write(MANIFEST, "1.1.0")
    bumped = commit("bump the service")
    monkeypatch.chdir(repository)
    git("subtree", "add", "-q", "--prefix", "service", str(service), "main")
    named = ("-m", "service/manifest/system.yaml")
    fields = json.loads(run(*named, "blame", "version", "--format", "json").out)["fields"]
    assert [each["commit"] for each in fields] == [bumped]
    assert ("bump the service", "1.0.0", "1.1.0") in versions(*named)


@pytest.mark.usefixtures("repository")
def test_the_page_shows_the_states_that_the_branch_itself_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def at(day: int) -> None:
        for role in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{role}_DATE", f"2026-11-{day}T12:00:00Z")

    git("switch", "-qc", "branch")
    at(25)
    write(MANIFEST, "9.9.9", FIRST)
    commit("try")
    write(MANIFEST, "1.1.0", FIRST)
    commit("settle")
    git("switch", "-q", "main")
    at(28)
    git("merge", "-q", "--no-ff", "--no-edit", "branch")
    assert run("site", "public").code == 0
    page = Path("public/index.html").read_text()
    chart = page[page.index('<svg class="chart"') :].partition("</svg>")[0]
    assert "9.9.9" not in chart
    assert "2026-11-24 to 2026-11-28" in chart


# --- earlier revisions under an older name ------------------------------------------------------


@pytest.mark.usefixtures("repository")
def test_an_earlier_revision_is_read_under_the_path_that_it_had() -> None:
    git("tag", "v1")
    git("mv", "manifest", "deploy")
    commit("move")
    named = ("-m", "deploy/system.yaml")
    assert run(*named, "get", "version", "--at", "v1").out == "1.0.0\n"
    assert run(*named, "diff", "v1").out == "no changes\n"


@pytest.mark.usefixtures("repository")
def test_a_revision_without_the_manifest_is_named() -> None:
    git("tag", "v1")
    write("other.yaml", "5.0.0")
    commit("another file")
    ran = run("-m", "other.yaml", "get", "version", "--at", "v1")
    assert (ran.code, ran.err) == (2, "error: other.yaml is not in v1\n")


@pytest.mark.usefixtures("repository")
def test_a_shallow_clone_says_once_what_it_lacks(tmp_path_factory: pytest.TempPathFactory) -> None:
    Path("other").write_text("1")
    commit("unrelated")
    clone = tmp_path_factory.mktemp("clone")
    git("clone", "-q", "--depth", "1", f"file://{Path.cwd()}", str(clone))
    ran = run("-m", str(clone / MANIFEST), "history")
    assert (ran.code, ran.out) == (0, "older revisions are not in this shallow clone\n")


# --- the change under review --------------------------------------------------------------------


@pytest.mark.usefixtures("repository")
def test_a_manifest_that_moves_and_changes_everything_is_compared_with_the_earlier_one() -> None:
    git("tag", "base")
    git("rm", "-q", str(MANIFEST))
    flow = '{schema_version: 1, version: "0.9.0", backend_complete: false, summary: s, packs: []}\n'
    write("deploy/system.yaml", "0.9.0", flow)
    Path("pyproject.toml").write_text(f'{TABLE}manifest = "deploy/system.yaml"\n')
    commit("move")
    ran = run("validate", "--against", "base")
    assert ran.code == 1
    assert "VM401" in ran.out
    assert "VM402" in ran.out


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("committed", [True, False])
def test_a_deleted_manifest_is_a_problem_of_the_change(committed: bool) -> None:
    git("tag", "base")
    MANIFEST.unlink()
    if committed:
        commit("delete")
    ran = run("validate", "--against", "base")
    assert ran.code == 1
    assert f"{MANIFEST}" in ran.out
    assert "VM4" in ran.out


# --- commits ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("staged", [True, False])
def test_a_move_that_is_not_committed_is_committed_first(staged: bool) -> None:
    if staged:
        git("mv", "manifest", "deploy")
    else:
        Path("manifest").rename("deploy")
    before = git("rev-parse", "HEAD")
    ran = run("-m", "deploy/system.yaml", "packs", "set", "u", "--status", "pending", "--commit")
    assert ran.code == 1
    assert "manifest/system.yaml" in ran.err
    assert git("rev-parse", "HEAD") == before
    assert Path("deploy/system.yaml").read_text() == FIRST
    commit("move")
    ran = run("-m", "deploy/system.yaml", "packs", "set", "u", "--status", "pending", "--commit")
    assert ran.code == 0
    assert git("ls-tree", "-r", "--name-only", "HEAD") == "deploy/system.yaml\n"


@pytest.mark.usefixtures("repository")
def test_a_repair_by_hand_is_an_earlier_edit() -> None:
    MANIFEST.write_text(FIRST.replace('id: "N"', "id: N"))
    commit("break")
    write(MANIFEST, "7.0.0", FIRST)
    ran = run("packs", "set", "u", "--status", "pending", "--commit")
    assert (ran.code, "--all" in ran.err) == (1, True)
    assert "status: pending" not in MANIFEST.read_text()
    assert run("packs", "set", "u", "--status", "pending", "--commit", "--all").code == 0
    assert "first" not in git("log", "-1", "--format=%s")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    "edit", [lambda text: f"# by hand\n{text}", lambda t: t.replace(": ", ":  ")]
)
def test_an_edit_of_comments_or_layout_is_an_earlier_edit_too(edit: Any) -> None:
    MANIFEST.write_text(edit(FIRST))
    ran = run("packs", "set", "u", "--status", "pending", "--commit")
    assert (ran.code, "--all" in ran.err) == (1, True)
    assert run("packs", "set", "u", "--status", "pending", "--commit", "--all").code == 0


@pytest.mark.usefixtures("repository")
def test_staged_content_is_an_earlier_edit_also_under_a_clean_file() -> None:
    write(MANIFEST, "5.0.0", FIRST)
    git("add", "-A")
    MANIFEST.write_text(FIRST)
    ran = run("packs", "set", "u", "--status", "pending", "--commit")
    assert (ran.code, "--all" in ran.err) == (1, True)
    assert git("show", f":{MANIFEST}").count("5.0.0") == 1


@pytest.mark.usefixtures("repository")
def test_a_message_is_utf_8_whatever_git_is_configured_for() -> None:
    git("config", "i18n.commitEncoding", "ISO-8859-1")
    assert run("packs", "set", "u", "--status", "pending", "--commit").code == 0
    assert "status installed → pending" in git("log", "-1", "--format=%B")
    found = json.loads(run("history", "-n", "1", "--format", "json").out)["revisions"]
    assert "status installed → pending" in found[0]["subject"]


@pytest.mark.usefixtures("repository")
def test_all_that_a_hook_says_is_shown() -> None:
    hook = Path(".git/hooks/pre-commit")
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\necho check one ... Passed >&2\necho check two ... Failed: why >&2\nexit 1\n"
    )
    hook.chmod(0o755)
    ran = run("packs", "set", "u", "--status", "pending", "--commit")
    assert ran.code == 2
    assert "check one ... Passed" in ran.err
    assert "check two ... Failed: why" in ran.err


@pytest.mark.usefixtures("repository")
def test_a_failed_commit_says_what_was_written_and_how_to_go_on() -> None:
    hook = Path(".git/hooks/pre-commit")
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    words = ("packs", "set", "u", "--status", "pending", "--commit")
    ran = run(*words)
    assert "pack U: status installed → pending" in ran.err
    assert f"git commit -- {MANIFEST}" in ran.err
    hook.unlink()
    git("commit", "-qm", "by hand", "--", str(MANIFEST))
    assert run(*words).code == 0
    assert git("log", "--format=%s").splitlines()[:2] == ["by hand", "manifest: first"]


# --- repositories that are not what they seem ---------------------------------------------------


@pytest.mark.parametrize("kind", ["a file that leads nowhere", "a folder without HEAD"])
def test_a_broken_repository_is_not_taken_for_none(manifest: Path, kind: str) -> None:
    if kind == "a folder without HEAD":
        Path(".git/objects").mkdir()
    else:
        Path(".git").rmdir()
        Path(".git").write_text("gitdir: /nowhere/.git/worktrees/x\n")
    state = json.loads(run("status", "--format", "json").out)
    assert state["extra"]["updated_at"] is None
    assert "not a git repository" in run("status").out
    assert "git init" not in run("doctor").out


@pytest.mark.usefixtures("repository")
def test_a_pre_receive_hook_reads_the_revision_that_is_pushed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    bare = tmp_path_factory.mktemp("bare")
    git("init", "-q", "--bare", str(bare))
    hook = bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    root = Path(__file__).parents[1]
    words = f"{sys.executable} -m valhalla_manifest -m manifest/system.yaml get version"
    hook.write_text(f"#!/bin/sh\nread old new ref\nPYTHONPATH={root} {words} --at $new\n")
    hook.chmod(0o755)
    write(MANIFEST, "2.0.0", FIRST)
    commit("bump")
    push = ("git", "push", "-q", str(bare), "HEAD:refs/heads/main")
    ran = subprocess.run(push, capture_output=True, text=True, check=False)
    assert (ran.returncode, "2.0.0" in ran.stderr) == (0, True)


def test_variables_that_point_at_another_repository_do_not_choose_where_to_commit(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    git("init", "-q", str(other))
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    ran = run("packs", "set", "u", "--status", "pending", "--commit")
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_WORK_TREE")
    assert ran.code == 0
    assert git("log", "--oneline").count("\n") == 2
    assert not list((other / ".git" / "refs" / "heads").iterdir())
