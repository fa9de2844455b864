"""``packs``: read and edit the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from valhalla_manifest.cli.context import Settings, load_manifest
from valhalla_manifest.cli.editing import Saving, edit, edit_options
from valhalla_manifest.cli.options import PACK_ID, format_option, reading_options
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest.compiled import FIELDS, STATUSES

if TYPE_CHECKING:
    from valhalla_manifest.document.fields import Field

OPTIONAL = {name: field for name, field in FIELDS["packs"].items() if not field.required}


@click.group()
def packs() -> None:
    """List, show, add, change or remove packs.

    \b
    Example:
      valhalla-manifest packs list --status pending
    """


@packs.command("list")
@click.option("--status", type=click.Choice(tuple(STATUSES)), help="Only packs of this status.")
@click.option("--category", help="Only packs of this category.")
@format_option("text", "json")
@reading_options
def list_packs(status: str | None, category: str | None, form: str) -> None:
    """List the packs, in the order of the manifest.

    \b
    Example:
      valhalla-manifest packs list --category system
    """
    from valhalla_manifest.report import json as as_json
    from valhalla_manifest.report import text

    chosen = [
        pack
        for pack in load_manifest().packs
        if status in (None, pack.status) and category in (None, pack.category)
    ]
    if form == "json":
        print_json(as_json.packs(chosen))
    else:
        print_lines(text.pack_table(chosen, Settings.current().style()))


@packs.command()
@click.argument("pack_id", metavar="ID", type=PACK_ID)
@format_option("text", "json")
@reading_options
def show(pack_id: str, form: str) -> None:
    """Show one pack, and since when it is there and in its status; its id in any case.

    \b
    Example:
      valhalla-manifest packs show h
    """
    from valhalla_manifest.project import history, loading
    from valhalla_manifest.report import json as as_json
    from valhalla_manifest.report import text

    settings = Settings.current()
    pack = loading.find_pack(load_manifest(), pack_id)
    if form == "json":
        print_json(as_json.pack(pack))
        return
    try:
        lines = history.blame(settings.manifest, settings.config.policy, settings.at)
        known = history.select_pack(lines, pack_id)
    except ManifestError:  # no git, or not committed yet: the registry alone is shown
        known = []
    print_lines(text.pack(pack, known, settings.style()))


def optional_fields(command: Any) -> Any:
    """Add an option for each key that a pack may have but need not."""
    for name, field in reversed(OPTIONAL.items()):  # the last decorator is listed first
        command = click.option(
            _option(name), type=_type(field), metavar=_metavar(field), help=field.description
        )(command)
    return command


def _option(key: str) -> str:
    return f"--{_dashed(key)}"


def _dashed(key: str) -> str:
    return key.replace("_", "-")


def _type(field: Field) -> click.ParamType[Any] | None:
    if field.choices:
        return click.Choice(field.choices)
    return PACK_ID if field.reference and field.type == "string" else None


def _metavar(field: Field) -> str | None:
    if field.choices:
        return None
    one = "ID" if field.reference else "TEXT"
    return f"{one}[,{one}…]" if field.type == "array" else one


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that were given, lists as lists."""
    given = {name: value for name, value in fields.items() if value is not None}
    return {
        name: _value(OPTIONAL[name], value) if name in OPTIONAL else value
        for name, value in given.items()
    }


def _value(field: Field, text: str) -> Any:
    if field.type == "array":
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


@packs.command()
@click.argument("pack_id", metavar="ID")
@click.option("--name", required=True, help="What the pack is called.")
@click.option("--status", type=click.Choice(tuple(STATUSES)), default="pending", show_default=True)
@optional_fields
@edit_options
def add(pack_id: str, name: str, status: str, saving: Saving, **fields: str | None) -> None:
    """Add a pack, after the last one of its category.

    \b
    Example:
      valhalla-manifest packs add X --name "Export Engine" --category system --dry-run
    """
    given = _given(fields)
    edit(lambda editor: editor.add_pack(pack_id, name, status, **given), saving)


@packs.command("set")
@click.argument("pack_id", metavar="ID", type=PACK_ID)
@click.option("--name", help="What the pack is called.")
@click.option("--status", type=click.Choice(tuple(STATUSES)))
@optional_fields
@click.option(
    "--clear", multiple=True, type=click.Choice(list(map(_dashed, OPTIONAL))), help="Remove a key."
)
@edit_options
def set_pack(pack_id: str, clear: tuple[str, ...], saving: Saving, **fields: str | None) -> None:
    """Change keys of a pack.

    \b
    Example:
      valhalla-manifest packs set h --status experimental --dry-run
    """
    given, cleared = _given(fields), [name.replace("-", "_") for name in clear]
    if not given and not cleared:
        raise click.UsageError("Name what to change, such as --status installed.")
    edit(lambda editor: editor.set_pack(pack_id, cleared, **given), saving)


@packs.command()
@click.argument("pack_id", metavar="ID", type=PACK_ID)
@edit_options
def remove(pack_id: str, saving: Saving) -> None:
    """Remove a pack, with the comments that belong to it.

    \b
    Example:
      valhalla-manifest packs remove w --dry-run
    """
    edit(lambda editor: editor.remove_pack(pack_id), saving)
