"""File operations on POSIX systems: lock a folder, copy owner and mode, flush a folder to disk."""

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
def hold_lock(folder: Path, patience: float) -> Iterator[bool]:
    """Lock a folder; yield false if another process holds it for longer than ``patience``.

    Locking the folder itself needs no lock file, which a crash could leave behind.
    """
    from filelock import lock_descriptor

    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        deadline = time.monotonic() + patience
        while not (is_locked := lock_descriptor(descriptor, blocking=False)):
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL)
        yield is_locked
    finally:
        os.close(descriptor)


def copy_metadata(descriptor: int, path: Path) -> None:
    """Copy the owner, the extended attributes and the mode of another file."""
    old, new = path.stat(), os.fstat(descriptor)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    # An access list is an attribute, and it changes the mode.
    _copy_attributes(descriptor, path)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _copy_attributes(descriptor: int, path: Path) -> None:
    if sys.platform != "linux":
        return
    with suppress(OSError):  # The file system has no attributes.
        for name in os.listxattr(path):
            with suppress(OSError):  # The system sets this attribute itself.
                os.setxattr(descriptor, name, os.getxattr(path, name))


def copy_mode(descriptor: int, path: Path) -> None:
    """Copy the mode of the file to replace, or set the default mode if there is none."""
    if path.exists():
        os.fchmod(descriptor, stat.S_IMODE(path.stat().st_mode))
        return
    mask = os.umask(0)
    os.umask(mask)
    os.fchmod(descriptor, 0o666 & ~mask)


def atomic_replace(temporary: str, path: Path) -> None:
    """Rename a file over another one."""
    os.replace(temporary, path)


def flush_folder(folder: Path) -> None:
    """Write the entries of a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
