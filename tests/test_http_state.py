"""What the endpoints say is true now, and nothing is said where that cannot be known."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.conftest import git, run
from tests.support.manifests import FIRST
from tests.test_http import STATUS, app_of, client_of, state
from valhalla_manifest import ManifestError
from valhalla_manifest.git import fingerprint
from valhalla_manifest.git.fingerprint import Fingerprint
from valhalla_manifest.project import files, last_change, on_posix
from valhalla_manifest.project.editor import Editor
from valhalla_manifest.project.manifest_file import ManifestFile
from valhalla_manifest.report import json as as_json

pytestmark = pytest.mark.usefixtures("system")  # here, and as on Windows

COMMITTED = "2026-11-24T10:00:00+00:00"


@pytest.fixture
def client(repository: Path, manifest: Path) -> TestClient:
    return client_of(manifest)


def updated_at(client: TestClient) -> str | None:
    found: str | None = state(client)["extra"]["updated_at"]
    return found


def fails(error: BaseException) -> Callable[..., Any]:
    def failing(*_: Any, **__: Any) -> Any:
        raise error

    return failing


# --- failures -----------------------------------------------------------------------------------

STEPS = (
    (ManifestFile, "at"),
    (ManifestFile, "check"),
    (last_change, "find_last_change"),
    (as_json, "documents"),
)
SECRET = "/srv/secret place/pyproject.toml"
FAILURES = {
    "cannot serve system.yaml: KeyError; see the server's log": KeyError(SECRET),
    "cannot serve system.yaml: RecursionError; see the server's log": RecursionError(SECRET),
    "cannot serve system.yaml: MemoryError; see the server's log": MemoryError(),
    "cannot read pyproject.toml: permission denied": PermissionError(
        13, "Permission denied", SECRET
    ),
    "git: bad object in 'objects'": ManifestError("git: bad object in '/srv/elsewhere/objects'"),
}


@pytest.mark.parametrize(
    ("owner", "name"), STEPS, ids=lambda value: getattr(value, "__name__", value)
)
@pytest.mark.parametrize(
    ("said", "error"), FAILURES.items(), ids=lambda value: type(value).__name__
)
def test_every_failure_is_503_in_a_sentence_and_ends_with_its_cause(
    client: TestClient, owner: Any, name: str, said: str, error: Exception
) -> None:
    assert state(client)["version"] == "1.0.0"
    run("version", "set", "1.1.0")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(owner, name, fails(error))
        for path in ("/", "/summary", "/packs", "/packs/H", "/"):
            response = client.get(STATUS + path)
            assert (response.status_code, response.json()) == (503, {"detail": said})
    assert state(client)["version"] == "1.1.0"


def test_an_unexpected_failure_is_in_the_log(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ManifestFile, "check", fails(KeyError("what went wrong")))
    with caplog.at_level(logging.ERROR):
        client.get(f"{STATUS}/")
    assert "what went wrong" in caplog.text


def test_sentences_name_no_folder_of_the_server(client: TestClient, manifest: Path) -> None:
    def said() -> str:
        response = client.get(f"{STATUS}/")
        assert response.status_code == 503
        detail: str = response.json()["detail"]
        return detail

    manifest.write_text("[")
    assert said().startswith("system.yaml is not valid: line 1, VM")
    manifest.unlink()
    assert said() == "cannot read system.yaml: no such file or directory"
    manifest.mkdir()
    assert said() == "cannot read system.yaml: it is a folder, not a file"
    manifest.rmdir()
    manifest.symlink_to(manifest)
    assert said().startswith("cannot read system.yaml: too many levels")
    manifest.unlink()
    manifest.write_text(FIRST)
    settings = Path("pyproject.toml")
    settings.write_text("[tool.valhalla-manifest]\nsecret = 1\n")
    assert said() == 'pyproject.toml: [tool.valhalla-manifest] has no key "secret"'
    settings.unlink()
    assert state(client)["version"] == "1.0.0"


def test_a_name_that_is_not_unicode_is_told_as_well_as_it_can_be(folder: Path) -> None:
    client = client_of(folder / os.fsdecode(b"\xff.yaml"))
    response = client.get(f"{STATUS}/")
    assert response.status_code == 503
    assert response.json()["detail"] == "cannot read ?.yaml: no such file or directory"


# --- what an answer depends on ------------------------------------------------------------------


def edited() -> None:
    run("notes", "set", "Other words")


def commit(day: int = 25, *words: str) -> None:
    os.environ["GIT_COMMITTER_DATE"] = f"2001-01-{day}T12:00:00+02:00"
    git("commit", "-qam", f"manifest: of the {day}th", *words)


@pytest.fixture(autouse=True)
def _own_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "")


def test_a_commit_is_seen_at_once(client: TestClient) -> None:
    edited()
    before = updated_at(client)
    commit()
    assert before != updated_at(client) == "2001-01-25T10:00:00+00:00"


def again(day: int) -> str:
    """Make a commit of the same files, of a day, on no branch; return its id."""
    os.environ["GIT_COMMITTER_DATE"] = f"2001-01-{day}T12:00:00+02:00"
    return git("commit-tree", "-m", "again", "HEAD^{tree}").strip()


@pytest.mark.parametrize(
    "prepared",
    [
        "status",
        "pack-refs --all",
        "checkout -q --detach",
        "symbolic-ref HEAD refs/heads/alias",
        "worktree add -q -b topic linked",
    ],
)
def test_a_head_that_moves_is_seen_though_no_file_changes(
    repository: Path, manifest: Path, prepared: str
) -> None:
    git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    git(*prepared.split())
    if Path("linked").is_dir():
        os.chdir("linked")
    client = client_of(Path("manifest/system.yaml").absolute())
    assert updated_at(client) == COMMITTED
    for day in (25, 26):
        git("update-ref", "HEAD", again(day))
        assert updated_at(client) == f"2001-01-{day}T10:00:00+00:00"


def test_another_branch_is_seen_though_no_file_changes(client: TestClient) -> None:
    git("branch", "other", again(25))
    assert updated_at(client) == COMMITTED
    git("symbolic-ref", "HEAD", "refs/heads/other")
    assert updated_at(client) == "2001-01-25T10:00:00+00:00"


def test_packed_references_that_change_are_seen(client: TestClient, repository: Path) -> None:
    git("tag", "first")
    edited()
    commit()
    git("pack-refs", "--all")
    assert updated_at(client) == "2001-01-25T10:00:00+00:00"
    packed = repository / ".git" / "packed-refs"
    old, new = git("rev-parse", "first", "main").split()
    packed.write_text(packed.read_text().replace(new, old))
    assert updated_at(client) not in {COMMITTED, "2001-01-25T10:00:00+00:00"}  # it has edits now


def test_what_is_staged_is_seen(client: TestClient, manifest: Path) -> None:
    old = manifest.stat()
    git("rm", "-q", "--cached", "manifest/system.yaml")
    staged = updated_at(client)
    git("reset", "-q")
    assert manifest.stat() == old
    assert staged != updated_at(client) == COMMITTED


def test_a_repository_that_is_made_later_is_seen(
    folder: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".git").rmdir()
    client = client_of(manifest)
    assert updated_at(client) != "2001-01-25T10:00:00+00:00"
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada Lovelace")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.com")
    git("init", "-q")
    git("add", "-A")
    commit()
    assert updated_at(client) == "2001-01-25T10:00:00+00:00"


def test_a_linked_work_tree(client: TestClient, repository: Path) -> None:
    git("worktree", "add", "-q", "-b", "topic", "work")
    os.chdir("work")
    linked = client_of(Path("manifest/system.yaml").absolute())
    assert updated_at(linked) == COMMITTED
    edited()
    assert updated_at(linked) != COMMITTED
    commit()
    assert updated_at(linked) == "2001-01-25T10:00:00+00:00"
    assert updated_at(client) == COMMITTED


def test_a_submodule(client: TestClient, repository: Path, tmp_path_factory: Any) -> None:
    outer = tmp_path_factory.mktemp("outer")
    os.chdir(outer)
    git("init", "-q")
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository), "inner")
    os.chdir("inner")
    inner = client_of(Path("manifest/system.yaml").absolute())
    edited()
    assert updated_at(inner) != COMMITTED
    commit()
    assert updated_at(inner) == "2001-01-25T10:00:00+00:00"


def test_older_history_that_is_fetched_is_seen(
    client: TestClient, repository: Path, tmp_path_factory: Any
) -> None:
    git("commit", "-q", "--allow-empty", "-m", "second")
    shallow = tmp_path_factory.mktemp("clone") / "shallow"
    git("clone", "-q", "--depth", "1", f"file://{repository}", str(shallow))
    cloned = client_of(shallow / "manifest" / "system.yaml")
    assert updated_at(cloned) is None
    git("-C", str(shallow), "fetch", "-q", "--unshallow")
    assert updated_at(cloned) == COMMITTED


def test_how_files_compare_is_seen(client: TestClient, manifest: Path) -> None:
    manifest.write_text(FIRST.replace('"1.0.0"', '"1.0.1"'))
    edits = updated_at(client)
    git("config", "filter.older.clean", "sed s/1.0.1/1.0.0/")
    for attributes in (Path(".gitattributes"), Path(".git/info/attributes")):
        attributes.write_text("*.yaml filter=older\n")
        assert edits != updated_at(client) == COMMITTED
        attributes.unlink()
        assert updated_at(client) == edits


def test_a_changed_setting_of_the_repository_is_seen(client: TestClient, manifest: Path) -> None:
    manifest.chmod(0o755)
    edits = updated_at(client)
    git("config", "core.fileMode", "false")
    assert edits != updated_at(client) == COMMITTED


def test_references_in_tables(folder: Path) -> None:
    """As git 2.45 and later may keep them."""
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/.invalid\n")
    tables = folder / ".git" / "reftable" / "tables.list"
    tables.parent.mkdir()
    tables.write_text("one\n")
    taken = Fingerprint()
    taken.add_repository(folder)
    assert taken.is_current()
    tables.write_text("one\ntwo\n")
    assert not taken.is_current()


def test_references_in_a_circle_and_to_nowhere_end(folder: Path) -> None:
    head = folder / ".git" / "HEAD"
    for text in ("ref: HEAD", "ref: \0", "ref:", "ref: ../../../etc", "\xff", ""):
        head.write_text(text, encoding="latin-1")
        taken = Fingerprint()
        taken.add_repository(folder)
        assert taken.is_current()
    head.unlink()
    os.mkfifo(head)
    taken = Fingerprint()
    taken.add_repository(folder)
    assert taken.is_current()


def test_changed_settings_are_seen_at_once(client: TestClient, manifest: Path) -> None:
    complete = 'backend_complete: true\ncompleted_at: "2026-01-01T00:00:00Z"'
    text = FIRST.replace("backend_complete: false\ncompleted_at: null", complete)
    manifest.write_text(text.replace("status: installed", "status: pending", 1))
    settings = Path("pyproject.toml")
    for level, code in (("error", 503), ("warn", 200), ("error", 503), ("ignore", 200)):
        settings.write_text(f'[tool.valhalla-manifest]\n{level} = ["VM306"]\n')
        assert client.get(f"{STATUS}/").status_code == code
    nearer = manifest.parent / "pyproject.toml"
    nearer.write_text('[tool.valhalla-manifest]\nerror = ["VM306"]\n')
    assert client.get(f"{STATUS}/").status_code == 503
    nearer.unlink()
    assert client.get(f"{STATUS}/").status_code == 200


def test_a_link_that_leads_elsewhere_is_seen(folder: Path) -> None:
    """As deployments do: releases of hard links, and one link to the present one."""
    for release in ("one", "two"):
        (folder / release).mkdir()
    (folder / "one" / "system.yaml").write_text(FIRST)
    (folder / "two" / "system.yaml").hardlink_to(folder / "one" / "system.yaml")
    (folder / "two" / "pyproject.toml").write_text("[tool.valhalla-manifest]\nnone = 1\n")
    for name, target in (("present", "{}"), ("system.yaml", "{}/system.yaml")):
        link = folder / name
        link.symlink_to(target.format("one"))
        client = client_of(link if name == "system.yaml" else link / "system.yaml")
        assert client.get(f"{STATUS}/").status_code == 200
        link.unlink()
        link.symlink_to(target.format("two"))
        assert client.get(f"{STATUS}/").status_code == 503


@pytest.mark.parametrize(
    ("moved", "to"),
    [("manifest", "m2"), ("manifest/system.yaml", "m2.yaml"), ("apps/one", "apps/two")],
)
def test_a_path_that_becomes_a_link_to_where_its_file_was_moved_is_seen(
    repository: Path, manifest: Path, moved: str, to: str
) -> None:
    path = manifest
    if moved.startswith("apps"):
        Path("apps/one").mkdir(parents=True)
        git("mv", "manifest", "apps/one/manifest")
        git("commit", "-qm", "move")
        path = repository / "apps" / "one" / "manifest" / "system.yaml"
    os.utime(path, (981_201_600, 981_201_600))
    client = client_of(path)
    assert updated_at(client) == COMMITTED
    Path(moved).rename(to)
    Path(moved).symlink_to(repository / to)
    assert updated_at(client) == "2001-02-03T12:00:00+00:00"  # No commit has the new path.
    Path(moved).unlink()
    Path(to).rename(moved)
    assert updated_at(client) == COMMITTED


def test_two_edits_within_one_tick_of_the_clock_are_told_apart(
    client: TestClient, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = fingerprint.state

    def coarse(name: str) -> Any:
        found = look(name)
        return found and (*found[:4], 0, 0)

    monkeypatch.setattr(fingerprint, "state", coarse)
    assert state(client)["version"] == "1.0.0"
    with manifest.open("r+") as file:
        file.write(FIRST.replace('"1.0.0"', '"1.0.1"'))
    assert state(client)["version"] == "1.0.1"


def test_a_get_without_a_change_runs_no_program_and_reads_nothing_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = state(client)
    monkeypatch.setattr(subprocess, "run", fails(AssertionError("a program was run")))
    for owner, name in STEPS:
        monkeypatch.setattr(owner, name, fails(AssertionError("read again")))
    assert state(client) == first


async def respond(app: FastAPI, method: str, path: str) -> tuple[int, bytes]:
    """Send a request to the application, in the running event loop."""
    messages: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {"type": "http", "method": method, "path": STATUS + path, "headers": [],
             "query_string": b"", "root_path": "", "scheme": "http"}  # fmt: skip
    await app(scope, receive, send)
    return messages[0]["status"], messages[1]["body"]


def test_many_who_ask_at_once_are_answered_by_one_reading(
    repository: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Any] = []
    check = ManifestFile.check

    def counted(*arguments: Any) -> Any:
        reads.append(arguments)
        return check(*arguments)

    monkeypatch.setattr(ManifestFile, "check", counted)
    app = app_of(manifest)

    async def all_at_once() -> list[int]:
        responses = await asyncio.gather(*(respond(app, "GET", "/packs") for _ in range(20)))
        return [code for code, _ in responses]

    assert asyncio.run(all_at_once()) == [200] * 20
    assert len(reads) == 1


def test_a_get_does_not_wait_for_edits_that_wait_for_the_lock(
    repository: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    waiting: list[Path] = []

    def wait_for_lock(path: Path) -> Any:
        waiting.append(path)
        assert released.wait(60)
        raise ManifestError(f"{path} is locked by another edit; try again later")

    monkeypatch.setattr(files, "lock", wait_for_lock)
    app = app_of(manifest)
    threads_of_gets = 40  # Starlette's limit

    async def get_while_edits_wait() -> tuple[Any, list[int]]:
        edits = [asyncio.create_task(respond(app, "POST", "/complete")) for _ in range(45)]
        try:
            while len(waiting) < threads_of_gets:
                await asyncio.sleep(0)
            manifest.write_text(FIRST.replace('"1.0.0"', '"1.0.1"'))
            got = await asyncio.wait_for(respond(app, "GET", "/"), 20)
        finally:
            released.set()
        return got, [code for code, _ in await asyncio.gather(*edits)]

    (code, body), codes = asyncio.run(get_while_edits_wait())
    assert (code, json.loads(body)["version"]) == (200, "1.0.1")
    assert codes == [503] * 45


# --- edits and their answers --------------------------------------------------------------------


def test_an_edit_whose_answer_cannot_be_made_is_told_to_have_taken_effect(
    repository: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(manifest, commit=False)
    replace = files.replace

    def spoilt(path: Path, old: bytes, new: bytes) -> None:
        replace(path, old, new)
        path.write_text("[")  # another program, just then

    monkeypatch.setattr(files, "replace", spoilt)
    response = client.post(f"{STATUS}/complete")
    assert response.status_code == 503
    assert response.json()["detail"].startswith(
        "the edit took effect; system.yaml is not valid: line 1"
    )


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            (on_posix, "flush_folder"),
            "system.yaml was changed, but might not survive a power cut: input/output error",
        ),
        ((last_change, "find_last_change"), "cannot read system.yaml: input/output error"),
    ],
    ids=["flush", "answer"],
)
def test_a_failure_after_the_writing_is_told_with_the_edit(
    client: TestClient,
    manifest: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: tuple[Any, str],
    said: str,
) -> None:
    state(client)
    monkeypatch.setattr(*step, fails(OSError(5, "Input/output error")))
    response = client.post(f"{STATUS}/complete", json={"notes": "done"})
    assert response.status_code == 503
    assert response.json() == {"detail": f"the edit took effect; {said}"}
    assert "done" in manifest.read_text()


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        (
            (Editor, "complete"),
            KeyError("x"),
            "cannot serve system.yaml: KeyError; see the server's log",
        ),
        (
            (files, "replace"),
            KeyError("x"),
            "cannot serve system.yaml: KeyError; see the server's log",
        ),
        ((os, "replace"), OSError(28, "No space left"), "cannot write system.yaml: no space left"),
        ((files, "lock"), ManifestError("cannot lock /srv/a/x: no"), "cannot lock x: no"),
    ],
    ids=["edit", "write", "rename", "lock"],
)
def test_a_failure_before_the_writing_is_503_and_changes_nothing(
    client: TestClient, manifest: Path, step: tuple[Any, str], error: Exception, said: str
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(*step, fails(error))
        response = client.post(f"{STATUS}/complete")
    assert response.status_code == 503
    assert response.json()["detail"].startswith(said)
    assert manifest.read_text() == FIRST
    assert client.post(f"{STATUS}/complete").status_code == 200


def test_what_breaks_after_the_first_look_is_the_files_fault_and_not_the_callers(
    repository: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(manifest, commit=False)
    lock = files.lock

    def spoilt(path: Path) -> Any:
        path.write_text("packs: 1\n")
        return lock(path)

    monkeypatch.setattr(files, "lock", spoilt)
    response = client.post(f"{STATUS}/complete")
    assert response.status_code == 503
    assert response.json()["detail"].startswith("system.yaml is not valid")
