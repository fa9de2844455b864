"""What the editing commands share: their options, and what they show of an edit."""

from __future__ import annotations

from functools import wraps
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from valhalla_manifest.project.editor import Editor


class Saving(NamedTuple):
    """How an edit ends: only shown, written, or written and committed."""

    dry: bool
    commit: bool
    message: str | None
    form: str


def edit_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every edit has; the command gets them as one ``saving``."""

    @wraps(command)
    def with_saving(
        *args: Any,
        dry: bool,
        commit: bool,
        message: str | None,
        short: str | None,
        form: str,
        **rest: Any,
    ) -> None:
        # -m is the manifest everywhere, and what git users type for the message of a commit.
        if short is not None and commit:
            message = short
        elif short is not None:
            Settings.current().named = short
        if message is not None and not commit:
            raise click.UsageError("--message goes with --commit.")
        if dry and commit:
            raise click.UsageError("--dry-run writes nothing that --commit could commit.")
        command(*args, saving=Saving(dry, commit, message, form), **rest)

    for option in (
        click.option(
            "--dry-run", "dry", is_flag=True, help="Show the change as a diff and write nothing."
        ),
        click.option("--commit", is_flag=True, help="Commit the manifest, and nothing else."),
        click.option(
            "--message", metavar="TEXT", help="The message of the commit (default: the change)."
        ),
        click.option(
            "-m", "short", metavar="TEXT", help="--message with --commit, else --manifest."
        ),
        format_option("text", "json"),
        long_manifest_option,
        paint_option,
        debug_option,
    ):
        with_saving = option(with_saving)
    return with_saving


def edit(act: Callable[[Editor], None], saving: Saving) -> None:
    """Edit the manifest of this run, show what changed, and commit it where that is asked for.

    Raises:
        ManifestError: the edit cannot be made, and the manifest is as it was; or it cannot be
            committed, and the edit stays in the working tree.
    """
    from valhalla_manifest.project.editor import open_manifest
    from valhalla_manifest.report import json as as_json
    from valhalla_manifest.report import text

    settings = Settings.current()
    path = settings.manifest
    with open_manifest(path, policy=settings.config.policy, dry=saving.dry) as editor:
        act(editor)
    changes = editor.changes
    commit = _commit(path, saving.message, settings) if saving.commit else None
    if saving.form == "json":
        print_json(as_json.edit(changes) | ({"commit": commit} if saving.commit else {}))
    elif not editor.changed and commit is None:
        click.echo("nothing to change")
    elif saving.dry:
        print_lines(text.diff(path, editor.original.decode(), editor.text, settings.style()))
    else:
        print_lines([*map(text.change, changes), *([f"committed {commit}"] if commit else [])])


def _commit(path: str, message: str | None, settings: Settings) -> str | None:
    """Commit the manifest if it differs from the last commit, and return the commit's id."""
    from valhalla_manifest.project import review
    from valhalla_manifest.report import text

    return review.commit(path, message, text.commit_message, settings.config.policy)
