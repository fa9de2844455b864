"""``validate``: find every problem of one manifest or many."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

from valhalla_manifest.cli.context import Settings
from valhalla_manifest.cli.options import common_options, format_option
from valhalla_manifest.cli.output import append_to_named_file, print_json, print_lines
from valhalla_manifest.project.loading import check_file

if TYPE_CHECKING:
    from valhalla_manifest.validation.check import Checked, Policy
    from valhalla_manifest.versioning.diff import Change


class Verdict(NamedTuple):
    """What is known of the files, and which of them fail."""

    checked: dict[str, Checked]
    failing: list[str]


def _text(verdict: Verdict) -> None:
    bad = {path: found for path, found in verdict.checked.items() if found.problems}
    number = len(verdict.checked)
    if not bad:
        # Nothing to report in detail: the report module is not needed.
        only = next(iter(verdict.checked)) if number == 1 else f"{number} manifests"
        click.echo(f"{only} {'is' if number == 1 else 'are'} valid")
        return
    from valhalla_manifest.report import text

    style = Settings.current().style()
    for path, found in bad.items():
        print_lines(text.problems(path, found, style))
    everything = [problem for found in bad.values() for problem in found.problems]
    files = f" in {text.plural(len(bad), 'file')}" if number > 1 else ""
    click.echo(text.tally(everything) + files, err=True)


def _json(verdict: Verdict) -> None:
    from valhalla_manifest.report import json as as_json

    print_json(as_json.validation(verdict.checked, ok=not verdict.failing))


def _github(verdict: Verdict) -> None:
    from valhalla_manifest.report import github

    click.echo(github.report(verdict.checked), nl=False)


def _gitlab(verdict: Verdict) -> None:
    from valhalla_manifest.report import gitlab

    click.echo(gitlab.report(verdict.checked), nl=False)


def _junit(verdict: Verdict) -> None:
    from valhalla_manifest.report import junit

    click.echo(junit.report(verdict.checked), nl=False)


def _sarif(verdict: Verdict) -> None:
    from valhalla_manifest.report import sarif

    click.echo(sarif.report(verdict.checked), nl=False)


FORMATS = {
    "text": _text,
    "json": _json,
    "github": _github,
    "gitlab": _gitlab,
    "junit": _junit,
    "sarif": _sarif,
}


@click.command()
@click.argument("files", nargs=-1)
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@click.option("--against", metavar="REV", help="Also judge the change since it parted from REV.")
@click.option("--fix", is_flag=True, help="Make the safe repairs first, such as missing quotes.")
@click.option(
    "--summary", is_flag=True, help="Append to the job summary that GITHUB_STEP_SUMMARY names."
)
@format_option(*FORMATS)
@common_options
def validate(
    files: tuple[str, ...], strict: bool, against: str | None, fix: bool, summary: bool, form: str
) -> None:
    """Check manifests and name the line of every problem.

    FILES are checked in one run; without any, the manifest of this project is. "-" is standard
    input. The exit code is 1 if there is an error.

    \b
    Example:
      valhalla-manifest validate manifest/system.yaml
    """
    settings = Settings.current()
    # Reports name paths with "/", as forges do, however they are typed.
    paths = tuple(file.replace(os.sep, "/") for file in files) or (settings.manifest,)
    if fix:
        _fix(paths)
    checked, changes = _checked(paths, against, settings.config.policy)
    failing = [
        path for path, found in checked.items() if found.errors or (strict and found.problems)
    ]
    FORMATS[form](Verdict(checked, failing))
    for found in checked.values():
        if found.not_judged:
            click.echo(found.not_judged, err=True)
    if summary:
        _summarize(checked, changes)
    raise click.exceptions.Exit(1 if failing else 0)


def _summarize(checked: dict[str, Checked], changes: list[Change]) -> None:
    from valhalla_manifest.report import markdown

    lines = markdown.validation(checked, changes)
    append_to_named_file("GITHUB_STEP_SUMMARY", "\n".join([*lines, ""]))


def _checked(
    paths: tuple[str, ...], against: str | None, policy: Policy
) -> tuple[dict[str, Checked], list[Change]]:
    if against is None:
        return {path: check_file(path, policy) for path in paths}, []
    from valhalla_manifest.project import review

    found, changes = {}, []
    for path in paths:
        judged = review.against(path, against, policy)
        found.update(judged.checked)
        changes += judged.changes
    return found, changes


def _fix(paths: tuple[str, ...]) -> None:
    from valhalla_manifest.project.editor import repair

    for path in paths:
        if repair(path):
            click.echo(f"{path}: repaired", err=True)
