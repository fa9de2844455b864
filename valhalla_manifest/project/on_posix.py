"""What POSIX does in its own way: a lock on a folder, owner and mode, a folder flushed to disk."""

from __future__ import annotations

import os
import stat
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_POLL = 0.02  # seconds


@contextmanager
def locked(folder: Path, patience: float) -> Iterator[bool]:
    """Lock a folder; false where another process does not let it go for so many seconds.

    The folder itself is locked, so that no file is made, and none left behind by a crash.
    """
    from filelock import lock_descriptor

    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        deadline = time.monotonic() + patience
        while not (is_ours := lock_descriptor(descriptor, blocking=False)):
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL)
        yield is_ours
    finally:
        os.close(descriptor)


def copy_metadata(descriptor: int, path: Path) -> None:
    """Give a file the owner, the extended attributes and the mode of another."""
    wanted, present = path.stat(), os.fstat(descriptor)
    if (wanted.st_uid, wanted.st_gid) != (present.st_uid, present.st_gid):
        os.fchown(descriptor, wanted.st_uid, wanted.st_gid)
    _take_attributes(descriptor, path)  # before the mode, which an access list is a part of
    os.fchmod(descriptor, stat.S_IMODE(wanted.st_mode))


def _take_attributes(descriptor: int, path: Path) -> None:
    if sys.platform != "linux":
        return
    with suppress(OSError):  # a file system without them
        for name in os.listxattr(path):
            with suppress(OSError):  # the system's own
                os.setxattr(descriptor, name, os.getxattr(path, name))


def copy_mode(descriptor: int, path: Path) -> None:
    """Give a file the mode of the one that it replaces, or of a new one."""
    if path.exists():
        os.fchmod(descriptor, stat.S_IMODE(path.stat().st_mode))
        return
    mask = os.umask(0)
    os.umask(mask)
    os.fchmod(descriptor, 0o666 & ~mask)


def atomic_replace(temporary: str, path: Path) -> None:
    """Let a file take the place of another, atomically."""
    os.replace(temporary, path)


def flush_folder(folder: Path) -> None:
    """Bring the entries of a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
