"""Offsets, lines and flow style: what every splice asks of the text around it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from valhalla_manifest.document.faults import line_start
from valhalla_manifest.document.source import MappingNode, Path, SequenceNode, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

Change = tuple[int, int, str]  # a stretch of the text, and what takes its place

_NEWLINE = re.compile(r"\r?\n")
_COMMENT_ABOVE = re.compile(r"[ \t]*#")
_BLANK = re.compile(r"[ \t]*\r?\n")


def column(source: Source, offset: int) -> int:
    """Return the column of an offset, from 0: how far the text there is indented."""
    return source.position(offset)[1] - 1


def end(text: str, offset: int) -> int:
    """Return where the line of an offset ends, before its line break."""
    found = _NEWLINE.search(text, offset)
    return found.start() if found else len(text)


def newline(text: str, offset: int) -> str:
    """Return how the line of an offset ends; the last line is taken to end as the first does."""
    found = _NEWLINE.search(text, offset) or _NEWLINE.search(text)
    return found[0] if found else "\n"


def cut(text: str, first: int, last: int) -> Change:
    """Cut whole lines, from a start to an end; a text without a final line break stays so."""
    after = _NEWLINE.match(text, last)
    if after:
        return first, after.end(), ""
    if last == len(text) and text[:first].endswith("\n"):
        first -= 2 if text[first - 2 : first] == "\r\n" else 1
    return first, last, ""


def below_comments(text: str, offset: int, width: int) -> int:
    """Return the end of the comments in the lines under an offset that are indented by a width."""
    own = re.compile(rf"\r?\n {{{width},}}#[^\r\n]*")
    while match := own.match(text, offset):
        offset = match.end()
    return offset


def with_comments(text: str, line: int, floor: int) -> int:
    """Return where the comments directly above a line start, below the end of another."""
    while line > floor + 1:
        above = line_start(text, line - 1)
        if above <= floor or not _COMMENT_ABOVE.match(text, above, line):
            break
        line = above
    return line


def opens_paragraph(text: str, line: int) -> bool:
    """Return whether a blank line, or nothing, stands above a line."""
    return not line or bool(_BLANK.fullmatch(text, line_start(text, line - 1), line))


def in_flow(source: Source, path: Path) -> bool:
    """Return whether the value at a path stands inside brackets or braces."""
    parents = (source.find(path[:length]) for length in range(len(path)))
    return any(isinstance(node, (MappingNode, SequenceNode)) and node.flow for node in parents)


def are_apart(changes: Iterable[Change]) -> bool:
    """Return whether no stretch of a text is changed twice."""
    ordered = sorted(changes, key=lambda change: change[:2])
    return all(one[1] <= other[0] for one, other in pairwise(ordered))
