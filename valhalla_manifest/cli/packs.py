"""``packs``: read and edit the registry."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from valhalla_manifest.cli.assignments import (
    KeyToClear,
    parse_assignments,
    require_disjoint,
    split_ids_and_assignments,
)
from valhalla_manifest.cli.editing import SaveOptions, edit, edit_options
from valhalla_manifest.cli.invocation import Invocation, load_record
from valhalla_manifest.cli.options import Command, format_option, reading_options
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.cli.param_types import PACK_ID, PACK_IDS, values_of
from valhalla_manifest.cli.progress import with_progress
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest.compiled import FIELDS
from valhalla_manifest.manifest.formats import normalize_id
from valhalla_manifest.manifest.views import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

    from valhalla_manifest.document.fields import Field
    from valhalla_manifest.project.editor import Editor

# What a pack can be given by an option: each key of the format but the id.
FIELDS_OF_A_PACK = {name: field for name, field in FIELDS["packs"].items() if name != "id"}
OPTIONAL = [name for name, field in FIELDS_OF_A_PACK.items() if not field.required]
DEFAULTS = {"status": "pending"}  # of a new pack


def _option(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _type(name: str, field: Field) -> click.ParamType[Any] | None:
    if field.choices:
        return click.Choice(field.choices)
    if field.reference:
        return PACK_IDS if field.type == "array" else PACK_ID
    return values_of(name) if field.column else None


def _filters(command: Command) -> Command:
    """Add an option for the status and for each key that has a column."""
    for name in (*reversed(COLUMNS), "status"):  # the last one is listed first
        kind, words = _type(name, FIELDS_OF_A_PACK[name]), name.replace("_", " ")
        command = click.option(_option(name), type=kind, help=f"Only packs of this {words}.")(
            command
        )
    return command


@click.group()
def packs() -> None:
    """List, show, add, change or remove packs.

    \b
    Example:
      valhalla-manifest packs list --status pending
    """


@packs.command("list")
@_filters
@format_option("text", "json")
@reading_options
def list_packs(form: str, **wanted: str | None) -> None:
    """List the packs, in the order of the manifest.

    \b
    Example:
      valhalla-manifest packs list --category system
    """
    from valhalla_manifest.report import json as as_json
    from valhalla_manifest.report import text

    chosen = [
        pack
        for pack in load_record().packs
        if all(value in (None, pack.fields[name]) for name, value in wanted.items())
    ]
    if form == "json":
        print_json(as_json.packs(chosen))
    else:
        print_lines(text.pack_table(chosen, Invocation.current().style()))


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
    from valhalla_manifest.manifest import lookup
    from valhalla_manifest.project import blame
    from valhalla_manifest.report import json as as_json
    from valhalla_manifest.report import text

    invocation = Invocation.current()
    pack = lookup.require(pack_id, ((each.id, each) for each in load_record().packs))
    if form == "json":
        print_json(as_json.pack(pack))
        return
    try:
        known = blame.blame(
            invocation.manifest,
            invocation.at,
            select=partial(blame.select_pack, pack_id=pack_id),
            watch=with_progress,
        )
    except ManifestError:  # no git, or not committed yet: the registry alone is shown
        known = []
    print_lines(text.pack(pack, known, invocation.style()))


def field_options(*, new: bool) -> Callable[[Command], Command]:
    """Add an option for each key of a pack; of a ``new`` one some must be given."""

    def with_options(command: Command) -> Command:
        for name, field in reversed(FIELDS_OF_A_PACK.items()):  # the last one is listed first
            has_default = new and name in DEFAULTS
            default: Any = {"default": DEFAULTS[name], "show_default": True} if has_default else {}
            command = click.option(
                _option(name),
                type=_type(name, field),
                metavar=_metavar(field),
                required=new and field.required and not has_default,
                help=field.description,
                **default,
            )(command)
        return command

    return with_options


def _metavar(field: Field) -> str | None:
    if field.choices:
        return None
    one = "ID" if field.reference else "TEXT"
    return f"{one}[,{one}…]" if field.type == "array" else one


def _given(options: dict[str, Any], pairs: list[str]) -> dict[str, Any]:
    """Return the fields that were given, by options (lists as lists) and as KEY=VALUE."""
    elsewhere = {name: f"use {_option(name)}" for name in FIELDS_OF_A_PACK}
    elsewhere["id"] = "use `packs rename`"
    known = {
        name: _value(FIELDS_OF_A_PACK[name], text)
        for name, text in options.items()
        if text is not None
    }
    return known | parse_assignments(pairs, elsewhere, "pack")


def _value(field: Field, text: str) -> Any:
    if field.type == "array":
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


@packs.command()
@click.argument("words", metavar="ID [KEY=VALUE]...", nargs=-1, required=True)
@field_options(new=True)
@edit_options
def add(words: tuple[str, ...], saving: SaveOptions, **options: Any) -> None:
    """Add a pack, after the last one of its category.

    KEY=VALUE sets keys of your own, which begin with x-; see packs set.

    \b
    Example:
      valhalla-manifest packs add X --name "Export Engine" --category system --dry-run
    """
    ids, pairs = split_ids_and_assignments(words)
    if len(ids) != 1:
        raise click.UsageError("Name one id.")
    given = _given(options, pairs)
    edit(lambda editor: editor.add_pack(ids[0], **given), saving)


@packs.command("set")
@click.argument("words", metavar="ID... [KEY=VALUE]...", nargs=-1, required=True, type=PACK_ID)
@field_options(new=False)
@click.option("--clear", multiple=True, type=KeyToClear(OPTIONAL), help="Remove a key.")
@edit_options
def set_pack(
    words: tuple[str, ...], clear: tuple[str, ...], saving: SaveOptions, **options: Any
) -> None:
    """Change keys of one pack or of several.

    KEY=VALUE sets keys of your own, which begin with x-. A VALUE is a plain scalar of YAML or,
    behind a bracket, a brace or a double quote, JSON.

    \b
    Example:
      valhalla-manifest packs set h i --status experimental x-tier=gold --dry-run
    """
    ids, pairs = split_ids_and_assignments(words)
    given = _given(options, pairs)
    if not ids:
        raise click.UsageError("Name a pack by its id.")
    require_disjoint(given, clear)
    if not given and not clear:
        raise click.UsageError("Name what to change, such as --status installed.")
    each = {normalize_id(name): name for name in reversed(ids)}  # once, as it is named first

    def act(editor: Editor) -> None:
        for name in reversed(each.values()):
            editor.set_pack(name, clear, **given)

    edit(act, saving)


@packs.command()
@click.argument("old", metavar="OLD", type=PACK_ID)
@click.argument("new", metavar="NEW")
@edit_options
def rename(old: str, new: str, saving: SaveOptions) -> None:
    """Give a pack another id, wherever it is named.

    History, and the rules about changes, see one pack removed and another one added.

    \b
    Example:
      valhalla-manifest packs rename h HX --dry-run
    """
    edit(lambda editor: editor.rename_pack(old, new), saving)


@packs.command()
@click.argument("pack_id", metavar="ID", type=PACK_ID)
@edit_options
def remove(pack_id: str, saving: SaveOptions) -> None:
    """Remove a pack, with the comments that belong to it.

    \b
    Example:
      valhalla-manifest packs remove w --dry-run
    """
    edit(lambda editor: editor.remove_pack(pack_id), saving)
