"""``version``: show, set or count up the backend's version."""

from __future__ import annotations

import click

from valhalla_manifest.cli.editing import SaveOptions, edit, edit_options
from valhalla_manifest.cli.invocation import load_record
from valhalla_manifest.cli.options import format_option, reading_options
from valhalla_manifest.cli.output import print_json

notes_option = click.option("--notes", help="The new notes (default: they stay).")


@click.group()
def version() -> None:
    """Show, set or bump the backend's version.

    \b
    Example:
      valhalla-manifest version bump minor --dry-run
    """


@version.command()
@format_option("text", "json")
@reading_options
def show(form: str) -> None:
    """Print the version.

    \b
    Example:
      valhalla-manifest version show
    """
    number = load_record().version
    if form == "json":
        print_json({"version": number})
    else:
        click.echo(number)


@version.command("set")
@click.argument("number", metavar="VERSION")
@notes_option
@click.option("--force", is_flag=True, help="Allow a lower version.")
@edit_options
def set_version(number: str, notes: str | None, force: bool, saving: SaveOptions) -> None:
    """Set the version (SemVer 2.0.0).

    \b
    Example:
      valhalla-manifest version set 1.2.0 --dry-run
    """
    edit(lambda editor: editor.set_version(number, notes, force=force), saving)


@version.command()
@click.argument("part", type=click.Choice(["major", "minor", "patch", "pre"]))
@notes_option
@edit_options
def bump(part: str, notes: str | None, saving: SaveOptions) -> None:
    """Count the version up by one part.

    "pre" counts a pre-release up (1.2.0-rc.1 to 1.2.0-rc.2), or starts one for the next patch.

    \b
    Example:
      valhalla-manifest version bump minor --dry-run
    """
    edit(lambda editor: editor.bump_version(part, notes), saving)
