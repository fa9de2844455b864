"""Edits as data, and a text with them: only what an edit names changes, or nothing does.

Nothing here knows what a manifest is; ``fields`` tells the order of a mapping's keys and how
their values are written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document import splice
from valhalla_manifest.document.characters import FORBIDDEN, named
from valhalla_manifest.document.data import plain, same
from valhalla_manifest.document.problems import ManifestError, pointer
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import Path, SequenceNode, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from valhalla_manifest.document.fields import Fields
    from valhalla_manifest.document.splice.items import RawItem


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

    After each the text is read again, and must hold just the intended data.

    Raises:
        ManifestError: the text is not YAML, an edit cannot be made on it without touching more
            than it names, or a value holds a character that is not allowed.
    """
    return edited(read(text), edits, fields).whole


def edited(source: Source, edits: Iterable[Edit], fields: Fields) -> Source:
    """Make edits like ``apply``, on a text that is read already; return how the result reads.

    Raises:
        ManifestError: as ``apply``.
    """
    for edit in edits:
        if not isinstance(edit, Remove):
            edit = replace(edit, value=plain(edit.value, edit.path))  # noqa: PLW2901
            _require_allowed(edit.value, edit.path)
        for step in _steps(source, edit):
            source = _apply_one(source, step, fields)
    return source


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


def _steps(source: Source, edit: Edit) -> Iterator[Edit]:
    """Split the replacement of a list into edits of its items, so that the others stay."""
    old = source.find(edit.path)
    if not (
        isinstance(edit, Replace) and isinstance(old, SequenceNode) and isinstance(edit.value, list)
    ):
        yield edit
        return
    from difflib import SequenceMatcher

    before, after = (list(map(repr, values)) for values in (old.value, edit.value))
    changes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for kind, start, end, new_start, new_end in reversed(changes):
        if kind != "equal":
            for item in reversed(edit.value[new_start:new_end]):
                yield Add(edit.path, end, item)
            yield from (Remove((*edit.path, index)) for index in reversed(range(start, end)))


def _apply_one(source: Source, edit: Edit, fields: Fields) -> Source:
    if source.root is None or source.faults:
        raise ManifestError("the text is not YAML")
    intended = _intended(source.root.value, edit)
    if intended is source.root.value:
        return source
    for changed in _candidates(source, edit, fields):
        result = read(source.with_text(changed))
        if not result.faults and result.root and same(result.root.value, intended):
            return result
    where = pointer(edit.path) or "/"
    raise ManifestError(
        f"{where} cannot be changed here without touching other lines; edit the file by hand"
    )


def _candidates(source: Source, edit: Edit, fields: Fields) -> Iterator[str]:
    """Yield texts with the edit made, the one that keeps most of the style first."""
    if isinstance(edit, Replace):
        yield from splice.replace(source, edit.path, edit.value, fields)
    elif isinstance(edit, Add):
        if edit.raw:
            yield splice.add(source, edit.path, edit.index, edit.raw, fields)
        yield splice.add(source, edit.path, edit.index, edit.value, fields)
    else:
        yield splice.remove(source, edit.path)


def _intended(data: Any, edit: Edit) -> Any:
    """Return data with an edit made; itself where the edit changes nothing."""
    holder = edit.path if isinstance(edit, Add) else edit.path[:-1]
    return _with(data, holder, edit)


def _with(data: Any, holder: Path, edit: Edit) -> Any:
    """Copy what leads to the list or mapping that changes, and that itself; the rest is shared."""
    if not holder:
        return _made(data, edit)
    step, *rest = holder
    part = _with(data[step], tuple(rest), edit)
    if part is data[step]:
        return data
    copied = data.copy()
    copied[step] = part
    return copied


def _made(holder: Any, edit: Edit) -> Any:
    """Return the list or mapping that an edit names with the edit made."""
    if isinstance(edit, Add):
        return [*holder[: edit.index], edit.value, *holder[edit.index :]]
    last = edit.path[-1]
    is_there = isinstance(holder, list) or last in holder
    if isinstance(edit, Remove):
        unchanged = not is_there
    else:
        unchanged = is_there and same(holder[last], edit.value)
    if unchanged:
        return holder
    copied = holder.copy()
    if isinstance(edit, Remove):
        del copied[last]
    else:
        copied[last] = edit.value
    return copied
