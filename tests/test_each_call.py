"""Each call that handles a file fails, or a signal interrupts it: no torn file, no untrue ending.

``tests.support.faulty.Interposer`` lists the functions. What Git does with files, reads of
``Path.read_bytes``, and locks are not among them; tests/test_failing_git.py kills Git.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import SOAK, Ran, run
from tests.support.faulty import Interposer
from tests.support.manifests import FIRST

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be flushed there")

CODES = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS)
SHIFTS = range(len(CODES) if SOAK > 1 else 1)
LEFTOVER = re.compile(r"\.valhalla-manifest-[a-z0-9_]{8}\.tmp$")
TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
EFFECTS = ("was changed", "were written", "was written", "took effect", "was committed")
FIXABLE = FIRST.replace('version: "1.0.0"', "version: 1.0.0 ").replace(
    "backend_complete: false", "backend_complete: no"
)
State = dict[str, bytes]

EDITS = {
    "complete": ("complete", "--force"),
    "incomplete": ("incomplete", "--notes", "Reopened"),
    "version set": ("version", "set", "1.1.0"),
    "version bump": ("version", "bump", "minor"),
    "notes set": ("notes", "set", "Changed"),
    "set": ("set", "x-team=core"),
    "packs add": ("packs", "add", "ZZ", "--name", "Last"),
    "packs set": ("packs", "set", "u", "--status", "pending"),
    "packs rename": ("packs", "rename", "u", "uu"),
    "packs remove": ("packs", "remove", "u"),
    "validate --fix": ("validate", "--fix"),
}
FILES = {
    "init": ("-m", "new/deep/system.yaml", "init"),
    "init --from": ("-m", "new/deep/system.yaml", "init", "--from", "manifest/system.yaml"),
    "schema export": ("schema", "export"),
    "export -o": ("export", "badge", "-o", "public/badge.json"),
}


def snapshot(folder: Path) -> State:
    """Return each file of the project but git's, without the leftovers of a crash."""
    return {
        path.relative_to(folder).as_posix(): TIME.sub(b"TIME", path.read_bytes())
        for path in content(folder)
        if path.is_file() and not LEFTOVER.search(path.name)
    }


def content(folder: Path) -> list[Path]:
    """Return the files and folders of the project but git's, the deepest first."""
    return [
        path
        for top in sorted(folder.iterdir())
        if top.name != ".git"
        for path in [*sorted(top.rglob("*"), reverse=True), top]
    ]


def empty_folders(folder: Path) -> list[Path]:
    return [path for path in content(folder) if path.is_dir() and not any(path.iterdir())]


def leftovers(folder: Path) -> list[Path]:
    return [path for path in content(folder) if LEFTOVER.search(path.name)]


def restore(folder: Path, state: State) -> None:
    """Make the project what it was, and remove all else."""
    for path in content(folder):
        if path.is_file() and path.relative_to(folder).as_posix() not in state:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for name, data in state.items():
        (folder / name).write_bytes(data)


def oserror(at: int) -> Callable[[], BaseException]:
    """Return the error for the N-th call: another one for each, and in a soak all for each."""
    code = CODES[at % len(CODES)]
    return lambda: OSError(code, os.strerror(code))


def runs_with_faults(
    folder: Path,
    words: tuple[str, ...],
    before: State,
    fault: Callable[[int], Callable[[], BaseException]],
    *,
    is_lasting: bool = False,
    is_after: bool = False,
    step: int = 1,
) -> Iterator[tuple[str, Ran]]:
    """Yield how a command ended when its first call failed, its second, and so on."""
    for at in count(1, step):
        restore(folder, before)
        fails = Interposer(folder, fault(at), at, is_lasting=is_lasting, is_after=is_after)
        with pytest.MonkeyPatch.context() as patch:
            fails.install(patch)
            ran = run(*words)
        if not fails.is_reached:
            assert ran.code == 0
            return
        yield f"{at}: {fails.calls[at - 1]} of {fails.calls}", ran


def assert_ending_is_true(folder: Path, ran: Ran, before: State, after: State, where: str) -> None:
    """Check one whole state, one line of error, and that the line says which state it is."""
    found = snapshot(folder)
    is_kept = "cannot be removed" in ran.err
    assert found in (before, after) or is_kept, (where, ran)
    for name, data in found.items():
        assert data in (before.get(name), after.get(name)), (where, name)
    if ran.code == 0:
        assert found == after, (where, ran)
        return
    if ran.code == 1:  # `validate --fix` reports a manifest that it cannot read, or could not fix.
        assert ": error VM" in ran.out, (where, ran)
        assert (found == after) is (": fixed\n" in ran.err), (where, ran)
        return
    assert ran.err.startswith("error: "), (where, ran)
    assert ran.err.count("\n") == 1, (where, ran)
    message = re.sub("nothing was (written|changed)", "", ran.err)
    says_changed = any(effect in message for effect in EFFECTS)
    assert says_changed is (found != before), (where, ran)


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("is_lasting", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("words", EDITS.values(), ids=EDITS)
def test_a_failing_call_in_an_edit(
    manifest: Path, words: tuple[str, ...], is_lasting: bool, shift: int
) -> None:
    folder = manifest.parents[1]
    if "--fix" in words:
        manifest.write_text(FIXABLE)
    before = snapshot(folder)
    assert run(*words).code == 0
    after = snapshot(folder)
    seen = []
    for where, ran in runs_with_faults(
        folder, words, before, lambda at: oserror(at + shift), is_lasting=is_lasting
    ):
        assert_ending_is_true(folder, ran, before, after, where)
        assert ran.code in ({0, 1, 2} if "--fix" in words else {0, 2}), (where, ran)
        if "--fix" in words:
            run(*words)
        assert run("notes", "set", "Next").code == 0
        assert leftovers(folder) == []
        seen.append(where)
    assert len(seen) >= 10


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("is_lasting", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("words", FILES.values(), ids=FILES)
def test_a_failing_call_while_files_are_written(
    repository: Path, words: tuple[str, ...], is_lasting: bool, shift: int
) -> None:
    """``init`` writes both of its files or none."""
    before = snapshot(repository)
    whole = run(*words)
    assert whole.code == 0
    after = snapshot(repository)
    seen = []
    for where, ran in runs_with_faults(
        repository, words, before, lambda at: oserror(at + shift), is_lasting=is_lasting
    ):
        assert_ending_is_true(repository, ran, before, after, where)
        assert ran.code in {0, 2}, (where, ran)
        assert is_lasting or empty_folders(repository) == [], where
        restore_all_but_leftovers(repository, before)
        assert run(*words).out == whole.out
        assert leftovers(repository) == []
        seen.append(where)
    assert len(seen) >= 8


def restore_all_but_leftovers(folder: Path, state: State) -> None:
    """Make the project what it was; the leftovers get an age at which the next run removes them."""
    long_ago = time.time() - 3_600
    kept = {path: path.read_bytes() for path in leftovers(folder)}
    restore(folder, state)
    for path, data in kept.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (long_ago, long_ago))


def test_a_failing_call_in_the_site_leaves_each_file_whole(repository: Path) -> None:
    """The site is not written in one step, but each of its files is; a soak tries every call."""
    before = snapshot(repository)
    assert run("site", "public").code == 0
    after = snapshot(repository)
    seen = 0
    for where, ran in runs_with_faults(
        repository,
        ("site", "public"),
        before,
        oserror,
        step=1 if SOAK > 1 else 7,
    ):
        for name, data in snapshot(repository).items():
            assert data in (before.get(name), after.get(name)), (where, name)
        assert ran.code == 0 or re.fullmatch(r"error: [^\n]+\n", ran.err), (where, ran)
        assert leftovers(repository) == []
        seen += 1
    assert seen >= 20


# After a fix, `validate` goes on and only reads; the line "fixed" says what it did.
INTERRUPTED = {name: words for name, words in EDITS.items() if "--fix" not in words}
INTERRUPTED |= {name: FILES[name] for name in ("init", "init --from")}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("words", INTERRUPTED.values(), ids=INTERRUPTED)
def test_a_signal_at_each_call_ends_with_what_was_done(
    manifest: Path, words: tuple[str, ...], is_after: bool, number: int
) -> None:
    """The handler in __main__.py turns SIGTERM into the exception that is raised here."""
    folder = manifest.parents[1]
    before = snapshot(folder)
    assert run(*words).code == 0
    after = snapshot(folder)
    seen = []
    for where, ran in runs_with_faults(
        folder, words, before, lambda _: lambda: KeyboardInterrupt(number), is_after=is_after
    ):
        assert ran.code == 128 + number, (where, ran)
        assert ran.err.startswith("error: interrupted"), (where, ran)
        assert_ending_is_true(folder, ran, before, after, where)
        restore_all_but_leftovers(folder, before)
        assert run(*words).code == 0
        assert leftovers(folder) == []
        seen.append(where)
    assert len(seen) >= 10
