"""Another team's YAML or JSON as a manifest: its keys by name, and all else kept, with comments.

Nothing is made up but what must be there and can only be one thing, and each step is told.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document import emitter, scalars
from valhalla_manifest.document.edit import Replace, edited
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    Source,
    replaced,
)
from valhalla_manifest.manifest import compiled, formats
from valhalla_manifest.manifest.formats import EXTENSION_PREFIX
from valhalla_manifest.manifest.starter import first_values

if TYPE_CHECKING:
    from collections.abc import Iterator

# What others call a key of the top.
OTHER_NAMES = {
    "complete": "backend_complete",
    "components": "packs",
    "description": "summary",
    "modules": "packs",
    "title": "name",
}


# A surrogate pair as escapes, which JSON has and YAML has not, behind backslashes in pairs.
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w)", re.ASCII)


class Converted(NamedTuple):
    """A text of the shape of a manifest, as far as that could be made, and what was done to it."""

    text: str
    notes: list[str]


class _Key(NamedTuple):
    """A key of the text, what it is to be called, and the names of those beside it."""

    node: Node
    name: str
    new: str
    beside: set[str]


def convert(source: Source, name: str) -> Converted:
    """Return a text that is a mapping, moved over: keys renamed, and what must be there added.

    ``name`` is what the project is called.

    Raises:
        ManifestError: a key would be called as another one is.
    """
    keys = [key for key in _renamed(source) if key.new != key.name]
    for key in keys:
        _require_free(key, source.position(key.node.start)[0])
    notes = [f"line {source.position(key.node.start)[0]}: {_told(key)}" for key in keys]
    changes = [_change(source, key) for key in keys]
    renamed = read(source.with_text(replaced(source.text, changes)))
    values = list(_missing(renamed, name))
    notes += [f"{value.path[-1]} is new: {_shown(value.value)}" for value in values]
    completed = list(_completed(renamed))
    notes += [f"{value.path[-1]} is {_shown(value.value)} now" for value in completed]
    result = edited(renamed, [*values, *completed], compiled.FIELDS)
    return Converted(result.with_text(result.text), notes)


def _require_free(key: _Key, line: int) -> None:
    node = key.node
    if not isinstance(node, ScalarNode) or not node.anchor is node.tag is None:
        raise ManifestError(f"line {line}: {key.name} is no plain key; write a text", refused=True)
    if key.new in key.beside:
        raise ManifestError(
            f"line {line}: {_told(key)}, but there is {key.new} too; rename one of them first",
            refused=True,
        )
    key.beside.add(key.new)


def _renamed(source: Source) -> Iterator[_Key]:
    root = source.root
    entries = root.entries if isinstance(root, MappingNode) else []
    present = {_name(source, key) for key, _ in entries}
    for key, value in entries:
        new = _new_name(_name(source, key), value, present)
        yield _Key(key, _name(source, key), new, present)
        if new == "packs" and isinstance(value, SequenceNode):
            for pack in value.items:
                yield from _of_pack(source, pack)


def _of_pack(source: Source, pack: Node) -> Iterator[_Key]:
    entries = pack.entries if isinstance(pack, MappingNode) else []
    present = {_name(source, key) for key, _ in entries}
    for key, _ in entries:
        name = _name(source, key)
        known = name in compiled.FIELDS["packs"] or name.startswith(EXTENSION_PREFIX)
        yield _Key(key, name, name if known else EXTENSION_PREFIX + name, present)


def _name(source: Source, key: Node) -> str:
    """Return a key as it is written, without its quotes."""
    return key.text if isinstance(key, ScalarNode) else source.text[key.start : key.end]


def _new_name(name: str, value: Node, present: set[str]) -> str:
    """Return what a key of the top is to be called; packs that are no list of them are kept."""
    other = OTHER_NAMES.get(name, name)
    wanted = name if other in present else other
    if wanted == "packs" and not _is_list_of_packs(value):
        return f"{EXTENSION_PREFIX}{name}"
    known = wanted in compiled.FIELDS[""] or wanted.startswith(EXTENSION_PREFIX)
    return wanted if known else EXTENSION_PREFIX + wanted


def _is_list_of_packs(value: Node) -> bool:
    items = value.items if isinstance(value, SequenceNode) else [None]
    return all(isinstance(item, MappingNode) for item in items)


def _told(key: _Key) -> str:
    if key.new == f"{EXTENSION_PREFIX}packs":
        return "packs is no list of mappings; it is kept as x-packs"
    return (
        f"{key.name} is kept as {key.new}"
        if key.new == EXTENSION_PREFIX + key.name
        else f"{key.name} is {key.new} now"
    )


def _change(source: Source, key: _Key) -> tuple[int, int, str]:
    """Return what to put in place of a key, in the quotes that it has."""
    node = key.node
    quote = node.style if isinstance(node, ScalarNode) and node.style in ("'", '"') else ""
    written = source.text[node.start : node.end]
    if key.new == EXTENSION_PREFIX + key.name:
        return node.start, node.end, quote + EXTENSION_PREFIX + written[len(quote) :]
    return node.start, node.end, f"{quote}{key.new}{quote}"


def _missing(source: Source, name: str) -> Iterator[Replace]:
    """Yield what a manifest must have and the text has not."""
    present = source.root.value if source.root else {}
    for key, value in first_values(name).items():
        if compiled.FIELDS[""][key].required and key not in present:
            yield Replace((key,), value)


def _completed(source: Source) -> Iterator[Replace]:
    """Yield what makes versions and times whole where a part is missing: 1.2 is 1.2.0."""
    for key in ("version", "completed_at"):
        node = source.find((key,))
        if isinstance(node, ScalarNode) and node.text:
            whole = formats.complete_partial_value(key, node.text)
            if whole and whole != node.text:
                yield Replace((key,), whole)


def with_whole_characters(text: str) -> str:
    """Return JSON in which a character that is escaped as two halves stands as it is."""
    return _PAIR.sub(lambda pair: pair[1] + json.loads(f'"{pair[2]}"'), text)


def with_sure_numbers(source: Source) -> Source:
    """Return JSON with each number spelled as every YAML parser reads it: 1e-05 is 1.0e-05."""
    changes = [
        (node.start, node.end, emitter.scalar(node.value))
        for node in source.nodes.plain
        if isinstance(node.value, (int, float)) and scalars.disagreement(node.text)
    ]
    return read(source.with_text(replaced(source.text, changes)))


def _shown(value: Any) -> str:
    return "[]" if value == [] else str(value).lower() if isinstance(value, bool) else str(value)
