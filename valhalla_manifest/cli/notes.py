"""``notes``: show, set or edit what a reader should know."""

from __future__ import annotations

import click

from valhalla_manifest.cli.common import common_options, load_manifest, print_lines
from valhalla_manifest.cli.editing import edit, edit_options
from valhalla_manifest.problems import ManifestError


@click.group()
def notes() -> None:
    """Show, set or edit the notes.

    \b
    Example:
      valhalla-manifest notes show
    """


@notes.command()
@common_options
def show() -> None:
    """Print the notes.

    \b
    Example:
      valhalla-manifest notes show
    """
    from valhalla_manifest.report.text import paragraphs

    print_lines(paragraphs(load_manifest().notes or ""))


@notes.command("set")
@click.argument("text")
@edit_options
def set_notes(text: str, dry: bool, form: str) -> None:
    """Replace the notes.

    \b
    Example:
      valhalla-manifest notes set "Ready for review" --dry-run
    """
    edit(lambda editor: editor.set_notes(text), dry=dry, form=form)


@notes.command("edit")
@edit_options
def edit_notes(dry: bool, form: str) -> None:
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
    edit(lambda editor: editor.set_notes(wanted), dry=dry, form=form)
