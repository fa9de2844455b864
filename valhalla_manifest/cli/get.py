"""``get``: values for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.invocation import load_record
from valhalla_manifest.cli.options import format_option, reading_options
from valhalla_manifest.cli.output import append_to_named_file, print_json
from valhalla_manifest.cli.param_types import FIELD

if TYPE_CHECKING:
    from valhalla_manifest.report.values import Fields


def _raw(chosen: Fields, names: tuple[str, ...]) -> None:
    from valhalla_manifest.report import values

    for name, value in chosen.items():
        click.echo(values.text(value) if names else f"{name}={values.text(value)}")


def _json(chosen: Fields, _: tuple[str, ...]) -> None:
    print_json(chosen)


def _env(chosen: Fields, _: tuple[str, ...]) -> None:
    from valhalla_manifest.report import values

    click.echo(values.env(chosen), nl=False)


def _github(chosen: Fields, _: tuple[str, ...]) -> None:
    from valhalla_manifest.report import values

    append_to_named_file("GITHUB_OUTPUT", values.github_output(chosen))


FORMATS = {"raw": _raw, "json": _json, "env": _env, "github": _github}


@click.command()
@click.argument("names", metavar="[FIELD]...", nargs=-1, type=FIELD)
@format_option(*FORMATS)
@reading_options
def get(names: tuple[str, ...], form: str) -> None:
    """Print values for scripts.

    A FIELD is a key of the top, such as version, or of a pack, such as packs.H.status; without
    any, all are printed with their names. What is not set is empty; lists and mappings are JSON.
    "env" prints assignments for a POSIX shell, "github" appends outputs of a workflow step to the
    file that GITHUB_OUTPUT names.

    \b
    Example:
      valhalla-manifest get version packs.H.status
    """
    from valhalla_manifest.report import values

    FORMATS[form](values.select_fields(values.flatten(load_record()), names), names)
