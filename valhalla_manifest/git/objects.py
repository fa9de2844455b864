"""Files as of a commit, and whether a file differs from it."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.git.process import GitFailedError, ask, missing_object_message, output
from valhalla_manifest.git.reading import SHORT, literal_pathspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from valhalla_manifest.git.reading import Commit, Place

_BATCH_SIZE = 500  # files that are in memory at once
_LONGEST_HEAD = 100  # bytes of an id, a kind and a size
_SUBMODULE = "160000"
# The empty tree of a repository, by the length of its ids.
_SHA1 = 40
_EMPTY_TREES = {
    _SHA1: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


def read(place: Place, commit: str) -> bytes | None:
    """Return the file as of a commit, or None if the commit does not contain the file."""
    content = _read(place, commit)
    if content is None and (file := file_id(place, commit)):
        raise ManifestError(
            missing_object_message(f"{place.path} as of {commit[:SHORT]} is {file[:SHORT]}")
        )
    return content


def read_following_links(place: Place, commit: str) -> bytes | None:
    """Return the file as of a commit, or the file that its link leads to in that commit."""
    content = _read(place, commit, "--follow-symlinks")
    return read(place, commit) if content is None else content


def _read(place: Place, commit: str, *options: str) -> bytes | None:
    """Return a file as of a commit, or None if Git finds no file there."""
    name = f"{commit}:{place.path}"
    if "\n" in place.path:  # A line break would end the query.
        name = file_id(place, commit) or commit
    words = ("cat-file", "--batch", *options)
    ended = ask(place.folder, *words, stdin=os.fsencode(f"{name}\n"))
    head, _, content = ended.stdout.partition(b"\n")
    kind, size = [b"", b"", *head.split(b" ")][-2:]
    if kind != b"blob":
        return None
    if len(content) != int(size) + 1:
        raise GitFailedError("git cat-file: its output was cut off")
    return content[:-1]


def list_files(place: Place, commit: str) -> list[str]:
    """Return the paths of all files of a commit."""
    words = ("ls-tree", "-r", "-z", "--name-only", "--full-tree")
    return os.fsdecode(ask(place.folder, *words, commit).stdout).split("\0")[:-1]


def file_id(place: Place, commit: str) -> str | None:
    """Return the file's blob id in a commit, or None if the commit does not contain the file."""
    words = ("ls-tree", "--full-tree", "-z", commit, "--", place.path)
    listed = ask(place.folder, *words).stdout
    kind, name = [*listed.partition(b"\t")[0].split(b" ")[1:], b"", b""][:2]
    return name.decode() if kind == b"blob" else None


def read_blobs(folder: Path, names: Iterable[str]) -> Iterator[bytes]:
    """Yield the content of each blob by its id, with one process for all."""
    remaining = iter(names)
    while batch := list(islice(remaining, _BATCH_SIZE)):
        yield from _read_batch(folder, batch)


def _read_batch(folder: Path, names: list[str]) -> Iterator[bytes]:
    raw, at = ask(folder, "cat-file", "--batch", stdin=_lines(names)).stdout, 0
    for _ in names:
        head, _, _ = raw[at : at + _LONGEST_HEAD].partition(b"\n")
        name, kind, size = [*head.decode().split(" "), "", ""][:3]
        if kind == "missing":
            raise ManifestError(missing_object_message(f"{name[:SHORT]} is {kind}"))
        start = at + len(head) + 1
        at = start + int(size or 0) + 1
        if at > len(raw) or not size:
            raise GitFailedError("git cat-file: its output was cut off")
        yield raw[start : at - 1]


def find_blobs(
    place: Place, commits: Iterable[Commit], paths: Iterable[str]
) -> list[dict[str, str]]:
    """Return the blob ids of each commit's files, with one process for all commits."""
    # Compared with the empty tree, a tree lists all its files. Asking for names, not for objects,
    # distinguishes a file that a commit lacks from an object that this clone lacks.
    pairs = [f"{_EMPTY_TREES[len(commit.tree)]} {commit.tree}" for commit in commits]
    words = ("diff-tree", "--stdin", "-r", "-z", "--", *map(literal_pathspec, paths))
    if not pairs:
        return []
    empty, _ = pairs[0].split()
    end = f"{empty} {empty}"  # This last pair has no differences and shows that nothing was cut.
    rows = os.fsdecode(ask(place.folder, *words, stdin=_lines([*pairs, end])).stdout)
    if not rows.endswith(f"{end}\n"):
        raise GitFailedError("git diff-tree: its output was cut off")
    blobs: dict[str, dict[str, str]] = {pair: {} for pair in pairs}
    fields, pair = iter(rows.removesuffix(f"{end}\n").split("\0")), ""
    for field in fields:
        # The output has each pair and, for a file of the commit, its row and path.
        *headings, row = field.split("\n")
        pair = headings[-1] if headings else pair
        if row:
            _, mode, _, name, _ = row.split(" ")
            path = next(fields)
            if mode != _SUBMODULE:
                blobs[pair][path] = name
    return [blobs[pair] for pair in pairs]


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


def is_modified(place: Place) -> bool:
    """Return whether the file differs from the last commit, or is not tracked."""
    if place.bare:
        return False
    words = ("status", "--porcelain", "-z", "--ignored", "--untracked-files=all")
    if output(place.folder, *words, "--", literal_pathspec(place.path)):
        return True
    # The index may hide an edit (skip-worktree, assume-unchanged), so compare the bytes as well.
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
