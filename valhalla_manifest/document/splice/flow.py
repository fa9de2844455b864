"""Parts more and parts less between brackets or braces, each with its comments and its comma."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from valhalla_manifest.document.faults import line_start
from valhalla_manifest.document.source import MappingNode, SequenceNode, Source
from valhalla_manifest.document.splice import lines
from valhalla_manifest.document.splice.block import first_items
from valhalla_manifest.document.splice.parts import Gap, New, Slots, Spans, gaps, in_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.document.fields import Field
    from valhalla_manifest.document.splice.lines import Change

_COMMA = re.compile(r"(?:\s|#[^\n]*)*,")
# What ends the line of a part: a comma, and the comment behind it.
_TAIL = re.compile(r"([ \t]*,)?[ \t]*(#[^\r\n]*)?(?=\r?\n|\Z)")


class Flow:
    """A collection between brackets: where each part's comma, comments and lines are.

    A comment behind a part, on its line, is the part's own; one in a line of its own belongs
    to the part below. A comment behind several parts of one line stays until the last of them
    goes.
    """

    def __init__(
        self,
        source: Source,
        node: MappingNode | SequenceNode,
        fields: Mapping[str, Field],
        attempt: int,
    ) -> None:
        self.source, self.node, self.fields, self.attempt = source, node, fields, attempt
        self.text = source.text
        self.spans = Spans(node)

    def changes(self, slots: Slots) -> Iterator[Change]:
        """Yield what to change so that the collection holds just these parts."""
        count = len(self.spans)
        if not count and isinstance(self.node, SequenceNode) and not self._is_nested():
            new = [slot.value for slot in slots if isinstance(slot, New)]
            if all(isinstance(value, dict) and value for value in new):
                in_block = first_items(self.source, self.node, new, self.fields)
                if in_block:
                    yield from in_block
                    return
        for gap in gaps(slots, count):
            goes = gap.first <= gap.last
            if goes and gap.new and gap.before < 0 and gap.after == count:
                yield from self._instead_of_all(gap)
                continue
            comma = None
            if goes:
                stretch, comma = self._without(gap)
                yield stretch
                if comma is not None and not stretch[0] <= comma < stretch[1]:
                    yield comma, comma + 1, ""
            if gap.new:
                yield from self._with(gap, comma)

    def _is_nested(self) -> bool:
        return lines.in_flow(self.source, self.node.path)

    def _comma(self, index: int) -> int | None:
        """Return the offset of the comma behind a part."""
        found = _COMMA.match(self.text, self.spans[index][1])
        return found.end() - 1 if found else None

    def _starts_line(self, index: int) -> bool:
        """Return whether nothing but a comma stands before a part on its line."""
        start = self.spans[index][0]
        line = line_start(self.text, start)
        return line > self.node.start and not self.text[line:start].strip(" \t,")

    def _without(self, gap: Gap) -> tuple[Change, int | None]:
        """Return what of the text goes with parts, and the comma that goes."""
        text, after = self.text, gap.after < len(self.spans)
        start, end = self.spans[gap.first][0], self.spans[gap.last][1]
        tail, comma = _TAIL.match(text, end), self._comma(gap.last)
        own_end = end if comma is None or "\n" in text[end:comma] else comma + 1
        if gap.before < 0:
            before, before_end, needless = None, start, comma
        else:
            before, before_end = self._comma(gap.before), self.spans[gap.before][1]
            needless = before if own_end == end else comma
        behind = before_end if needless == before or before is None else before + 1
        if self._starts_line(gap.first):
            if tail:
                return lines.cut(text, self._start(gap), tail.end()), needless
            if after:
                return (start, self.spans[gap.after][0], ""), needless
            if before_end < start and "#" not in text[before_end:start]:
                return (behind, own_end, ""), needless
            indent = start - line_start(text, start)  # of the bracket that closes on this line
            return (self._start(gap), own_end, " " * indent), needless
        if gap.before < 0:
            if tail:
                return (self.node.start + 1, tail.end(), ""), needless
            return (start, self.spans[gap.after][0] if after else own_end, ""), needless
        if tail and line_start(text, start) != line_start(text, self.spans[gap.last][0]):
            return (behind, tail.end(), ""), needless
        return (before_end, end, ""), before

    def _start(self, gap: Gap) -> int:
        """Return where the line of a part starts, with the comments directly above.

        A comment that opens a paragraph of several items is their heading, and stays.
        """
        text, line = self.text, line_start(self.text, self.spans[gap.first][0])
        floor = self.spans[gap.before][1] if gap.before >= 0 else self.node.start
        above = lines.with_comments(text, line, lines.end(text, floor))
        if isinstance(self.node, MappingNode) or gap.after == len(self.spans):
            return above
        opens = gap.before < 0 or lines.opens_paragraph(text, above)
        end = lines.end(text, self.spans[gap.last][1])
        touches = text[end : self.spans[gap.after][0]].count("\n") == 1
        return line if opens and touches else above

    def _instead_of_all(self, gap: Gap) -> Iterator[Change]:
        """Write new parts in place of all that are there."""
        start, end = self.spans[0][0], self.spans[-1][1]
        between = f",{self._indentation(0)}" if self._starts_line(0) else ", "
        yield start, end, between.join(self._written(gap, 0))
        tail = _TAIL.match(self.text, end)
        if tail and tail[2]:
            own = tail[1] or ""
            yield end, tail.end(), own

    def _indentation(self, index: int) -> str:
        """Return the line break and the spaces before a part that starts its line."""
        start = self.spans[index][0]
        return lines.newline(self.text, start) + " " * lines.column(self.source, start)

    def _written(self, gap: Gap, beside: int) -> list[str]:
        items = self.node.items if isinstance(self.node, SequenceNode) else []
        like = items[beside] if items else None
        return [in_one_line(self.node, like, new, self.fields) for new in gap.new]

    def _with(self, gap: Gap, needless: int | None) -> Iterator[Change]:
        """Yield new parts behind the one before them, else before the next."""
        new = self._written(gap, max(gap.before, 0))
        if gap.before >= 0:
            yield from self._behind(gap.before, new, needless)
        elif gap.after < len(self.spans):
            start = self.spans[gap.after][0]
            if not self._starts_line(gap.after):
                yield start, start, "".join(f"{each}, " for each in new)
                return
            between = f",{self._indentation(gap.after)}"
            at = start
            if isinstance(self.node, MappingNode):
                line = line_start(self.text, start)
                at = lines.with_comments(self.text, line, lines.end(self.text, self.node.start))
                at += start - line
            yield at, at, "".join(each + between for each in new)
        else:
            start = self.node.start + 1
            tail = _TAIL.match(self.text, start)
            is_commented = tail is not None and tail[2] is not None
            at = tail.end() if tail and is_commented else start
            yield at, at, (self._line_below(0) if is_commented else "") + ", ".join(new)

    def _behind(self, before: int, new: list[str], needless: int | None) -> Iterator[Change]:
        """Yield new parts behind another; in lines of their own if that one's line ends there."""
        text, end = self.text, self.spans[before][1]
        tail = _TAIL.match(text, end)
        if not tail or not (self._starts_line(before) or tail[2]):
            yield end, end, "".join(f", {each}" for each in new)
            return
        indentation = self._line_below(before)
        comma = self._comma(before)
        if tail[1] and comma != needless:
            yield tail.end(), tail.end(), "".join(f"{indentation}{each}," for each in new)
        else:
            yield end, end, ","
            yield tail.end(), tail.end(), indentation + f",{indentation}".join(new)

    def _line_below(self, index: int) -> str:
        """Return the line break and the indentation of a new line below a part."""
        count = len(self.spans)
        for at in (*range(index, -1, -1), *range(index, count)):
            if at < count and self._starts_line(at):
                return self._indentation(at)
        line = line_start(self.text, self.node.start)
        indent = len(self.text[line:]) - len(self.text[line:].lstrip(" ")) + 2
        return lines.newline(self.text, self.node.start) + " " * indent
