"""Runs the command line with one fault in it: python -m tests.support.faulty FAULT ARGUMENT…

A fault is a call of the system that fails, something that happens to the manifest at the moment
before it is replaced, or SIGKILL at the N-th line that handles files (``kill:N``).
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
    """Let a function fail with an error of the system, after it worked some times."""
    real, calls = getattr(module, name), iter(range(1 << 30))

    def failing(*arguments: Any, **options: Any) -> Any:
        if next(calls) >= after:
            raise OSError(code, os.strerror(code))
        return real(*arguments, **options)

    setattr(module, name, failing)


def inject_write_error(code: int) -> None:
    """Let the writing of the temporary file fail half-way."""
    real = os.fdopen

    def opened(descriptor: int, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        file = real(descriptor, mode, *arguments, **options)
        if "w" not in mode:
            return file

        class Full:
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

        return Full()

    setattr(os, "fdopen", opened)  # noqa: B010  mypy knows better than to let it be replaced


def run_before_rename(act: Callable[[], None]) -> None:
    """Let something happen when the new text is on disk and not yet in place."""
    real = os.fsync

    def flushed(descriptor: int) -> None:
        real(descriptor)
        act()

    setattr(os, "fsync", flushed)  # noqa: B010


def edit_elsewhere() -> None:
    """Save the manifest as an editor would that knows nothing of locks."""
    text = MANIFEST.read_text(encoding="utf-8")
    MANIFEST.write_text(text.replace("initialized", "saved by an editor"), encoding="utf-8")


def kill_at(line: int) -> None:
    """End the process, without a word, at the N-th line that files.py runs."""
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
    """Put the fault in, and run the command line."""
    fault = sys.argv.pop(1)
    from valhalla_manifest.__main__ import main as command

    if fault.startswith("kill:"):
        kill_at(int(fault.partition(":")[2]))
    else:
        FAULTS[fault]()
    command()


if __name__ == "__main__":
    main()
