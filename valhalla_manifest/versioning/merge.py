"""Merges two versions of data with a common base, field by field and item by item."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.data import strictly_equal
from valhalla_manifest.versioning.diff import Change, Data, Item, Key, apply_changes, changes, items

if TYPE_CHECKING:
    from collections.abc import Mapping


class Conflict(NamedTuple):
    """Two changes, one of each side, that exclude each other."""

    ours: Change
    theirs: Change


class MergedData(NamedTuple):
    """The changes that ours lacks, the data after both sides' changes, and the conflicts."""

    theirs: list[Change]
    data: Data
    conflicts: list[Conflict]


def merge(
    base: Data,
    ours: Data,
    theirs: Data,
    keyed: Mapping[str, str],
    names: Mapping[str, str] = MappingProxyType({}),
) -> MergedData:
    """Merge two versions of data that have a common base.

    ``names`` maps keyed lists to the field that identifies an item to people. A removed item and an
    added item with the same name count as one item with a new identity.

    These are conflicts: one field set to two values, one identity added with two contents, and an
    item removed by one side and changed, or given another identity, by the other.
    """
    my_changes, their_changes = changes(base, ours, keyed), changes(base, theirs, keyed)
    my_renames, their_renames = _renames(my_changes, names), _renames(their_changes, names)
    by_key = {change.key: change for change in my_changes}
    removed = {
        change.item: change for change in my_changes if change.field is None and not change.after
    }
    touched: dict[Item | None, Change] = {}
    for change in my_changes:
        touched.setdefault(change.item, change)
    taken, conflicts = [], []
    for change in their_changes:
        other = by_key.get(change.key)
        if other is None and change.item is not None:
            is_removal = change.field is None and change.after is None
            other = touched.get(change.item) if is_removal else removed.get(change.item)
        my_new, their_new = my_renames.get(change.key, []), their_renames.get(change.key, [])
        if other is None:
            taken.append(change)
        elif {new.item for new in my_new} != {new.item for new in their_new}:
            conflicts.append(Conflict([*my_new, other][0], [*their_new, change][0]))
        elif other.field != change.field or not strictly_equal(other.after, change.after):
            conflicts.append(Conflict(other, change))
    return MergedData(taken, apply_changes(ours, taken, keyed), conflicts)


def _renames(found: list[Change], names: Mapping[str, str]) -> dict[Key, list[Change]]:
    """Return the added items that have the name of a removed item, by the removal."""
    return {
        old.key: [new for new in found if _is_rename(old, new, names)]
        for old in found
        if old.field is None and old.after is None
    }


def _is_rename(old: Change, new: Change, names: Mapping[str, str]) -> bool:
    if old.item is None or new.item is None or new.field is not None or new.before is not None:
        return False
    name = names.get(old.item.list)
    in_one_list = old.item.list == new.item.list
    return (
        name is not None
        and in_one_list
        and strictly_equal(old.before.get(name), new.after.get(name))
    )


def common_order(
    base: Data, ours: Data, theirs: Data, keyed: Mapping[str, str]
) -> list[Item] | None:
    """Return the merged order of the items that all three versions have, list by list.

    The order is that of the side that moved items, or None if both moved items of one list in
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
