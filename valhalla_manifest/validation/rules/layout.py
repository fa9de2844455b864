"""VM11x, portable layout: layouts that libyaml accepts and other parsers reject or misread."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from valhalla_manifest.document import comments
from valhalla_manifest.document.characters import has_any
from valhalla_manifest.document.problems import Finding, Span, pointer
from valhalla_manifest.document.source import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    Source,
    block_header,
)
from valhalla_manifest.document.syntax_errors import fault_offset
from valhalla_manifest.validation.rules.base import rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_QUOTES = frozenset("'\"")
_TRAILING = re.compile(r"[ \t]+(?=\r?\n)")
_INVISIBLE_ENDINGS = (" \n", "\t\n", "\\\n", " \r", "\t\r", "\\\r")
# Parsers disagree on an escaped line break before a blank line.
_TRAILING_OR_ESCAPED = re.compile(_TRAILING.pattern + r"|\\(?=\r?\n[ \t]*\r?\n)")
_BLANK_LINE = re.compile(r"([ \t]*)(?:\r?\n|\Z)")
_LONE_DASH = re.compile(r"-\s*[,\]}]")
_GLUED = re.compile(r"#(?<=[^\s]#)")
_ESCAPE = re.compile(r"\\.", re.DOTALL)
# The indentation of a line that is not blank. A no-break space does not indent.
_LINE = re.compile(r"\n([ ]*)(?=[ \t]*[^ \t\r\n])")


@rule("VM112", "tab", Source, adjustable=True)
def tab(source: Source) -> Iterator[Finding]:
    """A tab outside quotes, comments and block strings.

    Some parsers treat a tab as a space; others reject the file.
    """
    if "\t" not in source.text:
        return
    known = {fault_offset(fault) for fault in source.faults}
    for match in re.finditer("\t", comments.structure(source)):
        if match.start() not in known:
            yield Finding(Span(*match.span()), "", "tab outside quotes", "use spaces")


@rule("VM113", "shallow-line", Source, adjustable=True)
def shallow_line(source: Source) -> Iterator[Finding]:
    """A line inside brackets, braces or quotes is not indented deeper than its parent.

    YAML 1.2 requires this indentation, for closing brackets too. Some parsers reject a file without
    it.

    Bad:
        x-list: [
          one,
        ]
    Good:
        x-list: [
            one,
          ]
    """
    for at, node, missing in shallow(source):
        message = "this line must be indented deeper than its parent"
        hint = f"add {missing} {'space' if missing == 1 else 'spaces'}"
        yield Finding(Span(at, at + 1), pointer(node.path), message, hint)


def shallow(source: Source) -> Iterator[tuple[int, Node, int]]:
    """Yield the start of each under-indented line, its node, and the number of missing spaces."""
    text = source.text
    for mapping in source.nodes.mappings:
        for key, value in mapping.entries if not mapping.flow else ():
            if "\n" in text[key.end : value.start] and _is_below(value):
                missing = source.position(key.start)[1] + 1 - source.position(value.start)[1]
                if missing > 0:
                    yield value.start, value, missing
    checked_to = 0
    structure = cache(lambda: comments.structure(source))
    for node in source.nodes.enclosed:
        if node.start >= checked_to and text.find("\n", node.start, node.end) > 0:
            checked_to = node.end  # which covers the lines of the nodes inside
            yield from _shallow_inside(source, node, structure)


def _is_below(value: Node) -> bool:
    """Return whether a value must be indented deeper than its key; a block list need not be."""
    is_list = isinstance(value, SequenceNode) and not value.flow
    return not is_list and value.start != value.end


def _shallow_inside(
    source: Source, node: Node, structure: Callable[[], str]
) -> Iterator[tuple[int, Node, int]]:
    """Yield each line of a node that needs more spaces: its offset, the node, and how many."""
    least = _parent_column(source, node) + 1
    for line in _LINE.finditer(source.text, node.start, node.end):
        at, wanted = line.end(), least
        if source.text[at] == "#" and not isinstance(node, ScalarNode) and structure()[at] == "_":
            wanted = 1  # a comment may start in any column but the first
        if len(line[1]) < wanted:
            yield at, node, wanted - len(line[1])


def _parent_column(source: Source, node: Node) -> int:
    """Return the column of the block around a node, from 0; -1 if there is none."""
    holder = source.find(node.path[:-1]) if node.path else None
    if not isinstance(holder, (MappingNode, SequenceNode)) or holder.flow:
        return -1
    start = holder.entries[0][0].start if isinstance(holder, MappingNode) else holder.start
    return source.position(start)[1] - 1


@rule("VM114", "glued-comment", Source, adjustable=True)
def glued_comment(source: Source) -> Iterator[Finding]:
    """A ``#`` directly after a value: a comment to some parsers, an error to others.

    Bad:
        notes: "text"# a comment
    Good:
        notes: "text" # a comment
    """
    if not _GLUED.search(source.text):
        return
    for match in _GLUED.finditer(comments.punctuation(source)):
        message = "no space before the comment"
        yield Finding(Span(*match.span()), "", message, "add a space before the #")


@rule("VM115", "bare-pair", Source, adjustable=True)
def bare_pair(source: Source) -> Iterator[Finding]:
    """A ``key: value`` pair without braces in a list in brackets, or a ``?`` before a key.

    Parsers read the pair in different ways, or reject it.

    Bad:
        x-list: [a: b]
    Good:
        x-list: [{a: b}]
    """
    for node in source.nodes.mappings:
        if node.flow and source.text[node.start : node.start + 1] != "{":
            yield Finding(node.span, pointer(node.path), "pair without braces", "put it in braces")
    if "?" in source.text:
        known = {fault_offset(fault) for fault in source.faults}
        for match in re.finditer(r"\?(?!\s*[\[{])", comments.punctuation(source)):
            if match.start() in known:
                continue
            yield Finding(Span(*match.span()), "", "? before a key", "remove the ?")


@rule("VM116", "lone-dash", Source, adjustable=True)
def lone_dash(source: Source) -> Iterator[Finding]:
    """A plain ``-`` in brackets or braces: a string to some parsers, a list item to others.

    Bad:
        x-list: [-]
    Good:
        x-list: ["-"]
    """
    for node in source.nodes.plain if _LONE_DASH.search(source.text) else ():
        if node.text == "-":
            message = "plain - is a list item to some parsers"
            yield Finding(node.span, pointer(node.path), message, 'quote it: "-"')


@rule("VM117", "unseen-space", Source, adjustable=True)
def unseen_space(source: Source) -> Iterator[Finding]:
    """Spaces before a line break inside quotes, or on blank lines at the start of a block string.

    Most parsers drop these spaces; others keep them or reject the file.
    """
    if not has_any(source.text, _INVISIBLE_ENDINGS):
        return
    for node in [*source.nodes.enclosed, *source.nodes.blocks]:
        if isinstance(node, ScalarNode):
            for start, end in _invisible_endings(source.text, node):
                message = "invisible characters before a line break"
                yield Finding(Span(start, end), pointer(node.path), message, "remove them")


def _invisible_endings(text: str, node: ScalarNode) -> Iterator[tuple[int, int]]:
    if node.style in _QUOTES:
        shape = _TRAILING if node.style == "'" else _TRAILING_OR_ESCAPED
        yield from (match.span() for match in shape.finditer(text, node.start, node.end))
        return
    line = text.find("\n", node.start) + 1
    while 0 < line < len(text):
        blank = _BLANK_LINE.match(text, line)
        if blank is None:
            return
        if blank[1]:
            yield blank.span(1)
        line = blank.end()


@rule("VM118", "empty-last-item", Source, adjustable=True)
def empty_last_item(source: Source) -> Iterator[Finding]:
    """The last item of a list inside a list is empty.

    js-yaml moves the next item of the outer list into the inner one.

    Bad:
        x-list:
          - -
          - one
    Good:
        x-list:
          - - null
          - one
    """
    for node in source.nodes.sequences:
        last = node.items[-1] if node.items else None
        if last and last.start == last.end and not node.flow and _is_in_list(node):
            dash = Span(last.start - 1, last.start)
            message = "the last item of this inner list is empty"
            yield Finding(dash, pointer(last.path), message, "write null")


def _is_in_list(node: Node) -> bool:
    return any(isinstance(step, int) for step in node.path)


@rule("VM119", "open-block", Source, adjustable=True)
def open_block(source: Source) -> Iterator[Finding]:
    """A block string at the end of a file without a final line break.

    The value of ``|`` and ``>`` ends with a line break. If the file has no final line break, some
    parsers add one and others do not. After ``|2`` some parsers drop a last line that contains only
    spaces.
    """
    for node in source.nodes.blocks:
        header = block_header(source.text, node)
        if header and is_open(source, node):
            hint = f"end the file with a line break, or write {header[0][0]}-"
            message = "block string without a final line break"
            yield Finding(Span(*header.span()), pointer(node.path), message, hint)
        elif header and header[0].strip("|>+-") and _ends_in_spaces(node):
            message = "block string that ends with a line of spaces"
            yield Finding(Span(*header.span()), pointer(node.path), message, "remove that line")


def is_open(source: Source, node: Node) -> bool:
    """Return whether a node is a block string that lacks its final line break."""
    text = source.text
    header = block_header(text, node) if isinstance(node, ScalarNode) else None
    at_end = not text.endswith("\n") and not text[node.end :].strip()
    return at_end and header is not None and "-" not in header[0]


def _ends_in_spaces(node: Node) -> bool:
    """Return whether the last line of a value contains only spaces."""
    return isinstance(node.value, str) and node.value.rstrip("\n").endswith(" ")


@rule("VM120", "escaped-slash", Source, adjustable=True)
def escaped_slash(source: Source) -> Iterator[Finding]:
    r"""The escape ``\/``, which JSON and YAML 1.2 allow, but Go's yaml.v3 rejects.

    Bad:
        notes: "and\/or"
    Good:
        notes: "and/or"
    """
    for node in source.nodes.enclosed if "\\/" in source.text else ():
        if isinstance(node, ScalarNode) and node.style == '"':
            for match in _ESCAPE.finditer(source.text, node.start, node.end):
                if match[0] == "\\/":
                    message = "some parsers reject the escape \\/"
                    yield Finding(Span(*match.span()), pointer(node.path), message, "write /")


@rule("VM121", "indented-behind-mark", Source, adjustable=True)
def indented_behind_mark(source: Source) -> Iterator[Finding]:
    """The first key is indented and follows a byte-order mark on the same line.

    JavaScript's parser ``yaml`` counts the mark as a column, and rejects the second key.
    """
    root = source.root
    is_block = isinstance(root, (MappingNode, SequenceNode)) and not root.flow
    if source.bom and root and is_block and 0 < root.start <= source.text.find("\n"):
        message = "the first key is indented after a byte-order mark"
        yield Finding(Span(0, root.start), "", message, "remove the byte-order mark")
