"""What the editing commands share: their options, and what they show of an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from valhalla_manifest.cli.common import (
    Settings,
    common_options,
    format_option,
    print_json,
    print_lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from valhalla_manifest.editor import Editor

Command = TypeVar("Command", bound="Callable[..., Any]")


def edit_options(command: Command) -> Command:
    """Add the options that every edit has: ``--dry-run``, ``--format`` and the common ones."""
    dry = click.option(
        "--dry-run", "dry", is_flag=True, help="Show the change as a diff and write nothing."
    )
    return dry(format_option("text", "json")(common_options(command)))


def edit(act: Callable[[Editor], None], *, dry: bool, form: str) -> None:
    """Edit the manifest of this run and show what changed.

    Raises:
        ManifestError: the edit cannot be made; the manifest is as it was.
    """
    from valhalla_manifest import views
    from valhalla_manifest.editor import open_manifest
    from valhalla_manifest.report import text

    settings = Settings.current()
    path = settings.manifest
    with open_manifest(path, policy=settings.config.policy, dry=dry) as editor:
        act(editor)
    changes = editor.changes
    if form == "json":
        print_json({"changed": bool(changes), "changes": [views.change(of) for of in changes]})
    elif not editor.changed:
        click.echo("nothing to change")
    elif dry:
        print_lines(text.diff(path, editor.original.decode(), editor.text, settings.style()))
    else:
        print_lines(map(text.change, changes))
