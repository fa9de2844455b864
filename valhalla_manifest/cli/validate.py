"""``validate``: find every problem of one manifest or many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from valhalla_manifest.cli.invocation import Invocation, relative
from valhalla_manifest.cli.options import common_options, format_option
from valhalla_manifest.cli.output import append_to_named_file, print_json, print_lines
from valhalla_manifest.cli.param_types import PATH, REVISION
from valhalla_manifest.cli.progress import with_progress
from valhalla_manifest.project import files

if TYPE_CHECKING:
    from valhalla_manifest.project.manifest_file import ManifestFile
    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.versioning.diff import Change


class ValidationResult(NamedTuple):
    """What is known of the files, and which of them fail."""

    checked: dict[str, Checked]
    changes: list[Change]
    failing: list[str]

    @property
    def from_root(self) -> dict[str, Checked]:
        """The same with paths from the repository's root, as the pages of forges know them."""
        return {self._from_root(path, found): found for path, found in self.checked.items()}

    @staticmethod
    def _from_root(path: str, found: Checked) -> str:
        is_file = found.revision is None and path != files.STANDARD_INPUT
        return files.from_root(Path(path)) if is_file else path


def _text(verdict: ValidationResult) -> None:
    bad = {path: found for path, found in verdict.checked.items() if found.problems}
    number = len(verdict.checked)
    if not bad:
        # Nothing to report in detail: the report module is not needed.
        only = next(iter(verdict.checked)) if number == 1 else f"{number} manifests"
        click.echo(f"{only} {'is' if number == 1 else 'are'} valid")
        return
    from valhalla_manifest.report import text

    style = Invocation.current().style()
    for path, found in bad.items():
        print_lines(text.problems(path, found, style))
    everything = [problem for found in bad.values() for problem in found.problems]
    files = f" in {text.plural(len(bad), 'file')}" if number > 1 else ""
    click.echo(text.tally(everything) + files, err=True)


def _json(verdict: ValidationResult) -> None:
    from valhalla_manifest.report import json as as_json

    print_json(as_json.validation(verdict.checked, ok=not verdict.failing))


def _github(verdict: ValidationResult) -> None:
    from valhalla_manifest.report import github

    click.echo(github.report(verdict.from_root), nl=False)


def _gitlab(verdict: ValidationResult) -> None:
    from valhalla_manifest.report import gitlab

    click.echo(gitlab.report(verdict.from_root), nl=False)


def _junit(verdict: ValidationResult) -> None:
    from valhalla_manifest.report import junit

    click.echo(junit.report(verdict.checked), nl=False)


def _sarif(verdict: ValidationResult) -> None:
    from valhalla_manifest.report import sarif

    click.echo(sarif.report(verdict.from_root), nl=False)


FORMATS = {
    "text": _text,
    "json": _json,
    "github": _github,
    "gitlab": _gitlab,
    "junit": _junit,
    "sarif": _sarif,
}


@click.command()
@click.argument("paths", metavar="[FILES]...", nargs=-1, type=PATH)
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@click.option(
    "--against",
    metavar="REV",
    type=REVISION,
    help="Also judge the change since it parted from REV.",
)
@click.option("--fix", is_flag=True, help="Make the safe repairs first, such as missing quotes.")
@click.option(
    "--summary", is_flag=True, help="Append to the job summary that GITHUB_STEP_SUMMARY names."
)
@format_option(*FORMATS)
@common_options
def validate(
    paths: tuple[str, ...], strict: bool, against: str | None, fix: bool, summary: bool, form: str
) -> None:
    """Check manifests and name the line of every problem.

    FILES are checked in one run, and folders are searched; without any, the manifests of this
    project are. "-" is standard input. The exit code is 1 if there is an error.

    \b
    Example:
      valhalla-manifest validate manifest/system.yaml
    """
    invocation = Invocation.current()
    chosen = invocation.chosen(paths)
    if fix:
        _fix(chosen)
    checked, changes = _checked(chosen, against, invocation)
    failing = [
        path for path, found in checked.items() if found.errors or (strict and found.problems)
    ]
    verdict = ValidationResult(checked, changes, failing)
    FORMATS[form](verdict)
    for found in checked.values():
        if found.skipped_reason:
            click.echo(found.skipped_reason, err=True)
    if summary:
        _summarize(verdict)
    raise click.exceptions.Exit(1 if failing else 0)


def _summarize(verdict: ValidationResult) -> None:
    from valhalla_manifest.report import markdown

    lines = markdown.validation(verdict.from_root, verdict.changes)
    append_to_named_file("GITHUB_STEP_SUMMARY", "\n".join([*lines, ""]))


def _checked(
    manifests: list[ManifestFile], against: str | None, invocation: Invocation
) -> tuple[dict[str, Checked], list[Change]]:
    each = with_progress(manifests, len(manifests))
    if against is None:
        return {file.name: file.check().verdict for file in each}, []
    from valhalla_manifest.project import review, settings_review

    found, changes = {}, []
    for file in each:
        judged = review.review_change(file, against)
        found.update(judged.checked)
        changes += judged.changes
    here = files.working_directory()
    projects = {file.path.parent: file.project for file in manifests}
    # The project of the working directory says which manifests there are, if it is theirs.
    if files.repository(here) in map(files.repository, projects):
        projects = {here: invocation.project, **projects}
    for weakened in settings_review.compare_settings(here, against, projects):
        found[relative(weakened.file)] = weakened.checked
    return found, changes


def _fix(manifests: list[ManifestFile]) -> None:
    from valhalla_manifest.project.editor import repair

    for file in manifests:
        if repair(file):
            click.echo(f"{file}: repaired", err=True)
