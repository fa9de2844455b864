"""``export``: the state for badges and metrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.context import Settings, load_manifest
from valhalla_manifest.cli.options import reading_options
from valhalla_manifest.project import last_change

if TYPE_CHECKING:
    from valhalla_manifest.manifest.record import Record


def _badge(manifest: Record) -> str:
    from valhalla_manifest.report import badge

    return badge.endpoint(manifest)


def _badge_svg(manifest: Record) -> str:
    from valhalla_manifest.report import badge

    return badge.svg(manifest)


def _prometheus(manifest: Record) -> str:
    from valhalla_manifest.report import prometheus

    settings = Settings.current()
    last = last_change.find(settings.manifest, settings.at)
    return prometheus.metrics(manifest, last.time)


FORMATS = {"badge": _badge, "badge-svg": _badge_svg, "prometheus": _prometheus}


@click.command()
@click.argument("what", type=click.Choice(tuple(FORMATS)))
@click.option("-o", "--output", metavar="FILE", help="Write a file, whole or not at all.")
@reading_options
def export(what: str, output: str | None) -> None:
    """Print the state for another program.

    \b
    badge        JSON for the endpoint badge of shields.io
    badge-svg    a badge as a picture
    prometheus   metrics for the textfile collector of the node exporter

    \b
    Example:
      valhalla-manifest export badge
    """
    from valhalla_manifest.project import files

    text = FORMATS[what](load_manifest())
    if output is None or output == files.STANDARD_INPUT:
        click.echo(text, nl=False)
    else:
        files.write(Path(output), text.encode())
