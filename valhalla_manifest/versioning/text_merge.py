"""Merges two documents: applies one side's changes and comments to the text of the other.

The caller checks whether a merge is valid.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document import comments
from valhalla_manifest.document.edit import Add, Edit, Remove, Replace, apply
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import BYTE_ORDER_MARK, SequenceNode, Source
from valhalla_manifest.document.splice import raw_item_reader
from valhalla_manifest.versioning.diff import items
from valhalla_manifest.versioning.merge import common_order, merge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.document.fields import Fields
    from valhalla_manifest.document.source import Path
    from valhalla_manifest.versioning.diff import Change, Item


class Candidate(NamedTuple):
    """A possible merge, and the comment, order or layout that it loses."""

    text: str
    lost: str | None = None


def candidates(
    base: Source, ours: Source, theirs: Source, keyed: Mapping[str, str], fields: Fields
) -> Iterator[Candidate]:
    """Yield possible merges of two documents with a common base, the best first.

    If one side also changed the layout, the other side's changes are applied to that side's text.
    """
    three = (base, ours, theirs)
    if any(_has_mixed_line_ends(source) for source in three):
        yield from _candidates(base, ours, theirs, keyed, fields)
        return
    # Line ends and the byte-order mark are merged separately, because a change of line ends touches
    # every line.
    newline = theirs.newline if ours.newline == base.newline else ours.newline
    bom = theirs.bom if ours.bom == base.bom else ours.bom
    base, ours, theirs = (read(source.text.replace("\r\n", "\n")) for source in three)
    for candidate in _candidates(base, ours, theirs, keyed, fields):
        text = candidate.text.replace("\n", newline)
        yield candidate._replace(text=BYTE_ORDER_MARK + text if bom else text)


def _has_mixed_line_ends(source: Source) -> bool:
    return "\r\n" in source.text and source.text.count("\n") > source.text.count("\r\n")


def _candidates(
    base: Source, ours: Source, theirs: Source, keyed: Mapping[str, str], fields: Fields
) -> Iterator[Candidate]:
    three = (base, ours, theirs)
    wanted = comments.merge(*(comments.collect(source, keyed) for source in three))
    order = common_order(base.data, ours.data, theirs.data, keyed)
    transfer = _Transfer(base, keyed, fields)
    pairs = [
        (ours, theirs, transfer.keeps_layout(theirs)),
        (theirs, ours, transfer.keeps_layout(ours)),
    ]
    for target, other, other_keeps_layout in sorted(pairs, key=lambda pair: not pair[2]):
        try:
            text = transfer.make_changes(other, target, wanted)
        except ManifestError as error:
            yield Candidate(target.whole, str(error))
        else:
            lost = _find_loss(text, wanted, order, keyed)
            if not lost and not other_keeps_layout and other.text != base.text:
                lost = "both sides changed the layout"
            yield Candidate(text, lost)


class _Transfer(NamedTuple):
    """Applies the changes from a base to one document to another document."""

    base: Source
    keyed: Mapping[str, str]
    fields: Fields

    def make_changes(self, source: Source, target: Source, wanted: comments.Comments) -> str:
        """Return the target with the changes of a source, and with the comments wanted."""
        both = merge(self.base.data, target.data, source.data, self.keyed)
        edits = _edits(both.theirs, source, target, self.keyed)
        return comments.place(apply(target.whole, edits, self.fields), wanted, self.keyed)

    def keeps_layout(self, side: Source) -> bool:
        """Return whether its changes and comments are enough to turn the base into a document."""
        try:
            wanted = comments.collect(side, self.keyed)
            return self.make_changes(side, self.base, wanted) == side.whole
        except ManifestError:
            return False


def _find_loss(
    text: str, wanted: comments.Comments, order: list[Item] | None, keyed: Mapping[str, str]
) -> str | None:
    """Return the message for a comment or an order of items that a merged text lost."""
    source = read(text)
    all_wanted = Counter(line.strip() for lines in wanted.values() for line in lines)
    missing = all_wanted - comments.count(source)
    if missing:
        return f"a comment would be lost: {next(iter(missing))}"
    if order is None:
        return "both sides changed the order"
    common = set(order)
    present = [item for item in items(source.data, keyed) if item in common]
    return None if present == order else "both sides changed the order"


def _edits(
    found: list[Change], source: Source, target: Source, keyed: Mapping[str, str]
) -> Iterator[Edit]:
    """Yield the edits that apply the changes of a source to a target.

    Fields come first, because their edits move no item. Then each list is edited from its end.
    """
    source_indexes, target_indexes = (_indexes(side, keyed) for side in (source, target))
    by_list: dict[str, list[Change]] = {}
    for change in found:
        item = change.item
        if item is not None and change.field is None:
            by_list.setdefault(item.list, []).append(change)
            continue
        field = str(change.field)
        old: Path = (item.list, source_indexes[item.list][item.id]) if item else ()
        new: Path = (item.list, target_indexes[item.list][item.id]) if item else ()
        # A null key and a missing key have the same data, but a different text.
        is_present = source.find((*old, field)) is not None
        yield Replace((*new, field), change.after) if is_present else Remove((*new, field))
    for name, changes in by_list.items():
        if name not in target_indexes:
            yield Replace((name,), [])
        yield from _list_edits(
            name, changes, source, source_indexes.get(name, {}), target_indexes.get(name, {})
        )


Indexes = dict[str, int]  # identity of an item in a list → its index


def _indexes(source: Source, keyed: Mapping[str, str]) -> dict[str, Indexes]:
    """Return the index of each item of the keyed lists in a document."""
    data = source.data
    return {
        name: {item[identity]: at for at, item in enumerate(data[name])}
        for name, identity in keyed.items()
        if data.get(name) is not None
    }


def _list_edits(
    name: str,
    changes: list[Change],
    source: Source,
    source_indexes: Indexes,
    target_indexes: Indexes,
) -> Iterator[Edit]:
    """Yield the edits that remove items and add others, each after the item it follows there."""
    wanted = {change.item.id: change.after for change in changes if change.item}
    edits: list[tuple[int, Edit]] = []
    listed, index = source.find((name,)), 0
    raw = raw_item_reader(source, listed) if isinstance(listed, SequenceNode) else None
    for identity, at in source_indexes.items():
        if identity in target_indexes:
            index = target_indexes[identity] + 1
        elif wanted.get(identity) is not None:
            edits.append((index, Add((name,), index, wanted[identity], raw and raw(at))))
    for identity, fields in wanted.items():
        if fields is None:
            at = target_indexes[identity]
            edits.append((at, Remove((name, at))))
    # Items for one index are added in reverse order, because each goes before the earlier one.
    edits.reverse()
    edits.sort(key=lambda pair: -pair[0])
    yield from (edit for _, edit in edits)
