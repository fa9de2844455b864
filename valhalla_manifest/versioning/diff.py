"""What changed between two states, in the manifest's own terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document.data import same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Change(NamedTuple):
    """One field that changed, of the top level or of an item of a keyed list.

    ``item`` is None for a field of the top level; ``field`` is None for a whole item, added
    (``before`` is None) or removed (``after`` is None).
    """

    item: str | None
    field: str | None
    before: Any
    after: Any


Data = dict[str, Any]


def changes(before: Data, after: Data, keyed: Mapping[str, str]) -> list[Change]:
    """Return what differs: the top level first, then the items in the order of the new state.

    ``keyed`` maps each list whose items have an identity to the field that is it; such an item
    that only moved did not change. A key that is not there is the same as one that is null.
    """
    scalars = [key for key in {**after, **before} if key not in keyed]
    found = list(_fields(None, scalars, before, after))
    for name, identity in keyed.items():
        found += _items(before.get(name) or [], after.get(name) or [], identity)
    return found


def _fields(item: str | None, names: list[str], before: Data, after: Data) -> Iterator[Change]:
    for name in names:
        old, new = before.get(name), after.get(name)
        if not same(old, new):
            yield Change(item, name, old, new)


def _items(before: list[Data], after: list[Data], identity: str) -> Iterator[Change]:
    old_by_id = {item[identity]: item for item in before}
    new_ids = {item[identity] for item in after}
    for item in after:
        old = old_by_id.get(item[identity])
        if old is None:
            yield Change(item[identity], None, None, item)
        elif old is not item:
            yield from _fields(item[identity], list({**item, **old}), old, item)
    for item in before:
        if item[identity] not in new_ids:
            yield Change(item[identity], None, item, None)


def patched(data: Data, found: Iterable[Change], keyed: Mapping[str, str]) -> Data:
    """Return data with changes made; an item that is added goes to the end of its list."""
    (name, identity), *_ = [*keyed.items(), ("", "")]
    result = dict(data)
    items = {item[identity]: dict(item) for item in data.get(name) or []}
    for change in found:
        target = result if change.item is None else items.get(change.item, {})
        if change.field is not None:
            _set(target, change.field, change.after)
        elif change.after is None:
            items.pop(change.item or "", None)
        else:
            items[change.item or ""] = dict(change.after)
    if items or name in result:
        result[name] = list(items.values())
    return result


def _set(target: Data, name: str, value: Any) -> None:
    if value is None:
        target.pop(name, None)
    else:
        target[name] = value
