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
from valhalla_manifest.document.splice import raw_items
from valhalla_manifest.versioning.diff import items
from valhalla_manifest.versioning.merge import common_order, merge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.document.fields import Fields
    from valhalla_manifest.document.source import Path
    from valhalla_manifest.versioning.diff import Change, Item


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
    pairs = [(ours, theirs, remade.is_plain(theirs)), (theirs, ours, remade.is_plain(ours))]
    for target, other, is_plain in sorted(pairs, key=lambda pair: not pair[2]):
        try:
            text = remade.merged(target, other, wanted)
        except ManifestError as error:
            yield Candidate(target.whole, str(error))
        else:
            lost = _lost(text, wanted, order, keyed)
            kept = is_plain or other.text == base.text
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
) -> Iterator[Edit]:
    """Yield the edits that make changes of one text on another, new items with their comments.

    What keeps all items where they are comes first, then each list is changed from its end.
    """
    there, here = (_places(side, keyed) for side in (source, target))
    moving: dict[str, list[Change]] = {}
    for change in found:
        item = change.item
        if item is not None and change.field is None:
            moving.setdefault(item.list, []).append(change)
            continue
        path = (str(change.field),)
        old: Path = (item.list, there[item.list][item.id]) if item else ()
        new: Path = (item.list, here[item.list][item.id]) if item else ()
        # Null is not the same text as no key.
        is_there = source.find((*old, *path)) is not None
        yield Replace((*new, *path), change.after) if is_there else Remove((*new, *path))
    for name, changes in moving.items():
        if name not in here:
            yield Replace((name,), [])
        yield from _of_list(name, changes, source, there.get(name, {}), here.get(name, {}))


Places = dict[str, int]  # the index of each item of a list, by its identity


def _places(source: Source, keyed: Mapping[str, str]) -> dict[str, Places]:
    """Return where the items of each keyed list are that a text has."""
    data = source.data
    return {
        name: {item[identity]: at for at, item in enumerate(data[name])}
        for name, identity in keyed.items()
        if data.get(name) is not None
    }


def _of_list(
    name: str, changes: list[Change], source: Source, there: Places, here: Places
) -> Iterator[Edit]:
    """Yield what removes items and adds others, each behind the item that it follows there."""
    wanted = {change.item.id: change.after for change in changes if change.item}
    edits: list[tuple[int, Edit]] = []
    listed, index = source.find((name,)), 0
    raw = raw_items(source, listed) if isinstance(listed, SequenceNode) else None
    for identity, at in there.items():
        if identity in here:
            index = here[identity] + 1
        elif wanted.get(identity) is not None:
            edits.append((index, Add((name,), index, wanted[identity], raw and raw(at))))
    removed = (identity for identity, fields in wanted.items() if fields is None)
    edits += [(here[identity], Remove((name, here[identity]))) for identity in removed]
    # Of what is to stand at one place, the last is added first.
    edits.reverse()
    edits.sort(key=lambda pair: -pair[0])
    yield from (edit for _, edit in edits)
