"""Turns edits of the data into changes of the text that leave all other text untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.fields import field_at, fields_at
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
from valhalla_manifest.document.splice.lines import Change, is_in_flow
from valhalla_manifest.document.splice.parts import NewPart, RawItem, Slots

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from valhalla_manifest.document.fields import Field, Fields


def replace(source: Source, path: Path, value: Any, fields: Fields, attempt: int) -> list[Change]:
    """Return the changes that give the key or item at a path a value.

    Each attempt uses a safer style than the one before it.
    """
    node = source.find(path)
    if isinstance(node, ScalarNode):
        return [values.replace(source, node, value, field_at(fields, path), attempt)]
    return values.replace_collection(source, path, value) if node else []


def rearrange(
    source: Source,
    path: Path,
    new: Slots | Mapping[str, NewPart | None],
    fields: Fields,
    attempt: int,
) -> list[Change]:
    """Return the changes that add parts to the collection at a path and remove parts from it.

    ``new`` lists all parts of a list, but only the added and the removed (None) keys of a mapping.
    """
    node = source.find(path)
    assert isinstance(node, (SequenceNode, MappingNode))  # noqa: S101
    known = fields_at(fields, path)
    if isinstance(node, MappingNode) and not isinstance(new, list):
        new = _slots_in_order(node, new, known)
    assert isinstance(new, list)  # noqa: S101
    writer = Flow if node.flow or is_in_flow(source, path) else Block
    return list(writer(source, node, known, attempt).changes(new))


def _slots_in_order(
    node: MappingNode, changed: Mapping[str, NewPart | None], known: Mapping[str, Field]
) -> Slots:
    """Return the entries of a mapping, with new keys in the order of the fields, or at the end."""
    slots: Slots = [at for at, (key, _) in enumerate(node.entries) if step(key) not in changed]
    order = {name: at for at, name in enumerate(known)}

    def rank(slot: int | NewPart) -> int:
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


def raw_item_reader(source: Source, listed: SequenceNode) -> Callable[[int], RawItem] | None:
    """Return a function that gets an item of a block list as written, or None for a flow list."""
    if listed.flow:
        return None
    block = Block(source, listed, {}, 0)

    def read_item(index: int) -> RawItem:
        lines = source.text[block.start(index, index) : block.end(index)].splitlines()
        return RawItem(tuple(lines), block.column)

    return read_item
