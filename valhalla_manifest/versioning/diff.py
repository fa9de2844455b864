"""Compares two versions of data: the top-level keys, and each item of the keyed lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document.data import strictly_equal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Data = dict[str, Any]


class Item(NamedTuple):
    """An item of a keyed list: the name of the list, and the item's identity in it."""

    list: str
    id: str


# The item (None for the top level) and the field (None for the item as a whole).
Key = tuple[Item | None, str | None]


class Change(NamedTuple):
    """A changed field, or an added or removed item of a keyed list.

    ``item`` is None for a top-level key. ``field`` is None for a whole item, whose ``before`` is
    None if it was added and whose ``after`` is None if it was removed.
    """

    item: Item | None
    field: str | None
    before: Any
    after: Any

    @property
    def key(self) -> Key:
        """The item and the field."""
        return self.item, self.field


def changes(before: Data, after: Data, keyed: Mapping[str, str]) -> list[Change]:
    """Return the changes of the top-level keys, then those of the items in their new order.

    ``keyed`` maps each keyed list to the field that identifies its items. An item that only
    moved has not changed. A missing key equals a key that is null.
    """
    scalars = [key for key in {**after, **before} if key not in keyed]
    found = list(_fields(None, scalars, before, after))
    for name, identity in keyed.items():
        found += _items(name, before.get(name) or [], after.get(name) or [], identity)
    return found


def _fields(item: Item | None, names: list[str], before: Data, after: Data) -> Iterator[Change]:
    for name in names:
        old, new = before.get(name), after.get(name)
        if not strictly_equal(old, new):
            yield Change(item, name, old, new)


def _items(name: str, before: list[Data], after: list[Data], identity: str) -> Iterator[Change]:
    old_by_id = {item[identity]: item for item in before}
    new_ids = {item[identity] for item in after}
    for new in after:
        old = old_by_id.get(new[identity])
        if old is None:
            yield Change(Item(name, new[identity]), None, None, new)
        elif old is not new:
            yield from _fields(Item(name, new[identity]), list({**new, **old}), old, new)
    for old in before:
        if old[identity] not in new_ids:
            yield Change(Item(name, old[identity]), None, old, None)


def items(data: Data, keyed: Mapping[str, str]) -> dict[Item, Data]:
    """Return the items of all keyed lists, in the order of the lists."""
    return {
        Item(name, item[identity]): item
        for name, identity in keyed.items()
        for item in data.get(name) or []
    }


def apply_changes(data: Data, found: Iterable[Change], keyed: Mapping[str, str]) -> Data:
    """Return the data after some changes; added items go to the end of their lists."""
    result = dict(data)
    present = {item: dict(fields) for item, fields in items(data, keyed).items()}
    for change in found:
        if change.item is None:
            _set(result, change.field, change.after)
        elif change.field is not None:
            _set(present.get(change.item, {}), change.field, change.after)
        else:
            _set(present, change.item, change.after and dict(change.after))
    for name in keyed:
        listed = [fields for item, fields in present.items() if item.list == name]
        if listed or name in result:
            result[name] = listed
    return result


def _set(target: dict[Any, Any], name: Any, value: Any) -> None:
    if value is None:
        target.pop(name, None)
    else:
        target[name] = value
