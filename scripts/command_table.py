"""Writes the command table of README.md from the help of the commands."""

from __future__ import annotations

import re
from pathlib import Path

import click

from valhalla_manifest.cli import COMMANDS, cli

TARGET = Path(__file__).parents[1] / "README.md"
START, END = "<!-- commands: `make generate` writes this table -->\n", "<!-- end of commands -->\n"


def replace_table(page: str) -> str:
    """Return a page with the present table between its marks."""
    table = "| command | what it does |\n| --- | --- |\n" + "".join(map(_row, _names()))
    pattern = re.compile(f"(?<={re.escape(START)}).*(?={re.escape(END)})", re.DOTALL)
    replaced, count = pattern.subn(lambda _: table, page)
    if count != 1:
        raise ValueError("the page must have the marks of the table once")
    return replaced


def _names() -> list[str]:
    return [name for commands in COMMANDS.values() for name in commands]


def _row(name: str) -> str:
    context = click.Context(cli)
    command = cli.get_command(context, name)
    if command is None:
        raise ValueError(f"there is no command {name}")
    names = [name]
    if isinstance(command, click.Group):
        names = [f"{name} {each}" for each in command.list_commands(context)]
    summary = " ".join((command.help or "").partition("\n\n")[0].split())
    return f"| {', '.join(f'`{each}`' for each in names)} | {summary} |\n"


if __name__ == "__main__":
    TARGET.write_text(replace_table(TARGET.read_text(encoding="utf-8")), encoding="utf-8")
