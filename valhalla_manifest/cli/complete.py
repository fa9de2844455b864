"""``complete`` and ``incomplete``: whether the backend is done."""

from __future__ import annotations

import click

from valhalla_manifest.cli.editing import Saving, edit, edit_options
from valhalla_manifest.manifest.operations import COMPLETE_NOTES, INCOMPLETE_NOTES


@click.command()
@click.option("--notes", default=COMPLETE_NOTES, show_default=True, help="The new notes.")
@click.option("--version", metavar="VERSION", help="Set the version too (SemVer 2.0.0).")
@click.option("--force", is_flag=True, help="Even with packs pending, or a lower version.")
@edit_options
def complete(notes: str, version: str | None, force: bool, saving: Saving) -> None:
    """Mark the backend as complete.

    The time of completion is set the first time, and kept from then on.

    \b
    Example:
      valhalla-manifest complete --version 1.2.0 --dry-run
    """
    edit(lambda editor: editor.complete(notes, version, force=force), saving)


@click.command()
@click.option("--notes", default=INCOMPLETE_NOTES, show_default=True, help="The new notes.")
@edit_options
def incomplete(notes: str, saving: Saving) -> None:
    """Mark the backend as not complete, and clear the time of completion.

    \b
    Example:
      valhalla-manifest incomplete --notes "Back to work" --dry-run
    """
    edit(lambda editor: editor.incomplete(notes), saving)
