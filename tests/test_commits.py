"""``--commit``: an edit and its commit are one step, and the message tells what it holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.conftest import git, run
from tests.support.manifests import REPOSITORY, SMALL
from valhalla_manifest.git import process, writing

WRITERS, EDITS = "ABCDEF", 4
SCRIPT = """
import sys
from click.testing import CliRunner
from valhalla_manifest.cli import cli
for number in range(int(sys.argv[2])):
    name = "Q" + sys.argv[1] + chr(65 + number)
    ran = CliRunner().invoke(cli, ["packs", "add", name, "--name", name, "--commit"])
    assert ran.exit_code == 0, ran.output
    assert "committed " in ran.output, ran.output
"""


@pytest.mark.slow
def test_edits_of_many_processes_are_each_a_commit_of_their_own(repository: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, name, str(EDITS)],
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )
        for name in WRITERS
    ]
    assert [one.wait() for one in running] == [0] * len(WRITERS)
    made = json.loads(run("history", "--format", "json").out)["revisions"][:-1]
    assert len(made) == len(WRITERS) * EDITS
    for revision in made:
        [change] = revision["changes"]
        name = change["pack"]
        assert revision["subject"] == f"manifest: pack {name} added: {name}, pending"
    assert run("require", "clean").code == 0


def test_a_commit_waits_for_another_process_of_git(repository: Path) -> None:
    lock = Path(".git/index.lock")
    lock.touch()
    freed = threading.Timer(0.3, lock.unlink)
    freed.start()
    ran = run("version", "set", "1.1.0", "--commit")
    freed.join()
    assert (ran.code, "committed " in ran.out) == (0, True)


def test_a_lock_of_git_that_is_never_given_back_ends_in_time(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PATIENCE", 0.1)
    Path(".git/index.lock").touch()
    started = time.monotonic()
    ran = run("version", "set", "1.1.0", "--commit")
    assert time.monotonic() - started < 5
    assert ran.code == 2
    assert ran.err.startswith("error: not committed: git: ")
    assert "the edit is in manifest/system.yaml" in ran.err
    assert "index.lock" in ran.err
    assert run("version", "show").out == "1.1.0\n"


def test_the_id_is_that_of_the_commit(repository: Path) -> None:
    said = run("version", "set", "1.1.0", "--commit").out.split()[-1]
    assert git("rev-parse", "HEAD").startswith(said)


def test_the_message_tells_earlier_edits_that_the_commit_holds_too(repository: Path) -> None:
    run("version", "set", "1.1.0")
    words = ("packs", "set", "h", "--status", "deprecated", "--commit")
    refused = run(*words)
    assert (refused.code, refused.out) == (1, "")
    earlier = "has earlier uncommitted edits; commit or revert them first, or use --all"
    assert earlier in refused.err
    assert "deprecated" not in Path("manifest/system.yaml").read_text()
    assert "\nincludes the earlier edit: version 1.0.0 → 1.1.0\n" in run(*words, "--all").out
    body = git("log", "-1", "--format=%B")
    assert "version 1.0.0 → 1.1.0" in body
    assert "installed → deprecated" in body


def test_an_edit_that_takes_an_earlier_one_back_says_that_nothing_is_committed(
    repository: Path,
) -> None:
    words = ("version", "set", "1.0.0", "--force", "--commit", "--all")
    run("version", "set", "1.1.0")
    assert run(*words).out == (
        "version 1.1.0 → 1.0.0\nnothing to commit: the manifest matches its last commit\n"
    )
    run("version", "set", "1.1.0")
    told = json.loads(run(*words, "--format", "json").out)
    assert (told["changed"], told["commit"]) == (True, None)
    assert git("rev-list", "--count", "HEAD") == "1\n"


def test_a_hook_that_repairs_the_manifest_does_not_wait_for_the_edit(repository: Path) -> None:
    hook = Path(".git/hooks/pre-commit")
    hook.parent.mkdir(exist_ok=True)
    command = f"PYTHONPATH='{REPOSITORY}' '{sys.executable}' -m valhalla_manifest validate --fix"
    hook.write_text(f"#!/bin/sh\nexec env {command}\n")
    hook.chmod(0o755)
    started = time.monotonic()
    assert run("version", "set", "1.1.0", "--commit").code == 0
    assert time.monotonic() - started < 15


def test_m_is_the_manifest_also_with_commit(repository: Path) -> None:
    Path("other.yaml").write_text(SMALL)
    ran = run("version", "bump", "minor", "--commit", "-m", "other.yaml", "--message", "Bumped")
    assert (ran.code, git("log", "-1", "--format=%s")) == (0, "Bumped\n")
    assert git("show", "--name-only", "--format=") == "other.yaml\n"


def test_a_commit_is_flushed_to_the_disk(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git counts its flushes: the manifest, two folders, the commit and the branch."""
    folder = tmp_path_factory.mktemp("trace")
    settings, trace = folder / "config", folder / "events"
    settings.write_text(f"[trace2]\n\teventTarget = {trace}\n[core]\n\tfsync = none\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    assert run("version", "set", "1.1.0", "--commit").code == 0
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    flushes = [event["value"] for event in events if event.get("key") == "fsync/hardware-flush"]
    assert sum(map(int, flushes)) >= 5


INTERRUPTS = {
    "before git": (False, "error: not committed: interrupted; the edit is in "),
    "after git": (True, "error: interrupted, but the edit was committed\n"),
}


@pytest.mark.parametrize(("is_made", "says"), INTERRUPTS.values(), ids=INTERRUPTS)
@pytest.mark.parametrize("is_tracked", [True, False], ids=["tracked", "untracked"])
def test_an_interrupted_commit_says_whether_it_was_made(
    repository: Path, monkeypatch: pytest.MonkeyPatch, is_tracked: bool, is_made: bool, says: str
) -> None:
    path = "manifest/system.yaml"
    if not is_tracked:
        Path("other.yaml").write_text(SMALL)
        path = "other.yaml"
    real = process.run

    def interrupt(folder: Path, *words: str, stdin: bytes = b"") -> object:
        if "commit" not in words:
            return real(folder, *words, stdin=stdin)
        if is_made:
            real(folder, *words, stdin=stdin)
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "run", interrupt)
    before = git("rev-parse", "HEAD")
    ran = run("-m", path, "version", "set", "1.1.0", "--commit")
    assert (ran.code, ran.out) == (130, "")
    assert ran.err.startswith(says)
    assert "version 1.0.0 → 1.1.0" in ran.err
    assert (git("rev-parse", "HEAD") != before) is is_made
    assert git("diff", "--cached", "--name-only") == ""
