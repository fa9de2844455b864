"""``get``: print values for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.invocation import load_view
from valhalla_manifest.cli.options import format_option, reading_options
from valhalla_manifest.cli.output import append_to_named_file, print_json
from valhalla_manifest.cli.param_types import FIELD

if TYPE_CHECKING:
    from valhalla_manifest.report.values import Fields


def _write_raw(selected: Fields, names: tuple[str, ...]) -> None:
    from valhalla_manifest.report import values

    for name, value in selected.items():
        click.echo(values.text(value) if names else f"{name}={values.text(value)}")


def _write_json(selected: Fields, _: tuple[str, ...]) -> None:
    print_json(selected)


def _write_env(selected: Fields, _: tuple[str, ...]) -> None:
    from valhalla_manifest.report import values

    click.echo(values.env(selected), nl=False)


def _write_github(selected: Fields, _: tuple[str, ...]) -> None:
    from valhalla_manifest.report import values

    append_to_named_file("GITHUB_OUTPUT", values.github_output(selected))


FORMATS = {"raw": _write_raw, "json": _write_json, "env": _write_env, "github": _write_github}


@click.command()
@click.argument("names", metavar="[FIELD]...", nargs=-1, type=FIELD)
@format_option(*FORMATS)
@reading_options
def get(names: tuple[str, ...], form: str) -> None:
    """Print values for scripts.

    A FIELD is a top-level key, such as version, or a key of a pack, such as packs.H.status.
    Without a FIELD, all fields are printed with their names. An unset field is empty;
    lists and mappings are printed as JSON. "env" prints assignments for a POSIX shell. "github"
    appends outputs of a workflow step to the file that GITHUB_OUTPUT names.

    \b
    Example:
      valhalla-manifest get version packs.H.status
    """
    from valhalla_manifest.report import values

    FORMATS[form](values.select_fields(values.flatten(load_view()), names), names)
