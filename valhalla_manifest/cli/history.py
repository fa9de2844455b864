"""``history``, ``diff`` and ``blame``: report changes to the manifest, read from Git."""

from __future__ import annotations

from functools import partial

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.cli.options import common_options, format_option, reading_options
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.cli.param_types import PACK_ID, PACK_OR_FIELD, REVISION
from valhalla_manifest.cli.progress import with_progress
from valhalla_manifest.project import blame as provenance
from valhalla_manifest.project import history as revisions
from valhalla_manifest.project import review, selection
from valhalla_manifest.report import json as as_json


@click.command()
@click.option(
    "--pack", metavar="ID", type=PACK_ID, help="Show only revisions that changed this pack."
)
@click.option(
    "--since", metavar="DATE", help='Show only revisions since DATE, such as "2 weeks ago".'
)
@click.option("-n", "limit", type=click.IntRange(min=1), help="Show at most this many revisions.")
@click.option(
    "--all",
    "include_unchanged",
    is_flag=True,
    help="Also show revisions that changed no field, only the layout or comments.",
)
@format_option("text", "json", "markdown")
@reading_options
def history(
    pack: str | None, since: str | None, limit: int | None, include_unchanged: bool, form: str
) -> None:
    """Show the changes of each revision, newest first.

    \b
    Example:
      valhalla-manifest history --since "2 weeks ago" -n 5
    """
    invocation = Invocation.current()
    history_filter = selection.HistoryFilter(pack, since, limit, include_unchanged)
    log = revisions.read_history(
        invocation.manifest,
        invocation.at,
        enough=history_filter.enough,
        progress=with_progress,
    )
    selected = selection.select(log, history_filter)
    if form == "json":
        print_json(as_json.history(log, selected))
        return
    from valhalla_manifest.report import history as report

    if form == "markdown":
        print_lines(report.markdown(log, selected))
    else:
        print_lines(report.text(log, selected, invocation.style()))


@click.command()
@click.argument("before", metavar="[REV]", default="HEAD", type=REVISION)
@click.argument("after", metavar="[REV]", required=False, type=REVISION)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there are changes.")
@format_option("text", "json", "markdown")
@common_options
def diff(before: str, after: str | None, exit_code: bool, form: str) -> None:
    """Show the changes between two revisions.

    With one REV, show the changes from it to the working file. Without REV, show the uncommitted
    changes, from HEAD to the working file.

    \b
    Example:
      valhalla-manifest diff HEAD
    """
    changes = review.compare(Invocation.current().manifest, before, after)
    names = (before, after or "working file")
    if form == "json":
        print_json(as_json.diff(*names, changes))
    else:
        from valhalla_manifest.report import history as report

        print_lines(report.diff(*names, changes, markdown=form == "markdown"))
    raise click.exceptions.Exit(1 if changes and exit_code else 0)


@click.command()
@click.argument("name", metavar="[ID or FIELD]", required=False, type=PACK_OR_FIELD)
@format_option("text", "json")
@reading_options
def blame(name: str | None, form: str) -> None:
    """Show who last changed each field.

    An ID or FIELD limits the report to one pack or one field. FIELD is written as for get, such as
    version or packs.H.status.

    \b
    Example:
      valhalla-manifest blame H
    """
    invocation = Invocation.current()
    lines = provenance.blame(
        invocation.manifest,
        invocation.at,
        select=partial(provenance.select_named, name=name) if name else list,
        progress=with_progress,
    )
    if form == "json":
        print_json(as_json.blame(lines))
        return
    from valhalla_manifest.report import history as report

    print_lines(report.blame(lines, invocation.style()))
