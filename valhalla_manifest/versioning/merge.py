"""Three states in, one out: field by field at the top, and by identity in keyed lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.data import same
from valhalla_manifest.versioning.diff import Change, Data, Item, Key, changes, items, patched

if TYPE_CHECKING:
    from collections.abc import Mapping


_MOST = 3 / 4  # of the fields of an item: what keeps them is the same item


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
    by one side and changed, or called otherwise, by the other.
    """
    mine, others = changes(base, ours, keyed), changes(base, theirs, keyed)
    my_renames, other_renames = _renames(mine, keyed), _renames(others, keyed)
    by_key = {change.key: change for change in mine}
    removed = {change.item: change for change in mine if change.field is None and not change.after}
    touched: dict[Item | None, Change] = {}
    for change in mine:
        touched.setdefault(change.item, change)
    taken, conflicts = [], []
    for change in others:
        other = by_key.get(change.key)
        if other is None and change.item is not None:
            is_removal = change.field is None and change.after is None
            other = touched.get(change.item) if is_removal else removed.get(change.item)
        renames = my_renames.get(change.key), other_renames.get(change.key)
        if other is None:
            taken.append(change)
        elif renames[0] != renames[1]:
            conflicts.append(Conflict(renames[0] or other, renames[1] or change))
        elif other.field != change.field or not same(other.after, change.after):
            conflicts.append(Conflict(other, change))
    return Merged(taken, patched(ours, taken, keyed), conflicts)


def _renames(found: list[Change], keyed: Mapping[str, str]) -> dict[Key, Change]:
    """Return what was added in the place of an item that was removed: the same called otherwise."""
    removed = [change for change in found if change.field is None and change.after is None]
    added = [change for change in found if change.field is None and change.before is None]
    return {old.key: new for old in removed for new in added if _is_the_same(old, new, keyed)}


def _is_the_same(old: Change, new: Change, keyed: Mapping[str, str]) -> bool:
    if old.item is None or new.item is None or old.item.list != new.item.list:
        return False
    fields = [name for name in old.before if name != keyed[old.item.list]]
    kept = [name for name in fields if same(old.before[name], new.after.get(name))]
    return bool(fields) and len(kept) >= _MOST * len(fields)


def common_order(
    base: Data, ours: Data, theirs: Data, keyed: Mapping[str, str]
) -> list[Item] | None:
    """Return the order that the items of all three states get in a merge, list by list.

    It is that of the side that moved some; None where both sides moved items of one list in
    different ways.
    """
    result: list[Item] = []
    for name in keyed:
        orders = [list(items(state, {name: keyed[name]})) for state in (base, ours, theirs)]
        common = set(orders[0]).intersection(*orders[1:])
        before, mine, other = ([item for item in order if item in common] for order in orders)
        if before != mine and other not in (before, mine):
            return None
        result += other if before == mine else mine
    return result
