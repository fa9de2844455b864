"""What git's answers about a file depend on, so that a change is seen without running git."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_LARGEST = 1 << 20  # bytes; what follows them is told apart by the file's size and times alone
_CHAIN = 5  # references that name another one; git follows no more
# What is staged, how files compare, where the history of a shallow clone ends.
_OF_WORK_TREE = ("index",)
_OF_REPOSITORY = ("config", "info/attributes", "shallow")
# Where references are kept in tables, HEAD names a branch that cannot be.
_IN_TABLES, _TABLES = "refs/heads/.invalid", "reftable/tables.list"

# Not blocking: opening a named pipe would wait for a writer. Some systems lack a flag.
_READING: int = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_CLOEXEC", "O_NONBLOCK", "O_BINARY")
)

Stat = tuple[int, int, int, int, int, int]


class Fingerprint(NamedTuple):
    """What was looked at, how, and what was seen; None where there was nothing to see."""

    look: Callable[[str], object]
    name: str
    seen: object


def take_fingerprint(look: Callable[[str], object], path: Path) -> Fingerprint:
    """Look at something now."""
    return Fingerprint(look, str(path), look(str(path)))


def is_unchanged(watches: Iterable[Fingerprint]) -> bool:
    """Return whether everything looks as it did; some microseconds, and no process, for each."""
    return all(look(name) == seen for look, name, seen in watches)


def state(name: str) -> Stat | None:
    """Look at a file that is always replaced whole."""
    try:
        found = os.stat(name)  # noqa: PTH116  a Path would have to be made from the name each time
    except (OSError, ValueError):
        return None
    return (
        found.st_dev,
        found.st_ino,
        found.st_mode,
        found.st_size,
        found.st_mtime_ns,
        found.st_ctime_ns,
    )


def identity(name: str) -> tuple[int, ...] | None:
    """Look which folder or file a name leads to, whatever is in it."""
    found = state(name)
    return found and found[:2]


def content(name: str) -> tuple[Stat, bytes] | None:
    """Look into a file that may be rewritten in place, twice within one tick of its clock."""
    found = state(name)
    if found is None:
        return None
    try:
        descriptor = os.open(name, _READING)
        try:
            return found, os.read(descriptor, min(found[3], _LARGEST))
        finally:
            os.close(descriptor)
    except OSError:
        return None


def repository_fingerprints(folder: Path) -> Iterator[Fingerprint]:
    """Yield what the time and the modification of a file in a folder depend on.

    Seen are a commit, a checkout, what is staged, older history that is fetched, and changed
    settings and attributes of the repository; not what git reads outside of it.
    """
    for above in (folder, *folder.parents):
        git = above / ".git"
        entry = take_fingerprint(identity, git)
        yield from (take_fingerprint(state, above / ".gitattributes"), entry)
        if entry.seen is None:
            continue
        link = take_fingerprint(content, git)
        if link.seen is not None:  # in a linked work tree and in a submodule it is a file
            yield link
            git = above / _text(link).removeprefix("gitdir:").strip()
        head = take_fingerprint(content, git / "HEAD")
        yield head
        if head.seen is not None:
            yield from _repository(git, head)
            return


def _repository(own: Path, head: Fingerprint) -> Iterator[Fingerprint]:
    link = take_fingerprint(content, own / "commondir")
    yield link
    shared = own / _text(link).strip()
    yield from (take_fingerprint(state, own / name) for name in _OF_WORK_TREE)
    yield from (take_fingerprint(state, shared / name) for name in _OF_REPOSITORY)
    places = tuple(dict.fromkeys((own, shared)))
    for _ in range(_CHAIN):
        symbolic, _, branch = map(str.strip, _text(head).partition(":"))
        if symbolic != "ref":
            return
        if branch == _IN_TABLES:
            yield from (take_fingerprint(state, place / _TABLES) for place in places)
            return
        loose = [take_fingerprint(content, place / branch) for place in places]
        yield from loose
        found = next((one for one in loose if one.seen is not None), None)
        if found is None:
            yield take_fingerprint(state, shared / "packed-refs")
            return
        head = found


def _text(watched_file: Fingerprint) -> str:
    match watched_file.seen:
        case (_, bytes(data)):
            return os.fsdecode(data)
    return ""
