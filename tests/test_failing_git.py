"""A git that fails is never taken for an answer: each of its calls is killed, one after another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Ran, run
from tests.support.manifests import FIRST

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no sh for the stand-in")

REAL = shutil.which("git") or "git"
# Counts its calls, and dies at one of them: before it does anything, after all of it, or after
# half of what it prints.
STAND_IN = """\
#!/bin/sh
count=$(($(cat "$COUNTER") + 1))
echo $count > "$COUNTER"
if [ $count -eq "$FAILS_AT" ]; then
  case $HOW in
    before) kill -9 $$ ;;
    after) "{real}" "$@" > "$COUNTER.out"; cat "$COUNTER.out"; kill -9 $$ ;;
    cut) "{real}" "$@" > "$COUNTER.out"; code=$?
         head -c $(($(wc -c < "$COUNTER.out") / 2)) "$COUNTER.out"; exit $code ;;
  esac
fi
exec "{real}" "$@"
"""
HOWS = ("before", "after", "cut")


@dataclass
class State:
    """What a repository holds: the file, HEAD, and what is staged."""

    text: bytes
    head: str
    staged: str
    locks: list[Path]

    @classmethod
    def now(cls) -> State:
        here = Path.cwd()
        return cls(
            Path("manifest/system.yaml").read_bytes(),
            real("rev-parse", "HEAD").strip(),
            real("diff", "--cached", "--name-status"),
            sorted((here / ".git").rglob("*.lock")),
        )


def real(*words: str) -> str:
    return subprocess.run([REAL, *words], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def stand_in(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a program that stands in for git; it is not on PATH yet."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "git"
    program.write_text(STAND_IN.format(real=REAL))
    program.chmod(0o755)
    return folder


def run_failing(folder: Path, at: int, how: str, *words: str) -> tuple[Ran, bool]:
    """Run a command whose N-th call of git fails; return also whether there was such a call."""
    with pytest.MonkeyPatch.context() as patch:
        counter = folder / "counter"
        counter.write_text("0\n")
        patch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("COUNTER", str(counter))
        patch.setenv("FAILS_AT", str(at))
        patch.setenv("HOW", how)
        ran = run(*words)
    return ran, int(counter.read_text()) >= at


READING = [
    ("history",),
    ("blame", "h"),
    ("diff", "HEAD~1"),
    ("packs", "show", "h"),
    ("validate", "--against", "HEAD~1"),
    ("get", "version", "--at", "HEAD~1"),
    ("require", "clean"),
    ("export", "jsonl"),
    ("status",),
]


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_reading_command_gives_the_true_answer_or_says_that_git_failed(
    stand_in: Path, words: tuple[str, ...], how: str
) -> None:
    assert run("version", "bump", "minor", "--commit").code == 0
    whole = run(*words)
    at, is_reached = 1, True
    while is_reached:
        ran, is_reached = run_failing(stand_in, at, how, *words)
        is_true = (ran.code, ran.out) == (whole.code, whole.out)
        says_why = "git" in ran.err and ran.code == 2
        is_unknown = "unknown: git" in (ran.out if words == ("status",) else ran.err)
        assert is_true or says_why or is_unknown, (at, ran)
        at += 1
    assert at > 2


WRITING = [
    ("packs", "set", "u", "--status", "pending", "--commit"),
    ("version", "bump", "minor", "--commit", "--all"),
]


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("edited", [False, True], ids=["clean", "edited before"])
@pytest.mark.parametrize("words", WRITING, ids=" ".join)
def test_a_commit_is_made_as_a_whole_or_its_ending_says_what_is_left(
    stand_in: Path, words: tuple[str, ...], edited: bool, how: str
) -> None:
    manifest = Path("manifest/system.yaml")
    if edited:
        manifest.write_text(FIRST.replace("notes: System", "notes: Somebody's"))
    before = State.now()
    whole = run(*words)
    after = State.now()
    subject = real("log", "-1", "--format=%B")
    real("reset", "--hard", "-q", before.head)
    at, is_reached = 1, True
    while is_reached:
        manifest.write_bytes(before.text)
        ran, is_reached = run_failing(stand_in, at, how, *words)
        found = State.now()
        assert found.locks == []
        assert found.staged == ""
        assert found.text in (before.text, after.text)
        is_committed = found.head != before.head
        if is_committed:
            assert real("show", "HEAD:manifest/system.yaml").encode() == after.text, (at, ran)
            assert real("log", "-1", "--format=%B") == subject, (at, ran)
            assert "committed" in ran.out + ran.err, (at, ran)
        elif ran.code == 0:
            assert whole.code == 0
            assert after.head == before.head, (at, ran)
        elif found.text != before.text:
            assert "not committed" in ran.err, (at, ran)
        if ran.code == 0:
            assert (found.text, whole.code) == (after.text, 0), (at, ran)
        real("reset", "--hard", "-q", before.head)
        at += 1
    assert at > 4
