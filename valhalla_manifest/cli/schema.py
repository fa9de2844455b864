"""``schema``: the JSON Schema that editors and other validators use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.context import Settings, relative
from valhalla_manifest.cli.options import common_options
from valhalla_manifest.cli.words import PATH

if TYPE_CHECKING:
    from valhalla_manifest.project.config import Config

DEFAULT = Path("schemas", "system.schema.json")


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
    f'folder, {DEFAULT.as_posix()}); "-" is standard output.',
)


def place_of_schema(file: str | None, settings: Settings, manifest: str | None = None) -> Path:
    """Return where the schema is: as named, as configured, or in the project of a manifest."""
    if file:
        return Path(file)
    config = settings.config_of(manifest) if manifest else _config(settings)
    if config.schema:
        return config.schema
    from valhalla_manifest.project import files, schema_file

    return schema_file.place(files.resolve(manifest or settings.manifest)) / DEFAULT


def _config(settings: Settings) -> Config:
    """Return the settings for a schema, of which there may be one without any manifest."""
    return settings.config_of(settings.asked[0]) if settings.asked else settings.config


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

    settings = Settings.current()
    extensions = _config(settings).policy.extensions
    if file == "-":
        click.echo(exported(extensions), nl=False)
        return
    place = place_of_schema(file, settings)
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

    settings = Settings.current()
    for path in settings.chosen(paths):
        place = place_of_schema(file, settings, path)
        schema_file.check_all(place, path, settings.config_of(path).policy.extensions)
        click.echo(f"{relative(place)} is current, and {path} agrees with it")
