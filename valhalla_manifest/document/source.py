"""The tree of a document; each node has its position, for data, problems and edits alike."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.problems import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from valhalla_manifest.document import parser

Path = tuple[str | int, ...]

DEPTH_LIMIT = 64
NODE_LIMIT = 250_000  # keys and values; 10 000 items of five keys have 100 000
BYTE_ORDER_MARK = "\ufeff"
_FEW = 16  # up to this number of entries, a search is faster than an index


@dataclass(slots=True, eq=False)
class Node:
    """A key or a value: its span, its path, and its value as data.

    The path of a key is that of its mapping.
    """

    start: int
    end: int
    path: Path
    value: Any
    anchor: str | None = None
    tag: str | None = None
    is_key: bool = field(default=False, kw_only=True)

    @property
    def span(self) -> Span:
        """The span of the node, without the blank lines after a block scalar."""
        return Span(self.start, self.end)


@dataclass(slots=True, eq=False)
class ScalarNode(Node):
    """A single value; ``style`` is "" (plain), ', ", | or >."""

    text: str = ""
    style: str = ""


@dataclass(slots=True, eq=False)
class AliasNode(Node):
    """A reference to an anchor, which is not resolved."""


@dataclass(slots=True, eq=False)
class SequenceNode(Node):
    """A list, in block or in flow style."""

    flow: bool = False
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class MappingNode(Node):
    """A mapping; ``entries`` holds all entries of the text, including duplicate keys."""

    flow: bool = False
    entries: list[tuple[Node, Node]] = field(default_factory=list)
    _index: dict[Any, tuple[Node, Node]] = field(default_factory=dict)

    def entry(self, key: str) -> tuple[Node, Node] | None:
        """Return the first entry with this key."""
        if len(self.entries) <= _FEW:
            return next((pair for pair in self.entries if pair[0].value == key), None)
        if not self._index:
            for pair in reversed(self.entries):
                self._index[step(pair[0])] = pair
        found = self._index.get(key)
        return found if found and found[0].value == key else None

    def get(self, key: str) -> Node | None:
        """Return the value of the first entry with this key."""
        pair = self.entry(key)
        return pair[1] if pair else None


@dataclass(slots=True, eq=False)
class Nodes:
    """All nodes of a document, in the order of the text, and some of them again by their kind.

    A scalar is ``plain``, a block (``|`` or ``>``), or in quotes; ``enclosed`` holds scalars in
    quotes and collections in brackets or braces.
    """

    all: list[Node] = field(default_factory=list)
    plain: list[ScalarNode] = field(default_factory=list)
    blocks: list[ScalarNode] = field(default_factory=list)
    enclosed: list[Node] = field(default_factory=list)
    sequences: list[SequenceNode] = field(default_factory=list)
    mappings: list[MappingNode] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Source:
    """A document: its text, and the tree that was read from it.

    ``text`` has no byte-order mark; ``bom`` is true if there was one. ``faults`` are the syntax
    errors; the tree lacks the entries and items that contain them, and ``damaged`` is true.
    ``too_deep``, ``too_many`` and ``more_documents`` are offsets at which reading stopped.
    """

    text: str
    bom: bool = False
    has_forbidden: bool = False
    root: Node | None = None
    nodes: Nodes = field(default_factory=Nodes)
    faults: list[parser.SyntaxFault] = field(default_factory=list)
    directives: list[Span] = field(default_factory=list)
    more_documents: int | None = None
    too_deep: int | None = None
    too_many: int | None = None
    _lines: array[int] | None = None

    @property
    def damaged(self) -> bool:
        """Whether the tree lacks a part of the text."""
        return bool(self.faults) or not (self.too_deep is self.too_many is None)

    @property
    def is_empty(self) -> bool:
        """Whether the document is empty or has only comments."""
        return self.root is None

    @property
    def lines(self) -> array[int]:
        """The offset at which each line starts."""
        if self._lines is None:
            ends = (match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))
            self._lines = array("Q", chain((0,), ends))
        return self._lines

    @property
    def newline(self) -> str:
        """The first line break of the text."""
        first = re.search(r"\r?\n", self.text)
        return first[0] if first else "\n"

    @property
    def data(self) -> dict[str, Any]:
        """The data as plain lists, dicts and values; an empty dict for an empty text."""
        data: dict[str, Any] = self.root.value if self.root else {}
        return data

    @property
    def whole(self) -> str:
        """The text with its byte-order mark."""
        return self.with_text(self.text)

    def with_text(self, text: str) -> str:
        """Return another text, with a byte-order mark if this one has one."""
        return BYTE_ORDER_MARK + text if self.bom else text

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset, both from 1."""
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def nearest(self, path: Path) -> Node | None:
        """Return the node at a path, or the nearest node above it."""
        tails = (path[:length] for length in range(len(path), -1, -1))
        return next((found for tail in tails if (found := self.find(tail))), None)

    def find(self, path: Path) -> Node | None:
        """Return the node at a path, or None."""
        node = self.root
        for step in path:
            if isinstance(node, MappingNode) and isinstance(step, str):
                node = node.get(step)
            elif (
                isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items)
            ):
                node = node.items[step]
            else:
                return None
        return node


_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")


def replace_spans(text: str, changes: Iterable[tuple[int, int, str]]) -> str:
    """Return the text with some spans replaced, each given by its start, end and new string.

    Insertions at the same offset keep their order.
    """
    parts, last = [], 0
    for start, end, new in sorted(changes, key=lambda change: change[:2]):
        parts += [text[last:start], new]
        last = end
    return "".join([*parts, text[last:]])


def block_header(text: str, node: ScalarNode) -> re.Match[str] | None:
    """Return the header of a block scalar, such as ``|-``, or None for any other style."""
    return _BLOCK_HEADER.match(text, node.start) if node.style in ("|", ">") else None


def step(key: Node) -> str:
    """Return a key's name in paths, or None for a key that is a collection."""
    return key.text if type(key) is ScalarNode else "?"
