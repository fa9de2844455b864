"""A list or a mapping as a sequence of parts, and the gaps between them that an edit changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document.problems import Span
from valhalla_manifest.document.source import MappingNode, SequenceNode, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.document.fields import Field


class RawItem(NamedTuple):
    """The lines of an item in another text, with their comments, and the column of its dash."""

    lines: tuple[str, ...]
    column: int


@dataclass(frozen=True, slots=True, eq=False)
class NewPart:
    """A part to add: its value, and its key if it goes into a mapping."""

    value: Any
    name: str = ""
    raw: RawItem | None = None


# The parts of a collection after an edit: existing parts by their index, and new ones.
Slots = list[int | NewPart]

# The style of a new item follows its neighbor, and the first item of an empty list has none.
EMPTY_MAPPING = MappingNode(0, 0, (), {})


class Gap(NamedTuple):
    """The parts between two kept parts: ``first`` to ``last`` are removed, ``new`` is added.

    ``before`` is -1 at the front, ``after`` is the number of all parts at the end.
    """

    before: int
    after: int
    new: list[NewPart]

    @property
    def first(self) -> int:
        """The first part to remove."""
        return self.before + 1

    @property
    def last(self) -> int:
        """The last part to remove; it is lower than ``first`` if nothing is removed."""
        return self.after - 1


class Collection:
    """A list or a mapping in the text, with the span of each part."""

    def __init__(
        self,
        source: Source,
        node: MappingNode | SequenceNode,
        fields: Mapping[str, Field],
        attempt: int,
    ) -> None:
        self.source, self.node, self.fields, self.attempt = source, node, fields, attempt
        self.text = source.text
        self.is_list = isinstance(node, SequenceNode)
        self.column = source.position(node.start)[1] - 1
        self.parts = node.entries if isinstance(node, MappingNode) else node.items
        self.count = len(self.parts)

    def span(self, index: int) -> Span:
        """Return where a part starts and ends, without its dash."""
        part = self.parts[index]
        key, value = part if isinstance(part, tuple) else (part, part)
        return Span(key.start, max(key.start, key.end, value.end))

    def gaps(self, slots: Slots) -> Iterator[Gap]:
        """Yield the gaps in which parts are added or removed."""
        before, new = -1, list[NewPart]()
        for slot in chain(slots, [self.count]):
            if isinstance(slot, NewPart):
                new.append(slot)
                continue
            if new or slot > before + 1:
                yield Gap(before, slot, new)
            before, new = slot, []
