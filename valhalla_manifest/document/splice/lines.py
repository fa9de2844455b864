"""Offsets, lines and flow style: what every splice asks of the text around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from valhalla_manifest.document.source import MappingNode, Path, SequenceNode, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

_NEWLINE = re.compile(r"\r?\n")


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


def cut(text: str, first: int, last: int) -> str:
    """Cut whole lines, from a start to an end; a text without a final line break stays so."""
    after = _NEWLINE.match(text, last)
    if after:
        return text[:first] + text[after.end() :]
    before = text[:first]
    return before.removesuffix("\n").removesuffix("\r") if last == len(text) else before


def in_flow(source: Source, path: Path) -> bool:
    """Return whether the value at a path stands inside brackets or braces."""
    parents = (source.find(path[:length]) for length in range(len(path)))
    return any(isinstance(node, (MappingNode, SequenceNode)) and node.flow for node in parents)


def cut_from_flow(text: str, spans: Iterable[tuple[int, int]], index: int) -> str:
    """Cut one part out of a flow collection, with the comma that belongs to it."""
    parts = list(spans)
    first, last = parts[index]
    if index > 0:
        first = parts[index - 1][1]
    elif len(parts) > 1:
        last = parts[1][0]
    else:
        comma = re.compile(r"\s*,").match(text, last)
        last = comma.end() if comma else last
    return text[:first] + text[last:]
