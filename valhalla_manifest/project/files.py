"""Manifests on disk: found, read within limits, and replaced whole or not at all."""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.validation.rules.file import SIZE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT = Path("manifest", "system.yaml")
STANDARD_INPUT = "-"
LOCK_PATIENCE = 30.0  # seconds
_POLL = 0.02  # seconds
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_OURS = ".valhalla-manifest-"  # in the name of a temporary file, so that nobody else's is taken


def find(start: Path) -> Path | None:
    """Return the nearest ``manifest/system.yaml`` from a folder up to the repository's root."""
    for folder in (start, *start.parents):
        candidate = folder / DEFAULT
        if candidate.is_file():
            return candidate
        if (folder / ".git").exists():
            return None
    return None


def resolve(path: str | Path) -> Path:
    """Return where a file really is.

    Raises:
        ManifestError: links lead in a circle, or the working directory is gone.
    """
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError):
        if not Path(path).is_absolute():
            working_directory()
        raise ManifestError(f"cannot read {path}: its links lead in a circle") from None


def working_directory() -> Path:
    """Return the working directory.

    Raises:
        ManifestError: it is gone.
    """
    try:
        return Path.cwd()
    except OSError:
        raise ManifestError("the working directory is gone; change to one that is there") from None


def read(path: str | Path) -> bytes:
    """Return the bytes of a file, or of standard input for ``-``; never many more than allowed.

    Raises:
        ManifestError: it cannot be read, or is not a regular file.
    """
    if str(path) == STANDARD_INPUT:
        if sys.stdin is None:
            raise ManifestError("standard input is closed")
        return sys.stdin.buffer.read(SIZE_LIMIT + 1)
    try:
        # Not blocking: opening a named pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        raise ManifestError(reason(error)) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise ManifestError(f"it is {_kind(mode)}, not a file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ManifestError(reason(error)) from None
    finally:
        os.close(descriptor)


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for test, name in kinds if test(mode)), "a device")


def reason(error: OSError | ValueError) -> str:
    """Return what the system says, as the start of a sentence."""
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock that all edits of the manifests in a folder take.

    The folder itself is locked, so that no file is made, and none left behind by a crash. What
    a crash of an earlier edit left is removed.

    Raises:
        ManifestError: the folder cannot be locked, or another edit does not end.
    """
    from filelock import lock_descriptor

    try:
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise ManifestError(f"cannot lock {path.parent}: {reason(error)}") from None
    try:
        deadline = time.monotonic() + LOCK_PATIENCE
        while not lock_descriptor(descriptor, blocking=False):
            if time.monotonic() > deadline:
                raise ManifestError(f"another edit of {path} does not end; try again later")
            time.sleep(_POLL)
        for leftover in _leftovers(path):
            with suppress(OSError):
                leftover.unlink()
        yield
    finally:
        os.close(descriptor)


def _leftovers(path: Path) -> list[Path]:
    name = re.compile(re.escape(f".{path.name}{_OURS}") + r"[a-z0-9_]{8}\.tmp")
    return [file for file in path.parent.iterdir() if name.fullmatch(file.name)]


def replace(path: Path, old: bytes, new: bytes) -> None:
    """Put new bytes in place of old ones, atomically and durably; call it with the lock held.

    At any crash the file is the old one or the new one, with the mode, the owner and, where the
    system lets us, the extended attributes that it had.

    Raises:
        ManifestError: the file is read-only, no longer holds the old bytes, or cannot be written.
    """
    try:
        if not stat.S_IMODE(path.stat().st_mode) & _WRITABLE:
            raise ManifestError(f"{path} is read-only; `chmod u+w` lets it be edited")
        with _beside(path) as (file, temporary):
            _same_owner_and_mode(file.fileno(), path)
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
            if read(path) != old:
                raise ManifestError(
                    f"{path} was changed by someone else meanwhile; nothing is written"
                )
            os.replace(temporary, path)
    except OSError as error:
        raise ManifestError(f"cannot write {path}: {reason(error)}") from None
    try:
        _flush_folder(path.parent)
    except OSError as error:
        message = f"{path} is changed, but might not survive a power cut: {reason(error)}"
        raise ManifestError(message) from None


def write(path: Path, data: bytes) -> bool:
    """Write a file that the tool makes, whole or not at all; return whether it changed.

    Folders that it needs are made.

    Raises:
        ManifestError: it cannot be written.
    """
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        real = path.resolve()
        with _beside(real) as (file, temporary):
            os.fchmod(file.fileno(), _mode(real))
            file.write(data)
            file.flush()
            os.replace(temporary, real)
    except OSError as error:
        raise ManifestError(f"cannot write {path}: {reason(error)}") from None
    return True


@contextmanager
def _beside(path: Path) -> Iterator[tuple[BinaryIO, str]]:
    """Open a temporary file in the folder of a file; at the end it is renamed, or gone."""
    import tempfile

    descriptor, temporary = tempfile.mkstemp(".tmp", f".{path.name}{_OURS}", path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, temporary
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def _mode(path: Path) -> int:
    """Return the mode of a file, or the one that a new file gets."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def remove(path: Path) -> None:
    """Remove a file that the tool made.

    Raises:
        ManifestError: it cannot be removed.
    """
    try:
        path.unlink()
    except OSError as error:
        raise ManifestError(f"cannot remove {path}: {reason(error)}") from None


def _same_owner_and_mode(descriptor: int, path: Path) -> None:
    wanted, present = os.stat(path), os.fstat(descriptor)
    if (wanted.st_uid, wanted.st_gid) != (present.st_uid, present.st_gid):
        os.fchown(descriptor, wanted.st_uid, wanted.st_gid)
    _same_attributes(descriptor, path)  # before the mode, which an access list is a part of
    os.fchmod(descriptor, stat.S_IMODE(wanted.st_mode))


def _same_attributes(descriptor: int, path: Path) -> None:
    if sys.platform != "linux":
        return
    with suppress(OSError):  # a file system without them
        for name in os.listxattr(path):
            with suppress(OSError):  # the system's own
                os.setxattr(descriptor, name, os.getxattr(path, name))


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
