"""``schema``: the JSON Schema that editors and other validators use."""

from __future__ import annotations

from pathlib import Path

import click

from valhalla_manifest.cli.invocation import Invocation, relative
from valhalla_manifest.cli.options import common_options
from valhalla_manifest.cli.param_types import PATH
from valhalla_manifest.project import files


@click.group()
def schema() -> None:
    """Write the JSON Schema of a manifest, or check the one that is there.

    \b
    Example:
      valhalla-manifest schema export --check
    """


file_option = click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    type=PATH,
    help='The schema file (default: "schema" in pyproject.toml, else beside the manifest\'s '
    f'folder, {files.DEFAULT_SCHEMA.as_posix()}); "-" is standard output.',
)


@schema.command()
@file_option
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the file has drifted.")
@common_options
def export(file: str | None, check: bool) -> None:
    """Write the schema file.

    \b
    Example:
      valhalla-manifest schema export -o -
    """
    from valhalla_manifest.manifest.json_schema import exported
    from valhalla_manifest.project import schema_file

    invocation = Invocation.current()
    asked = invocation.asked  # A project may have a schema before it has a manifest.
    project = invocation.manifest_at(asked[0]).project if asked else invocation.project
    extensions = project.rule_settings.extensions
    if file == "-":
        click.echo(exported(extensions), nl=False)
        return
    place = Path(file) if file else project.schema or invocation.manifest.schema
    if check:
        schema_file.require_current(place, extensions)
    written = not check and schema_file.write(place, extensions)
    click.echo(f"{relative(place)} {'written' if written else 'is current'}")


@schema.command()
@click.argument("paths", metavar="[FILES]...", nargs=-1, type=PATH)
@file_option
@common_options
def check(paths: tuple[str, ...], file: str | None) -> None:
    """Check that the schema file is current and valid, and that manifests agree with it.

    Without FILES those of the project are checked; folders are searched.

    \b
    Example:
      valhalla-manifest schema check
    """
    from valhalla_manifest.project import schema_file

    for manifest in Invocation.current().chosen(paths):
        place = Path(file) if file else manifest.schema
        schema_file.check_all(manifest, place)
        click.echo(f"{relative(place)} is current, and {manifest} agrees with it")
