"""``site``: a page and JSON for any web server."""

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
    """Write a page and JSON for any web server.

    The JSON is what the HTTP endpoints give, as files under system/status.

    The page stands alone: no script, no request to elsewhere.

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
