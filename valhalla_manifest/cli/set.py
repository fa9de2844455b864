"""``set``: keys of the top that no other command edits, a team's own among them."""

from __future__ import annotations

import click

from valhalla_manifest.cli.assignments import KeyToClear, parse_assignments, require_disjoint
from valhalla_manifest.cli.editing import SaveOptions, edit, edit_options

TEXTS = ("name=", "summary=")
# The keys that have a command of their own.
ELSEWHERE = {
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
def set(pairs: tuple[str, ...], clear: tuple[str, ...], saving: SaveOptions) -> None:  # noqa: A001
    """Set the name, the summary, or keys of your own (x-…) of the top.

    A VALUE of an own key is a plain scalar of YAML or, behind a bracket, a brace or a double
    quote, JSON.

    \b
    Example:
      valhalla-manifest set x-team=core x-links='["https://example.com"]' --dry-run
    """
    texts = [pair.split("=", 1) for pair in pairs if pair.startswith(TEXTS)]
    values = dict(texts)
    if len(values) < len(texts):
        raise click.UsageError("A key is given twice.")
    own = parse_assignments((pair for pair in pairs if not pair.startswith(TEXTS)), ELSEWHERE)
    require_disjoint(values | own, clear)
    if not pairs and not clear:
        raise click.UsageError("Name what to change, such as x-team=core.")
    edit(lambda editor: editor.set_values(values | own, clear), saving)
