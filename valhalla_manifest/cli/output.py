"""Print lines and JSON, and append to the files of a GitHub Actions step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterable


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    from valhalla_manifest.report.json import pretty

    click.echo(pretty(value), nl=False)


def print_lines(lines: Iterable[str]) -> None:
    """Print the lines of a report, whose colors are already decided."""
    # The GitHub Actions runner must not execute a line of the report as a command.
    if os.environ.get("GITHUB_ACTIONS"):
        from valhalla_manifest.report.github import escape_command

        lines = map(escape_command, lines)
    click.echo("\n".join(lines), color=True)


def append_to_named_file(variable: str, text: str) -> None:
    """Append to the file that an environment variable of GitHub Actions names."""
    name = os.environ.get(variable)
    if not name:
        raise ManifestError(f"{variable} is not set; run this in a step of a GitHub workflow")
    try:
        with Path(name).open("a", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise ManifestError(f"cannot write {name}: {error.strerror}") from None
