"""``status`` and ``summary``: the state of the backend, at length and in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.context import Settings, load_manifest
from valhalla_manifest.cli.options import format_option, reading_options
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.project import last_change
from valhalla_manifest.report import json as as_json

if TYPE_CHECKING:
    from valhalla_manifest.manifest.record import Record
    from valhalla_manifest.project.last_change import LastChange


def _text(manifest: Record, last: LastChange) -> None:
    from valhalla_manifest.report import text

    print_lines(text.status(manifest, last, Settings.current().style()))


def _json(manifest: Record, last: LastChange) -> None:
    print_json(as_json.status(manifest, last.time))


def _markdown(manifest: Record, last: LastChange) -> None:
    from valhalla_manifest.report import markdown

    print_lines(markdown.status(manifest, last))


def _html(manifest: Record, last: LastChange) -> None:
    from valhalla_manifest.report.page import page

    click.echo(page(manifest, last), nl=False)


FORMATS = {"text": _text, "json": _json, "markdown": _markdown, "html": _html}


@click.command()
@format_option(*FORMATS)
@reading_options
def status(form: str) -> None:
    """Report version, completion, packs, notes and the last change.

    \b
    Example:
      valhalla-manifest status --format json
    """
    settings = Settings.current()
    FORMATS[form](load_manifest(), last_change.find(settings.manifest, settings.at))


@click.command()
@format_option("text", "json")
@reading_options
def summary(form: str) -> None:
    """Print the state in one line, for a prompt, a log or a badge.

    \b
    Example:
      valhalla-manifest summary
    """
    manifest = load_manifest()
    if form == "json":
        print_json(as_json.summary(manifest))
        return
    from valhalla_manifest.report import text

    print_lines([text.summary(manifest, Settings.current().style())])
