"""``complete`` and ``incomplete``: set whether the backend is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.editing import SaveOptions, edit, edit_options
from valhalla_manifest.manifest.operations import COMPLETE_NOTES, INCOMPLETE_NOTES, new_notes

if TYPE_CHECKING:
    from valhalla_manifest.project.editor import Editor

NOTES_HELP = 'Set the notes (default: "{}" unless somebody wrote the current notes).'


@click.command()
@click.option("--notes", help=NOTES_HELP.format(COMPLETE_NOTES))
@click.option("--version", metavar="VERSION", help="Also set the version (SemVer 2.0.0).")
@click.option("--force", is_flag=True, help="Allow pending packs and a lower version.")
@edit_options
def complete(
    notes: str | None, version: str | None, force: bool, save_options: SaveOptions
) -> None:
    """Mark the backend as complete.

    Set completed_at unless the backend is already complete.

    \b
    Example:
      valhalla-manifest complete --version 1.2.0 --dry-run
    """

    def apply_edit(editor: Editor) -> None:
        text = new_notes(editor.data, notes, COMPLETE_NOTES, is_news=not editor.is_complete)
        editor.complete(text, version, force=force)

    edit(apply_edit, save_options)


@click.command()
@click.option("--notes", help=NOTES_HELP.format(INCOMPLETE_NOTES))
@edit_options
def incomplete(notes: str | None, save_options: SaveOptions) -> None:
    """Mark the backend as not complete and clear completed_at.

    \b
    Example:
      valhalla-manifest incomplete --notes "Back to work" --dry-run
    """

    def apply_edit(editor: Editor) -> None:
        text = new_notes(editor.data, notes, INCOMPLETE_NOTES, is_news=editor.is_complete)
        editor.incomplete(text)

    edit(apply_edit, save_options)
