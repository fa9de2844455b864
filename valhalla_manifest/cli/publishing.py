"""``export`` and ``site``: the state for badges, metrics and browsers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.common import (
    Settings,
    load_manifest,
    reading_options,
)
from valhalla_manifest.project import loading

if TYPE_CHECKING:
    from valhalla_manifest.manifest.model import Manifest

EXPORTS = ("badge", "badge-svg", "prometheus")


@click.command()
@click.argument("what", type=click.Choice(EXPORTS))
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

    text = _exported(what, load_manifest())
    if output is None or output == files.STANDARD_INPUT:
        click.echo(text, nl=False)
    else:
        files.write(Path(output), text.encode())


def _exported(what: str, manifest: Manifest) -> str:
    from valhalla_manifest.report import badge, prometheus

    if what == "badge":
        return badge.endpoint(manifest)
    if what == "badge-svg":
        return badge.svg(manifest)
    settings = Settings.current()
    last = loading.last_change(settings.manifest, settings.at)
    return prometheus.metrics(manifest, last.time)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@reading_options
def site(folder: Path) -> None:
    """Write a page and JSON for any web server.

    The JSON is what the HTTP endpoints give, as files under system/status.

    The page stands alone: no script, no request to elsewhere.

    \b
    Example:
      valhalla-manifest site public
    """
    from valhalla_manifest.web import site as builder

    settings = Settings.current()
    files = builder.tree(settings.manifest, settings.config.policy, settings.at)
    changed = builder.write(files, folder)
    click.echo(f"{folder}: {len(files)} files, {len(changed)} changed")
