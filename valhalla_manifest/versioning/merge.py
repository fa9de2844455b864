"""Three states in, one out: field by field at the top, and by identity in keyed lists."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.data import strictly_equal
from valhalla_manifest.versioning.diff import Change, Data, Item, Key, apply_changes, changes, items

if TYPE_CHECKING:
    from collections.abc import Mapping


class Conflict(NamedTuple):
    """What the two sides cannot both have: their changes of one thing."""

    ours: Change
    theirs: Change


class MergedData(NamedTuple):
    """What of theirs is new to ours, what both give together, and what they disagree about."""

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
    """Merge two states that come from one.

    ``names`` maps keyed lists to the field that people know an item by: an item that is gone, and
    one that is new and has its name, are the same, with another identity.

    Conflicts are: one field set to two values, one id added with two contents, an item removed
    by one side and changed, or called otherwise, by the other.
    """
    mine, others = changes(base, ours, keyed), changes(base, theirs, keyed)
    my_renames, other_renames = _renames(mine, names), _renames(others, names)
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
        mine_now, theirs_now = my_renames.get(change.key, []), other_renames.get(change.key, [])
        if other is None:
            taken.append(change)
        elif {new.item for new in mine_now} != {new.item for new in theirs_now}:
            conflicts.append(Conflict([*mine_now, other][0], [*theirs_now, change][0]))
        elif other.field != change.field or not strictly_equal(other.after, change.after):
            conflicts.append(Conflict(other, change))
    return MergedData(taken, apply_changes(ours, taken, keyed), conflicts)


def _renames(found: list[Change], names: Mapping[str, str]) -> dict[Key, list[Change]]:
    """Return what was added in the place of each item that was removed: what has its name."""
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
