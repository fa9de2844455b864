"""Changes of a repository, each of which a user has asked for, and git's text merge."""

from __future__ import annotations

import re
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.git.objects import file_id
from valhalla_manifest.git.process import (
    GitFailedError,
    ask,
    error_lines,
    error_text,
    output,
    path_output,
    run,
)
from valhalla_manifest.git.reading import is_unborn, literal_pathspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from valhalla_manifest.git.process import Ended
    from valhalla_manifest.git.reading import Place

PATIENCE = 10.0  # seconds
_POLL = 0.05  # seconds
# By default, git does not flush new objects, so that after a power cut HEAD may name empty files.
# Git before 2.36 ignores the keys.
_COMMIT_SETTINGS = (
    *("-c", "i18n.commitEncoding=UTF-8"),
    *("-c", "core.fsync=committed,reference,index"),
    *("-c", "core.fsyncMethod=fsync"),
)
_IS_LOCKED = re.compile(rb"\.lock': File exists|cannot lock ref")


def commit_file(place: Place, message: Callable[[], str], author: str | None = None) -> None:
    """Commit one file and nothing else that is staged; ``author`` is ``NAME <ADDRESS>``.

    If another git process holds the index, wait for it, and then call ``message`` again. If git or
    a hook refuses, the file and the index stay as they are.

    Raises:
        GitFailedError: If git or a hook refuses; ``details`` holds everything they printed.
    """
    folder, pathspec = place.folder, literal_pathspec(place.path)
    tracked = ask(folder, "ls-files", "--error-unmatch", "--", pathspec, answers=(0, 1))
    untracked = tracked.returncode != 0
    words = [*_COMMIT_SETTINGS, "commit", "--quiet", "--only", "-F", "-"]
    words += [f"--author={author}"] if author else []
    try:
        if untracked:
            _run_checked(folder, "add", "--intent-to-add", "--", pathspec)
        with _index_flags_cleared(place):
            _run_checked(folder, *words, "--", pathspec, stdin=lambda: message().encode())
    except BaseException:
        if untracked and (is_unborn(place) or not file_id(place, "HEAD")):
            _run_with_lock_retry(folder, "rm", "--cached", "-f", "--quiet", "--", pathspec)
        raise


@contextmanager
def _index_flags_cleared(place: Place) -> Iterator[None]:
    """Clear the flags by which the index ignores edits of the file, and set them again later."""
    folder, name = place.folder, place.file.name
    tag = ask(folder, "ls-files", "-v", "-z", "--", literal_pathspec(place.path)).stdout[:1]
    states = {"skip-worktree": tag in b"Ss", "assume-unchanged": tag.islower()}
    flags = [flag for flag, is_set in states.items() if tag and is_set]
    try:
        for flag in flags:
            _run_checked(folder, "update-index", f"--no-{flag}", "--", name)
        yield
    finally:
        for flag in flags:
            _run_with_lock_retry(folder, "update-index", f"--{flag}", "--", name)


def _run_checked(folder: Path, *arguments: str, stdin: Callable[[], bytes] = bytes) -> None:
    ended = _run_with_lock_retry(folder, *arguments, stdin=stdin)
    if ended.returncode != 0:
        raise GitFailedError(error_text(ended), details=error_lines(ended)[1:])


def _run_with_lock_retry(
    folder: Path, *arguments: str, stdin: Callable[[], bytes] = bytes
) -> Ended:
    """Run git, and run it again while another git process holds a lock."""
    deadline = time.monotonic() + PATIENCE
    while True:
        ended = run(folder, *arguments, stdin=stdin())
        is_locked = ended.returncode != 0 and _IS_LOCKED.search(ended.stderr)
        if not is_locked or time.monotonic() > deadline:
            return ended
        time.sleep(_POLL)


def merge_text(
    ours: Path, base: Path, theirs: Path, labels: tuple[str, str, str], marker_size: int
) -> tuple[bytes, bool]:
    """Return git's text merge of three files, and whether it has no conflicts."""
    options = [f"--marker-size={marker_size}"]
    options += [option for label in labels for option in ("-L", label)]
    # Git reports an error if it cannot write a whole file, but not if it cannot print one.
    names = ("ours", "base", "theirs")
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, file in zip(names, (ours, base, theirs), strict=True):
                Path(folder, name).write_bytes(file.read_bytes())
            ended = ask(Path(folder), "merge-file", *options, "--", *names, answers=range(128))
            return Path(folder, "ours").read_bytes(), ended.returncode == 0
    except OSError as error:
        raise ManifestError(f"cannot merge {ours}: {error.strerror}") from None


def find_root(folder: Path) -> Path:
    """Return the top folder of the work tree."""
    return Path(path_output(folder, "rev-parse", "--show-toplevel"))


def set_config(folder: Path, key: str, value: str | None) -> None:
    """Set a key of the repository's configuration; without a value, remove a section."""
    if value is None:
        no_section = 128
        ask(folder, "config", "--local", "--remove-section", key, answers=(0, no_section))
    else:
        output(folder, "config", "--local", key, value)


def get_config(folder: Path, key: str) -> str | None:
    """Return the value of a key of the repository's configuration, or None if it is not set."""
    ended = ask(folder, "config", "--local", "--get", key, answers=(0, 1))
    value = ended.stdout.decode(errors="replace").removesuffix("\n")
    return value if ended.returncode == 0 else None


def find_shell_error(folder: Path, command: str) -> str | None:
    """Return why a command fails if git runs it as it runs a driver, or None if it succeeds."""
    ended = run(folder, "-c", f"alias.command=!{command}", "command")
    return error_text(ended) if ended.returncode != 0 else None
