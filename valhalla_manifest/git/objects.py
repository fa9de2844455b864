"""What a file holds as of a commit and now; what is missing is told from what was not there."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.git.process import error_text, missing_object_message, output, run
from valhalla_manifest.git.reading import SHORT, literal_pathspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from valhalla_manifest.git.reading import Commit, Place

_AT_ONCE = 500  # files that are held at once
_SUBMODULE = "160000"
# The tree with nothing in it, by the length of the ids of a repository.
_SHA1 = 40
_EMPTY_TREES = {
    _SHA1: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


def read(place: Place, commit: str) -> bytes | None:
    """Return the file as of a commit, None where it was not there."""
    found = run(place.folder, "cat-file", "blob", f"{commit}:{place.path}")
    if found.returncode == 0:
        return found.stdout
    if file := file_id(place, commit):
        raise ManifestError(
            missing_object_message(f"{place.path} as of {commit[:SHORT]} is {file[:SHORT]}")
        )
    return None


def read_through(place: Place, commit: str) -> bytes | None:
    """Return the file as of a commit, like ``read``, or the one there that its link leads to."""
    name = os.fsencode(f"{commit}:{place.path}\n")
    words = ("cat-file", "--batch", "--follow-symlinks")
    head, _, content = run(place.folder, *words, stdin=name).stdout.partition(b"\n")
    kind, size = [*head.split(b" ")[-2:], b"", b""][:2]
    return content[: int(size)] if kind == b"blob" else read(place, commit)


def tree(place: Place, commit: str) -> list[str]:
    """Return the paths of all files of a commit."""
    listed = run(place.folder, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
    if listed.returncode != 0:
        raise ManifestError(error_text(listed))
    return os.fsdecode(listed.stdout).split("\0")[:-1]


def file_id(place: Place, commit: str) -> str | None:
    """Return the id of the file as of a commit, None where it was not there."""
    listed = run(place.folder, "ls-tree", "--full-tree", "-z", commit, "--", place.path)
    if listed.returncode != 0:
        raise ManifestError(error_text(listed))
    kind, name = [*listed.stdout.partition(b"\t")[0].split(b" ")[1:], b"", b""][:2]
    return name.decode() if kind == b"blob" else None


def contents(folder: Path, names: Iterable[str]) -> Iterator[bytes]:
    """Yield the content of each file, named by its id; one process for many."""
    left = iter(names)
    while some := list(islice(left, _AT_ONCE)):
        yield from _contents(folder, some)


def _contents(folder: Path, names: list[str]) -> Iterator[bytes]:
    ended = run(folder, "cat-file", "--batch", stdin=_lines(names))
    raw, at = ended.stdout, 0
    if ended.returncode != 0:
        raise ManifestError(error_text(ended))
    while at < len(raw):
        end = raw.index(b"\n", at)
        name, kind, *size = raw[at:end].decode().split(" ")
        if not size:
            raise ManifestError(missing_object_message(f"{name[:SHORT]} is {kind}"))
        yield raw[end + 1 : end + 1 + int(size[0])]
        at = end + int(size[0]) + 2


def files(place: Place, commits: Iterable[Commit], paths: Iterable[str]) -> list[dict[str, str]]:
    """Return for each commit the ids of those of the files that were there; one process for all."""
    # A tree beside the empty one is listed whole. That git is asked for names, not for objects,
    # tells a file that was not there from one that the clone does not have.
    pairs = [f"{_EMPTY_TREES[len(commit.tree)]} {commit.tree}" for commit in commits]
    words = ("diff-tree", "--stdin", "-r", "-z", "--", *map(literal_pathspec, paths))
    ended = run(place.folder, *words, stdin=_lines(pairs))
    if ended.returncode != 0:
        raise ManifestError(error_text(ended))
    found: dict[str, dict[str, str]] = {pair: {} for pair in pairs}
    fields, pair = iter(os.fsdecode(ended.stdout).split("\0")), ""
    for field in fields:
        # Lines with pairs, and where something was there, its row; then its path.
        *headings, row = field.split("\n")
        pair = headings[-1] if headings else pair
        if row:
            _, mode, _, name, _ = row.split(" ")
            path = next(fields)
            if mode != _SUBMODULE:
                found[pair][path] = name
    return [found[pair] for pair in pairs]


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


def is_modified(place: Place) -> bool:
    """Return whether the file differs from the last commit, or is not tracked."""
    if place.bare:
        return False
    words = ("status", "--porcelain", "-z", "--ignored", "--untracked-files=all")
    if output(place.folder, *words, "--", literal_pathspec(place.path)):
        return True
    # The index can be told to overlook a file (skip-worktree, assume-unchanged): the bytes count.
    committed = file_id(place, "HEAD") or ""
    try:
        data = place.file.read_bytes()
    except OSError:
        return True
    if committed == _unfiltered_id(data, committed):
        return False
    filter_as = ("hash-object", f"--path={place.file.name}", "--stdin")
    filtered = output(place.folder, *filter_as, stdin=data)
    return committed != filtered.strip()


def _unfiltered_id(data: bytes, like: str) -> str:
    import hashlib

    algorithm = hashlib.sha1 if len(like) == _SHA1 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
