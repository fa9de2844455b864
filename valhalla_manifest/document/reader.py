"""Reads any text to a tree, within limits, and without the parts that are damaged."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from valhalla_manifest.document import parser, scalars
from valhalla_manifest.document.characters import FORBIDDEN, has_forbidden
from valhalla_manifest.document.problems import Span
from valhalla_manifest.document.source import (
    BYTE_ORDER_MARK,
    DEPTH_LIMIT,
    NODE_LIMIT,
    AliasNode,
    MappingNode,
    Node,
    Nodes,
    ScalarNode,
    SequenceNode,
    Source,
    step,
)
from valhalla_manifest.document.syntax_errors import (
    fault_offset,
    move_to_cause,
    without_damaged_part,
)

FAULT_LIMIT = 25  # the number of syntax errors after which reading stops
_BLOCK = frozenset("|>")


def read(text: str) -> Source:
    """Return the document in any text, or its undamaged parts; never raise an exception."""
    bom = text.startswith(BYTE_ORDER_MARK)
    source = Source(text.removeprefix(BYTE_ORDER_MARK), bom)
    # Replace each character that the parser rejects, or that it alone treats as a line break, with
    # a single character, so that offsets stay valid.
    source.has_forbidden = has_forbidden(source.text)
    readable = FORBIDDEN.sub("\ufffd", source.text) if source.has_forbidden else source.text
    remaining = readable
    while len(source.faults) < FAULT_LIMIT:
        try:
            _Composer(source, remaining).run()
            break
        except parser.SyntaxFault as raised:
            fault = move_to_cause(raised, remaining)
            # An unclosed quote causes the errors found after it, so drop those.
            before = [known for known in source.faults if fault_offset(known) < fault_offset(fault)]
            source.faults = [*before, fault]
            if "<document start>" in fault.reason:
                break  # The tree is complete; the error is in another document.
            shorter = readable
            for known in source.faults:
                shorter = without_damaged_part(shorter, fault_offset(known))
            if shorter == remaining:
                break
            remaining = shorter
    if isinstance(source.root, ScalarNode) and source.root.start == source.root.end:
        source.root = None  # "---" and nothing else
    return source


class _Stop(Exception):  # noqa: N818  not an error: reading ends here
    """Reading stops here."""


class _Composer:
    """Builds the tree from libyaml's events, without recursion and with a limit to the depth."""

    def __init__(self, source: Source, readable: str) -> None:
        self.source = source
        self.text = readable
        self.stack: list[MappingNode | SequenceNode] = []
        self.key: Node | None = None  # the current key, which has no value yet
        self.keys: list[Node | None] = []  # the current keys of the outer mappings
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
        """Return the end without trailing blank lines, unless ``+`` makes them content."""
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
        # When this collection ends, it is the current key if it is a key itself.
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
        """Add a node to its parent; return whether it is a key that needs a value."""
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
