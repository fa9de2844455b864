"""Finds the comments of a document and the values that they belong to, so that a merge keeps them.

An item of a keyed list is named by its identity, so a comment follows its item wherever it moves.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple

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
    replace_spans,
)
from valhalla_manifest.document.syntax_errors import line_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SPACES = re.compile(r" *")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[^\r\n]*", re.MULTILINE)


class Place(NamedTuple):
    """The place of a comment: above, beside or below the value at a path of names.

    There is nothing above the empty path; below it is the end of the text.
    """

    anchor: tuple[str, ...]
    where: Literal["above", "beside", "below"]


class Comment(NamedTuple):
    """A comment and its span, which includes the line break of a comment on a separate line.

    The string of a comment above a value does not include its indentation.
    """

    text: str
    span: Span


Comments = dict[Place, list[str]]


def count(source: Source) -> Counter[str]:
    """Return how often the text contains each comment."""
    return Counter(source.text[start:end].rstrip() for start, end in _spans(source))


def collect(source: Source, keyed: Mapping[str, str]) -> Comments:
    """Return the comments of a document by their place."""
    present = _Anchors(source, keyed).comments()
    return {place: [comment.text for comment in found] for place, found in present.items()}


def merge(base: Comments, ours: Comments, theirs: Comments) -> Comments:
    """Return the comments after the changes of both sides; if both added comments, all of them."""
    result: Comments = {}
    for place in {**base, **ours, **theirs}:
        lines = _merge_lines(*(side.get(place, []) for side in (base, ours, theirs)))
        if place.where == "beside":  # There is room for one comment beside a value.
            above = [line.strip() for line in lines[1:]]
            result.setdefault(place._replace(where="above"), []).extend(above)
            lines = lines[:1]
        result.setdefault(place, []).extend(lines)
    return result


def _merge_lines(base: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    if base == theirs:
        return ours
    if base == ours:
        return theirs
    kept = [line for line in ours if line in theirs or line not in base]
    return kept + [line for line in theirs if line not in base and line not in ours]


def place(text: str, wanted: Comments, keyed: Mapping[str, str]) -> str:
    """Return the text with the wanted comments, and no others, at their places."""
    source = read(text)
    anchors = _Anchors(source, keyed)
    present = anchors.comments()
    # Keep a comment whose value was removed if the edit that removed the value left it.
    orphans = Counter(
        line.strip() for at, lines in wanted.items() if at.anchor not in anchors for line in lines
    )
    edits: list[tuple[int, int, str]] = []
    for place in sorted({*present, *(at for at in wanted if at.anchor in anchors)}):
        lines, existing = list(wanted.get(place, [])), present.get(place, [])
        for number, comment in enumerate(existing):
            if comment.text not in lines and orphans[comment.text.strip()]:
                orphans[comment.text.strip()] -= 1
                lines.insert(number, comment.text)
        edits += _edits(source, anchors, place, existing, lines)
    return source.with_text(replace_spans(source.text, edits))


def _edits(
    source: Source, anchors: _Anchors, place: Place, existing: list[Comment], lines: list[str]
) -> Iterator[tuple[int, int, str]]:
    """Yield the spans to replace, with their new strings, to get the comments of one place."""
    from valhalla_manifest.document.differences import differences

    end_of_place, indent = anchors.position(place)
    newline = source.newline
    old = [comment.text for comment in existing]
    for start, end, new_start, new_end in differences(old, lines):
        for comment in existing[start:end]:
            yield (*comment.span, "")
        new = lines[new_start:new_end]
        at = existing[start].span.start if start < len(existing) else end_of_place
        if place.where == "beside":
            yield at, at, "".join(new)
        elif new:
            lacks_line_break = at > 0 and source.text[at - 1] != "\n"
            block = "".join(indent + line + newline for line in new)
            yield at, at, newline + block.removesuffix(newline) if lacks_line_break else block


class _Anchors:
    """The values of a document that comments can belong to, and the lines of these values."""

    def __init__(self, source: Source, keyed: Mapping[str, str]) -> None:
        self.source, self.text = source, source.text
        self.lines: dict[int, tuple[str, ...]] = {}  # start of a line → outermost value on it
        self.heads: dict[tuple[str, ...], int] = {(): 0}  # value → start of its first line
        self.ends: dict[tuple[str, ...], int] = {}  # value → end, where a comment beside it starts
        self.last: dict[tuple[str, ...], int] = {(): len(source.text)}  # → end of its last line
        for start, end, node in _values(source):
            name = _name(source, node.path, keyed)
            line = line_start(self.text, start)
            if not self.text[line:start].strip(" -"):
                self.lines.setdefault(line, name)
                self.lines[line] = min(self.lines[line], name, key=len)
            self.heads[name] = line
            self.ends[name] = end
            self.last[name] = self.next_line(max(node.end, end))
        self.starts = sorted(self.lines)
        self.by_end = sorted((end, name) for name, end in self.ends.items())

    def next_line(self, offset: int) -> int:
        """Return the start of the line below an offset."""
        found = self.text.find("\n", offset)
        return found + 1 if found >= 0 else len(self.text)

    def indent(self, line: int) -> str:
        """Return the indentation of a line."""
        spaces = _SPACES.match(self.text, line)
        return spaces[0] if spaces else ""

    def __contains__(self, anchor: tuple[str, ...]) -> bool:
        """Return whether the text has a value."""
        return anchor in self.heads

    def position(self, place: Place) -> tuple[int, str]:
        """Return the offset and the indentation of the next comment at a place."""
        if place.where == "above":
            line = self.heads[place.anchor]
            return line, self.indent(line)
        if place.where == "beside":
            end = self.ends[place.anchor]
            rest = self.text[end : self.next_line(end)]
            return end + len(rest.rstrip()), ""
        return self.last[place.anchor], ""

    def place(self, start: int) -> Place:
        """Return the place of the comment at an offset."""
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

    def comments(self) -> dict[Place, list[Comment]]:
        """Return the comments of the text by their place."""
        result: dict[Place, list[Comment]] = {}
        for start, end in _spans(self.source):
            place, line = self.place(start), line_start(self.text, start)
            if place.where == "beside":
                before = line + len(self.text[line:start].rstrip())
                comment = Comment(self.text[before:end], Span(before, end))
            else:
                first = start if place.where == "above" else line
                comment = Comment(self.text[first:end].rstrip(), Span(line, self.next_line(end)))
            result.setdefault(place, []).append(comment)
        return result


def _values(source: Source) -> Iterator[tuple[int, int, Node]]:
    """Yield the values, each with its start and the end of its first line's content."""
    for mapping in source.nodes.mappings:
        for key, value in mapping.entries:
            yield key.start, _first_end(source, key, value), value
    for sequence in source.nodes.sequences:
        for item in sequence.items:
            yield item.start, _first_end(source, item, item), item


def _first_end(source: Source, key: Node, value: Node) -> int:
    """Return where a comment beside a value starts: after the value, its header or its key."""
    header = block_header(source.text, value) if isinstance(value, ScalarNode) else None
    if header:
        return header.end()
    if isinstance(value, (MappingNode, SequenceNode)) and not value.flow:
        return value.start if key is value else key.end
    return value.end


def _name(source: Source, path: Path, keyed: Mapping[str, str]) -> tuple[str, ...]:
    """Return a path with the identity of a keyed list's item instead of its index."""
    names = tuple(map(str, path))
    identity = keyed.get(names[0]) if len(names) > 1 else None
    item = source.find(path[:2])
    known = item.get(identity) if identity and isinstance(item, MappingNode) else None
    return (names[0], str(known.value), *names[2:]) if known else names


def _spans(source: Source) -> Iterator[tuple[int, int]]:
    """Yield the span of each comment."""
    return (match.span() for match in _COMMENT.finditer(_blank_scalars(source)))


def structure(source: Source) -> str:
    """Return the text without comments, quoted scalars or block scalars, at the same offsets."""
    comments = ((start, end, "_" * (end - start)) for start, end in _spans(source))
    return replace_spans(_blank_scalars(source, plain=False), comments)


def punctuation(source: Source) -> str:
    """Return the text without comments or scalars, at the same offsets."""
    return _COMMENT.sub(lambda comment: "_" * len(comment[0]), _blank_scalars(source))


def _blank_scalars(source: Source, *, plain: bool = True) -> str:
    """Return the text with underscores for scalars; the header line of a block scalar stays."""
    text, parts, end = source.text, [], 0
    for node in source.nodes.all:
        if isinstance(node, ScalarNode) and node.end > end and (plain or node.style):
            start = node.start
            if node.style in ("|", ">"):  # The header's line may end in a comment.
                header_end = text.find("\n", node.start, node.end)
                start = header_end + 1 if header_end >= 0 else node.end
            # Spaces would turn the # of "a#b" into the start of a comment.
            parts.append(text[end:start] + "_" * (node.end - start))
            end = node.end
    return "".join([*parts, text[end:]])
