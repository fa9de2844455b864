"""``validate``: report every problem of one or more manifests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from valhalla_manifest.cli.interruption import effect_in_message
from valhalla_manifest.cli.invocation import Invocation
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
    """The checked files, the changes under review, and the names of the files that fail."""

    checked: dict[str, Checked]
    changes: list[Change]
    failing: list[str]

    @property
    def from_root(self) -> dict[str, Checked]:
        """The checked files by their path from the repository's root, as forges need it."""
        return {self._from_root(path, each): each for path, each in self.checked.items()}

    @staticmethod
    def _from_root(path: str, checked: Checked) -> str:
        is_file = checked.revision is None and path != files.STANDARD_INPUT
        return files.from_root(Path(path)) if is_file else path


def _report_text(result: ValidationResult) -> None:
    bad = {path: checked for path, checked in result.checked.items() if checked.problems}
    total = len(result.checked)
    if not bad:
        # Most runs end here, and do not need to import the report module.
        name = next(iter(result.checked)) if total == 1 else f"{total} manifests"
        click.echo(f"{name} {'is' if total == 1 else 'are'} valid")
        return
    from valhalla_manifest.report import text

    style = Invocation.current().style()
    for path, checked in bad.items():
        print_lines(text.problems(path, checked, style))
    problems = [problem for checked in bad.values() for problem in checked.problems]
    in_files = f" in {text.plural(len(bad), 'file')}" if total > 1 else ""
    click.echo(text.tally(problems) + in_files, err=True)


def _report_json(result: ValidationResult) -> None:
    from valhalla_manifest.report import json as as_json

    print_json(as_json.validation(result.checked, ok=not result.failing))


def _report_github(result: ValidationResult) -> None:
    from valhalla_manifest.report import github

    click.echo(github.report(result.from_root), nl=False)


def _report_gitlab(result: ValidationResult) -> None:
    from valhalla_manifest.report import gitlab

    click.echo(gitlab.report(result.from_root), nl=False)


def _report_junit(result: ValidationResult) -> None:
    from valhalla_manifest.report import junit

    click.echo(junit.report(result.checked), nl=False)


def _report_sarif(result: ValidationResult) -> None:
    from valhalla_manifest.report import sarif

    click.echo(sarif.report(result.from_root), nl=False)


FORMATS = {
    "text": _report_text,
    "json": _report_json,
    "github": _report_github,
    "gitlab": _report_gitlab,
    "junit": _report_junit,
    "sarif": _report_sarif,
}


@click.command()
@click.argument("paths", metavar="[FILES]...", nargs=-1, type=PATH)
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@click.option(
    "--against",
    metavar="REV",
    type=REVISION,
    help="Also check the changes made since the branch point with REV.",
)
@click.option("--fix", is_flag=True, help="First fix what is safe to fix, such as missing quotes.")
@click.option(
    "--summary", is_flag=True, help="Append a summary to the file that GITHUB_STEP_SUMMARY names."
)
@format_option(*FORMATS)
@common_options
def validate(
    paths: tuple[str, ...], strict: bool, against: str | None, fix: bool, summary: bool, form: str
) -> None:
    """Check manifests and report the line of every problem.

    Without FILES, check the manifests of the project. Folders are searched; "-" is standard
    input. The exit code is 1 if there is an error.

    \b
    Example:
      valhalla-manifest validate manifest/system.yaml
    """
    invocation = Invocation.current()
    manifests = invocation.select_manifests(paths, allow_none=against is not None)
    if fix:
        _fix(manifests)
    checked, changes = _check(manifests, against, invocation)
    failing = [path for path, each in checked.items() if each.errors or (strict and each.problems)]
    result = ValidationResult(checked, changes, failing)
    FORMATS[form](result)
    if fix and (left := sum(len(each.problems) for each in checked.values())):
        subject = "1 problem needs" if left == 1 else f"{left} problems need"
        click.echo(f"{subject} an edit by hand", err=True)
    for each in checked.values():
        if each.skipped_reason:
            click.echo(each.skipped_reason, err=True)
    if summary:
        _append_summary(result)
    raise click.exceptions.Exit(1 if failing else 0)


def _append_summary(result: ValidationResult) -> None:
    from valhalla_manifest.report import markdown

    lines = markdown.validation(result.from_root, result.changes)
    append_to_named_file("GITHUB_STEP_SUMMARY", "\n".join([*lines, ""]))


def _check(
    manifests: list[ManifestFile], against: str | None, invocation: Invocation
) -> tuple[dict[str, Checked], list[Change]]:
    if against is None:
        queue = with_progress(manifests, len(manifests))
        return {file.name: file.check().verdict for file in queue}, []
    from valhalla_manifest.project import review

    result = review.review_changes(
        manifests,
        against,
        here=files.working_directory(),
        project=invocation.project,
        progress=with_progress,
    )
    return result.checked, result.changes


def _fix(manifests: list[ManifestFile]) -> None:
    from valhalla_manifest.project.editor import repair

    for file in manifests:
        with effect_in_message(file):
            if repair(file):
                click.echo(f"{file}: fixed", err=True)
