"""``doctor``: what is set up here and what is not, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.context import Settings
from valhalla_manifest.cli.options import common_options, format_option
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.cli.schema import place_of_schema
from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option(
    "--url",
    metavar="URL",
    help="Also ask a running backend, such as http://localhost:8000/system/status: its answers "
    "must be those of the file.",
)
@format_option("text", "json")
@common_options
def doctor(url: str | None, form: str) -> None:
    """Tell what is set up here and what is not, each with what mends it.

    Looked at are the manifest, its schema, git, hooks, the merge driver of this clone, and the
    pipeline. The exit code is 1 if something is missing. Nothing is changed.

    \b
    Example:
      valhalla-manifest doctor
    """
    from valhalla_manifest.project import doctor as checks
    from valhalla_manifest.project import files, last_change, loading
    from valhalla_manifest.report import json as as_json

    settings = Settings.current()

    def schema_of(path: str) -> Path:
        return place_of_schema(None, settings, path)

    def documents(path: str) -> dict[str, bytes]:
        record = loading.record(path, settings.config_of(path).policy)
        return as_json.documents(record, last_change.find(path).time)

    if files.STANDARD_INPUT in settings.asked:
        raise click.UsageError("doctor looks at files, not at standard input.")
    try:
        manifests = {path: settings.config_of(path) for path in settings.manifests}
    except ManifestError as error:  # all else depends on it
        found = [checks.Finding("settings", False, str(error))]
    else:
        found = checks.examine(checks.Subject(manifests, schema_of, url), documents)
    if form == "json":
        print_json(as_json.health(found))
    else:
        from valhalla_manifest.report import text

        print_lines(text.health(found, settings.style()))
    raise click.exceptions.Exit(0 if all(each.well for each in found) else 1)
