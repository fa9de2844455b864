"""Lines, columns and comments around an offset, for all kinds of edits."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from valhalla_manifest.document.source import MappingNode, Path, SequenceNode, Source
from valhalla_manifest.document.syntax_errors import line_start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from valhalla_manifest.document.source import Node

Change = tuple[int, int, str]  # start and end of a span of the text, and the string to put there

_NEWLINE = re.compile(r"\r?\n")
_COMMENT_ABOVE = re.compile(r"[ \t]*#")
_BLANK = re.compile(r"[ \t]*\r?\n")
_SPACES = re.compile(r" *")


def column(source: Source, offset: int) -> int:
    """Return the column of an offset, from 0."""
    return source.position(offset)[1] - 1


def indentation(text: str, line: int) -> str:
    """Return the spaces at the start of a line."""
    spaces = _SPACES.match(text, line)
    return spaces[0] if spaces else ""


def line_end(text: str, offset: int) -> int:
    """Return where the line of an offset ends, before its line break."""
    found = _NEWLINE.search(text, offset)
    return found.start() if found else len(text)


def newline(text: str, offset: int) -> str:
    """Return the line break of an offset's line, or the first one if it is the last line."""
    found = _NEWLINE.search(text, offset) or _NEWLINE.search(text)
    return found[0] if found else "\n"


def cut(text: str, first: int, last: int) -> Change:
    """Remove whole lines; the text keeps ending with or without a line break."""
    after = _NEWLINE.match(text, last)
    if after:
        return first, after.end(), ""
    if last == len(text) and text[:first].endswith("\n"):
        first -= 2 if text[first - 2 : first] == "\r\n" else 1
    return first, last, ""


def end_of_comments_below(text: str, offset: int, width: int) -> int:
    """Return the end of the comments on the next lines that are indented by at least a width."""
    comment = re.compile(rf"\r?\n {{{width},}}#[^\r\n]*")
    while match := comment.match(text, offset):
        offset = match.end()
    return offset


def start_of_comments_above(text: str, line: int, floor: int) -> int:
    """Return where the comments directly above a line start, if they are below a floor."""
    while line > floor + 1:
        above = line_start(text, line - 1)
        if above <= floor or not _COMMENT_ABOVE.match(text, above, line):
            break
        line = above
    return line


def opens_paragraph(text: str, line: int) -> bool:
    """Return whether a line is the first of the text or follows a blank line."""
    return not line or bool(_BLANK.fullmatch(text, line_start(text, line - 1), line))


def key_at(source: Source, path: Path) -> Node | None:
    """Return the key at a path, or None for an item of a list."""
    parent = source.find(path[:-1]) if path else None
    pair = parent.entry(str(path[-1])) if isinstance(parent, MappingNode) else None
    return pair[0] if pair else None


def is_in_flow(source: Source, path: Path) -> bool:
    """Return whether the value at a path is inside brackets or braces."""
    parents = (source.find(path[:length]) for length in range(len(path)))
    return any(isinstance(node, (MappingNode, SequenceNode)) and node.flow for node in parents)


def are_disjoint(changes: Iterable[Change]) -> bool:
    """Return whether no span of the text is changed twice."""
    ordered = sorted(changes, key=lambda change: change[:2])
    return all(one[1] <= other[0] for one, other in pairwise(ordered))
