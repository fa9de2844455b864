"""The process: what must happen before the first import, and after the last line of output."""

from __future__ import annotations

import atexit
import errno
import gc
import io
import os
import sys
from contextlib import suppress
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import NoReturn, TextIO

_WRONG_USAGE = 2
_INTERNAL_ERROR = 3
_INTERRUPTED = 130  # as a shell says of a command that SIGINT ended
# Windows reports a closed pipe as an invalid argument.
_CLOSED_PIPE = {errno.EPIPE} if os.name != "nt" else {errno.EPIPE, errno.EINVAL}
_CANNOT_WRITE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF),
    *(errno.EACCES, errno.EPERM, errno.ENXIO, errno.EAGAIN),
}


def main() -> None:
    """Run the command line, and exit with its code."""
    # A short run makes no garbage worth looking for, and its imports are slower with the search.
    gc.disable()
    code: object
    try:
        _open_streams()
        _load_core_alone()
        from valhalla_manifest.cli import cli

        cli(prog_name="valhalla-manifest")
        code = 0
    except SystemExit as done:
        code = done.code
    except KeyboardInterrupt:  # while modules are imported; later click ends the run
        code = _INTERRUPTED
    except Exception as error:  # noqa: BLE001  the process ends here, and a person reads why
        code = _explain(error)
    _end(code if isinstance(code, int) else int(code is not None))


def _explain(error: Exception) -> int:
    """Print one line about an error that no command handled, and return the exit code."""
    if isinstance(error, OSError) and error.filename is None:
        if error.errno in _CLOSED_PIPE:
            return 1
        if error.errno in _CANNOT_WRITE:
            _say(f"error: cannot write the output: {_reason(error)}\n")
            return _WRONG_USAGE
    if "_VALHALLA_MANIFEST_COMPLETE" not in os.environ:  # a shell shows only words to complete
        from valhalla_manifest import internal_error

        describe = internal_error.in_full if "--debug" in sys.argv else internal_error.in_one_line
        _say(describe(error))
    return _INTERNAL_ERROR


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


def _end(code: int) -> NoReturn:
    """End the process without taking its objects apart one by one, which takes 10 ms of 75.

    What must happen at an exit does; where anyone waits for ``main`` to return, such as a
    profiler, the interpreter ends as always.
    """
    caller = sys._getframe(2)
    is_last = caller.f_back is None and not sys.flags.inspect
    if is_last:
        atexit._run_exitfuncs()
    code = _flush(code)
    if is_last:
        os._exit(code)
    sys.exit(code)


def _flush(code: int) -> int:
    """Write what is still in a buffer, and return the exit code.

    What cannot be written is dropped, or the interpreter would try once more and exit with 120.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        _silence(sys.stdout)
        if code in {0, 1}:  # any other code comes with a line that says why
            code = _explain(error) or code
    try:
        sys.stderr.flush()
    except OSError:
        _silence(sys.stderr)
    return code


def _say(text: str) -> None:
    """Print to standard error; if that cannot be written either, the exit code has to do."""
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def _reason(error: OSError) -> str:
    return os.strerror(error.errno or 0).lower()


def _silence(stream: TextIO) -> None:
    """Send what a stream still holds, and what follows, to nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
