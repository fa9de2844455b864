"""The process: what must happen before the first import, and after the last line of output."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line, and exit with its code."""
    # A short run makes no garbage worth looking for, and its imports are slower with the search.
    gc.disable()
    from valhalla_manifest.cli import cli
    from valhalla_manifest.cli.lazy import silence_broken_pipe

    try:
        cli(prog_name="valhalla-manifest")
    except BrokenPipeError:
        silence_broken_pipe()
        sys.exit(1)


if __name__ == "__main__":
    main()
