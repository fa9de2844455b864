"""``set``: edit the top-level keys that have no other command."""

from __future__ import annotations

import click

from valhalla_manifest.cli.assignments import KeyToClear, parse_assignments, require_disjoint
from valhalla_manifest.cli.editing import SaveOptions, edit, edit_options

STRINGS = ("name", "summary")
# The commands that edit the other top-level keys.
ALTERNATIVES = {
    "version": "use `version set`",
    "notes": "use `notes set`",
    "backend_complete": "use `complete` or `incomplete`",
    "completed_at": "use `complete` or `incomplete`",
    "packs": "use `packs add`, `packs set` or `packs remove`",
}


@click.command("set")
@click.argument("pairs", metavar="KEY=VALUE...", nargs=-1)
@click.option("--clear", multiple=True, type=KeyToClear(["name"]), help="Remove a key.")
@edit_options
def set(pairs: tuple[str, ...], clear: tuple[str, ...], save_options: SaveOptions) -> None:  # noqa: A001
    """Set the name, the summary or extension keys (x-…).

    The VALUE of an extension key is a plain YAML scalar, or JSON if it starts with a bracket, a
    brace or a double quote.

    \b
    Example:
      valhalla-manifest set x-team=core x-links='["https://example.com"]' --dry-run
    """
    values = parse_assignments(pairs, ALTERNATIVES, strings=STRINGS)
    require_disjoint(values, clear)
    if not values and not clear:
        raise click.UsageError("nothing to change; add an assignment such as x-team=core")
    edit(lambda editor: editor.set_values(values, clear), save_options)
