"""The options and the output that all editing commands share."""

from __future__ import annotations

import shlex
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from valhalla_manifest.cli.interruption import Interruption
from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.cli.options import common_options, format_option
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.document.problems import EarlierEditsError, ManifestError, NeedsForceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from valhalla_manifest.project.editor import Editor
    from valhalla_manifest.versioning.diff import Change


class SaveOptions(NamedTuple):
    """Whether an edit is shown, written or committed, and how it is reported."""

    dry_run: bool
    commit: bool
    include_earlier_edits: bool
    message: str | None
    form: str


def edit_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every edit; the command receives them as ``save_options``."""

    @wraps(command)
    def with_save_options(*args: Any, **values: Any) -> None:
        save_options = SaveOptions(**{name: values.pop(name) for name in SaveOptions._fields})
        if save_options.message is not None and not save_options.commit:
            raise click.UsageError("--message requires --commit")
        if save_options.include_earlier_edits and not save_options.commit:
            raise click.UsageError("--all requires --commit")
        if save_options.dry_run and save_options.commit:
            raise click.UsageError("--dry-run and --commit cannot be used together")
        command(*args, save_options=save_options, **values)

    options = (
        click.option("--dry-run", is_flag=True, help="Show the change as a diff; write nothing."),
        click.option("--commit", is_flag=True, help="Commit the manifest, and nothing else."),
        click.option(
            "--all",
            "include_earlier_edits",
            is_flag=True,
            help="With --commit, also commit earlier uncommitted edits.",
        ),
        click.option(
            "--message", metavar="TEXT", help="Set the commit message (default: the changes)."
        ),
        format_option("text", "json"),
        common_options,
    )
    # Click lists options in reverse order of addition.
    for option in reversed(options):
        with_save_options = option(with_save_options)
    return with_save_options


def edit(apply_edit: Callable[[Editor], None], save_options: SaveOptions) -> None:
    """Edit the manifest of this run, print the changes, and commit them if requested."""
    editors: list[Editor] = []

    def apply_to_editor(editor: Editor) -> None:
        editors.append(editor)
        apply_edit(editor)

    try:
        _save_and_report(apply_to_editor, save_options)
    except KeyboardInterrupt as interrupt:
        error = _describe_effect(editors, save_options)
        raise Interruption(interrupt, error.message, error.details) from None


def _describe_effect(editors: list[Editor], save_options: SaveOptions) -> ManifestError:
    """Return what an interrupted edit did; only the file and git can say that for sure."""
    nothing = ManifestError("interrupted; nothing was changed")
    if not editors or save_options.dry_run:
        return nothing
    [editor] = editors
    try:
        present = editor.file.read()
    except ManifestError as error:
        return ManifestError(f"interrupted; cannot read {editor.file}: {error}")
    if present == editor.before.source.whole.encode() and editor.changed:
        return nothing
    if save_options.commit:
        from valhalla_manifest.project import review

        return review.describe_failed_commit(editor, ManifestError("interrupted"))
    if not editor.changed:
        return nothing
    if present != editor.text.encode():
        return ManifestError(f"interrupted; {editor.file} was changed by another program")
    return ManifestError("interrupted, but the edit took effect")


def _save_and_report(apply_edit: Callable[[Editor], None], save_options: SaveOptions) -> None:
    try:
        editor, commit, earlier = _save(apply_edit, save_options)
    except NeedsForceError as error:
        raise ManifestError(_with_command(error) + ", or use --force", refused=True) from None
    except EarlierEditsError as error:
        raise ManifestError(f"{error.message}, or use --all", refused=True) from None
    try:
        if save_options.form == "json":
            from valhalla_manifest.report import json as as_json

            commit_report = as_json.commit(commit, earlier) if save_options.commit else {}
            print_json(as_json.edit(editor.changes) | commit_report)
        else:
            print_lines(_report_lines(editor, commit, earlier, save_options))
        for problem in editor.remaining:
            line = f"{problem.line}:{problem.column}: {problem.code}: {problem.message}"
            click.echo(f"{editor.file}:{line}, as before this edit", err=True)
        for warning in editor.new_warnings:
            hint = f" ({warning.hint})" if warning.hint else ""
            click.echo(f"warning {warning.code}: {warning.message}{hint}", err=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        effect = "nothing was changed" if save_options.dry_run else "the edit took effect"
        raise ManifestError(f"{effect}; cannot print the report: {error.strerror}") from None


def _with_command(error: NeedsForceError) -> str:
    """Return the message of a refusal, with the command that installs pending packs."""
    if not error.pending:
        return error.message
    ids = shlex.join(error.pending)
    return f"{error.message}: `valhalla-manifest packs set {ids} --status installed`"


def _save(
    apply_edit: Callable[[Editor], None], save_options: SaveOptions
) -> tuple[Editor, str | None, list[Change]]:
    """Make the edit; return the editor, the new commit and the earlier edits that it includes."""
    manifest = Invocation.current().manifest
    if save_options.commit:
        from valhalla_manifest.project import review

        return review.edit_and_commit(
            manifest,
            apply_edit,
            save_options.message,
            include_earlier_edits=save_options.include_earlier_edits,
        )
    from valhalla_manifest.project import editor as editing

    with editing.edit(manifest, dry=save_options.dry_run) as editor:
        apply_edit(editor)
    return editor, None, []


def _report_lines(
    editor: Editor, commit: str | None, earlier: list[Change], save_options: SaveOptions
) -> Iterator[str]:
    from valhalla_manifest.manifest.wording import describe_change
    from valhalla_manifest.report import text

    if not editor.changed and commit is None:
        yield "nothing to change"
    elif save_options.dry_run:
        path = editor.file.name_in_repository  # `git apply` needs the path from the root.
        style = Invocation.current().style()
        yield from text.diff(path, editor.before.source.whole, editor.text, style)
    else:
        yield from map(describe_change, editor.changes)
        if commit:
            yield f"committed {commit}"
            yield from (f"includes the earlier edit: {describe_change(each)}" for each in earlier)
        elif save_options.commit:
            yield "nothing to commit: the manifest matches its last commit"
