"""Three texts in, what may be their merge out: one side's changes and comments made on the other's.

What a text must be to be valid is for the caller to judge.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from valhalla_manifest.document import comments
from valhalla_manifest.document.edit import Add, Edit, Remove, Replace, apply
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import BYTE_ORDER_MARK, SequenceNode, Source
from valhalla_manifest.document.splice import raw_item
from valhalla_manifest.versioning.diff import items
from valhalla_manifest.versioning.merge import common_order, merge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.document.fields import Fields
    from valhalla_manifest.document.source import Path
    from valhalla_manifest.versioning.diff import Change, Data, Item


T = TypeVar("T")


class Candidate(NamedTuple):
    """What may be the merge, and what it would lose that no data holds."""

    text: str
    lost: str | None = None


def candidates(
    base: Source, ours: Source, theirs: Source, keyed: Mapping[str, str], fields: Fields
) -> Iterator[Candidate]:
    """Yield what may be the merge of two texts that come from one, the best first.

    A side that changed the layout too is the one to build on: so its layout stays.
    """
    three = (base, ours, theirs)
    if any(_is_mixed(source) for source in three):
        yield from _candidates(base, ours, theirs, keyed, fields)
        return
    # Line ends and a byte-order mark are changes of their own, of the text as a whole.
    newline = _chosen(*(source.newline for source in three))
    bom = _chosen(*(source.bom for source in three))
    base, ours, theirs = (read(source.text.replace("\r\n", "\n")) for source in three)
    for candidate in _candidates(base, ours, theirs, keyed, fields):
        text = candidate.text.replace("\n", newline)
        yield candidate._replace(text=BYTE_ORDER_MARK + text if bom else text)


def _is_mixed(source: Source) -> bool:
    """Return whether lines end in more than one way."""
    return "\r\n" in source.text and source.text.count("\n") > source.text.count("\r\n")


def _chosen(base: T, ours: T, theirs: T) -> T:
    """Return what both sides give together, where at most one of them changed it."""
    return theirs if ours == base else ours


def _candidates(
    base: Source, ours: Source, theirs: Source, keyed: Mapping[str, str], fields: Fields
) -> Iterator[Candidate]:
    three = (base, ours, theirs)
    wanted = comments.merge(*(comments.collect(source, keyed) for source in three))
    order = common_order(base.data, ours.data, theirs.data, keyed)
    remade = _Remade(base, keyed, fields)
    pairs = sorted([(ours, theirs), (theirs, ours)], key=lambda pair: not remade.is_plain(pair[1]))
    for target, other in pairs:
        try:
            text = remade.merged(target, other, wanted)
        except ManifestError as error:
            yield Candidate(target.whole, str(error))
        else:
            lost = _lost(text, wanted, order, keyed)
            kept = remade.is_plain(other) or other.text == base.text
            yield Candidate(text, lost or (None if kept else "both sides changed the layout"))


class _Remade(NamedTuple):
    """Makes the changes of texts that come from one base on other texts."""

    base: Source
    keyed: Mapping[str, str]
    fields: Fields

    def merged(self, target: Source, other: Source, wanted: comments.Comments) -> str:
        """Return a text with the changes of another made on it, and the comments wanted.

        Raises:
            ManifestError: the text cannot be edited without touching more.
        """
        both = merge(self.base.data, target.data, other.data, self.keyed)
        steps = _edits(both.theirs, other, target, self.keyed)
        return comments.place(apply(target.whole, steps, self.fields), wanted, self.keyed)

    def is_plain(self, side: Source) -> bool:
        """Return whether a text is nothing but its changes and comments, made on the base."""
        try:
            own = comments.collect(side, self.keyed)
            return self.merged(self.base, side, own) == side.whole
        except ManifestError:
            return False


def _lost(
    text: str, wanted: comments.Comments, order: list[Item] | None, keyed: Mapping[str, str]
) -> str | None:
    """Say what a text lacks of the comments of both sides, or of the order that one gave it."""
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
) -> list[Edit]:
    """Return the edits that make changes of one text on another, new items with their comments.

    The edits are meant to be made one after another on the target.
    """
    places = _Places(source, _order(source, keyed), _order(target, keyed))
    return [edit for change in found for edit in places.edits(change)]


Order = dict[str, list[str]]  # list → the identities of its items


def _order(source: Source, keyed: Mapping[str, str]) -> Order:
    """Return the order of each keyed list that a text has."""
    data = source.data
    return {
        name: [item[identity] for item in data[name]]
        for name, identity in keyed.items()
        if data.get(name) is not None
    }


class _Places(NamedTuple):
    """The text that changes come from, and where the items stand: there, and after each edit."""

    source: Source
    there: Order
    here: Order

    def edits(self, change: Change) -> Iterator[Edit]:
        """Yield the edits that make a change where the items stand now."""
        item = change.item
        if item is None:
            yield self._field((), (), change)
        elif change.field is not None:
            yield self._field(_path(item, self.there), _path(item, self.here), change)
        elif change.after is None:
            yield Remove(_path(item, self.here))
            self.here[item.list].remove(item.id)
        else:
            yield from self._addition(item, change.after)

    def _field(self, there: Path, here: Path, change: Change) -> Edit:
        """Return the edit of one field; null is not the same text as no key."""
        name = str(change.field)
        is_there = self.source.find((*there, name)) is not None
        return Replace((*here, name), change.after) if is_there else Remove((*here, name))

    def _addition(self, item: Item, fields: Data) -> Iterator[Edit]:
        """Yield what adds an item, behind the one that it follows in the other text."""
        if item.list not in self.here:
            yield Replace((item.list,), [])
        there, here = self.there[item.list], self.here.setdefault(item.list, [])
        at = there.index(item.id)
        before = next((name for name in reversed(there[:at]) if name in here), None)
        index = here.index(before) + 1 if before is not None else 0
        here.insert(index, item.id)
        listed = self.source.find((item.list,))
        raw = None
        if isinstance(listed, SequenceNode) and not listed.flow:
            raw = raw_item(self.source, listed, at)
        yield Add((item.list,), index, fields, raw)


def _path(item: Item, order: Order) -> Path:
    return item.list, order[item.list].index(item.id)
