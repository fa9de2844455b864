"""Changes of a repository, each of which a user has asked for, and git's text merge."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.git.process import error_text, output, path_output, run
from valhalla_manifest.git.reading import SHORT, literal_pathspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from valhalla_manifest.git.process import Ended
    from valhalla_manifest.git.reading import Place

PATIENCE = 10.0  # seconds
_POLL = 0.05  # seconds
_IS_LOCKED = re.compile(rb"\.lock': File exists|cannot lock ref")


def commit_file(place: Place, message: Callable[[], str]) -> str:
    """Commit one file and nothing else that is staged; return the commit's short id.

    If another git process holds the index, wait for it, and then call ``message`` again. If git or
    a hook refuses, the file and the index stay as they are.
    """
    folder, pathspec = place.folder, literal_pathspec(place.path)
    untracked = run(folder, "ls-files", "--error-unmatch", "--", pathspec).returncode != 0
    if untracked:
        _run_checked(folder, "add", "--intent-to-add", "--", pathspec)
    words = ("commit", "--quiet", "--only", "-F", "-", "--", pathspec)
    try:
        with _index_flags_cleared(place):
            _run_checked(folder, *words, stdin=lambda: message().encode())
    except ManifestError:
        if untracked:
            _run_with_lock_retry(folder, "rm", "--cached", "-f", "--quiet", "--", pathspec)
        raise
    # HEAD may be a newer commit of another file.
    return output(folder, "log", "-1", f"--abbrev={SHORT}", "--format=%h", "--", pathspec).strip()


@contextmanager
def _index_flags_cleared(place: Place) -> Iterator[None]:
    """Clear the flags by which the index ignores edits of the file, and set them again later."""
    folder, name = place.folder, place.file.name
    tag = run(folder, "ls-files", "-v", "-z", "--", literal_pathspec(place.path)).stdout[:1]
    states = {"skip-worktree": tag in b"Ss", "assume-unchanged": tag.islower()}
    flags = [flag for flag, is_set in states.items() if tag and is_set]
    for flag in flags:
        _run_checked(folder, "update-index", f"--no-{flag}", "--", name)
    try:
        yield
    finally:
        for flag in flags:
            _run_with_lock_retry(folder, "update-index", f"--{flag}", "--", name)


def _run_checked(folder: Path, *arguments: str, stdin: Callable[[], bytes] = bytes) -> None:
    ended = _run_with_lock_retry(folder, *arguments, stdin=stdin)
    if ended.returncode != 0:
        raise ManifestError(error_text(ended))


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
    files = [str(file.resolve()) for file in (ours, base, theirs)]
    ended = run(ours.resolve().parent, "merge-file", "-p", *options, "--", *files)
    if ended.returncode < 0 or ended.returncode > 127:  # noqa: PLR2004  Lower codes count conflicts.
        raise ManifestError(error_text(ended))
    return ended.stdout, ended.returncode == 0


def find_root(folder: Path) -> Path:
    """Return the top folder of the work tree."""
    return Path(path_output(folder, "rev-parse", "--show-toplevel"))


def set_config(folder: Path, key: str, value: str | None) -> None:
    """Set a key of the repository's configuration; without a value, remove a section."""
    if value is None:
        run(folder, "config", "--local", "--remove-section", key)
    else:
        output(folder, "config", "--local", key, value)


def get_config(folder: Path, key: str) -> str | None:
    """Return the value of a key of the repository's configuration, None if it is not set."""
    ended = run(folder, "config", "--local", "--get", key)
    value = ended.stdout.decode(errors="replace").removesuffix("\n")
    return value if ended.returncode == 0 else None
