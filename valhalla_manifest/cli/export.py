"""``export``: the state for badges and metrics, and with its history for other engines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.invocation import Invocation, load_record
from valhalla_manifest.cli.options import reading_options
from valhalla_manifest.cli.param_types import PATH
from valhalla_manifest.cli.progress import with_progress
from valhalla_manifest.project import last_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _badge() -> Iterable[str]:
    from valhalla_manifest.report import badge

    yield badge.endpoint(load_record())


def _badge_svg() -> Iterable[str]:
    from valhalla_manifest.report import badge

    yield badge.svg(load_record())


def _jsonl() -> Iterable[str]:
    from valhalla_manifest import git
    from valhalla_manifest.project import history
    from valhalla_manifest.report import jsonl

    invocation = Invocation.current()
    found = history.read_history(invocation.manifest, invocation.at, progress=with_progress)
    if found.truncated:
        click.echo("older revisions are not in this shallow clone", err=True)
        if not found.state.data:  # what is not valid has no state, and the one before is not here
            invocation.manifest.require_valid(found.tip)
    return jsonl.lines(git.name_repository(found.place), found)


def _prometheus() -> Iterable[str]:
    from valhalla_manifest.report import prometheus

    invocation = Invocation.current()
    manifest = load_record()
    yield prometheus.metrics(
        manifest, last_change.find_last_change(invocation.manifest, invocation.at).time
    )


FORMATS: dict[str, Callable[[], Iterable[str]]] = {
    "badge": _badge,
    "badge-svg": _badge_svg,
    "jsonl": _jsonl,
    "prometheus": _prometheus,
}


@click.command()
@click.argument("what", type=click.Choice(tuple(FORMATS)))
@click.option(
    "-o", "--output", metavar="FILE", type=PATH, help="Write a file, whole or not at all."
)
@reading_options
def export(what: str, output: str | None) -> None:
    """Print the state for another program.

    \b
    badge        JSON for the endpoint badge of shields.io
    badge-svg    a badge as a picture
    jsonl        state and history as JSON Lines, to load those of many repositories
    prometheus   metrics for the textfile collector of the node exporter

    \b
    Example:
      valhalla-manifest export jsonl -o states/backend.jsonl
    """
    from valhalla_manifest.project import files

    parts = FORMATS[what]()
    if output is None or output == files.STANDARD_INPUT:
        for part in parts:
            click.echo(part, nl=False)
    else:
        files.write(Path(output), "".join(parts).encode())
