"""Words for an error of the tool itself; they need nothing but the standard library."""

from __future__ import annotations

import platform
import re
import traceback
from importlib import metadata

from valhalla_manifest import __version__

_NAME = "valhalla-manifest"


def in_one_line(error: Exception) -> str:
    """Return what happened, in which version, and how to report it."""
    what = "".join(traceback.format_exception_only(error))
    shown = "".join(each if each.isprintable() else " " for each in what).strip()
    return (
        f"error: internal error in {_NAME} {__version__}: {shown}; "
        "please report it with the output of --debug\n"
    )


def in_full(error: Exception) -> str:
    """Return the traceback and all versions, ready to paste into a report."""
    lines = [
        "".join(traceback.format_exception(error)),
        f"{_NAME} {__version__}",
        f"{platform.python_implementation()} {platform.python_version()}, {platform.platform()}",
        ", ".join(f"{name} {_version(name)}" for name in _dependencies()),
    ]
    return "\n".join(lines) + "\n"


def _dependencies() -> list[str]:
    """Return the names of all packages that the tool requires, with any extra."""
    try:
        required = metadata.requires(_NAME) or []
    except metadata.PackageNotFoundError:  # run from its source
        return []
    return sorted({re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in required})


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"
