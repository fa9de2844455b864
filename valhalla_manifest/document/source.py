"""A text as a tree whose every node knows where it stands: for data, positions and edits alike."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document import parser, scalars
from valhalla_manifest.document.characters import FORBIDDEN, has_forbidden
from valhalla_manifest.document.faults import at_cause, fault_offset, without_damaged_part
from valhalla_manifest.document.problems import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

Path = tuple[str | int, ...]

BYTE_ORDER_MARK = "\ufeff"
DEPTH_LIMIT = 64
_FEW = 16  # entries are faster looked through than looked up
NODE_LIMIT = 250_000  # keys and values; 10 000 items of five keys have 100 000
FAULT_LIMIT = 25  # a text with more syntax errors than this is not read any further


@dataclass(slots=True, eq=False)
class Node:
    """One key or value of the text: a span, the path to it, and what it means.

    The path of a key is that of the mapping which it is in.
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
        """Where the node stands, block scalars without the blank lines after them."""
        return Span(self.start, self.end)


@dataclass(slots=True, eq=False)
class ScalarNode(Node):
    """A single value; ``style`` is "" (plain), ', ", | or >."""

    text: str = ""
    style: str = ""


@dataclass(slots=True, eq=False)
class AliasNode(Node):
    """A reference to an anchor; its value is not looked up."""


@dataclass(slots=True, eq=False)
class SequenceNode(Node):
    """A list, in block or in flow style."""

    flow: bool = False
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class MappingNode(Node):
    """A mapping; ``entries`` keeps what the text has, the same key twice included."""

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
    """All nodes of a text, and again by what they are, in the order of the text.

    A scalar is ``plain``, a block (``|`` or ``>``), or in quotes; ``enclosed`` are those in
    quotes, and what is in brackets or braces.
    """

    all: list[Node] = field(default_factory=list)
    plain: list[ScalarNode] = field(default_factory=list)
    blocks: list[ScalarNode] = field(default_factory=list)
    enclosed: list[Node] = field(default_factory=list)
    sequences: list[SequenceNode] = field(default_factory=list)
    mappings: list[MappingNode] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Source:
    """A manifest's text and what could be read of it.

    ``text`` has no byte-order mark; ``bom`` tells whether there was one. ``faults`` are the
    syntax errors; the entry or item that holds one is left out of the tree, and ``damaged``
    is true. ``too_deep``, ``too_many`` and ``more_documents`` are offsets where reading stopped.
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
    def lines(self) -> array[int]:
        """The offset at which each line starts."""
        if self._lines is None:
            ends = (match.end() for match in _LINE_END.finditer(self.text))
            self._lines = array("Q", chain((0,), ends))
        return self._lines

    @property
    def newline(self) -> str:
        """How lines end here: as the first of them does."""
        first = _LINE_BREAK.search(self.text)
        return first[0] if first else "\n"

    @property
    def data(self) -> dict[str, Any]:
        """The data as plain lists, dicts and values; none where there is nothing."""
        data: dict[str, Any] = self.root.value if self.root else {}
        return data

    @property
    def whole(self) -> str:
        """The text as it was read, with its byte-order mark."""
        return self.with_text(self.text)

    def with_text(self, text: str) -> str:
        """Return a whole text in place of this one: with a byte-order mark where it had one."""
        return BYTE_ORDER_MARK + text if self.bom else text

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset, both from 1."""
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def nearest(self, path: Path) -> Node | None:
        """Return the node at a path, or the nearest that it would stand in; None of nothing."""
        tails = (path[:length] for length in range(len(path), -1, -1))
        return next((found for tail in tails if (found := self.find(tail))), None)

    def find(self, path: Path) -> Node | None:
        """Return the node at a path, or None where there is none."""
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


_BLOCK = frozenset("|>")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_BREAK = re.compile(r"\r?\n")


def read(text: str) -> Source:
    """Read a text as far as it can be read: never raises, whatever the text."""
    bom = text.startswith(BYTE_ORDER_MARK)
    source = Source(text.removeprefix(BYTE_ORDER_MARK), bom)
    # The parser must see neither a character that it refuses nor one that breaks a line for it
    # alone; a stand-in of the same length keeps every offset.
    source.has_forbidden = has_forbidden(source.text)
    readable = FORBIDDEN.sub("\ufffd", source.text) if source.has_forbidden else source.text
    remaining = readable
    while len(source.faults) < FAULT_LIMIT:
        try:
            _Composer(source, remaining).run()
            break
        except parser.SyntaxFault as raised:
            fault = at_cause(raised, remaining)
            # What was found behind a quote that is never closed came from that quote alone.
            before = [known for known in source.faults if fault_offset(known) < fault_offset(fault)]
            source.faults = [*before, fault]
            if "<document start>" in fault.reason:
                break  # what was read is whole, and what follows is another document
            shorter = readable
            for known in source.faults:
                shorter = without_damaged_part(shorter, fault_offset(known))
            if shorter == remaining:
                break
            remaining = shorter
    if isinstance(source.root, ScalarNode) and source.root.start == source.root.end:
        source.root = None  # "---" and nothing else
    return source


def replaced(text: str, changes: Iterable[tuple[int, int, str]]) -> str:
    """Return a text with stretches replaced: each by its start, its end, and what is there now."""
    parts, last = [], 0
    for start, end, new in sorted(changes):
        parts += [text[last:start], new]
        last = end
    return "".join([*parts, text[last:]])


class _Stop(Exception):  # noqa: N818  not an error: reading ends here
    """What follows is not read."""


class _Composer:
    """Builds the tree from libyaml's events, without recursion and with a limit to the depth."""

    def __init__(self, source: Source, readable: str) -> None:
        self.source = source
        self.text = readable
        self.stack: list[MappingNode | SequenceNode] = []
        self.key: Node | None = None  # the key that waits for its value
        self.keys: list[Node | None] = []  # the same, for the mappings further up
        source.root, source.more_documents, source.directives = None, None, []
        self.nodes = source.nodes = Nodes()

    def run(self) -> None:
        with suppress(_Stop):
            for event in parser.events(self.text):
                handler = _HANDLERS.get(type(event))
                if handler:
                    handler(self, event)

    def document(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        if self.source.root:
            self.source.more_documents = start
            raise _Stop
        for match in re.finditer(r"^%.*$", self.text[start:end], re.MULTILINE):
            self.source.directives.append(Span(start + match.start(), start + match.end()))

    def scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        text, style, tag = event.value, event.style or "", event.ctag
        value = text if style or tag is not None else scalars.resolve(text)
        tag = None if tag is None else str(tag)
        node = ScalarNode(start, end, (), value, event.anchor, tag, text, style)
        if not style:
            self.nodes.plain.append(node)
        elif style in _BLOCK:
            node.end = self._block_end(start, end)
            self.nodes.blocks.append(node)
        else:
            self.nodes.enclosed.append(node)
        self.key = node if self.place(node) else None

    def _block_end(self, start: int, end: int) -> int:
        """Leave out the blank lines after a block scalar, but where ``+`` makes them content."""
        header_end = self.text.find("\n", start, end)
        if header_end >= 0 and "+" in self.text[start:header_end].split("#")[0]:
            body = self.text[:end]
            return end - (len(body) - len(body.removesuffix("\n").removesuffix("\r")))
        line = self.text.rfind("\n", start, end)
        while line >= 0 and not self.text[line + 1 : end].strip(" \t\r"):
            end, line = line, self.text.rfind("\n", start, line)
        return end - 1 if self.text[end - 1] == "\r" else end

    def alias(self, event: Any) -> None:
        node = AliasNode(event.start_mark.index, event.end_mark.index, (), None, event.anchor)
        self.key = node if self.place(node) else None

    def open(self, event: Any) -> None:
        if len(self.stack) == DEPTH_LIMIT:
            self.source.too_deep = event.start_mark.index
            raise _Stop
        cls, value = _COLLECTIONS[type(event)]
        tag = None if event.ctag is None else str(event.ctag)
        node = cls(
            event.start_mark.index, 0, (), value(), event.anchor, tag, bool(event.flow_style)
        )
        # What waits when this collection ends: itself as a key, or nothing.
        self.keys.append(node if self.place(node) else None)
        self.stack.append(node)
        self.key = None
        if node.flow:
            self.nodes.enclosed.append(node)
        if isinstance(node, MappingNode):
            self.nodes.mappings.append(node)
        else:
            self.nodes.sequences.append(node)

    def close(self, event: Any) -> None:
        node = self.stack.pop()
        self.key = self.keys.pop()
        if isinstance(node, MappingNode):
            children = [child for pair in node.entries for child in pair]
        else:
            children = node.items
        if node.flow or not children:
            node.end = event.end_mark.index
        else:
            node.end = max(children[-1].end, children[-1].start)

    def place(self, node: Node) -> bool:
        """Put a node where it stands; return whether it is a key that now waits for its value."""
        parent = self.stack[-1] if self.stack else None
        key = self.key
        if isinstance(parent, MappingNode):
            if key is None:
                node.path = parent.path
                node.is_key = True
            else:
                name = key.text if type(key) is ScalarNode else step(key)  # the hottest line of all
                node.path = (*parent.path, name)
                parent.entries.append((key, node))
                parent.value.setdefault(name, node.value)
        elif parent is None:
            self.source.root = node
        else:
            node.path = (*parent.path, len(parent.items))
            parent.items.append(node)
            parent.value.append(node.value)
        self.nodes.all.append(node)
        if len(self.nodes.all) > NODE_LIMIT:
            self.source.too_many = node.start
            raise _Stop
        return node.is_key


def block_header(text: str, node: ScalarNode) -> re.Match[str] | None:
    """Return the ``|-`` of a block scalar, None for any other style."""
    return _BLOCK_HEADER.match(text, node.start) if node.style in ("|", ">") else None


def step(key: Node) -> str:
    """Return a key as JSON has it; one that is no string is a problem of its own."""
    return key.text if type(key) is ScalarNode else "?"


_COLLECTIONS: dict[type, tuple[type[MappingNode | SequenceNode], type]] = {
    parser.MappingStartEvent: (MappingNode, dict),
    parser.SequenceStartEvent: (SequenceNode, list),
}
_HANDLERS = {
    parser.DocumentStartEvent: _Composer.document,
    parser.ScalarEvent: _Composer.scalar,
    parser.AliasEvent: _Composer.alias,
    parser.MappingStartEvent: _Composer.open,
    parser.SequenceStartEvent: _Composer.open,
    parser.MappingEndEvent: _Composer.close,
    parser.SequenceEndEvent: _Composer.close,
}
