"""``validate``: find every problem of one manifest or many."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.common import (
    Settings,
    append_to_named_file,
    common_options,
    format_option,
    print_json,
    print_lines,
)
from valhalla_manifest.document.source import Source
from valhalla_manifest.project.loading import check_file

if TYPE_CHECKING:
    from valhalla_manifest.validation.check import Checked, Policy
    from valhalla_manifest.versioning.diff import Change


FORGES = ("github", "gitlab", "junit", "sarif")  # each is a module of report/


@click.command()
@click.argument("files", nargs=-1)
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@click.option("--against", metavar="REV", help="Also judge the change since it parted from REV.")
@click.option("--fix", is_flag=True, help="Make the safe repairs first, such as missing quotes.")
@click.option(
    "--summary", is_flag=True, help="Append to the job summary that GITHUB_STEP_SUMMARY names."
)
@format_option("text", "json", *FORGES)
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
    paths = files or (settings.manifest,)
    if fix:
        _fix(paths)
    checked, changes = _checked(paths, against, settings.config.policy)
    fails = [path for path, found in checked.items() if found.errors or (strict and found.problems)]
    if form == "json":
        from valhalla_manifest.report import json as as_json

        print_json(as_json.validation(checked, ok=not fails))
    elif form in FORGES:
        click.echo(import_module(f"valhalla_manifest.report.{form}").report(checked), nl=False)
    else:
        _print_text(checked, settings)
    if summary:
        _summarize(checked, changes)
    raise click.exceptions.Exit(1 if fails else 0)


def _summarize(checked: dict[str, Checked], changes: list[Change]) -> None:
    from valhalla_manifest.report import markdown

    lines = markdown.validation(checked, changes)
    append_to_named_file("GITHUB_STEP_SUMMARY", "\n".join([*lines, ""]))


def _checked(
    paths: tuple[str, ...], against: str | None, policy: Policy
) -> tuple[dict[str, Checked], list[Change]]:
    if against is None:
        return {path: _slim(check_file(path, policy)) for path in paths}, []
    from valhalla_manifest.project import review

    found, changes = {}, []
    for path in paths:
        judged = review.against(path, against, policy)
        found.update(judged.checked)
        changes += judged.changes
        if judged.not_judged:
            click.echo(judged.not_judged, err=True)
    return found, changes


def _slim(checked: Checked) -> Checked:
    """Let go of a tree that no report will show: three hundred of them are slow to hold."""
    from valhalla_manifest.validation.check import Checked

    return checked if checked.problems else Checked(Source(""))


def _fix(paths: tuple[str, ...]) -> None:
    from valhalla_manifest.project.editor import repair

    for path in paths:
        if repair(path):
            click.echo(f"{path}: repaired", err=True)


def _print_text(checked: dict[str, Checked], settings: Settings) -> None:
    bad = {path: found for path, found in checked.items() if found.problems}
    if not bad:
        # Nothing to report in detail: the report module is not needed.
        only = next(iter(checked)) if len(checked) == 1 else f"{len(checked)} manifests"
        click.echo(f"{only} {'is' if len(checked) == 1 else 'are'} valid")
        return
    from valhalla_manifest.report import text

    style = settings.style()
    for path, found in bad.items():
        print_lines(text.problems(path, found, style))
    everything = [problem for found in bad.values() for problem in found.problems]
    files = f" in {text.plural(len(bad), 'file')}" if len(checked) > 1 else ""
    click.echo(text.tally(everything) + files, err=True)
