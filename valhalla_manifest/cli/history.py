"""``history``, ``diff`` and ``blame``: what changed, when and by whom."""

from __future__ import annotations

from functools import partial

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.cli.options import common_options, format_option, reading_options
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.cli.param_types import PACK_ID, PACK_OR_FIELD, REVISION
from valhalla_manifest.cli.progress import with_progress
from valhalla_manifest.project import blame as provenance
from valhalla_manifest.project import history as audit
from valhalla_manifest.project import review, selection
from valhalla_manifest.report import json as as_json


@click.command()
@click.option("--pack", metavar="ID", type=PACK_ID, help="Only what changed this pack.")
@click.option("--since", metavar="DATE", help='Only since then, such as "2 weeks ago".')
@click.option("-n", "limit", type=click.IntRange(min=1), help="At most so many revisions.")
@click.option(
    "--all", "everything", is_flag=True, help="Also revisions that changed just the text."
)
@format_option("text", "json", "markdown")
@reading_options
def history(
    pack: str | None, since: str | None, limit: int | None, everything: bool, form: str
) -> None:
    """Tell what changed in each revision, the newest first.

    \b
    Example:
      valhalla-manifest history --since "2 weeks ago" -n 5
    """
    invocation = Invocation.current()
    wanted = selection.HistoryFilter(pack, since, limit, everything)
    found = audit.read_history(
        invocation.manifest,
        invocation.at,
        enough=wanted.enough,
        progress=with_progress,
    )
    chosen = selection.select(found, wanted)
    if form == "json":
        print_json(as_json.history(found, chosen))
        return
    from valhalla_manifest.report import history as report

    if form == "markdown":
        print_lines(report.markdown(found, chosen))
    else:
        print_lines(report.text(found, chosen, invocation.style()))


@click.command()
@click.argument("revisions", metavar="[REV [REV]]", nargs=-1, type=REVISION)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there are changes.")
@format_option("text", "json", "markdown")
@common_options
def diff(revisions: tuple[str, ...], exit_code: bool, form: str) -> None:
    """Tell what changed between two states.

    Without revisions, what is not committed yet: from HEAD to the working file. With one, from
    there to the working file.

    \b
    Example:
      valhalla-manifest diff HEAD
    """
    if len(revisions) > 2:  # noqa: PLR2004
        raise click.UsageError("Name two revisions at most.")
    invocation = Invocation.current()
    before, after = [*revisions, None, None][:2] if revisions else ("HEAD", None)
    changes = review.compare(invocation.manifest, before or "HEAD", after)
    names = (before or "HEAD", after or "working file")
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
    """Tell who changed each field last, of all, of one pack, or one field.

    A FIELD is named as get does it: version, packs.H.status.

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
