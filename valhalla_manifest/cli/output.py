"""How results leave: lines and JSON on standard output, and files that a workflow names."""

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
    """Print the lines of a report; whether they are painted was decided when they were made.

    In the log of a GitHub workflow a line could be a command to the runner: there it is not.
    """
    if os.environ.get("GITHUB_ACTIONS"):
        from valhalla_manifest.report.github import escape_command

        lines = map(escape_command, lines)
    click.echo("\n".join(lines), color=True)


def append_to_named_file(variable: str, text: str) -> None:
    """Append to the file that a variable of a GitHub workflow names.

    Raises:
        ManifestError: the variable is not set, or the file cannot be written.
    """
    named = os.environ.get(variable)
    if not named:
        raise ManifestError(f"{variable} is not set; a step of a GitHub workflow has it")
    try:
        with Path(named).open("a", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise ManifestError(f"cannot write {named}: {error.strerror}") from None
