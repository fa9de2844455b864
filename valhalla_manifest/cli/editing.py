"""What the editing commands share: their options, and what they show of an edit."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from valhalla_manifest.cli.context import Settings
from valhalla_manifest.cli.options import (
    debug_option,
    format_option,
    long_manifest_option,
    paint_option,
)
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.cli.words import PATH
from valhalla_manifest.document.problems import ManifestError, NeedsForceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from valhalla_manifest.project.editor import Editor
    from valhalla_manifest.versioning.diff import Change, Data


class Saving(NamedTuple):
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
        short: tuple[str, ...],
        form: str,
        **rest: Any,
    ) -> None:
        if short and commit:
            message = _message_of_old(short, message)
        else:
            Settings.current().named.extend(short)
        for name, is_given in (("--message", message is not None), ("--all", everything)):
            if is_given and not commit:
                raise click.UsageError(f"{name} goes with --commit.")
        if dry and commit:
            raise click.UsageError("--dry-run writes nothing that --commit could commit.")
        command(*args, saving=Saving(dry, commit, everything, message, form), **rest)

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
        click.option(
            "-m",
            "short",
            multiple=True,
            metavar="PATH",
            type=PATH,
            help="The same as --manifest; with --commit, in this version, as --message.",
        ),
        format_option("text", "json"),
        long_manifest_option,
        paint_option,
        debug_option,
    )
    for option in reversed(options):  # the last one is listed first
        with_saving = option(with_saving)
    return with_saving


def _message_of_old(short: tuple[str, ...], message: str | None) -> str:
    """Return what ``-m`` says behind ``--commit``, as long as it is the message there.

    Raises:
        UsageError: it may well be meant as the manifest, or there is a message already.
    """
    (first, *more) = short
    if more or message is not None:
        raise click.UsageError("The message is given more than once; write --message.")
    if Path(first).is_file():
        raise click.UsageError(
            f"With --commit, {first} would be the message; write --manifest {first}."
        )
    click.echo("-m was taken for --message; from the next release it is --manifest", err=True)
    return first


def edit(act: Callable[[Editor], None], saving: Saving) -> None:
    """Edit the manifest of this run, show what changed, and commit it where that is asked for.

    Raises:
        ManifestError: the edit cannot be made, and the manifest is as it was; or it cannot be
            committed, and the edit stays in the working tree.
    """
    settings = Settings.current()
    try:
        editor, commit, before = (_committed if saving.commit else _written)(act, saving, settings)
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
            click.echo(f"{settings.manifest}:{line}, as before this edit", err=True)
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
    editor: Editor, commit: str | None, earlier: list[Change], saving: Saving
) -> Iterator[str]:
    from valhalla_manifest.project import files
    from valhalla_manifest.report import text

    settings = Settings.current()
    if not editor.changed and commit is None:
        yield "nothing to change"
    elif saving.dry:
        path = files.from_root(settings.manifest)  # as `git apply` takes it
        yield from text.diff(path, editor.before.source.whole, editor.text, settings.style())
    else:
        yield from map(text.change, editor.changes)
        if saving.commit:
            as_before = "nothing to commit: the manifest is as it was committed last"
            yield f"committed {commit}" if commit else as_before
            with_it = earlier if commit else []
            yield from (f"with the earlier edit: {text.change(each)}" for each in with_it)


def _written(
    act: Callable[[Editor], None], saving: Saving, settings: Settings
) -> tuple[Editor, None, list[Change]]:
    from valhalla_manifest.project.editor import open_manifest

    policy = settings.policy
    with open_manifest(settings.manifest, policy=policy, dry=saving.dry) as editor:
        act(editor)
    return editor, None, []


def _committed(
    act: Callable[[Editor], None], saving: Saving, settings: Settings
) -> tuple[Editor, str | None, list[Change]]:
    from valhalla_manifest.project import review
    from valhalla_manifest.report import text

    def describe(changes: list[Change], data: Data) -> str:
        return saving.message or text.commit_message(changes, data)

    policy, everything = settings.policy, saving.everything
    return review.edit_and_commit(settings.manifest, act, describe, policy, everything=everything)
