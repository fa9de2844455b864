"""Runs the command line with one fault: python -m tests.support.faulty FAULT ARGUMENT…

A fault is a system call that fails, a change of the manifest just before it is replaced, or
SIGKILL at the N-th line of the code that handles files (``kill:N``).
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

MANIFEST = Path("manifest", "system.yaml")


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

        class FullDisk:
            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

            def __getattr__(self, name: str) -> Any:
                return getattr(file, name)

            def write(self, data: bytes) -> None:
                file.write(data[: len(data) // 2])
                file.flush()
                raise OSError(code, os.strerror(code))

        return FullDisk()

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
