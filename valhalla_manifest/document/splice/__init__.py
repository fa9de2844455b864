"""Where an edit's text goes: surgery on spans and lines, with everything around left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from valhalla_manifest.document import emitter
from valhalla_manifest.document.fields import fields_at
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import (
    MappingNode,
    Node,
    Path,
    ScalarNode,
    SequenceNode,
    Source,
)
from valhalla_manifest.document.splice import items, keys, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.document.fields import Fields


def replace(source: Source, path: Path, value: Any, fields: Fields) -> Iterator[str]:
    """Yield texts in which the key at a path has a value, the most faithful style first."""
    parent, node = source.find(path[:-1]), source.find(path)
    known = fields_at(fields, path[:-1])
    if isinstance(node, ScalarNode):
        yield from values.replace(source, node, value, known.get(str(path[-1])))
    elif node is not None:
        new = emitter.value(value, node)
        start = _behind_its_key(source, node, new)
        gap = " " if source.text[start - 1] == ":" else ""
        yield source.text[:start] + gap + new + source.text[node.end :]
    elif isinstance(parent, MappingNode) and isinstance(value, str) and "\n" in value:
        # Several lines take the place of a null, as they would take that of any other value.
        with_key = keys.add(source, parent, str(path[-1]), None, known)
        yield from replace(read(with_key), path, value, fields)
    elif isinstance(parent, MappingNode):
        yield keys.add(source, parent, str(path[-1]), value, known)


def _behind_its_key(source: Source, node: Node, new: str) -> int:
    """Return where what takes a collection's place starts: one line stands on the key's line."""
    parent = source.find(node.path[:-1])
    pair = parent.entry(str(node.path[-1])) if isinstance(parent, MappingNode) else None
    gap = source.text[pair[0].end : node.start] if pair else ""
    is_below = "\n" in gap and gap.strip() == ":"
    return pair[0].end + 1 if pair and is_below and "\n" not in new else node.start


def add(source: Source, path: Path, index: int, value: Any, fields: Fields) -> str:
    """Return the text with a new item in the list at a path.

    Raises:
        ManifestError: there is no list at the path.
    """
    listed = source.find(path)
    if not isinstance(listed, SequenceNode):
        raise ManifestError(f"{path[-1]} is not a list")
    return items.add(source, listed, index, value, fields_at(fields, path))


def remove(source: Source, path: Path) -> str:
    """Return the text without the key or the item at a path.

    Raises:
        ManifestError: there is nothing at the path.
    """
    parent = source.find(path[:-1])
    if isinstance(parent, SequenceNode):
        return items.remove(source, parent, int(path[-1]))
    if isinstance(parent, MappingNode):
        return keys.remove(source, parent, str(path[-1]))
    raise ManifestError(f"there is no {path[-1]}")
