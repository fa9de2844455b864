"""Describe internal errors with only the standard library, since any other import may fail."""

from __future__ import annotations

import platform
import re
import traceback
from importlib import metadata

from valhalla_manifest import __version__

_NAME = "valhalla-manifest"


def summarize(error: Exception) -> str:
    """Return one line with the error, the version and how to report it."""
    text = "".join(traceback.format_exception_only(error))
    printable = "".join(char if char.isprintable() else " " for char in text).strip()
    return (
        f"error: internal error in {_NAME} {__version__}: {printable}; "
        "please report it with the output of --debug\n"
    )


def describe_in_full(error: Exception) -> str:
    """Return the traceback and all versions, to paste into a bug report."""
    lines = [
        "".join(traceback.format_exception(error)),
        f"{_NAME} {__version__}",
        f"{platform.python_implementation()} {platform.python_version()}, {platform.platform()}",
        ", ".join(f"{name} {_version(name)}" for name in _dependencies()),
    ]
    return "\n".join(lines) + "\n"


def _dependencies() -> list[str]:
    """Return the names of the required packages, including those of extras."""
    try:
        required = metadata.requires(_NAME) or []
    except metadata.PackageNotFoundError:  # The tool runs from its source.
        return []
    return sorted({re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in required})


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"
