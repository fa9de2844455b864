"""``notes``: show, set or edit what a reader should know."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.editing import SaveOptions, edit, edit_options
from valhalla_manifest.cli.invocation import load_record
from valhalla_manifest.cli.options import format_option, reading_options
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.project import files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.project.editor import Editor


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

    present = load_record().notes
    if form == "json":
        print_json({"notes": present})
    else:
        print_lines(paragraphs(present or ""))


@notes.command("set")
@click.argument("text")
@edit_options
def set_notes(text: str, saving: SaveOptions) -> None:
    """Replace the notes; with - as the TEXT, by what standard input says.

    \b
    Example:
      valhalla-manifest notes set "Ready for review" --dry-run
    """
    typed = _standard_input() if text == files.STANDARD_INPUT else None
    edit(
        lambda editor: editor.set_notes(
            text if typed is None else strip_final_newline(typed, editor)
        ),
        saving,
    )


def _standard_input() -> str:
    try:
        text = files.read(files.STANDARD_INPUT).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ManifestError("standard input is not UTF-8; nothing is changed") from None
    if not text.strip():  # most likely what should have written it failed
        raise ManifestError('standard input is empty; `notes set ""` empties the notes')
    return text


def strip_final_newline(text: str, editor: Editor) -> str:
    """Return a text without the line break that programs end it with, unless the notes have one."""
    return text if str(editor.data.get("notes")).endswith("\n") else text.rstrip("\n")


@notes.command("edit")
@edit_options
def edit_notes(saving: SaveOptions) -> None:
    """Open the notes in your editor ($VISUAL or $EDITOR).

    \b
    Example:
      EDITOR=true valhalla-manifest notes edit
    """
    with edit_text(load_record().notes or "") as text:
        edit(lambda editor: editor.set_notes(strip_final_newline(text, editor)), saving)


@contextmanager
def edit_text(present: str) -> Iterator[str]:
    """Let a person edit a text in a file; what cannot be used stays there, and its place is told.

    Raises:
        ManifestError: the editor fails, or what is done with the text does.
    """
    descriptor, name = tempfile.mkstemp(".txt", "notes-")
    file = Path(name)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(present.encode())
    try:
        click.edit(filename=name)
        yield file.read_bytes().decode().replace("\r\n", "\n")
    except click.ClickException as error:
        file.unlink(missing_ok=True)
        raise ManifestError(f"the editor failed: {error.message}") from None
    except FileNotFoundError:
        raise ManifestError("the editor removed the file; nothing is changed") from None
    except UnicodeDecodeError:
        raise ManifestError(f"what the editor saved is not UTF-8; it stays in {name}") from None
    except ManifestError as error:
        kept = f"{error.message}; what you typed stays in {name}"
        raise ManifestError(
            kept, problems=error.problems, written=error.written, refused=error.refused
        ) from None
    file.unlink(missing_ok=True)
