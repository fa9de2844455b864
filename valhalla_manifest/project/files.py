"""Manifests on disk: find them, read them within limits, and replace them atomically."""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.validation.rules.file import SIZE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

DEFAULT = Path("manifest", "system.yaml")
DEFAULT_SCHEMA = Path("schemas", "system.schema.json")
STANDARD_INPUT = "-"
_FOREIGN = {"node_modules", "__pycache__"}  # folders with the manifests of other projects
LOCK_PATIENCE = 30.0  # seconds
# Opening a named pipe must not wait for a writer. Not every system defines all of these flags.
_READING: int = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_CLOEXEC", "O_NONBLOCK", "O_BINARY")
)
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_OURS = ".valhalla-manifest-"  # tells our temporary files from those of other programs


class NotFlushedError(ManifestError):
    """A file was changed, but its folder could not be flushed to the disk."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} was changed, but might not survive a power cut: {reason}")
        self.cause = f"cannot flush {path.parent}: {reason}"


def find_manifest(start: Path) -> list[Path]:
    """Return the nearest ``manifest/system.yaml`` from a folder up to the repository's root."""
    return next(filter(None, map(_default, folders_up_to_root(start))), [])


def _default(folder: Path) -> list[Path]:
    """Return the default manifest of a project's folder, or nothing if it is missing."""
    return [path for path in default_paths(folder) if path.is_file()][:1]


def default_paths(folder: Path) -> list[Path]:
    """Return the default paths in a project's folder, of which the first existing one counts."""
    return [folder / DEFAULT.with_suffix(suffix) for suffix in (".yaml", ".yml")]


def search(folder: Path) -> list[Path]:
    """Return each ``manifest/system.yaml`` in a folder and its subfolders, except hidden ones."""
    # The folder may itself be called ``manifest``.
    found = [path for path in _default(folder.parent) if path.parent == folder]
    for place, folders, _ in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _FOREIGN
        )
        found += _default(Path(place))
    return sorted(found)


def _is_root(folder: Path) -> bool:
    """Return whether a folder is the root of a repository or of a linked work tree."""
    return (folder / ".git").exists()


def folders_up_to_root(folder: Path) -> Iterator[Path]:
    """Yield a folder and those above it, up to the root of its repository."""
    for above in (folder, *folder.parents):
        yield above
        if _is_root(above):
            return


def repository(folder: Path) -> Path | None:
    """Return the root of the repository that a folder is in."""
    return next(filter(_is_root, (folder, *folder.parents)), None)


def from_root(path: Path) -> str:
    """Return a path relative to the root of its repository, or as it is outside of one."""
    file = resolve(path)
    root = repository(file.parent)
    return file.relative_to(root).as_posix() if root else path.as_posix()


def name_from_here(path: Path) -> str:
    """Return the shortest name of a path from the working directory, with ``/`` on every system."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        pass
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # On Windows, a path on another drive has no relative name.
        return path.as_posix()


def resolve(path: str | Path) -> Path:
    """Return the absolute path of a file, with existing symbolic links resolved."""
    try:
        return Path(os.path.realpath(path))
    except OSError:
        working_directory()
        raise


def working_directory() -> Path:
    """Return the working directory."""
    try:
        return Path.cwd()
    except OSError:
        raise ManifestError(
            "the working directory was removed; change to an existing one"
        ) from None


def read(path: str | Path) -> bytes:
    """Return the bytes of a file, or of standard input for ``-``, up to just over the limit."""
    if str(path) == STANDARD_INPUT:
        if sys.stdin is None:
            raise ManifestError("standard input is closed")
        return sys.stdin.buffer.read(SIZE_LIMIT + 1)
    try:
        descriptor = os.open(path, _READING)
    except (OSError, ValueError) as error:
        is_folder = os.path.isdir(path)  # Some systems refuse to open one.
        raise ManifestError(
            "it is a folder, not a file" if is_folder else os_error_text(error)
        ) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise ManifestError(f"it is {_kind(mode)}, not a file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ManifestError(os_error_text(error)) from None
    finally:
        os.close(descriptor)


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for test, name in kinds if test(mode)), "a device")


def os_error_text(error: OSError | ValueError) -> str:
    """Return the system's message for an error, in lower case."""
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock that every edit in a folder takes, and remove what a crashed edit left."""
    with ExitStack() as stack:
        try:
            is_locked = stack.enter_context(_system().hold_lock(path.parent, LOCK_PATIENCE))
        except FileNotFoundError:
            raise ManifestError(f"there is no {path}") from None
        except OSError as error:
            raise ManifestError(f"cannot lock {path.parent}: {os_error_text(error)}") from None
        if not is_locked:
            raise ManifestError(f"{path} is locked by another edit; try again later")
        for leftover in _leftovers(path):
            with suppress(OSError):
                leftover.unlink()
        yield


def _system() -> ModuleType:
    """Return the module with the functions of this operating system."""
    if hasattr(os, "O_CLOEXEC"):
        from valhalla_manifest.project import on_posix

        return on_posix
    from valhalla_manifest.project import on_windows

    return on_windows


def _leftovers(path: Path) -> list[Path]:
    name = re.compile(re.escape(f".{path.name}{_OURS}") + r"[a-z0-9_]{8}\.tmp")
    try:
        return [file for file in path.parent.iterdir() if name.fullmatch(file.name)]
    except OSError:  # A later run removes them.
        return []


def replace(path: Path, old: bytes, new: bytes) -> None:
    """Replace the content of a file atomically and durably; the caller must hold the lock.

    If the process crashes, the file holds either the old or the new content. It keeps its mode,
    its owner and, if the system allows it, its extended attributes.
    """
    system = _system()
    try:
        if not stat.S_IMODE(path.stat().st_mode) & _WRITABLE:
            raise ManifestError(f"{path} is read-only; run `chmod u+w` first")
        prepare = partial(system.copy_metadata, path=path)
        with _temporary_file(path, new, prepare) as temporary:
            if read(path) != old:
                raise ManifestError(f"{path} was changed by another program; nothing was written")
            system.atomic_replace(temporary, path)
    except OSError as error:
        raise ManifestError(f"cannot write {path}: {os_error_text(error)}") from None
    _flush_folder_of(path)


def _flush_folder_of(path: Path) -> None:
    try:
        _system().flush_folder(path.parent)
    except OSError as error:
        raise NotFlushedError(path, os_error_text(error)) from None


def write(path: Path, data: bytes) -> bool:
    """Write a generated file atomically, with its folders; return whether it changed."""
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        with folders_created(path):
            real = resolve(path)
            _remove_old_leftovers(real)
            system = _system()
            prepare = partial(system.copy_mode, path=real)
            with _temporary_file(real, data, prepare) as temporary:
                system.atomic_replace(temporary, real)
    except OSError as error:
        raise ManifestError(f"cannot write {path}: {os_error_text(error)}") from None
    _flush_folder_of(real)
    return True


@contextmanager
def folders_created(path: Path) -> Iterator[None]:
    """Create the folders of a file, and remove them again if the block fails and they are empty."""
    missing = [folder for folder in path.parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException as error:
        for folder in missing:
            with suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            raise ManifestError(f"cannot write {path}: {os_error_text(error)}") from None
        raise


def _remove_old_leftovers(path: Path) -> None:
    """Remove what a crashed run left; a younger file may belong to a run at the same time."""
    for leftover in _leftovers(path):
        with suppress(OSError):
            if time.time() - leftover.stat().st_mtime > LOCK_PATIENCE:
                leftover.unlink()


@contextmanager
def _temporary_file(path: Path, data: bytes, prepare: Callable[[int], None]) -> Iterator[str]:
    """Write data to a temporary file in the folder of another file, and remove it at the end.

    ``prepare`` gets the descriptor before the data is written.
    """
    import tempfile

    descriptor, temporary = tempfile.mkstemp(".tmp", f".{path.name}{_OURS}", path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            prepare(file.fileno())
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # The file is closed by now because some systems cannot rename an open one.
        yield temporary
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def remove(path: Path) -> None:
    """Remove a generated file."""
    try:
        path.unlink()
    except OSError as error:
        raise ManifestError(f"cannot remove {path}: {os_error_text(error)}") from None
