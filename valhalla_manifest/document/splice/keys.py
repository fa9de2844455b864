"""A key more or a key less in a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from valhalla_manifest.document import emitter
from valhalla_manifest.document.faults import line_start
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.document.source import step
from valhalla_manifest.document.splice import lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from valhalla_manifest.document.fields import Field
    from valhalla_manifest.document.source import MappingNode, Node, Source


def add(
    source: Source, parent: MappingNode, name: str, value: Any, fields: Mapping[str, Field]
) -> str:
    """Return the text with a key more, where the order of the fields has it."""
    text = source.text
    flow = parent.flow or lines.in_flow(source, parent.path)
    (new,) = emitter.entries({name: value}, parent, fields, flow=flow)
    before = _last_before(parent, name, list(fields))
    if not parent.entries:
        return text[: parent.start] + f"{{{new}}}" + text[parent.end :]
    first = parent.entries[0][0].start
    newline, indent = lines.newline(text, first), " " * lines.column(source, first)
    if before is None:
        return text[:first] + new + (", " if flow else newline + indent) + text[first:]
    if flow:
        return text[: before.end] + ", " + new + text[before.end :]
    end = lines.end(text, before.end)
    return text[:end] + newline + indent + new + text[end:]


def _last_before(parent: MappingNode, name: str, order: list[str]) -> Node | None:
    """Return the value that a key belongs behind; None where it belongs at the front.

    A key that the order does not name belongs at the end.
    """
    later = set(order[order.index(name) :]) if name in order else set()
    earlier = [value for key, value in parent.entries if step(key) in set(order) - later]
    if name not in order:
        earlier = [value for _, value in parent.entries]
    return earlier[-1] if earlier else None


def remove(source: Source, parent: MappingNode, name: str) -> str:
    """Return the text without a key.

    Raises:
        ManifestError: the mapping has no such key.
    """
    text = source.text
    index = next((at for at, (key, _) in enumerate(parent.entries) if key.value == name), None)
    if index is None:
        raise ManifestError(f"there is no {name}")
    if parent.flow or lines.in_flow(source, parent.path):
        spans = ((key.start, value.end) for key, value in parent.entries)
        return lines.cut_from_flow(text, spans, index)
    key, value = parent.entries[index]
    start, end = line_start(text, key.start), lines.end(text, value.end)
    if not text[start : key.start].strip():
        return lines.cut(text, start, end)
    # What follows stands on the line of an item's dash, behind the key that goes.
    if index + 1 == len(parent.entries):
        return text[: key.start] + "{}" + text[value.end :]
    following = parent.entries[index + 1][0].start
    if "#" not in text[end:following]:
        return text[: key.start] + text[following:]
    return text[: key.start].rstrip(" ") + text[end:]
