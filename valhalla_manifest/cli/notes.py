"""``notes``: show, set or edit what a reader should know."""

from __future__ import annotations

import click

from valhalla_manifest.cli.context import load_manifest
from valhalla_manifest.cli.editing import Saving, edit, edit_options
from valhalla_manifest.cli.options import format_option, reading_options
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.document.problems import ManifestError


@click.group()
def notes() -> None:
    """Show, set or edit the notes.

    \b
    Example:
      valhalla-manifest notes show
    """


@notes.command()
@format_option("text", "json")
@reading_options
def show(form: str) -> None:
    """Print the notes.

    \b
    Example:
      valhalla-manifest notes show
    """
    from valhalla_manifest.report.text import paragraphs

    present = load_manifest().notes
    if form == "json":
        print_json({"notes": present})
    else:
        print_lines(paragraphs(present or ""))


@notes.command("set")
@click.argument("text")
@edit_options
def set_notes(text: str, saving: Saving) -> None:
    """Replace the notes.

    \b
    Example:
      valhalla-manifest notes set "Ready for review" --dry-run
    """
    edit(lambda editor: editor.set_notes(text), saving)


@notes.command("edit")
@edit_options
def edit_notes(saving: Saving) -> None:
    """Open the notes in your editor ($VISUAL or $EDITOR).

    \b
    Example:
      EDITOR=true valhalla-manifest notes edit
    """
    present = load_manifest().notes or ""
    try:
        text = click.edit(present, extension=".txt")
    except click.ClickException as error:
        raise ManifestError(f"the editor failed: {error.message}") from None
    if text is None:
        click.echo("nothing to change")
        return
    # Editors end the last line; the notes need not.
    wanted = text if present.endswith("\n") else text.rstrip("\n")
    edit(lambda editor: editor.set_notes(wanted), saving)
