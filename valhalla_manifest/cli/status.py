"""``status`` and ``summary``: report the state of the backend, in full or in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.invocation import Invocation, load_view
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


def _report_text(manifest: ManifestView, last: LastChange) -> None:
    from valhalla_manifest.report import text

    print_lines(text.status(manifest, last, Invocation.current().style()))


def _report_json(manifest: ManifestView, last: LastChange) -> None:
    print_json(as_json.status(manifest, last.time))


def _report_markdown(manifest: ManifestView, last: LastChange) -> None:
    from valhalla_manifest.report import markdown

    print_lines(markdown.status(manifest, last))


def _report_html(manifest: ManifestView, last: LastChange) -> None:
    from valhalla_manifest.report.page import page

    click.echo(page(manifest, last), nl=False)


FORMATS = {
    "text": _report_text,
    "json": _report_json,
    "markdown": _report_markdown,
    "html": _report_html,
}


@click.command()
@click.argument("paths", metavar="[FILES]...", nargs=-1, type=PATH)
@format_option(*FORMATS)
@reading_options
def status(paths: tuple[str, ...], form: str) -> None:
    """Report the version, completion, packs, notes and last change.

    Several manifests get one line each, and folders are searched. The exit code is 1 if a manifest
    is not valid.

    \b
    Example:
      valhalla-manifest status --format json
    """
    invocation = Invocation.current()
    files = invocation.select_manifests(paths)
    if len(files) == 1:
        view = files[0].require_valid(invocation.at).view
        FORMATS[form](view, last_change.find_last_change(files[0], invocation.at))
        return
    if form not in LISTS:
        raise click.UsageError(f"format {form} is for one manifest; name one with --manifest")
    states = [_read_state(file, invocation.at) for file in with_progress(files, len(files))]
    LISTS[form](states)
    raise click.exceptions.Exit(0 if all(state.problem is None for state in states) else 1)


def _read_state(file: ManifestFile, revision: str | None) -> ManifestState:
    checked = file.check(revision)
    if checked.errors:
        return ManifestState(file.name, None, None, first_problem(checked))
    updated_at = last_change.find_last_change(file, revision).time
    return ManifestState(file.name, checked.view, updated_at, None)


def _list_text(states: list[ManifestState]) -> None:
    from valhalla_manifest.report import text

    print_lines(text.states(states, Invocation.current().style()))


def _list_json(states: list[ManifestState]) -> None:
    print_json(list(map(as_json.state, states)))


def _list_markdown(states: list[ManifestState]) -> None:
    from valhalla_manifest.report import markdown

    print_lines(markdown.states(states))


LISTS = {"text": _list_text, "json": _list_json, "markdown": _list_markdown}


@click.command()
@format_option("text", "json")
@reading_options
def summary(form: str) -> None:
    """Print the state in one line, for a prompt, a log or a badge.

    \b
    Example:
      valhalla-manifest summary
    """
    manifest = load_view()
    if form == "json":
        print_json(as_json.summary(manifest))
        return
    from valhalla_manifest.report import text

    print_lines([text.summary(manifest, Invocation.current().style())])
