"""The process: what must happen before the first import, and after the last line of output."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from contextlib import suppress
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import NoReturn, TextIO

_INTERRUPTED = 130  # as a shell says of a command that SIGINT ended


def main() -> None:
    """Run the command line, and exit with its code."""
    # A short run makes no garbage worth looking for, and its imports are slower with the search.
    gc.disable()
    try:
        _open_streams()
        _load_core_alone()
        from valhalla_manifest.cli import cli

        cli(prog_name="valhalla-manifest")
    except BrokenPipeError:
        _silence(sys.stdout)
        sys.exit(1)
    except KeyboardInterrupt:  # while modules are imported; later click ends the run
        sys.exit(_INTERRUPTED)
    except SystemExit as done:
        _end(done)


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


def _load_core_alone() -> None:
    """Load the compiled part of pydantic_core without the package, whose types nobody needs.

    It saves 13 ms of 75. Where it cannot be, ``manifest/core.py`` imports the package.
    """
    package, name = find_spec("pydantic_core"), "pydantic_core._pydantic_core"
    spec = PathFinder.find_spec(name, package.submodule_search_locations) if package else None
    if spec and spec.loader:
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])


def _end(done: SystemExit) -> NoReturn:
    """End the process without taking its objects apart one by one, which takes 10 ms of 75.

    What must happen at an exit does; where anyone waits for ``main`` to return, such as a
    profiler, or the output cannot be written, the interpreter ends as always.
    """
    caller = sys._getframe(2)
    if caller.f_back is None and isinstance(done.code, int) and not sys.flags.inspect:
        atexit._run_exitfuncs()
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(done.code)
    raise done


def _silence(stream: TextIO) -> None:
    """Let a reader that stops early, such as ``head``, end us without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
