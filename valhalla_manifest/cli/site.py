"""``site``: write a static page and JSON files for any web server."""

from __future__ import annotations

from pathlib import Path

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.cli.options import reading_options
from valhalla_manifest.cli.progress import with_progress


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@reading_options
def site(folder: Path) -> None:
    """Write a static HTML page and JSON files for any web server.

    The files under system/status hold the JSON of the HTTP endpoints. The page is self-contained:
    it has no scripts and loads no other files.

    \b
    Example:
      valhalla-manifest site public
    """
    from valhalla_manifest.report.text import plural
    from valhalla_manifest.web import site as builder

    invocation = Invocation.current()
    files = builder.tree(invocation.manifest, invocation.at, with_progress)
    changed = builder.write(files, folder)
    click.echo(f"{folder}: {plural(len(files), 'file')}, {len(changed)} changed")
