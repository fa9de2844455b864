"""The process: what must happen before the first import, and after the last line of output."""

from __future__ import annotations

import gc
import io
import os
import sys
from pathlib import Path
from typing import TextIO

_INTERRUPTED = 130  # as a shell says of a command that SIGINT ended


def main() -> None:
    """Run the command line, and exit with its code."""
    # A short run makes no garbage worth looking for, and its imports are slower with the search.
    gc.disable()
    try:
        _open_streams()
        from valhalla_manifest.cli import cli

        cli(prog_name="valhalla-manifest")
    except BrokenPipeError:
        _silence(sys.stdout)
        sys.exit(1)
    except KeyboardInterrupt:  # while modules are imported; later click ends the run
        sys.exit(_INTERRUPTED)


def _open_streams() -> None:
    """Let what an encoding lacks be shown as an escape, and what was closed swallow the output."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            # A code page would make JSON of a pipe unreadable to its reader.
            encoding = "utf-8" if os.name == "nt" else None
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _silence(stream: TextIO) -> None:
    """Let a reader that stops early, such as ``head``, end us without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
