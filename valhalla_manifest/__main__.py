"""Start and end the process fast, and report errors that no command handles."""

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
_INTERRUPTED = 130  # the exit code that shells use after SIGINT
# Windows reports a closed pipe as an invalid argument.
_CLOSED_PIPE = {errno.EPIPE} if os.name != "nt" else {errno.EPIPE, errno.EINVAL}
_CANNOT_WRITE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF),
    *(errno.EACCES, errno.EPERM, errno.ENXIO, errno.EAGAIN),
}


def main() -> None:
    """Run the command line, and exit with its code."""
    # A short run creates little garbage, and collecting it slows the imports down.
    gc.disable()
    code: object
    try:
        _open_streams()
        _load_core_alone()
        from valhalla_manifest.cli import cli

        _handle_sigterm()
        cli(prog_name="valhalla-manifest")
        code = 0
    except SystemExit as exit_request:
        code = exit_request.code
    except KeyboardInterrupt:  # The commands handle it only after the imports.
        code = _INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last place to report an error
        code = _report(error)
    _end(code if isinstance(code, int) else int(code is not None))


def _handle_sigterm() -> None:
    """Let SIGTERM interrupt a command like SIGINT, so that it can clean up and report."""
    import signal

    def interrupt(number: int, _: object) -> NoReturn:
        raise KeyboardInterrupt(number)

    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # Keep it if a caller ignores it.
        signal.signal(signal.SIGTERM, interrupt)


def _report(error: Exception) -> int:
    """Print an error that no command handled, and return the exit code."""
    if isinstance(error, OSError) and error.filename is None:
        if error.errno in _CLOSED_PIPE:
            return 1
        if error.errno in _CANNOT_WRITE:
            _print_error(
                f"error: cannot write the output: {os.strerror(error.errno or 0).lower()}\n"
            )
            return _WRONG_USAGE
    # During shell completion, an error message would be shown as a completion.
    if "_VALHALLA_MANIFEST_COMPLETE" not in os.environ:
        from valhalla_manifest import internal_error

        is_debug = "--debug" in sys.argv
        describe = internal_error.describe_in_full if is_debug else internal_error.summarize
        _print_error(describe(error))
    return _INTERNAL_ERROR


def _open_streams() -> None:
    """Escape characters that the encoding lacks, and discard output for a closed stream."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            # On Windows, the default code page would break JSON that is piped to another program.
            encoding = "utf-8" if os.name == "nt" else None
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _load_core_alone() -> None:
    """Load the compiled part of pydantic_core without the rest, which saves 13 ms of 75.

    If that fails, ``manifest/core.py`` imports the whole package.
    """
    package, name = find_spec("pydantic_core"), "pydantic_core._pydantic_core"
    spec = PathFinder.find_spec(name, package.submodule_search_locations) if package else None
    if spec and spec.loader:
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])


def _end(code: int) -> NoReturn:
    """End the process without destroying each object, which would take 10 ms of 75.

    Exit handlers still run. If a caller such as a profiler waits for ``main`` to return, the
    interpreter ends as usual.
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
    """Write the buffered output, and return the exit code.

    Drop output that cannot be written; otherwise the interpreter would try again and exit with 120.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        _discard(sys.stdout)
        if code in {0, 1}:  # With any other code, an error was already printed.
            code = _report(error) or code
    try:
        sys.stderr.flush()
    except OSError:
        _discard(sys.stderr)
    return code


def _print_error(text: str) -> None:
    """Print to standard error; ignore a failure, because the exit code reports the error too."""
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def _discard(stream: TextIO) -> None:
    """Discard the buffered and all later output of a stream."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
