"""``notes``: show, set or edit the notes."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.editing import SaveOptions, edit, edit_options
from valhalla_manifest.cli.interruption import Interruption
from valhalla_manifest.cli.invocation import load_view
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

    text = load_view().notes
    if form == "json":
        print_json({"notes": text})
    else:
        print_lines(paragraphs(text or ""))


@notes.command("set")
@click.argument("text")
@edit_options
def set_notes(text: str, save_options: SaveOptions) -> None:
    """Replace the notes; - as TEXT reads standard input.

    \b
    Example:
      valhalla-manifest notes set "Ready for review" --dry-run
    """
    if text == files.STANDARD_INPUT:
        _set_notes(_read_standard_input(), save_options)
    else:
        edit(lambda editor: editor.set_notes(text), save_options)


def _read_standard_input() -> str:
    try:
        text = files.read(files.STANDARD_INPUT).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ManifestError("standard input is not UTF-8; nothing was changed") from None
    # The program that should have written the notes has probably failed.
    if not text.strip():
        raise ManifestError('standard input is empty; to clear the notes, run `notes set ""`')
    return text


def _set_notes(text: str, save_options: SaveOptions) -> None:
    """Set the notes, without the final newline that programs add unless the notes have one."""

    def apply_edit(editor: Editor) -> None:
        has_newline = str(editor.data.get("notes")).endswith("\n")
        editor.set_notes(text if has_newline else text.rstrip("\n"))

    edit(apply_edit, save_options)


@notes.command("edit")
@edit_options
def edit_notes(save_options: SaveOptions) -> None:
    """Open the notes in your editor ($VISUAL or $EDITOR).

    \b
    Example:
      EDITOR=true valhalla-manifest notes edit
    """
    with _edit_text(load_view().notes or "") as text:
        _set_notes(text, save_options)


@contextmanager
def _edit_text(text: str) -> Iterator[str]:
    """Open a string in the user's editor; if the result cannot be used, keep it and report it."""
    descriptor, name = tempfile.mkstemp(".txt", "notes-")
    file = Path(name)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(text.encode())
    try:
        click.edit(filename=name)
        yield file.read_bytes().decode().replace("\r\n", "\n")
    except click.ClickException as error:
        file.unlink(missing_ok=True)
        raise ManifestError(f"the editor failed: {error.message}") from None
    except FileNotFoundError:
        raise ManifestError("the editor removed the file; nothing was changed") from None
    except UnicodeDecodeError:
        raise ManifestError(f"the edited text is not UTF-8; it was kept in {name}") from None
    except KeyboardInterrupt as interrupt:
        ended = Interruption.of(interrupt)
        message = f"{ended.message}; your text was kept in {name}"
        raise Interruption(interrupt, message, ended.details) from None
    except ManifestError as error:
        message = f"{error.message}; your text was kept in {name}"
        raise ManifestError(
            message, problems=error.problems, written=error.written, refused=error.refused
        ) from None
    file.unlink(missing_ok=True)
