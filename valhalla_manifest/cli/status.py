"""``status`` and ``summary``: the state of the backend, at length and in one line."""

from __future__ import annotations

import click

from valhalla_manifest.cli.common import (
    Settings,
    format_option,
    load_manifest,
    print_json,
    print_lines,
    reading_options,
)
from valhalla_manifest.project import loading
from valhalla_manifest.report import json as as_json


@click.command()
@format_option("text", "json", "markdown", "html")
@reading_options
def status(form: str) -> None:
    """Report version, completion, packs, notes and the last change.

    \b
    Example:
      valhalla-manifest status --format json
    """
    settings = Settings.current()
    manifest = load_manifest()
    last = loading.last_change(settings.manifest, settings.at)
    if form == "json":
        print_json(as_json.status(manifest, last.time))
    elif form == "html":
        from valhalla_manifest.report.page import page

        click.echo(page(manifest, last), nl=False)
    elif form == "markdown":
        from valhalla_manifest.report import markdown

        print_lines(markdown.status(manifest, last))
    else:
        from valhalla_manifest.report import text

        print_lines(text.status(manifest, last, settings.style()))


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
