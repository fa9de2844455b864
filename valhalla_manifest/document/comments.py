"""The comments of a text and what they belong to: what no data holds, and no merge may lose.

A keyed list's items are named by their identity, so that
a comment stays with its item wherever that goes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple

from valhalla_manifest.document.faults import line_start
from valhalla_manifest.document.problems import Span
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import (
    MappingNode,
    Node,
    Path,
    ScalarNode,
    SequenceNode,
    Source,
    block_header,
    replaced,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SPACES = re.compile(r" *")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[^\r\n]*", re.MULTILINE)


class Place(NamedTuple):
    """What a comment belongs to: above, beside or below the value at a path of names.

    Above the empty path is nothing; below it is the end of the text.
    """

    anchor: tuple[str, ...]
    where: Literal["above", "beside", "below"]


class Comment(NamedTuple):
    """One comment: as it is written, and where; one on a line of its own has its line break.

    Above a value the indentation is the value's own, and no part of the text.
    """

    text: str
    span: Span


Comments = dict[Place, list[str]]


def count(source: Source) -> Counter[str]:
    """Return each comment and how often it stands in the text."""
    return Counter(source.text[start:end].rstrip() for start, end in _spans(source))


def collect(source: Source, keyed: Mapping[str, str]) -> Comments:
    """Return the comments of a text by their place."""
    return {at: [one.text for one in found] for at, found in _placed(source, keyed).items()}


def merge(base: Comments, ours: Comments, theirs: Comments) -> Comments:
    """Return the comments of both sides: what one side did counts, and so do both additions."""
    result: Comments = {}
    for place in {**base, **ours, **theirs}:
        lines = _both(*(side.get(place, []) for side in (base, ours, theirs)))
        if place.where == "beside":  # there is room for one
            above = [line.strip() for line in lines[1:]]
            result.setdefault(place._replace(where="above"), []).extend(above)
            lines = lines[:1]
        result.setdefault(place, []).extend(lines)
    return result


def _both(before: list[str], mine: list[str], other: list[str]) -> list[str]:
    """Return the comments of one place: those of the side that changed them, or of both."""
    if before == other:
        return mine
    if before == mine:
        return other
    kept = [line for line in mine if line in other or line not in before]
    return kept + [line for line in other if line not in before and line not in mine]


def place(text: str, wanted: Comments, keyed: Mapping[str, str]) -> str:
    """Return a text with the comments that are wanted, where the values that they belong to are."""
    source = read(text)
    present, anchors = _placed(source, keyed), _Anchors(source, keyed)
    # A heading whose item is gone may stay where the edit that removed it left it.
    homeless = Counter(
        line.strip() for at, lines in wanted.items() if at.anchor not in anchors for line in lines
    )
    edits: list[tuple[int, int, str]] = []
    for place in sorted({*present, *(at for at in wanted if at.anchor in anchors)}):
        lines, there = list(wanted.get(place, [])), present.get(place, [])
        for number, one in enumerate(there):
            if one.text not in lines and homeless[one.text.strip()]:
                homeless[one.text.strip()] -= 1
                lines.insert(number, one.text)
        edits += _edits(source, anchors, place, there, lines)
    result = replaced(source.text, edits)
    return source.with_text(result)


def _edits(
    source: Source, anchors: _Anchors, place: Place, there: list[Comment], lines: list[str]
) -> Iterator[tuple[int, int, str]]:
    """Yield what to put in place of which stretch of the text."""
    from difflib import SequenceMatcher

    behind, indent = anchors.position(place)
    newline = source.newline
    old = [one.text for one in there]
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, lines).get_opcodes():
        if kind == "equal":
            continue
        for one in there[start:end]:
            yield (*one.span, "")
        new = lines[new_start:new_end]
        at = there[start].span.start if start < len(there) else behind
        if place.where == "beside":
            yield at, at, "".join(new)
        elif new:
            open_end = at > 0 and source.text[at - 1] != "\n"
            block = "".join(indent + line + newline for line in new)
            yield at, at, newline + block.removesuffix(newline) if open_end else block


class _Anchors:
    """The values of a text that comments can belong to, and where their lines are."""

    def __init__(self, source: Source, keyed: Mapping[str, str]) -> None:
        self.text = source.text
        self.lines: dict[int, tuple[str, ...]] = {}  # start of a line → the outermost value on it
        self.heads: dict[tuple[str, ...], int] = {(): 0}  # value → start of its first line
        self.ends: dict[tuple[str, ...], int] = {}  # value → where a comment beside it starts
        self.last: dict[tuple[str, ...], int] = {(): len(source.text)}  # → end of its last line
        for start, end, node in _values(source):
            name = _named(source, node.path, keyed)
            line = line_start(self.text, start)
            if not self.text[line:start].strip(" -"):
                self.lines.setdefault(line, name)
                self.lines[line] = min(self.lines[line], name, key=len)
            self.heads[name] = line
            self.ends[name] = end
            self.last[name] = self.after_line(max(node.end, end))
        self.starts = sorted(self.lines)
        self.by_end = sorted((end, name) for name, end in self.ends.items())

    def after_line(self, offset: int) -> int:
        found = self.text.find("\n", offset)
        return found + 1 if found >= 0 else len(self.text)

    def indent(self, line: int) -> str:
        spaces = _SPACES.match(self.text, line)
        return spaces[0] if spaces else ""

    def __contains__(self, anchor: tuple[str, ...]) -> bool:
        return anchor in self.heads

    def position(self, place: Place) -> tuple[int, str]:
        """Return where the next comment of a place goes, and how far it is indented."""
        if place.where == "above":
            line = self.heads[place.anchor]
            return line, self.indent(line)
        if place.where == "beside":
            end = self.ends[place.anchor]
            rest = self.text[end : self.after_line(end)]
            return end + len(rest.rstrip()), ""
        return self.last[place.anchor], ""

    def place(self, start: int) -> Place:
        """Return what a comment belongs to."""
        line = line_start(self.text, start)
        if self.text[line:start].strip():
            _, name = self.by_end[bisect_right(self.by_end, start, key=lambda pair: pair[0]) - 1]
            return Place(name, "beside")
        following = bisect_left(self.starts, line)
        if following == len(self.starts):
            belongs_to_all = start == line or not following
            return Place(() if belongs_to_all else self.lines[self.starts[-1]], "below")
        head = self.starts[following]
        if following and start - line > len(self.indent(head)):
            return Place(self.lines[self.starts[following - 1]], "below")
        return Place(self.lines[head], "above")


def _placed(source: Source, keyed: Mapping[str, str]) -> dict[Place, list[Comment]]:
    anchors = _Anchors(source, keyed)
    result: dict[Place, list[Comment]] = {}
    for start, end in _spans(source):
        place, line = anchors.place(start), line_start(source.text, start)
        if place.where == "beside":
            gap = start - line - len(source.text[line:start].rstrip())
            one = Comment(source.text[start - gap : end], Span(start - gap, end))
        else:
            first = start if place.where == "above" else line
            one = Comment(source.text[first:end].rstrip(), Span(line, anchors.after_line(end)))
        result.setdefault(place, []).append(one)
    return result


def _values(source: Source) -> Iterator[tuple[int, int, Node]]:
    """Yield the values that have a name, with where the line of each starts and its first ends."""
    for mapping in source.nodes.mappings:
        for key, value in mapping.entries:
            yield key.start, _first_end(source, key, value), value
    for sequence in source.nodes.sequences:
        for item in sequence.items:
            yield item.start, _first_end(source, item, item), item


def _first_end(source: Source, key: Node, value: Node) -> int:
    """Return where a comment beside a value starts: behind it, or behind what opens it."""
    header = block_header(source.text, value) if isinstance(value, ScalarNode) else None
    if header:
        return header.end()
    if isinstance(value, (MappingNode, SequenceNode)) and not value.flow:
        return value.start if key is value else key.end
    return value.end


def _named(source: Source, path: Path, keyed: Mapping[str, str]) -> tuple[str, ...]:
    """Return a path with the identity of a keyed list's item in place of its index."""
    names = tuple(map(str, path))
    identity = keyed.get(names[0]) if len(names) > 1 else None
    item = source.find(path[:2])
    known = item.get(identity) if identity and isinstance(item, MappingNode) else None
    return (names[0], str(known.value), *names[2:]) if known else names


def _spans(source: Source) -> Iterator[tuple[int, int]]:
    """Yield where each comment stands."""
    return (match.span() for match in _COMMENT.finditer(_masked(source)))


def structure(source: Source) -> str:
    """Return the text with comments, quoted and block scalars blanked out, at the same offsets."""
    return _without_comments(source, _masked(source, plain=False))


def punctuation(source: Source) -> str:
    """Return the text with comments and all scalars blanked out, at the same offsets."""
    return _without_comments(source, _masked(source))


def _without_comments(source: Source, text: str) -> str:
    parts, last = [], 0
    for start, end in _spans(source):
        parts += [text[last:start], "_" * (end - start)]
        last = end
    return "".join([*parts, text[last:]])


def _masked(source: Source, *, plain: bool = True) -> str:
    """Return the text with scalars blanked out; a block scalar's header line stays."""
    text, parts, end = source.text, [], 0
    for node in source.nodes.all:
        if isinstance(node, ScalarNode) and node.end > end and (plain or node.style):
            start = node.start
            if node.style in ("|", ">"):  # the header's line may end in a comment
                header_end = text.find("\n", node.start, node.end)
                start = header_end + 1 if header_end >= 0 else node.end
            # A scalar is a word to what stands around it: "a#b" holds no comment.
            parts.append(text[end:start] + "_" * (node.end - start))
            end = node.end
    return "".join([*parts, text[end:]])
