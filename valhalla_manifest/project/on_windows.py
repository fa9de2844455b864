"""What Windows does in its own way: folders cannot be locked, and a file in use not replaced."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REPLACE_PATIENCE = 5.0  # seconds; virus scanners and indexers let go of a file sooner
_POLL = 0.05  # seconds


@contextmanager
def locked(folder: Path, patience: float) -> Iterator[bool]:
    """Lock what stands for a folder; false where another process does not let it go.

    A file in the user's folder for temporary files, named after the folder: beside the manifest
    it would be a file that git sees. So edits of one user wait for each other, those of two do
    not.
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
    """Do nothing: a file in a folder inherits the access list of that folder."""


def copy_mode(descriptor: int, path: Path) -> None:
    """Do nothing: there are no modes."""


def atomic_replace(temporary: str, path: Path) -> None:
    """Let a file take the place of another; while a program holds that, try for some seconds."""
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
    """Do nothing: NTFS keeps a journal of renames."""
