"""``export``: print the state for badges, metrics and data tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.invocation import Invocation, load_view
from valhalla_manifest.cli.options import reading_options
from valhalla_manifest.cli.param_types import PATH
from valhalla_manifest.cli.progress import with_progress
from valhalla_manifest.project import last_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _export_badge() -> Iterable[str]:
    from valhalla_manifest.report import badge

    yield badge.endpoint(load_view())


def _export_badge_svg() -> Iterable[str]:
    from valhalla_manifest.report import badge

    yield badge.svg(load_view())


def _export_jsonl() -> Iterable[str]:
    from valhalla_manifest import git
    from valhalla_manifest.project import history
    from valhalla_manifest.report import jsonl

    invocation = Invocation.current()
    log = history.read_history(invocation.manifest, invocation.at, progress=with_progress)
    if log.truncated:
        click.echo("warning: older revisions are not in this shallow clone", err=True)
        # If no revision here is valid, there is no state to export.
        if not log.state.data:
            invocation.manifest.require_valid(log.tip)
    return jsonl.lines(git.name_repository(log.place), log)


def _export_prometheus() -> Iterable[str]:
    from valhalla_manifest.report import prometheus

    invocation = Invocation.current()
    manifest = load_view()
    yield prometheus.metrics(
        manifest, last_change.find_last_change(invocation.manifest, invocation.at).time
    )


FORMATS: dict[str, Callable[[], Iterable[str]]] = {
    "badge": _export_badge,
    "badge-svg": _export_badge_svg,
    "jsonl": _export_jsonl,
    "prometheus": _export_prometheus,
}


@click.command()
@click.argument("what", type=click.Choice(tuple(FORMATS)))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=PATH,
    help="Write to FILE; a failure leaves it as it was.",
)
@reading_options
def export(what: str, output: str | None) -> None:
    """Print the state in a format for other programs.

    \b
    badge        JSON for the endpoint badge of shields.io
    badge-svg    a badge as an SVG image
    jsonl        state and history as JSON Lines, to combine many repositories
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
