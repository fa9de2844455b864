"""What the editing commands share: their options, and what they show of an edit."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.cli.options import common_options, format_option
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.document.problems import ManifestError, NeedsForceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from valhalla_manifest.project.editor import Editor
    from valhalla_manifest.versioning.diff import Change


class SaveOptions(NamedTuple):
    """How an edit ends: only shown, written, or written and committed."""

    dry: bool
    commit: bool
    everything: bool
    message: str | None
    form: str


def edit_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every edit has; the command gets them as one ``saving``."""

    @wraps(command)
    def with_saving(
        *args: Any,
        dry: bool,
        commit: bool,
        everything: bool,
        message: str | None,
        form: str,
        **rest: Any,
    ) -> None:
        for name, is_given in (("--message", message is not None), ("--all", everything)):
            if is_given and not commit:
                raise click.UsageError(f"{name} goes with --commit.")
        if dry and commit:
            raise click.UsageError("--dry-run writes nothing that --commit could commit.")
        command(*args, saving=SaveOptions(dry, commit, everything, message, form), **rest)

    options = (
        click.option(
            "--dry-run", "dry", is_flag=True, help="Show the change as a diff and write nothing."
        ),
        click.option("--commit", is_flag=True, help="Commit the manifest, and nothing else."),
        click.option(
            "--all", "everything", is_flag=True, help="Commit edits that were there before too."
        ),
        click.option(
            "--message", metavar="TEXT", help="The message of the commit (default: the change)."
        ),
        format_option("text", "json"),
        common_options,
    )
    for option in reversed(options):  # the last one is listed first
        with_saving = option(with_saving)
    return with_saving


def edit(act: Callable[[Editor], None], saving: SaveOptions) -> None:
    """Edit the manifest of this run, show what changed, and commit it where that is asked for.

    Raises:
        ManifestError: the edit cannot be made, and the manifest is as it was; or it cannot be
            committed, and the edit stays in the working tree.
    """
    try:
        editor, commit, before = (_committed if saving.commit else _written)(act, saving)
    except NeedsForceError as error:
        raise ManifestError(f"{error.message}, or use --force", refused=True) from None
    try:
        if saving.form == "json":
            from valhalla_manifest.report import json as as_json

            made = as_json.commit(commit, before) if saving.commit else {}
            print_json(as_json.edit(editor.changes) | made)
        else:
            print_lines(_told(editor, commit, before, saving))
        for problem in editor.remaining:
            line = f"{problem.line}:{problem.column}: {problem.code}: {problem.message}"
            click.echo(f"{editor.file}:{line}, as before this edit", err=True)
        for warning in editor.new_warnings:
            hint = f" ({warning.hint})" if warning.hint else ""
            click.echo(f"warning {warning.code}: {warning.message}{hint}", err=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        done = "nothing is written" if saving.dry else "the edit took effect"
        raise ManifestError(
            f"{done}; what it changed cannot be written: {error.strerror}"
        ) from None


def _told(
    editor: Editor, commit: str | None, earlier: list[Change], saving: SaveOptions
) -> Iterator[str]:
    from valhalla_manifest.manifest.wording import describe_change
    from valhalla_manifest.report import text

    invocation = Invocation.current()
    if not editor.changed and commit is None:
        yield "nothing to change"
    elif saving.dry:
        path = editor.file.name_in_repository  # as `git apply` takes it
        yield from text.diff(path, editor.before.source.whole, editor.text, invocation.style())
    else:
        yield from map(describe_change, editor.changes)
        if saving.commit:
            as_before = "nothing to commit: the manifest is as it was committed last"
            yield f"committed {commit}" if commit else as_before
            with_it = earlier if commit else []
            yield from (f"with the earlier edit: {describe_change(each)}" for each in with_it)


def _written(
    act: Callable[[Editor], None], saving: SaveOptions
) -> tuple[Editor, None, list[Change]]:
    from valhalla_manifest.project import editor as editing

    with editing.edit(Invocation.current().manifest, dry=saving.dry) as editor:
        act(editor)
    return editor, None, []


def _committed(
    act: Callable[[Editor], None], saving: SaveOptions
) -> tuple[Editor, str | None, list[Change]]:
    from valhalla_manifest.project import review

    return review.edit_and_commit(
        Invocation.current().manifest, act, saving.message, everything=saving.everything
    )
