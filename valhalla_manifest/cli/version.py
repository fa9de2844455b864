"""``version``: show, set or bump the version of the backend."""

from __future__ import annotations

import click

from valhalla_manifest.cli.editing import SaveOptions, edit, edit_options
from valhalla_manifest.cli.invocation import load_view
from valhalla_manifest.cli.options import format_option, reading_options
from valhalla_manifest.cli.output import print_json

notes_option = click.option("--notes", help="Also set the notes.")


@click.group()
def version() -> None:
    """Show, set or bump the version of the backend.

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
    number = load_view().version
    if form == "json":
        print_json({"version": number})
    else:
        click.echo(number)


@version.command("set")
@click.argument("number", metavar="VERSION")
@notes_option
@click.option("--force", is_flag=True, help="Allow a lower version.")
@edit_options
def set_version(number: str, notes: str | None, force: bool, save_options: SaveOptions) -> None:
    """Set the version (SemVer 2.0.0).

    \b
    Example:
      valhalla-manifest version set 1.2.0 --dry-run
    """
    edit(lambda editor: editor.set_version(number, notes, force=force), save_options)


@version.command()
@click.argument("part", type=click.Choice(["major", "minor", "patch", "pre"]))
@notes_option
@edit_options
def bump(part: str, notes: str | None, save_options: SaveOptions) -> None:
    """Bump one part of the version.

    "pre" bumps the pre-release (1.2.0-rc.1 to 1.2.0-rc.2), or starts one of the next patch.

    \b
    Example:
      valhalla-manifest version bump minor --dry-run
    """
    edit(lambda editor: editor.bump_version(part, notes), save_options)
