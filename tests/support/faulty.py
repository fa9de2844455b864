"""Runs the command line with one fault: python -m tests.support.faulty FAULT ARGUMENT…

A fault is a system call that fails, a change of the manifest just before it is replaced, or
SIGKILL at the N-th line of the code that handles files (``kill:N``). In a test's own process,
``Interposer`` makes the N-th call fail.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

MANIFEST = Path("manifest", "system.yaml")
# The functions that open, list and change files. Pathlib and tempfile call them too. Reading with
# ``Path.read_bytes`` and asking for the status of a file are not among them.
FILE_CALLS = (
    *("open", "fsync", "fchmod", "fchown", "replace", "rename", "link"),
    *("unlink", "mkdir", "rmdir", "listdir", "scandir"),
)


class Interposer:
    """Records the calls that handle files in a folder, and raises an error at the N-th.

    With ``is_lasting``, each later call fails too. With ``is_after``, the call takes effect first.
    """

    def __init__(
        self,
        folder: Path,
        error: Callable[[], BaseException],
        at: int,
        *,
        is_lasting: bool = False,
        is_after: bool = False,
    ) -> None:
        self.folder, self.error, self.at = folder, error, at
        self.is_lasting, self.is_after = is_lasting, is_after
        self.calls: list[str] = []

    @property
    def is_reached(self) -> bool:
        """Whether there was an N-th call."""
        return len(self.calls) >= self.at

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Replace the functions of ``os``."""
        for name in FILE_CALLS:
            if hasattr(os, name):
                patch.setattr(os, name, self.wrap(name, getattr(os, name)))
        patch.setattr(os, "fdopen", self.open_writer(os.fdopen))

    def wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that records its calls, and fails at the N-th of all."""

        def call(*arguments: Any, **options: Any) -> Any:
            if not self.is_inside(arguments[0] if arguments else "."):
                return real(*arguments, **options)
            self.calls.append(name)
            if not self.fails():
                return real(*arguments, **options)
            if self.is_after:
                with suppress(OSError):  # The code removes a file that it has renamed.
                    real(*arguments, **options)
            raise self.error()

        return call

    def fails(self) -> bool:
        """Return whether the current call fails."""
        return len(self.calls) == self.at or (self.is_lasting and self.is_reached)

    def is_inside(self, subject: Any) -> bool:
        """Return whether a path is in the folder; descriptors that are changed always are."""
        if isinstance(subject, int):
            return True
        path = Path.cwd() / os.fsdecode(subject)
        return path == self.folder or self.folder in path.parents

    def open_writer(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``os.fdopen`` with files whose writes are calls too, and fail half-way."""

        def open_file(descriptor: int, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            file = real(descriptor, mode, *arguments, **options)
            if mode != "wb":
                return file
            write = file.write

            def write_half(data: bytes) -> int:
                self.calls.append("write")
                if not self.fails():
                    return int(write(data))
                write(data if self.is_after else data[: len(data) // 2])
                file.flush()
                raise self.error()

            return _Writer(file, write_half)

        return open_file


class _Writer:
    """A file with another ``write``."""

    def __init__(self, file: Any, write: Callable[[bytes], int]) -> None:
        self.file, self.write = file, write

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


def inject_oserror(module: Any, name: str, code: int, *, after: int = 0) -> None:
    """Make a function raise OSError, after some successful calls."""
    real, calls = getattr(module, name), iter(range(1 << 30))

    def call(*arguments: Any, **options: Any) -> Any:
        if next(calls) >= after:
            raise OSError(code, os.strerror(code))
        return real(*arguments, **options)

    setattr(module, name, call)


def inject_write_error(code: int) -> None:
    """Make writing the temporary file fail half-way."""
    real = os.fdopen

    def open_file(descriptor: int, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        file = real(descriptor, mode, *arguments, **options)
        if "w" not in mode:
            return file

        def write_half(data: bytes) -> int:
            file.write(data[: len(data) // 2])
            file.flush()
            raise OSError(code, os.strerror(code))

        return _Writer(file, write_half)

    setattr(os, "fdopen", open_file)  # noqa: B010  mypy rejects a plain assignment


def run_before_rename(action: Callable[[], None]) -> None:
    """Run an action when the new text is on disk but has not replaced the manifest yet."""
    real = os.fsync

    def flush(descriptor: int) -> None:
        real(descriptor)
        action()

    setattr(os, "fsync", flush)  # noqa: B010


def edit_elsewhere() -> None:
    """Save the manifest like an editor that ignores locks."""
    text = MANIFEST.read_text(encoding="utf-8")
    MANIFEST.write_text(text.replace("initialized", "saved by an editor"), encoding="utf-8")


def kill_at(line: int) -> None:
    """Kill the process at the N-th line that files.py runs."""
    seen = iter(range(1, 1 << 30))

    def trace(frame: Any, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.endswith(("files.py", "on_posix.py")):
            return None
        if event == "line" and next(seen) == line:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


FAULTS: dict[str, Callable[[], None]] = {
    "no temporary file": lambda: inject_oserror(tempfile, "mkstemp", errno.ENOSPC),
    "mode": lambda: inject_oserror(os, "fchmod", errno.EPERM),
    "write": lambda: inject_write_error(errno.ENOSPC),
    "flush": lambda: inject_oserror(os, "fsync", errno.EIO),
    "rename": lambda: inject_oserror(os, "replace", errno.EIO),
    "flush of the folder": lambda: inject_oserror(os, "fsync", errno.EIO, after=1),
    "an editor saves": lambda: run_before_rename(edit_elsewhere),
    "the manifest goes": lambda: run_before_rename(lambda: MANIFEST.unlink(missing_ok=True)),
}


def main() -> None:
    """Inject the fault, and run the command line."""
    fault = sys.argv.pop(1)
    from valhalla_manifest.__main__ import main as command

    if fault.startswith("kill:"):
        kill_at(int(fault.partition(":")[2]))
    else:
        FAULTS[fault]()
    command()


if __name__ == "__main__":
    main()
