"""``merge``: what git calls as a merge driver."""

from __future__ import annotations

from pathlib import Path

import click

from valhalla_manifest.cli.options import common_options
from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.project import merge_driver


@click.command()
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("ours", type=click.Path(path_type=Path))
@click.argument("theirs", type=click.Path(path_type=Path))
@click.option(
    "--marker-size",
    type=click.IntRange(min=1),
    default=7,
    show_default=True,
    help="How long conflict markers are.",
)
@click.option(
    "--path", metavar="PATH", help="The path of the manifest that is merged (default: OURS)."
)
@common_options
def merge(base: Path, ours: Path, theirs: Path, marker_size: int, path: str | None) -> None:
    """Merge three versions into OURS: what git calls as a driver.

    Changes of different fields never conflict, and both sides' comments stay. What cannot be
    merged with certainty is left with git's conflict markers, and the exit code is 1.

    \b
    Example:
      valhalla-manifest merge manifest/system.yaml manifest/system.yaml manifest/system.yaml
    """
    outcome = merge_driver.merge_files((base, ours, theirs), path or ours, marker_size=marker_size)
    merge_driver.write(ours, outcome.text)
    if outcome.conflicts:
        why = escape_for_display("; ".join(outcome.conflicts), 400)
        click.echo(f"{path or ours}: conflict: {why}", err=True)
        raise click.exceptions.Exit(1)
