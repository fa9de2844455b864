"""``require``: check the conditions of a release."""

from __future__ import annotations

import click

from valhalla_manifest.cli.invocation import Invocation, load_view
from valhalla_manifest.cli.options import format_option, reading_options
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.cli.param_types import CONDITION


@click.command()
@click.argument("conditions", metavar="CONDITION...", nargs=-1, required=True, type=CONDITION)
@format_option("text", "json")
@reading_options
def require(conditions: tuple[str, ...], form: str) -> None:
    """Check that the manifest meets the conditions of a release.

    Report each condition. The exit code is 1 if one is not met.

    \b
    complete            the backend is complete
    installed:ID,ID     these packs are installed, such as installed:export,billing
    no-pending          no pack is pending
    version>=1.2.0      also > <= < == != (quote it, or the shell redirects)
    clean               the manifest has no uncommitted edits
    tag:v{version}      the commit has this tag

    \b
    Example:
      valhalla-manifest require no-pending "version>=1.0.0" clean
    """
    from valhalla_manifest.manifest.gates import GateContext, check_conditions

    invocation = Invocation.current()
    if invocation.at and "clean" in map(str.strip, conditions):
        raise click.UsageError("cannot check clean with --at; clean is about the working file")
    context = GateContext(
        load_view(),
        invocation.manifest.is_clean,
        lambda: invocation.manifest.tags(invocation.at),
    )
    results = check_conditions(context, conditions)
    if form == "json":
        from valhalla_manifest.report import json as as_json

        print_json(as_json.conditions(results))
    else:
        from valhalla_manifest.report import text

        print_lines(text.conditions(results, invocation.style()))
    raise click.exceptions.Exit(0 if all(result.holds for result in results) else 1)
