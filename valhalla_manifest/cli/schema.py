"""``schema``: write and check the JSON Schema for editors and other validators."""

from __future__ import annotations

from pathlib import Path

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.cli.options import common_options
from valhalla_manifest.cli.param_types import PATH
from valhalla_manifest.project import files


@click.group()
def schema() -> None:
    """Write the JSON Schema of a manifest, or check the existing one.

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
    help='Use this schema file (default: "schema" in pyproject.toml, else '
    f"{files.DEFAULT_SCHEMA.as_posix()} next to the manifest's folder); - is standard output.",
)


@schema.command()
@file_option
@click.option(
    "--check", is_flag=True, help="Write nothing; exit with 1 if the file is out of date."
)
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
    # A project may have a schema before it has a manifest, so read only its settings.
    requested = invocation.requested
    project = invocation.manifest_at(requested[0]).project if requested else invocation.project
    extensions = project.rule_settings.extensions
    if file == "-":
        click.echo(exported(extensions), nl=False)
        return
    path = Path(file) if file else project.schema or invocation.manifest.schema
    if check:
        schema_file.require_current(path, extensions)
    written = not check and schema_file.write(path, extensions)
    click.echo(f"{files.name_from_here(path)} {'written' if written else 'is current'}")


@schema.command()
@click.argument("paths", metavar="[FILES]...", nargs=-1, type=PATH)
@file_option
@common_options
def check(paths: tuple[str, ...], file: str | None) -> None:
    """Check the schema file, and manifests against it.

    The schema file must be current and valid. Without FILES, check the manifests of the project.
    Folders are searched.

    \b
    Example:
      valhalla-manifest schema check
    """
    from valhalla_manifest.project import schema_file

    for manifest in Invocation.current().select_manifests(paths):
        path = Path(file) if file else manifest.schema
        schema_file.check_all(manifest, path)
        click.echo(f"{files.name_from_here(path)} is current, and {manifest} agrees with it")
