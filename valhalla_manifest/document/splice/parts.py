"""What a list or a mapping is made of: its parts as they stand, and how new ones are written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document import emitter
from valhalla_manifest.document.source import MappingNode, Node, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.document.fields import Field


class RawItem(NamedTuple):
    """The lines of an item as they stand elsewhere, with their comments, and its dash's column."""

    lines: tuple[str, ...]
    column: int


@dataclass(frozen=True, slots=True, eq=False)
class New:
    """A part that a text does not have yet: the value, and the key of one in a mapping."""

    value: Any
    name: str = ""
    raw: RawItem | None = None


Slots = list[int | New]  # what a collection is to hold: parts that it has, by index, and new ones

# The first item of an empty list has nothing beside it to look like.
NOTHING_YET = MappingNode(0, 0, (), {})


class Gap(NamedTuple):
    """What lies between two parts that stay: ``first`` to ``last`` go, and ``new`` comes.

    ``before`` is -1 at the front, ``after`` is the number of all parts at the end.
    """

    before: int
    after: int
    new: list[New]

    @property
    def first(self) -> int:
        """The first part that goes."""
        return self.before + 1

    @property
    def last(self) -> int:
        """The last part that goes; it is lower than the first if none does."""
        return self.after - 1


def gaps(slots: Slots, count: int) -> Iterator[Gap]:
    """Yield the gaps of a collection of so many parts in which something changes."""
    before, new = -1, list[New]()
    for slot in chain(slots, [count]):
        if isinstance(slot, New):
            new.append(slot)
            continue
        if new or slot > before + 1:
            yield Gap(before, slot, new)
        before, new = slot, []


class Spans:
    """Where each part of a collection starts and ends, without its dash."""

    def __init__(self, node: MappingNode | SequenceNode) -> None:
        self.parts = node.entries if isinstance(node, MappingNode) else node.items

    def __len__(self) -> int:
        """Return how many parts there are."""
        return len(self.parts)

    def __getitem__(self, index: int) -> tuple[int, int]:
        """Return the span of one part."""
        part = self.parts[index]
        key, value = part if isinstance(part, tuple) else (part, part)
        return key.start, max(key.start, key.end, value.end)


def in_one_line(
    node: MappingNode | SequenceNode, beside: Node | None, new: New, fields: Mapping[str, Field]
) -> str:
    """Return a new part for a collection in flow style, in the style of the part beside it."""
    if isinstance(node, MappingNode):
        (entry,) = emitter.entries({new.name: new.value}, node, fields, flow=True)
        return entry
    if isinstance(new.value, dict):
        like = beside if isinstance(beside, MappingNode) else NOTHING_YET
        return f"{{{', '.join(emitter.entries(new.value, like, fields, flow=True))}}}"
    return emitter.value(new.value, beside or emitter.QUOTED)
