"""Where an edit's text goes: surgery on spans and lines, with everything around left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.fields import fields_at
from valhalla_manifest.document.source import (
    MappingNode,
    Path,
    ScalarNode,
    SequenceNode,
    Source,
    step,
)
from valhalla_manifest.document.splice import values
from valhalla_manifest.document.splice.block import Block
from valhalla_manifest.document.splice.flow import Flow
from valhalla_manifest.document.splice.lines import Change, are_apart, in_flow
from valhalla_manifest.document.splice.parts import New, RawItem, Slots

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from valhalla_manifest.document.fields import Field, Fields

__all__ = [
    "ATTEMPTS",
    "Change",
    "New",
    "RawItem",
    "Slots",
    "are_apart",
    "arrange",
    "raw_items",
    "replace",
]

ATTEMPTS = values.STYLES


def replace(source: Source, path: Path, value: Any, fields: Fields, attempt: int) -> list[Change]:
    """Return what to change so that the key or item at a path has a value.

    Later attempts give up the style that stood there.
    """
    node = source.find(path)
    if isinstance(node, ScalarNode):
        known = fields_at(fields, path[:-1]).get(str(path[-1]))
        return [values.replace(source, node, value, known, attempt)]
    return values.replace_collection(source, path, value) if node else []


def arrange(
    source: Source,
    path: Path,
    new: Slots | Mapping[str, New | None],
    fields: Fields,
    attempt: int,
) -> list[Change]:
    """Return what to change so that a collection holds some of its parts, and new ones.

    ``new`` is all that a list holds, or the keys of a mapping that are new or, None, removed.
    """
    node = source.find(path)
    assert isinstance(node, (SequenceNode, MappingNode))  # noqa: S101
    known = fields_at(fields, path)
    if isinstance(node, MappingNode) and not isinstance(new, list):
        new = _in_order(node, new, known)
    assert isinstance(new, list)  # noqa: S101
    writer = Flow if node.flow or in_flow(source, path) else Block
    return list(writer(source, node, known, attempt).changes(new))


def _in_order(
    node: MappingNode, changed: Mapping[str, New | None], known: Mapping[str, Field]
) -> Slots:
    """Return the entries of a mapping, with each new key where the order of the fields has it.

    A key that the order does not name belongs at the end.
    """
    slots: Slots = [at for at, (key, _) in enumerate(node.entries) if step(key) not in changed]
    order = {name: at for at, name in enumerate(known)}

    def rank(slot: int | New) -> int:
        name = step(node.entries[slot][0]) if isinstance(slot, int) else slot.name
        return order.get(name, -1)

    for new in filter(None, changed.values()):
        wanted = order.get(new.name, len(order))
        at = len(slots)
        if wanted < len(order):
            while at and not 0 <= rank(slots[at - 1]) < wanted:
                at -= 1
        slots.insert(at, new)
    return slots


def raw_items(source: Source, listed: SequenceNode) -> Callable[[int], RawItem] | None:
    """Return what gives an item of a block list as it stands, with its comments; None in flow."""
    if listed.flow:
        return None
    block = Block(source, listed, {}, 0)

    def raw_item(index: int) -> RawItem:
        lines = source.text[block.start(index, index) : block.end(index)].splitlines()
        return RawItem(tuple(lines), block.column)

    return raw_item
