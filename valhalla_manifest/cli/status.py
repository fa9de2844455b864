"""``status`` and ``summary``: the state of the backend, at length and in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.invocation import Invocation, load_record
from valhalla_manifest.cli.options import format_option, reading_options
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.cli.param_types import PATH
from valhalla_manifest.cli.progress import with_progress
from valhalla_manifest.project import last_change
from valhalla_manifest.project.last_change import ManifestState
from valhalla_manifest.project.manifest_file import first_problem
from valhalla_manifest.report import json as as_json

if TYPE_CHECKING:
    from valhalla_manifest.manifest.views import ManifestView
    from valhalla_manifest.project.last_change import LastChange
    from valhalla_manifest.project.manifest_file import ManifestFile


def _text(manifest: ManifestView, last: LastChange) -> None:
    from valhalla_manifest.report import text

    print_lines(text.status(manifest, last, Invocation.current().style()))


def _json(manifest: ManifestView, last: LastChange) -> None:
    print_json(as_json.status(manifest, last.time))


def _markdown(manifest: ManifestView, last: LastChange) -> None:
    from valhalla_manifest.report import markdown

    print_lines(markdown.status(manifest, last))


def _html(manifest: ManifestView, last: LastChange) -> None:
    from valhalla_manifest.report.page import page

    click.echo(page(manifest, last), nl=False)


FORMATS = {"text": _text, "json": _json, "markdown": _markdown, "html": _html}


@click.command()
@click.argument("paths", metavar="[FILES]...", nargs=-1, type=PATH)
@format_option(*FORMATS)
@reading_options
def status(paths: tuple[str, ...], form: str) -> None:
    """Report version, completion, packs, notes and the last change.

    Of several manifests each has a line; folders are searched. The exit code is 1 if one is not
    valid.

    \b
    Example:
      valhalla-manifest status --format json
    """
    invocation = Invocation.current()
    chosen = invocation.chosen(paths)
    if len(chosen) == 1:
        found = chosen[0].require_valid(invocation.at).view
        FORMATS[form](found, last_change.find_last_change(chosen[0], invocation.at))
        return
    if form not in LISTS:
        raise click.UsageError(f"{form} is for one manifest; --manifest names one.")
    states = [_state(file, invocation.at) for file in with_progress(chosen, len(chosen))]
    LISTS[form](states)
    raise click.exceptions.Exit(0 if all(state.problem is None for state in states) else 1)


def _state(file: ManifestFile, revision: str | None) -> ManifestState:
    checked = file.check(revision)
    if checked.errors:
        return ManifestState(file.name, None, None, first_problem(checked))
    updated_at = last_change.find_last_change(file, revision).time
    return ManifestState(file.name, checked.view, updated_at, None)


def _lines(states: list[ManifestState]) -> None:
    from valhalla_manifest.report import text

    print_lines(text.states(states, Invocation.current().style()))


def _list(states: list[ManifestState]) -> None:
    print_json(list(map(as_json.state, states)))


def _table(states: list[ManifestState]) -> None:
    from valhalla_manifest.report import markdown

    print_lines(markdown.states(states))


LISTS = {"text": _lines, "json": _list, "markdown": _table}


@click.command()
@format_option("text", "json")
@reading_options
def summary(form: str) -> None:
    """Print the state in one line, for a prompt, a log or a badge.

    \b
    Example:
      valhalla-manifest summary
    """
    manifest = load_record()
    if form == "json":
        print_json(as_json.summary(manifest))
        return
    from valhalla_manifest.report import text

    print_lines([text.summary(manifest, Invocation.current().style())])
