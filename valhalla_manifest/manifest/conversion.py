"""Converts another team's YAML or JSON, or the old service's JSON, to the text of a manifest.

Keys are matched by name, and unknown keys become extension keys. A value is added only if the
format requires it. Every conversion is reported in a note.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document import emitter, scalars
from valhalla_manifest.document.data import parse_json
from valhalla_manifest.document.edit import Replace, apply_to_source
from valhalla_manifest.document.problems import ManifestError, Span
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    Source,
    replace_spans,
)
from valhalla_manifest.manifest import compiled, formats, starter
from valhalla_manifest.manifest.formats import EXTENSION_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Other teams' names for top-level keys.
_OTHER_NAMES = {
    "complete": "backend_complete",
    "components": "packs",
    "description": "summary",
    "modules": "packs",
    "title": "name",
}
# The old service's status has these keys of a manifest at its top and in ``extra``.
_STATUS_KEYS = ("version", "backend_complete", "summary")
_EXTRA_KEYS = ("name", "completed_at", "notes")
# JSON may escape a character as a surrogate pair, and YAML may not. An even number of
# backslashes before the escape leaves it one.
_SURROGATE_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w)", re.ASCII
)


class Converted(NamedTuple):
    """The text of a manifest, a note for each conversion, and the original if it was edited."""

    text: str
    notes: list[str]
    origin: Source | None


def read_json(text: str) -> Any:
    """Return the data of a JSON text, or None if the text is not valid JSON."""
    try:
        return parse_json(text)
    except ValueError:
        return None


def with_whole_characters(text: str) -> str:
    """Return a JSON text without surrogate pairs in its escapes."""
    return _SURROGATE_PAIR.sub(lambda pair: pair[1] + json.loads(f'"{pair[2]}"'), text)


def is_legacy_status(document: Any) -> bool:
    """Return whether JSON has the shape of the old service's ``GET /system/status/``."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("extra"), dict)
        and isinstance(document.get("packs"), list)
    )


def convert_legacy_status(status: dict[str, Any]) -> Converted:
    """Return the manifest that gives the same status as the old service."""
    extra = {key: value for key, value in status["extra"].items() if key != "updated_at"}
    top = {key: value for key, value in status.items() if key not in ("packs", "extra")}
    if not all(isinstance(pack, dict) for pack in status["packs"]):
        raise ManifestError("a pack is not an object; expected the JSON of GET /system/status/")
    notes: list[str] = []
    values = _with_extension_keys(top, _STATUS_KEYS, notes)
    for key, value in _with_extension_keys(extra, _EXTRA_KEYS, notes).items():
        if key in values:
            raise ManifestError(f"both the top level and extra have {key}; rename one of them")
        values[key] = value
    if "completed_at" in values:
        values["completed_at"] = _parse_time(values["completed_at"])
    values["packs"] = [
        _with_extension_keys(pack, compiled.FIELDS["packs"], notes, f" of pack {pack.get('id')}")
        for pack in status["packs"]
    ]
    return Converted(starter.write_manifest(values), notes, None)


def _with_extension_keys(
    values: dict[str, Any], known: Iterable[str], notes: list[str], place: str = ""
) -> dict[str, Any]:
    """Return values without nulls, with the prefix before each unknown key."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        new = _extension_key(key, known)
        if new != key and new in values:
            raise ManifestError(f"there are both {key} and {new}; rename one of them")
        if value is not None:
            result[new] = value
            notes += [f"{key}{place} is kept as {new}"] if new != key else []
    return result


def _extension_key(name: str, known: Iterable[str]) -> str:
    """Return a known key unchanged, and any other key with the prefix of extension keys."""
    return name if name in known or name.startswith(EXTENSION_PREFIX) else EXTENSION_PREFIX + name


def _parse_time(value: Any) -> str:
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        raise ManifestError(f"completed_at is {value!r}, not a time") from None
    return formats.format_time(time if time.tzinfo else time.replace(tzinfo=UTC))


class _Key(NamedTuple):
    """A key to rename: its node, its name, the new name, and all names in its mapping."""

    node: Node
    name: str
    new: str
    names: set[str]


def convert_mapping(source: Source, name: str) -> Converted:
    """Return a mapping with its keys renamed and the required values added.

    ``name`` is the name of the project.
    """
    keys = [key for key in _match_keys(source) if key.new != key.name]
    notes = []
    for key in keys:
        line, _ = source.position(key.node.start)
        _require_free(key, line)
        notes.append(f"line {line}: {_describe(key)}")
    renames = [_rename(source, key) for key in keys]
    renamed = read(source.with_text(replace_spans(source.text, renames)))
    added = [
        Replace((key,), value)
        for key, value in starter.first_values(name).items()
        if compiled.FIELDS[""][key].required and key not in renamed.data
    ]
    completed = list(_complete_values(renamed))
    notes += [f"{edit.path[0]} is new: {_show(edit.value)}" for edit in added]
    notes += [f"{edit.path[0]} is {_show(edit.value)} now" for edit in completed]
    result = apply_to_source(renamed, [*added, *completed], compiled.FIELDS)
    return Converted(result.whole, notes, source)


def _match_keys(source: Source) -> Iterator[_Key]:
    """Yield each key of the mapping and of its packs, with the name that a manifest has for it."""
    entries = source.root.entries if isinstance(source.root, MappingNode) else []
    names = {_name(source, key) for key, _ in entries}
    for key, value in entries:
        name = _name(source, key)
        new = _match_top_level(name, value, names)
        yield _Key(key, name, new, names)
        if new == "packs" and isinstance(value, SequenceNode):
            for pack in value.items:
                yield from _match_pack_keys(source, pack)


def _match_pack_keys(source: Source, pack: Node) -> Iterator[_Key]:
    entries = pack.entries if isinstance(pack, MappingNode) else []
    names = {_name(source, key) for key, _ in entries}
    for key, _ in entries:
        name = _name(source, key)
        yield _Key(key, name, _extension_key(name, compiled.FIELDS["packs"]), names)


def _match_top_level(name: str, value: Node, names: set[str]) -> str:
    """Return the new name of a top-level key; only a list of mappings can become the packs."""
    other = _OTHER_NAMES.get(name, name)
    new = name if other in names else other
    if new == "packs":
        items = value.items if isinstance(value, SequenceNode) else [None]
        is_packs = all(isinstance(item, MappingNode) for item in items)
        return new if is_packs else EXTENSION_PREFIX + name
    return _extension_key(new, compiled.FIELDS[""])


def _name(source: Source, key: Node) -> str:
    """Return a key as written, but without its quotes."""
    return key.text if isinstance(key, ScalarNode) else source.text[key.start : key.end]


def _require_free(key: _Key, line: int) -> None:
    """Require that a key can be renamed, and reserve its new name."""
    node = key.node
    if not isinstance(node, ScalarNode) or not node.anchor is node.tag is None:
        raise ManifestError(
            f"line {line}: {key.name} is not a plain key; write a string", refused=True
        )
    if key.new in key.names:
        message = f"line {line}: {_describe(key)}, but {key.new} exists too; rename one of them"
        raise ManifestError(message, refused=True)
    key.names.add(key.new)


def _describe(key: _Key) -> str:
    if key.new == f"{EXTENSION_PREFIX}packs":
        return "packs is not a list of mappings; it is kept as x-packs"
    if key.new == EXTENSION_PREFIX + key.name:
        return f"{key.name} is kept as {key.new}"
    return f"{key.name} is {key.new} now"


def _rename(source: Source, key: _Key) -> tuple[int, int, str]:
    """Return the change of the text that renames a key and keeps its quotes."""
    node = key.node
    quote = node.style if isinstance(node, ScalarNode) and node.style in ("'", '"') else ""
    written = source.text[node.start : node.end]
    if key.new == EXTENSION_PREFIX + key.name:
        return node.start, node.end, quote + EXTENSION_PREFIX + written[len(quote) :]
    return node.start, node.end, f"{quote}{key.new}{quote}"


def _complete_values(source: Source) -> Iterator[Replace]:
    """Yield an edit for each version or time that lacks a part: 1.2 becomes 1.2.0."""
    for key in ("version", "completed_at"):
        node = source.find((key,))
        if isinstance(node, ScalarNode) and node.text:
            whole = formats.complete_partial_value(key, node.text)
            if whole and whole != node.text:
                yield Replace((key,), whole)


def with_sure_numbers(source: Source) -> Source:
    """Return JSON with each number spelled as every YAML parser reads it: 1e-05 is 1.0e-05."""
    changes = [
        (node.start, node.end, emitter.scalar(node.value))
        for node in source.nodes.plain
        if isinstance(node.value, (int, float)) and scalars.disagreement(node.text)
    ]
    return read(source.with_text(replace_spans(source.text, changes)))


def _show(value: Any) -> str:
    return "[]" if value == [] else str(value).lower() if isinstance(value, bool) else str(value)


def find_origin(path: Iterable[str | int], origin: Source) -> Span:
    """Return the place in the original of a path in the result, or of its nearest parent."""
    node = origin.root
    for step in map(str, path):
        child = _find_child(node, step, is_top=node is origin.root)
        if child is None:
            break
        node = child
    return node.span if node else Span(0, 0)


def _find_child(node: Node | None, step: str, *, is_top: bool) -> Node | None:
    if isinstance(node, SequenceNode):
        return node.items[int(step)] if step.isdecimal() and int(step) < len(node.items) else None
    others = [old for old, new in _OTHER_NAMES.items() if is_top and new == step]
    names = (step, step.removeprefix(EXTENSION_PREFIX), *others)
    children = map(node.get, names) if isinstance(node, MappingNode) else ()
    return next(filter(None, children), None)
