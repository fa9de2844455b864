"""``doctor``: check the setup of a repository."""

from __future__ import annotations

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.cli.options import common_options, format_option
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.document.problems import ManifestError


@click.command()
@click.option(
    "--url",
    metavar="URL",
    help="Also check that a running backend, such as http://localhost:8000/system/status, serves "
    "the manifest.",
)
@format_option("text", "json")
@common_options
def doctor(url: str | None, form: str) -> None:
    """Check the setup of this repository and show how to fix it.

    Check the manifest, its schema, Git, the hooks, this clone's merge driver and the CI pipeline.
    The exit code is 1 if something is missing. The command changes nothing.

    \b
    Example:
      valhalla-manifest doctor
    """
    from valhalla_manifest.project import doctor as checks
    from valhalla_manifest.project import files
    from valhalla_manifest.report import json as as_json
    from valhalla_manifest.web import endpoints

    invocation = Invocation.current()
    if files.STANDARD_INPUT in invocation.requested:
        raise click.UsageError("doctor cannot check standard input; name a file")
    try:
        manifests = invocation.manifests
    except ManifestError as error:  # Every other check depends on the settings.
        results = [checks.CheckResult("settings", False, str(error))]
    else:
        results = checks.examine(manifests)
        results += endpoints.compare(manifests[0], url) if url else []
    if form == "json":
        print_json(as_json.health(results))
    else:
        from valhalla_manifest.report import text

        print_lines(text.health(results, invocation.style()))
    raise click.exceptions.Exit(0 if all(each.ok for each in results) else 1)
