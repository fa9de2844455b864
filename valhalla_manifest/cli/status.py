"""``status`` and ``summary``: the state of the backend, at length and in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.context import Settings, load_manifest
from valhalla_manifest.cli.options import format_option, reading_options
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.cli.progress import shown
from valhalla_manifest.cli.words import PATH
from valhalla_manifest.project import last_change, loading
from valhalla_manifest.project.loading import PathState
from valhalla_manifest.report import json as as_json

if TYPE_CHECKING:
    from valhalla_manifest.manifest.record import Record
    from valhalla_manifest.project.last_change import LastChange


def _text(manifest: Record, last: LastChange) -> None:
    from valhalla_manifest.report import text

    print_lines(text.status(manifest, last, Settings.current().style()))


def _json(manifest: Record, last: LastChange) -> None:
    print_json(as_json.status(manifest, last.time))


def _markdown(manifest: Record, last: LastChange) -> None:
    from valhalla_manifest.report import markdown

    print_lines(markdown.status(manifest, last))


def _html(manifest: Record, last: LastChange) -> None:
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
    settings = Settings.current()
    chosen = settings.chosen(paths)
    if len(chosen) == 1:
        found = loading.record(chosen[0], settings.config_of(chosen[0]).policy, settings.at)
        FORMATS[form](found, last_change.find(chosen[0], settings.at))
        return
    if form not in LISTS:
        raise click.UsageError(f"{form} is for one manifest; --manifest names one.")
    states = [_state(path, settings) for path in shown(chosen, len(chosen))]
    LISTS[form](states)
    raise click.exceptions.Exit(0 if all(state.problem is None for state in states) else 1)


def _state(path: str, settings: Settings) -> PathState:
    checked = loading.check_file(path, settings.config_of(path).policy, settings.at)
    if checked.errors:
        return PathState(path, None, None, loading.first_problem(checked))
    return PathState(path, checked.record, last_change.find(path, settings.at).time, None)


def _lines(states: list[PathState]) -> None:
    from valhalla_manifest.report import text

    print_lines(text.states(states, Settings.current().style()))


def _list(states: list[PathState]) -> None:
    print_json(list(map(as_json.state, states)))


def _table(states: list[PathState]) -> None:
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
    manifest = load_manifest()
    if form == "json":
        print_json(as_json.summary(manifest))
        return
    from valhalla_manifest.report import text

    print_lines([text.summary(manifest, Settings.current().style())])
