"""Manifests on disk: found, read within limits, and replaced whole or not at all."""

from __future__ import annotations

import os
import re
import stat
import sys
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
_FOREIGN = {"node_modules", "__pycache__"}  # folders with what is not a project's own
LOCK_PATIENCE = 30.0  # seconds
# Not blocking: opening a named pipe would wait for a writer. Some systems lack a flag.
_READING: int = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_CLOEXEC", "O_NONBLOCK", "O_BINARY")
)
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_OURS = ".valhalla-manifest-"  # in the name of a temporary file, so that nobody else's is taken


def find_manifest(start: Path) -> list[Path]:
    """Return the nearest ``manifest/system.yaml`` from a folder up to the repository's root."""
    return next(filter(None, map(_default, folders_up_to_root(start))), [])


def _default(folder: Path) -> list[Path]:
    """Return the manifest of a project's folder, if there is one."""
    return [path for path in default_paths(folder) if path.is_file()][:1]


def default_paths(folder: Path) -> list[Path]:
    """Return where the manifest of a project's folder may be, the first that is there counts."""
    return [folder / DEFAULT.with_suffix(suffix) for suffix in (".yaml", ".yml")]


def search(folder: Path) -> list[Path]:
    """Return each ``manifest/system.yaml`` in a folder and those below it, but for hidden ones.

    The folder may be the one that it stands in.
    """
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
    """Return a path relative to the root of its repository, the whole path outside of one."""
    file = resolve(path)
    root = repository(file.parent)
    return file.relative_to(root).as_posix() if root else path.as_posix()


def resolve(path: str | Path) -> Path:
    """Return the whole path of a file, symbolic links followed as far as they lead somewhere."""
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
        raise ManifestError("the working directory is gone; change to one that is there") from None


def read(path: str | Path) -> bytes:
    """Return the bytes of a file, or of standard input for ``-``; never many more than allowed."""
    if str(path) == STANDARD_INPUT:
        if sys.stdin is None:
            raise ManifestError("standard input is closed")
        return sys.stdin.buffer.read(SIZE_LIMIT + 1)
    try:
        descriptor = os.open(path, _READING)
    except (OSError, ValueError) as error:
        is_folder = os.path.isdir(path)  # which some systems do not open at all
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
    """Return what the system says, as the start of a sentence."""
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock that all edits of the manifests in a folder take.

    What a crash of an earlier edit left is removed.
    """
    with ExitStack() as held:
        try:
            is_ours = held.enter_context(_system().locked(path.parent, LOCK_PATIENCE))
        except FileNotFoundError:
            raise ManifestError(f"there is no {path}") from None
        except OSError as error:
            raise ManifestError(f"cannot lock {path.parent}: {os_error_text(error)}") from None
        if not is_ours:
            raise ManifestError(f"another edit of {path} does not end; try again later")
        for leftover in _leftovers(path):
            with suppress(OSError):
                leftover.unlink()
        yield


def _system() -> ModuleType:
    """Return what this system does in its own way."""
    if hasattr(os, "O_CLOEXEC"):
        from valhalla_manifest.project import on_posix

        return on_posix
    from valhalla_manifest.project import on_windows

    return on_windows


def _leftovers(path: Path) -> list[Path]:
    name = re.compile(re.escape(f".{path.name}{_OURS}") + r"[a-z0-9_]{8}\.tmp")
    return [file for file in path.parent.iterdir() if name.fullmatch(file.name)]


def replace(path: Path, old: bytes, new: bytes) -> None:
    """Put new bytes in place of old ones, atomically and durably; call it with the lock held.

    At any crash the file is the old one or the new one, with the mode, the owner and, where the
    system lets us, the extended attributes that it had.
    """
    system = _system()
    try:
        if not stat.S_IMODE(path.stat().st_mode) & _WRITABLE:
            raise ManifestError(f"{path} is read-only; `chmod u+w` lets it be edited")
        prepare = partial(system.copy_metadata, path=path)
        with _beside(path, new, prepare) as temporary:
            if read(path) != old:
                raise ManifestError(
                    f"{path} was changed by someone else meanwhile; nothing is written"
                )
            system.atomic_replace(temporary, path)
    except OSError as error:
        raise ManifestError(f"cannot write {path}: {os_error_text(error)}") from None
    try:
        system.flush_folder(path.parent)
    except OSError as error:
        message = f"{path} is changed, but might not survive a power cut: {os_error_text(error)}"
        raise ManifestError(message) from None


def write(path: Path, data: bytes) -> bool:
    """Write a file that the tool makes, whole or not at all; return whether it changed.

    Folders that it needs are made.
    """
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        real = path.resolve()
        system = _system()
        prepare = partial(system.copy_mode, path=real)
        with _beside(real, data, prepare) as temporary:
            system.atomic_replace(temporary, real)
    except OSError as error:
        raise ManifestError(f"cannot write {path}: {os_error_text(error)}") from None
    return True


@contextmanager
def _beside(path: Path, data: bytes, prepare: Callable[[int], None]) -> Iterator[str]:
    """Put data on disk in a temporary file in the folder of another; at the end it is gone.

    ``prepare`` gets the descriptor before anything is written. The file is closed when its name
    is given out: some systems do not rename an open one.
    """
    import tempfile

    descriptor, temporary = tempfile.mkstemp(".tmp", f".{path.name}{_OURS}", path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            prepare(file.fileno())
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def remove(path: Path) -> None:
    """Remove a file that the tool made."""
    try:
        path.unlink()
    except OSError as error:
        raise ManifestError(f"cannot remove {path}: {os_error_text(error)}") from None
