"""``packs``: list, show and edit the packs."""

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
from valhalla_manifest.cli.invocation import Invocation, load_view
from valhalla_manifest.cli.options import Command, format_option, reading_options
from valhalla_manifest.cli.output import print_json, print_lines
from valhalla_manifest.cli.param_types import PACK_ID, PACK_IDS, values_of
from valhalla_manifest.cli.progress import with_progress
from valhalla_manifest.manifest.compiled import FIELDS
from valhalla_manifest.manifest.formats import normalize_id
from valhalla_manifest.manifest.views import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

    from valhalla_manifest.document.fields import Field
    from valhalla_manifest.project.editor import Editor

# Each key of a pack except the id has an option.
FIELDS_OF_A_PACK = {name: field for name, field in FIELDS["packs"].items() if name != "id"}
OPTIONAL = [name for name, field in FIELDS_OF_A_PACK.items() if not field.required]
DEFAULTS = {"status": "pending"}  # for a new pack


def _option_name(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _param_type(name: str, field: Field) -> click.ParamType[Any] | None:
    if field.choices:
        return click.Choice(field.choices)
    if field.reference:
        return PACK_IDS if field.type == "array" else PACK_ID
    return values_of(name) if field.column else None


def _filter_options(command: Command) -> Command:
    """Add an option for the status and for each key that has a column."""
    # Click lists options in reverse order of addition.
    for name in (*reversed(COLUMNS), "status"):
        command = click.option(
            _option_name(name),
            type=_param_type(name, FIELDS_OF_A_PACK[name]),
            help=f"Show only packs with this {name.replace('_', ' ')}.",
        )(command)
    return command


@click.group()
def packs() -> None:
    """List, show, add, change or remove packs.

    \b
    Example:
      valhalla-manifest packs list --status pending
    """


@packs.command("list")
@_filter_options
@format_option("text", "json")
@reading_options
def list_packs(form: str, **filters: str | None) -> None:
    """List the packs, in the order of the manifest.

    \b
    Example:
      valhalla-manifest packs list --category system
    """
    from valhalla_manifest.report import json as as_json
    from valhalla_manifest.report import text

    selected = [
        pack
        for pack in load_view().packs
        if all(value in (None, pack.fields[name]) for name, value in filters.items())
    ]
    if form == "json":
        print_json(as_json.packs(selected))
    else:
        print_lines(text.pack_table(selected, Invocation.current().style()))


@packs.command()
@click.argument("pack_id", metavar="ID", type=PACK_ID)
@format_option("text", "json")
@reading_options
def show(pack_id: str, form: str) -> None:
    """Show one pack, and when it was added and got its current status.

    The ID matches in upper or lower case.

    \b
    Example:
      valhalla-manifest packs show h
    """
    from valhalla_manifest import git
    from valhalla_manifest.manifest import lookup
    from valhalla_manifest.project import blame
    from valhalla_manifest.report import json as as_json
    from valhalla_manifest.report import text

    invocation = Invocation.current()
    pack = lookup.require(pack_id, ((each.id, each) for each in load_view().packs))
    if form == "json":
        print_json(as_json.pack(pack))
        return
    try:
        lines = blame.blame(
            invocation.manifest,
            invocation.at,
            select=partial(blame.select_pack, pack_id=pack_id),
            progress=with_progress,
        )
    except git.NoHistoryError:
        lines = []
    except git.GitFailedError as error:
        lines = []
        click.echo(f"warning: the history of {pack.id} is unknown: {error.message}", err=True)
    print_lines(text.pack(pack, lines, invocation.style()))


def field_options(*, new: bool) -> Callable[[Command], Command]:
    """Add an option for each key of a pack; a ``new`` pack requires some of them."""

    def with_options(command: Command) -> Command:
        # Click lists options in reverse order of addition.
        for name, field in reversed(FIELDS_OF_A_PACK.items()):
            has_default = new and name in DEFAULTS
            default: Any = {"default": DEFAULTS[name], "show_default": True} if has_default else {}
            command = click.option(
                _option_name(name),
                type=_param_type(name, field),
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
    item = "ID" if field.reference else "TEXT"
    return f"{item}[,{item}…]" if field.type == "array" else item


def _parse_values(options: dict[str, Any], pairs: list[str]) -> dict[str, Any]:
    """Return the fields to set, from options and ``KEY=VALUE`` pairs."""
    alternatives = {name: f"use {_option_name(name)}" for name in FIELDS_OF_A_PACK}
    alternatives["id"] = "use `packs rename`"
    values = {name: value for name, value in options.items() if value is not None}
    for name, value in values.items():
        if FIELDS_OF_A_PACK[name].type == "array":
            values[name] = [item.strip() for item in value.split(",") if item.strip()]
    return values | parse_assignments(pairs, alternatives, "pack")


@packs.command()
@click.argument("arguments", metavar="ID [KEY=VALUE]...", nargs=-1, required=True)
@field_options(new=True)
@edit_options
def add(arguments: tuple[str, ...], save_options: SaveOptions, **options: Any) -> None:
    """Add a pack after the last one of its category.

    KEY=VALUE sets an extension key (x-…), as in packs set.

    \b
    Example:
      valhalla-manifest packs add X --name "Export Engine" --category system --dry-run
    """
    ids, pairs = split_ids_and_assignments(arguments)
    if len(ids) != 1:
        raise click.UsageError(f"expected one pack id, got {len(ids)}")
    values = _parse_values(options, pairs)
    edit(lambda editor: editor.add_pack(ids[0], **values), save_options)


@packs.command("set")
@click.argument("arguments", metavar="ID... [KEY=VALUE]...", nargs=-1, required=True, type=PACK_ID)
@field_options(new=False)
@click.option("--clear", multiple=True, type=KeyToClear(OPTIONAL), help="Remove a key.")
@edit_options
def set_pack(
    arguments: tuple[str, ...], clear: tuple[str, ...], save_options: SaveOptions, **options: Any
) -> None:
    """Change keys of one or more packs.

    KEY=VALUE sets an extension key (x-…). The VALUE is a plain YAML scalar, or JSON if it starts
    with a bracket, a brace or a double quote.

    \b
    Example:
      valhalla-manifest packs set h i --status experimental x-tier=gold --dry-run
    """
    ids, pairs = split_ids_and_assignments(arguments)
    values = _parse_values(options, pairs)
    if not ids:
        raise click.UsageError("no pack to change; name its id")
    require_disjoint(values, clear)
    if not values and not clear:
        raise click.UsageError("nothing to change; add an option such as --status installed")
    # Change each pack once, even if its id occurs twice in different case.
    unique_ids = {normalize_id(pack_id): pack_id for pack_id in reversed(ids)}

    def apply_edit(editor: Editor) -> None:
        for pack_id in reversed(unique_ids.values()):
            editor.set_pack(pack_id, clear, **values)

    edit(apply_edit, save_options)


@packs.command()
@click.argument("old", metavar="OLD", type=PACK_ID)
@click.argument("new", metavar="NEW")
@edit_options
def rename(old: str, new: str, save_options: SaveOptions) -> None:
    """Change the id of a pack, and all references to it.

    The history, and the rules about changes, treat it as one pack removed and another one added.

    \b
    Example:
      valhalla-manifest packs rename h HX --dry-run
    """
    edit(lambda editor: editor.rename_pack(old, new), save_options)


@packs.command()
@click.argument("pack_id", metavar="ID", type=PACK_ID)
@edit_options
def remove(pack_id: str, save_options: SaveOptions) -> None:
    """Remove a pack and its comments.

    \b
    Example:
      valhalla-manifest packs remove w --dry-run
    """
    edit(lambda editor: editor.remove_pack(pack_id), save_options)
