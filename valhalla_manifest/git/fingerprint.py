"""A fingerprint of the files that a result depends on, to detect a change without Git."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 1 << 20  # bytes; beyond them, only size and times tell contents apart
_LONGEST_CHAIN = 5  # Git follows no more references from one to the next.
# The staged files, how Git compares files, where a shallow clone ends, and references.
_GIT_FILES = (
    "index", "config", "info/attributes", "shallow", "packed-refs", "reftable/tables.list",
)  # fmt: skip
# Opening a named pipe must not wait for a writer. Not every system defines all of these flags.
_READING: int = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_CLOEXEC", "O_NONBLOCK", "O_BINARY")
)

State = tuple[int, int, int, int, int, int]
Seen = tuple[tuple[int, ...], bytes] | None


def state(name: str) -> State | None:
    """Return what the system records about a file, or None if the file is missing."""
    try:
        found = os.stat(name)  # noqa: PTH116  Making a Path would cost more than this call.
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


def look(name: str) -> Seen:
    """Return a file's state and content or a folder's identity, or None if neither exists.

    Two edits within one tick of the clock differ only in their content.
    """
    found = state(name)
    if found is None:
        return None
    if stat.S_ISDIR(found[2]):  # Its times change with each temporary file in it.
        return found[:2], b""
    try:
        descriptor = os.open(name, _READING)
        try:
            return found, os.read(descriptor, min(found[3], _LARGEST))
        finally:
            os.close(descriptor)
    except OSError:
        return found, b""


@dataclass(slots=True)
class Fingerprint:
    """The files that a result depends on, each as of the moment when it was added."""

    seen: dict[str, Seen] = field(default_factory=dict)

    def add(self, path: Path) -> str | None:
        """Look at a file and return its text, or None if the file is missing."""
        name = str(path)
        if name not in self.seen:
            self.seen[name] = look(name)
        found = self.seen[name]
        return os.fsdecode(found[1]).strip() if found else None

    def is_current(self) -> bool:
        """Return whether every file is still the same, without running a process."""
        return all(look(name) == found for name, found in self.seen.items())

    def add_repository(self, folder: Path) -> None:
        """Add the files that show when a file in a folder was committed, and whether it changed.

        Git's files outside the repository are left out.
        """
        for above in (folder, *folder.parents):
            self.add(above / ".gitattributes")
            link = self.add(above / ".git")
            if link is None:
                continue
            # In a linked work tree and in a submodule, .git is a file that names the folder.
            git = above / (link.removeprefix("gitdir:").strip() or ".git")
            head = self.add(git / "HEAD")
            if head is not None:
                self._add_git_folder(git, head)
                return

    def _add_git_folder(self, git: Path, head: str) -> None:
        folders = (git, git / (self.add(git / "commondir") or ""))
        for folder in folders:
            for name in _GIT_FILES:
                self.add(folder / name)
        for _ in range(_LONGEST_CHAIN):
            if not head.startswith("ref:"):
                return
            name = head.removeprefix("ref:").strip()
            head = next(filter(None, [self.add(folder / name) for folder in folders]), "")
