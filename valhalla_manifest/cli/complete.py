"""``complete`` and ``incomplete``: whether the backend is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.editing import SaveOptions, edit, edit_options
from valhalla_manifest.manifest.operations import COMPLETE_NOTES, INCOMPLETE_NOTES, new_notes

if TYPE_CHECKING:
    from valhalla_manifest.project.editor import Editor

NOTES_HELP = 'The new notes (default: "{}", where nobody wrote some).'


@click.command()
@click.option("--notes", help=NOTES_HELP.format(COMPLETE_NOTES))
@click.option("--version", metavar="VERSION", help="Set the version too (SemVer 2.0.0).")
@click.option("--force", is_flag=True, help="Even with packs pending, or a lower version.")
@edit_options
def complete(notes: str | None, version: str | None, force: bool, saving: SaveOptions) -> None:
    """Mark the backend as complete.

    The time of completion is set the first time, and kept from then on.

    \b
    Example:
      valhalla-manifest complete --version 1.2.0 --dry-run
    """

    def act(editor: Editor) -> None:
        said = new_notes(editor.data, notes, COMPLETE_NOTES, is_news=not editor.is_complete)
        editor.complete(said, version, force=force)

    edit(act, saving)


@click.command()
@click.option("--notes", help=NOTES_HELP.format(INCOMPLETE_NOTES))
@edit_options
def incomplete(notes: str | None, saving: SaveOptions) -> None:
    """Mark the backend as not complete, and clear the time of completion.

    \b
    Example:
      valhalla-manifest incomplete --notes "Back to work" --dry-run
    """

    def act(editor: Editor) -> None:
        said = new_notes(editor.data, notes, INCOMPLETE_NOTES, is_news=editor.is_complete)
        editor.incomplete(said)

    edit(act, saving)
