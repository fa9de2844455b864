"""Three states in, one out: field by field at the top, and by identity in keyed lists.

Nothing here knows what a manifest is, or runs git.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.data import same
from valhalla_manifest.document.edit import Add, Edit, Remove, Replace
from valhalla_manifest.document.source import SequenceNode
from valhalla_manifest.document.splice import items
from valhalla_manifest.versioning.diff import Change, Data, changes, patched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from valhalla_manifest.document.source import Source


class Conflict(NamedTuple):
    """What the two sides cannot both have: their changes of one thing."""

    ours: Change
    theirs: Change


class Merged(NamedTuple):
    """What of theirs is new to ours, what both give together, and what they disagree about."""

    theirs: list[Change]
    data: Data
    conflicts: list[Conflict]


def merge(base: Data, ours: Data, theirs: Data, keyed: Mapping[str, str]) -> Merged:
    """Merge two states that come from one.

    Conflicts are: one field set to two values, one id added with two contents, an item removed
    by one side and changed by the other.
    """
    mine = changes(base, ours, keyed)
    by_field = {(change.item, change.field): change for change in mine}
    removed = {change.item: change for change in mine if change.field is None and not change.after}
    touched: dict[str | None, Change] = {}
    for change in mine:
        touched.setdefault(change.item, change)
    taken, conflicts = [], []
    for change in changes(base, theirs, keyed):
        other = by_field.get((change.item, change.field))
        if other is None and change.item is not None:
            is_removal = change.field is None and change.after is None
            other = touched.get(change.item) if is_removal else removed.get(change.item)
        if other is None:
            taken.append(change)
        elif other.field != change.field or not same(other.after, change.after):
            conflicts.append(Conflict(other, change))
    return Merged(taken, patched(ours, taken, keyed), conflicts)


def edits(
    found: list[Change], source: Source, target: Source, keyed: Mapping[str, str]
) -> list[Edit]:
    """Return the edits that make changes of one text on another, new items with their comments.

    The edits are meant to be made one after another on the target.
    """
    (name, identity), *_ = keyed.items()
    origin, data = _items(source, name), _data(target)
    order = [item[identity] for item in _data(source).get(name) or []]
    present = [item[identity] for item in data.get(name) or []]
    made: list[Edit] = []
    for change in found:
        if change.item is None:
            made.append(_put((str(change.field),), change, _data(source)))
        elif change.field is not None:
            index = present.index(change.item)
            item = _data(source)[name][order.index(change.item)]
            made.append(_put((name, index, change.field), change, item))
        elif change.after is None:
            made.append(Remove((name, present.index(change.item))))
            present.remove(change.item)
        else:
            at = order.index(change.item)
            before = [identifier for identifier in order[:at] if identifier in present]
            index = present.index(before[-1]) + 1 if before else 0
            raw = items.raw_item(source, origin, at) if origin else None
            made.append(Add((name,), index, change.after, raw))
            present.insert(index, change.item)
    return made


def ids(data: Data, keyed: Mapping[str, str]) -> list[str]:
    """Return the identities of all items, in the order of the lists."""
    return [item[identity] for name, identity in keyed.items() for item in data.get(name) or []]


def common_order(base: list[str], ours: list[str], theirs: list[str]) -> list[str] | None:
    """Return the order that the items of all three states get in a merge.

    It is that of the side that moved some; None where both sides moved them in different ways.
    """
    common = set(base).intersection(ours, theirs)
    before, mine, other = (
        [item for item in order if item in common] for order in (base, ours, theirs)
    )
    if other in (before, mine):
        return mine
    return other if before == mine else None


def _put(path: tuple[str | int, ...], change: Change, holder: Data) -> Edit:
    return Replace(path, change.after) if change.field in holder else Remove(path)


def _data(source: Source) -> Data:
    data: Data = source.root.value if source.root else {}
    return data


def _items(source: Source, name: str) -> SequenceNode | None:
    node = source.find((name,))
    return node if isinstance(node, SequenceNode) and not node.flow else None
