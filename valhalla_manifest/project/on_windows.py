"""File operations on Windows, which locks no folders and replaces no file in use."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REPLACE_PATIENCE = 5.0  # seconds; virus scanners and indexers close a file sooner
_POLL = 0.05  # seconds


@contextmanager
def hold_lock(folder: Path, patience: float) -> Iterator[bool]:
    """Lock a folder; yield false if another process holds it for longer than ``patience``.

    The lock file is in the user's temporary folder, because Git would see a file next to the
    manifest. So one user's edits wait for each other, but the edits of different users do not.
    """
    import tempfile

    from filelock import FileLock, Timeout

    if not folder.is_dir():
        raise FileNotFoundError(2, "no such file or directory", str(folder))
    name = hashlib.sha256(os.path.normcase(folder.resolve()).encode()).hexdigest()[:16]
    lock = FileLock(Path(tempfile.gettempdir()) / f"valhalla-manifest-{name}.lock")
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def copy_metadata(descriptor: int, path: Path) -> None:
    """Do nothing, because a file inherits the access list of its folder."""


def copy_mode(descriptor: int, path: Path) -> None:
    """Do nothing, because files have no modes."""


def atomic_replace(temporary: str, path: Path) -> None:
    """Rename a file over another one; retry for some seconds if a program has that one open."""
    deadline = time.monotonic() + REPLACE_PATIENCE
    while True:
        try:
            os.replace(temporary, path)
        except PermissionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL)
        else:
            return


def flush_folder(folder: Path) -> None:
    """Do nothing, because NTFS keeps a journal of renames."""
