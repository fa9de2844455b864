"""Edits as data, and a text with them: only what an edit names changes, or nothing does.

Nothing here knows what a manifest is; ``fields`` tells the order of a mapping's keys and how
their values are written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeGuard

from valhalla_manifest.document import splice
from valhalla_manifest.document.characters import FORBIDDEN, named
from valhalla_manifest.document.data import plain, same
from valhalla_manifest.document.differences import differences
from valhalla_manifest.document.fast_reader import read_lazily
from valhalla_manifest.document.problems import ManifestError, pointer
from valhalla_manifest.document.source import (
    MappingNode,
    Node,
    Path,
    SequenceNode,
    Source,
    replaced,
)
from valhalla_manifest.document.splice import New

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from valhalla_manifest.document.fields import Fields
    from valhalla_manifest.document.splice import RawItem, Slots


@dataclass(frozen=True, slots=True)
class Replace:
    """Give the key at a path a value; a key that is not there is added where it belongs."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Add:
    """Put a new item into the list at a path, before the item that has this index now.

    ``raw`` is how the item stands elsewhere, with its comments; it is used where it fits.
    """

    path: Path
    index: int
    value: Any
    raw: RawItem | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the key or the item at a path, and the comments that belong to it."""

    path: Path


Edit = Replace | Add | Remove


def apply(text: str, edits: Iterable[Edit], fields: Fields) -> str:
    """Return the text with the edits made one after another.

    The result is read again, and must hold just the intended data.

    Raises:
        ManifestError: the text is not YAML, an edit cannot be made on it without touching more
            than it names, or a value holds a character that is not allowed.
    """
    return edited(read_lazily(text), edits, fields).whole


def edited(source: Source, edits: Iterable[Edit], fields: Fields) -> Source:
    """Make edits like ``apply``, on a text that is read already; return how the result reads.

    Raises:
        ManifestError: as ``apply``.
    """
    if source.is_empty or source.faults:
        raise ManifestError("the text is not YAML")
    checked = []
    for edit in edits:
        if not isinstance(edit, Remove):
            edit = replace(edit, value=plain(edit.value, edit.path))  # noqa: PLW2901
            _require_allowed(edit.value, edit.path)
        checked.append(edit)
    return _edited(source, checked, fields)


def _edited(source: Source, edits: Iterable[Edit], fields: Fields) -> Source:
    """Make edits on one tree until two of them meet, and read the result once."""
    batch = _Batch(source, fields)
    for edit in edits:
        if isinstance(edit, Replace) and not batch.is_as_read(edit.path):
            batch = _Batch(_made(batch), fields)
        for step in _steps(batch.source.find(batch.origin(edit.path) or edit.path), edit):
            if not batch.take(step):
                batch = _Batch(_made(batch), fields)
                batch.take(step)
    return _made(batch)


def _made(batch: _Batch) -> Source:
    """Return how the text reads with a batch of edits; a batch that fails is made in halves.

    Raises:
        ManifestError: one of the edits cannot be made.
    """
    edits = batch.edits
    if not edits:
        return batch.source
    for attempt in range(splice.ATTEMPTS if len(edits) == 1 else 1):
        result = batch.written(attempt)
        if result and not result.is_empty and same(result.data, batch.data):
            return result
    if len(edits) == 1:
        raise ManifestError(
            f"{pointer(edits[0].path) or '/'} cannot be changed here without touching other "
            "lines; edit the file by hand"
        )
    half = len(edits) // 2
    first = _edited(batch.source, edits[:half], batch.fields)
    return _edited(first, edits[half:], batch.fields)


def _require_allowed(value: Any, path: Path) -> None:
    if isinstance(value, str):
        found = FORBIDDEN.search(value)
        if found:
            message = (
                f"{pointer(path)}: {named(found[0])} is not allowed in a manifest; leave it out"
            )
            raise ManifestError(message, refused=True)
    elif isinstance(value, dict):
        for key, part in value.items():
            _require_allowed(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _require_allowed(part, (*path, index))


def _steps(old: Node | None, edit: Edit) -> Iterator[Edit]:
    """Split the replacement of a list or a mapping into edits of its parts: the others stay."""
    new = edit.value if isinstance(edit, Replace) else None
    if isinstance(old, SequenceNode) and isinstance(new, list):
        for start, end, new_start, new_end in differences(old.value, new):
            for item in reversed(new[new_start:new_end]):
                yield Add(edit.path, end, item)
            yield from (Remove((*edit.path, index)) for index in reversed(range(start, end)))
    elif _has_keys(old) and isinstance(new, dict) and new:
        for key, value in new.items():
            yield from _steps(old.get(key), Replace((*edit.path, key), value))
        yield from (Remove((*edit.path, key)) for key in old.value if key not in new)
    else:
        yield edit


def _has_keys(node: Node | None) -> TypeGuard[MappingNode]:
    """Return whether a node is a mapping whose keys are strings, each of them once."""
    if not isinstance(node, MappingNode):
        return False
    return [key.value for key, _ in node.entries] == list(node.value)


class _Batch:
    """Edits that do not meet in one tree, what the data are with them, and the text."""

    def __init__(self, source: Source, fields: Fields) -> None:
        self.source = source
        self.fields = fields
        self.edits: list[Edit] = []
        self.data: Any = source.data
        self._owned: dict[int, Any] = {}  # lists and mappings of the data that are copies
        # All paths below are those of the tree as it was read.
        self.values: dict[Path, Any] = {}  # values that others take the place of
        self.slots: dict[Path, Slots] = {}  # what lists hold now
        self.names: dict[Path, dict[str, New | None]] = {}  # keys added to mappings, or removed
        self.touched: set[Path] = set()  # whatever changed, and all that it is in

    def origin(self, path: Path) -> Path | None:
        """Return the path that a value had when it was read; None if the value is new."""
        found: Path = ()
        for step in path:
            if found in self.values or step in self.names.get(found, ()):
                return None
            at: int | str | New = step
            if found in self.slots and isinstance(step, int):
                slots = self.slots[found]
                if step >= len(slots) or isinstance(slots[step], New):
                    return None
                at = slots[step]
            if isinstance(at, New):
                return None
            found = (*found, at)
        return found

    def is_as_read(self, path: Path) -> bool:
        """Return whether a value, with all that is in it, is what was read."""
        origin = self.origin(path)
        return origin is not None and origin not in self.touched

    def take(self, edit: Edit) -> bool:
        """Add an edit to the batch; return false if it meets one that is in the batch.

        Raises:
            ManifestError: the text has nothing that the edit could be made in.
        """
        holder = edit.path if isinstance(edit, Add) else edit.path[:-1]
        origin = self.origin(holder)
        if origin is None or origin in self.values:
            return False
        node = self.source.find(origin)
        if isinstance(edit, Add) and not isinstance(node, SequenceNode):
            raise ManifestError(f"{holder[-1]} is not a list")
        if not isinstance(node, (MappingNode, SequenceNode)):
            raise ManifestError(f"{pointer(holder)} is not a mapping or a list")
        if _is_made(self.data, edit):
            return True
        if not isinstance(edit, Add) and not self.is_as_read(edit.path):
            return False
        self._place(edit, origin, node)
        self._make(edit, holder)
        self.edits.append(edit)
        return True

    def _make(self, edit: Edit, holder: Path) -> None:
        """Make an edit on the data; what was read is copied before it first changes."""
        self.data = part = self._own(self.data)
        for step in holder:
            part[step] = self._own(part[step])
            part = part[step]
        if isinstance(edit, Add):
            part.insert(edit.index, edit.value)
        elif isinstance(edit, Remove):
            del part[edit.path[-1]]
        else:
            part[edit.path[-1]] = edit.value

    def _own(self, part: Any) -> Any:
        if id(part) not in self._owned:
            part = part.copy()
            self._owned[id(part)] = part
        return part

    def _place(self, edit: Edit, holder: Path, node: MappingNode | SequenceNode) -> None:
        path = self.origin(edit.path) or holder
        if isinstance(node, SequenceNode) and not isinstance(edit, Replace):
            if holder not in self.slots:
                self.slots[holder] = list(range(len(node.items)))
            slots = self.slots[holder]
            if isinstance(edit, Add):
                slots.insert(edit.index, New(edit.value, raw=edit.raw))
            else:
                del slots[int(edit.path[-1])]
        elif isinstance(node, MappingNode) and isinstance(edit, Remove):
            self.names.setdefault(holder, {})[str(edit.path[-1])] = None
        elif isinstance(edit, Replace) and self.source.find(path):
            self.values[path] = edit.value
        elif isinstance(edit, Replace):
            name = str(edit.path[-1])
            self.names.setdefault(holder, {})[name] = New(edit.value, name)
        self.touched.update(path[:length] for length in range(len(path) + 1))

    def written(self, attempt: int) -> Source | None:
        """Return how the text reads with all edits; None if it does not.

        What lies deeper is written first, for that moves no path of what lies higher.
        """
        source = self.source
        holders = {path[:-1] for path in self.values} | {*self.slots} | {*self.names}
        for depth in sorted({len(path) for path in holders}, reverse=True):
            changes: list[splice.Change] = []
            for path, value in self.values.items():
                if len(path) == depth + 1:
                    changes += splice.replace(source, path, value, self.fields, attempt)
            for path in (*self.slots, *self.names):
                if len(path) == depth:
                    new = self.slots[path] if path in self.slots else self.names[path]
                    changes += splice.arrange(source, path, new, self.fields, attempt)
            if not splice.are_apart(changes):
                return None
            source = read_lazily(source.with_text(replaced(source.text, changes)))
            if source.faults:
                return None
        return source


def _is_made(data: Any, edit: Edit) -> bool:
    """Return whether data are as an edit would make them."""
    if isinstance(edit, Add):
        return False
    *steps, last = edit.path
    for step in steps:
        data = data[step]
    is_there = last in (range(len(data)) if isinstance(data, list) else data)
    if isinstance(edit, Remove):
        return not is_there
    return is_there and same(data[last], edit.value)
