"""``merge``: the merge driver that Git runs."""

from __future__ import annotations

from pathlib import Path

import click

from valhalla_manifest.cli.options import common_options
from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.project import files, merge_driver


@click.command()
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("ours", type=click.Path(path_type=Path))
@click.argument("theirs", type=click.Path(path_type=Path))
@click.option(
    "--marker-size",
    type=click.IntRange(min=1),
    default=7,
    show_default=True,
    help="Set the length of conflict markers.",
)
@click.option("--path", metavar="PATH", help="Set the path of the merged manifest (default: OURS).")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the result to a file (default: OURS).",
)
@common_options
def merge(
    base: Path,
    ours: Path,
    theirs: Path,
    marker_size: int,
    path: str | None,
    output: Path | None,
) -> None:
    """Merge three versions into OURS, as Git's merge driver.

    Changes to different fields never conflict, and the comments of both sides are kept. If a
    change cannot be merged with certainty, the command writes conflict markers and exits with 1.

    \b
    Example:
      valhalla-manifest merge manifest/system.yaml manifest/system.yaml manifest/system.yaml
    """
    outcome = merge_driver.merge_files((base, ours, theirs), path or ours, marker_size=marker_size)
    files.write(output or ours, outcome.text)
    if outcome.conflicts:
        why = escape_for_display("; ".join(outcome.conflicts), 400)
        click.echo(f"{path or ours}: conflict: {why}", err=True)
        raise click.exceptions.Exit(1)
