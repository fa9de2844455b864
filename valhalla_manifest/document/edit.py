"""Edits of a YAML document that change the edited values and nothing else.

Nothing here knows what a manifest is: ``fields`` holds the order of the keys in each mapping and
the style of their values.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeGuard

from valhalla_manifest.document import splice
from valhalla_manifest.document.data import strictly_equal, to_plain_data
from valhalla_manifest.document.differences import differences
from valhalla_manifest.document.fast_reader import read_lazily
from valhalla_manifest.document.problems import ManifestError, pointer
from valhalla_manifest.document.source import (
    MappingNode,
    Node,
    Path,
    SequenceNode,
    Source,
    replace_spans,
)
from valhalla_manifest.document.splice.lines import are_disjoint
from valhalla_manifest.document.splice.parts import NewPart
from valhalla_manifest.document.splice.values import ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from valhalla_manifest.document.fields import Fields
    from valhalla_manifest.document.splice.lines import Change
    from valhalla_manifest.document.splice.parts import RawItem, Slots


@dataclass(frozen=True, slots=True)
class Replace:
    """Set the value of the key at a path; a missing key is added in the order of the fields."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Add:
    """Insert an item into the list at a path, before the item that has this index now.

    ``raw`` is the item as another text has it, with its comments; it is used if the layout fits.
    """

    path: Path
    index: int
    value: Any
    raw: RawItem | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the key or the item at a path, and its comments."""

    path: Path


Edit = Replace | Add | Remove


def apply(text: str, edits: Iterable[Edit], fields: Fields) -> str:
    """Return the text after some edits, made one after another."""
    return apply_to_source(read_lazily(text), edits, fields).whole


def apply_to_source(source: Source, edits: Iterable[Edit], fields: Fields) -> Source:
    """Apply edits, and read the result again to check that it holds the intended data."""
    if source.is_empty or source.faults:
        raise ManifestError("the text is not valid YAML; fix it by hand")
    plain = [
        edit
        if isinstance(edit, Remove)
        else replace(edit, value=to_plain_data(edit.value, edit.path))
        for edit in edits
    ]
    return _apply_in_batches(source, plain, fields)


def _apply_in_batches(source: Source, edits: Iterable[Edit], fields: Fields) -> Source:
    """Make edits on one tree until two of them overlap, then read the result and go on."""
    batch = _Batch(source, fields)
    for edit in edits:
        if isinstance(edit, Replace) and not batch.is_as_read(edit.path):
            batch = _Batch(_finish(batch), fields)
        for step in _split(batch.source.find(batch.origin(edit.path) or edit.path), edit):
            if not batch.add(step):
                batch = _Batch(_finish(batch), fields)
                batch.add(step)
    return _finish(batch)


def _finish(batch: _Batch) -> Source:
    """Return the document after the edits of a batch, made in two halves if it fails as a whole."""
    edits = batch.edits
    if not edits:
        return batch.source
    for attempt in range(ATTEMPTS if len(edits) == 1 else 1):
        result = batch.write(attempt)
        if result and not result.is_empty and strictly_equal(result.data, batch.data):
            return result
    if len(edits) == 1:
        raise ManifestError(
            f"{pointer(edits[0].path) or '/'} cannot be changed here without touching other "
            "lines; edit the file by hand"
        )
    half = len(edits) // 2
    first = _apply_in_batches(batch.source, edits[:half], batch.fields)
    return _apply_in_batches(first, edits[half:], batch.fields)


def _split(old: Node | None, edit: Edit) -> Iterator[Edit]:
    """Split the replacement of a collection into edits of the parts that differ."""
    new = edit.value if isinstance(edit, Replace) else None
    if isinstance(old, SequenceNode) and isinstance(new, list):
        for start, end, new_start, new_end in differences(old.value, new):
            for item in reversed(new[new_start:new_end]):
                yield Add(edit.path, end, item)
            yield from (Remove((*edit.path, index)) for index in reversed(range(start, end)))
    elif _has_keys(old) and isinstance(new, dict) and new:
        for key, value in new.items():
            yield from _split(old.get(key), Replace((*edit.path, key), value))
        yield from (Remove((*edit.path, key)) for key in old.value if key not in new)
    else:
        yield edit


def _has_keys(node: Node | None) -> TypeGuard[MappingNode]:
    """Return whether a node is a mapping with unique keys, all of them strings."""
    if not isinstance(node, MappingNode):
        return False
    return [key.value for key, _ in node.entries] == list(node.value)


class _Batch:
    """Edits of one tree that do not overlap, the data after them, and the changes of the text.

    All paths in ``values``, ``slots``, ``names`` and ``touched`` are those of the tree as read.
    """

    def __init__(self, source: Source, fields: Fields) -> None:
        self.source = source
        self.fields = fields
        self.edits: list[Edit] = []
        self.data: Any = source.data
        self._copies: dict[int, Any] = {}  # the collections of the data that may be changed
        self.values: dict[Path, Any] = {}  # replaced values
        self.slots: dict[Path, Slots] = {}  # the items of changed lists
        self.names: dict[Path, dict[str, NewPart | None]] = {}  # added and removed (None) keys
        self.touched: set[Path] = set()  # changed values, and the collections around them

    def origin(self, path: Path) -> Path | None:
        """Return the path that a value had when it was read, or None for a new value."""
        origin: Path = ()
        for step in path:
            if origin in self.values or step in self.names.get(origin, ()):
                return None
            slot: int | str | NewPart | None = step
            if origin in self.slots and isinstance(step, int):
                slots = self.slots[origin]
                slot = slots[step] if step < len(slots) else None
            if slot is None or isinstance(slot, NewPart):
                return None
            origin = (*origin, slot)
        return origin

    def is_as_read(self, path: Path) -> bool:
        """Return whether neither a value nor a part of it has changed."""
        origin = self.origin(path)
        return origin is not None and origin not in self.touched

    def add(self, edit: Edit) -> bool:
        """Add an edit to the batch, or return false if it overlaps with an earlier edit."""
        holder = edit.path if isinstance(edit, Add) else edit.path[:-1]
        origin = self.origin(holder)
        if origin is None or origin in self.values:
            return False
        node = self.source.find(origin)
        if isinstance(edit, Add) and not isinstance(node, SequenceNode):
            raise ManifestError(f"{pointer(holder) or '/'} is not a list; edit the file by hand")
        if not isinstance(node, (MappingNode, SequenceNode)):
            raise ManifestError(
                f"{pointer(holder) or '/'} is not a mapping or a list; edit the file by hand"
            )
        if _is_done(self.data, edit):
            return True
        if not isinstance(edit, Add) and not self.is_as_read(edit.path):
            return False
        self._record_change(edit, origin, node)
        self._change_data(edit, holder)
        self.edits.append(edit)
        return True

    def _change_data(self, edit: Edit, holder: Path) -> None:
        """Make an edit on the data; collections of the tree are copied before they change."""
        self.data = part = self._copy(self.data)
        for step in holder:
            part[step] = self._copy(part[step])
            part = part[step]
        if isinstance(edit, Add):
            part.insert(edit.index, edit.value)
        elif isinstance(edit, Remove):
            del part[edit.path[-1]]
        else:
            part[edit.path[-1]] = edit.value

    def _copy(self, part: Any) -> Any:
        if id(part) not in self._copies:
            part = part.copy()
            self._copies[id(part)] = part
        return part

    def _record_change(self, edit: Edit, holder: Path, node: MappingNode | SequenceNode) -> None:
        path = self.origin(edit.path) or holder
        if isinstance(node, SequenceNode) and not isinstance(edit, Replace):
            if holder not in self.slots:
                self.slots[holder] = list(range(len(node.items)))
            slots = self.slots[holder]
            if isinstance(edit, Add):
                slots.insert(edit.index, NewPart(edit.value, raw=edit.raw))
            else:
                del slots[int(edit.path[-1])]
        elif isinstance(edit, Replace) and self.source.find(path):
            self.values[path] = edit.value
        else:
            name = str(edit.path[-1])
            new = NewPart(edit.value, name) if isinstance(edit, Replace) else None
            self.names.setdefault(holder, {})[name] = new
        self.touched.update(path[:length] for length in range(len(path) + 1))

    def write(self, attempt: int) -> Source | None:
        """Return the document after all edits, or None if it is not valid YAML.

        Deeper collections are written first, because that changes no path further up.
        """
        source = self.source
        rearranged: dict[Path, Slots | dict[str, NewPart | None]] = {**self.slots, **self.names}
        depths = {len(path) - 1 for path in self.values} | {len(path) for path in rearranged}
        for depth in sorted(depths, reverse=True):
            changes: list[Change] = []
            for path, value in self.values.items():
                if len(path) == depth + 1:
                    changes += splice.replace(source, path, value, self.fields, attempt)
            for path, new in rearranged.items():
                if len(path) == depth:
                    changes += splice.rearrange(source, path, new, self.fields, attempt)
            if not are_disjoint(changes):
                return None
            source = read_lazily(source.with_text(replace_spans(source.text, changes)))
            if source.faults:
                return None
        return source


def _is_done(data: Any, edit: Edit) -> bool:
    """Return whether the data already are as the edit would make them."""
    if isinstance(edit, Add):
        return False
    *steps, last = edit.path
    for step in steps:
        data = data[step]
    exists = last in (range(len(data)) if isinstance(data, list) else data)
    if isinstance(edit, Remove):
        return not exists
    return exists and strictly_equal(data[last], edit.value)
