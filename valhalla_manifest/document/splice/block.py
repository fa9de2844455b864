"""Parts more and parts less in a list or a mapping in block style, each with its comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document import emitter
from valhalla_manifest.document.faults import line_start
from valhalla_manifest.document.source import MappingNode, SequenceNode, Source
from valhalla_manifest.document.splice import lines, values
from valhalla_manifest.document.splice.parts import NOTHING_YET, Gap, New, Slots, Spans, gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.document.fields import Field
    from valhalla_manifest.document.splice.lines import Change

INDENT = 2


class Block:
    """A collection in block style: which lines each part has, and how a new part is written."""

    def __init__(
        self,
        source: Source,
        node: MappingNode | SequenceNode,
        fields: Mapping[str, Field],
        attempt: int,
    ) -> None:
        self.source, self.node, self.fields, self.attempt = source, node, fields, attempt
        self.text = source.text
        self.is_list = isinstance(node, SequenceNode)
        self.spans = Spans(node)
        self.column = lines.column(source, node.start)
        self._dash = re.compile(rf" {{{self.column}}}-(?=\s|$)")

    def changes(self, slots: Slots) -> Iterator[Change]:
        """Yield what to change so that the collection holds just these parts."""
        for gap in gaps(slots, len(self.spans)):
            if not gap.new:
                yield from self._without(gap)
            elif gap.first <= gap.last:
                yield self._instead(gap)
            else:
                yield self._with(gap)

    def anchor(self, index: int) -> int:
        """Return where a part begins: at its dash or its key; all stand in one column."""
        if not self.is_list:
            return self.spans[index][0]
        if index == 0:
            return self.node.start
        start = line_start(self.text, self.spans[index][0])
        floor = self.spans[index - 1][1]
        while start > floor and not self._dash.match(self.text, start):
            start = line_start(self.text, start - 1)
        return start + self.column

    def end(self, index: int) -> int:
        """Return the end of a part's last line, with the comments under it that are its own."""
        end = lines.end(self.text, max(self.spans[index][1], self.anchor(index)))
        return lines.below_comments(self.text, end, self.column + 1)

    def start(self, first: int, last: int, *, followed: bool = False) -> int:
        """Return where a run of parts starts, with the comments directly above it.

        A comment that opens a paragraph of several items is their heading, and stays; so does
        what stands above the first key of all.
        """
        line = line_start(self.text, self.anchor(first))
        above = lines.with_comments(self.text, line, self._floor(first))
        if self.is_list:
            opens = first == 0 or lines.opens_paragraph(self.text, above)
            is_heading = opens and (followed or self._touches_next(last))
        else:
            is_heading = first == 0 and not self.node.path
        return line if is_heading else above

    def _floor(self, index: int) -> int:
        """Return the end of what stands above a part."""
        if index:
            return self.end(index - 1)
        key = self._key_end()
        return -1 if key is None else lines.end(self.text, key)

    def _key_end(self) -> int | None:
        """Return where the key or the dash ends that the collection belongs to."""
        path = self.node.path
        parent = self.source.find(path[:-1]) if path else None
        if isinstance(parent, MappingNode):
            pair = parent.entry(str(path[-1]))
            return self.text.find(":", pair[0].end) + 1 if pair else None
        if isinstance(parent, SequenceNode):
            return Block(self.source, parent, {}, 0).anchor(int(path[-1])) + 1
        return None

    def _is_behind_dash(self, index: int) -> bool:
        """Return whether a part stands on the line of the dash that the collection belongs to."""
        anchor = self.anchor(index)
        return bool(self.text[line_start(self.text, anchor) : anchor].strip())

    def _gap(self, index: int) -> str:
        """Return what stands between a part and the next."""
        return self.text[self.end(index) : self.anchor(index + 1)]

    def _touches_next(self, index: int) -> bool:
        """Return whether the next part starts on the line after this one."""
        if index + 1 >= len(self.spans):
            return False
        gap = self._gap(index)
        return not gap.strip() and gap.count("\n") == 1

    def _is_spaced(self, index: int) -> bool:
        """Return whether a blank line, and nothing else, divides an item from one beside it."""
        if not self.is_list or len(self.spans) == 1:
            return False
        first = min(index, len(self.spans) - 2)
        gap = self._gap(first)
        return not gap.strip() and gap.count("\n") > 1

    def _without(self, gap: Gap) -> Iterator[Change]:
        text = self.text
        start, end = self.start(gap.first, gap.last), self.end(gap.last)
        if gap.before < 0 and gap.after == len(self.spans):
            yield from self._emptied(start, end)
        elif self._is_behind_dash(gap.first):
            first, following = self.anchor(gap.first), self.anchor(gap.after)
            if "#" not in text[end:following]:
                yield first, following, ""
            else:
                yield first - (len(text[:first]) - len(text[:first].rstrip(" "))), end, ""
        else:
            blank_above = re.compile(r"\n[ \t]*\r?\n\Z").search(
                text, max(self._floor(gap.first), 0), start
            )
            blank_below = re.compile(r"\r?\n[ \t]*(?=\r?\n)").match(text, end)
            if blank_above and (blank_below or gap.after == len(self.spans)):
                start = blank_above.start() + 1
            elif blank_below and gap.before < 0:
                end = blank_below.end()
            yield lines.cut(text, start, end)

    def _emptied(self, start: int, end: int) -> Iterator[Change]:
        """Write ``[]`` or ``{}`` in place of all parts."""
        empty = "[]" if self.is_list else "{}"
        holder = self._key_end()
        if holder is None or self._is_behind_dash(0):
            yield self.anchor(0), end, empty
        else:
            yield holder, holder, f" {empty}"
            yield lines.cut(self.text, start, end)

    def _instead(self, gap: Gap) -> Change:
        """Write new parts in place of others."""
        new = self._new_lines(gap.new, gap.last)
        if self._is_behind_dash(gap.first):
            start, new[0] = self.anchor(gap.first), new[0].lstrip(" ")
        else:
            start = self.start(gap.first, gap.last, followed=True)
        return start, self.end(gap.last), self._newline(start).join(new)

    def _with(self, gap: Gap) -> Change:
        """Write new parts below the one before them, or above the first."""
        beside = max(gap.before, 0)
        new = self._new_lines(gap.new, beside)
        blank = [""] if self._is_spaced(beside) else []
        if gap.before >= 0:
            end = self.end(beside)
            newline = self._newline(self.anchor(beside))
            return end, end, newline + newline.join([*blank, *new])
        anchor = self.anchor(0)
        newline, start = self._newline(anchor), self.start(0, 0)
        if self._is_behind_dash(0):
            new[0] = new[0].lstrip(" ")
            return anchor, anchor, newline.join([*new, *blank, " " * self.column])
        return start, start, newline.join([*new, *blank, ""])

    def _newline(self, offset: int) -> str:
        return lines.newline(self.text, offset)

    def _new_lines(self, new: list[New], beside: int) -> list[str]:
        """Return the lines of new parts, which look like one that is there."""
        blank = [""] if self._is_spaced(beside) else []
        result: list[str] = []
        for part in new:
            written = self._item(part, beside) if self.is_list else self._entry(part)
            result += [*blank, *written] if result else written
        return result

    def _entry(self, new: New) -> list[str]:
        assert isinstance(self.node, MappingNode)  # noqa: S101
        (line,) = emitter.entries({new.name: new.value}, self.node, self.fields, flow=False)
        written = [line]
        if isinstance(new.value, str) and "\n" in new.value and not self.attempt:
            indent = self.column + INDENT
            block = values.block(new.value, "|", indent)
            name = emitter.entries({new.name: None}, self.node, self.fields, flow=False)[0]
            written = [name.removesuffix("null") + block[0], *block[1:]] if block else written
        return [" " * self.column + written[0], *written[1:]]

    def _item(self, new: New, beside: int) -> list[str]:
        if new.raw and new.raw.column == self.column and not self.attempt:
            return list(new.raw.lines)
        assert isinstance(self.node, SequenceNode)  # noqa: S101
        like, value = self.node.items[beside], new.value
        if not isinstance(like, MappingNode) or not isinstance(value, dict) or not value:
            return under_dash([emitter.value(value, like, flow=False)], self.column, INDENT)
        pairs = emitter.entries(value, like, self.fields, flow=like.flow)
        if like.flow:
            return under_dash([f"{{{', '.join(pairs)}}}"], self.column, INDENT)
        same_line = "\n" not in self.text[self.anchor(beside) : like.start]
        width = lines.column(self.source, like.start) - self.column if same_line else INDENT
        return under_dash(pairs, self.column, width)


def under_dash(pairs: list[str], indent: int, width: int) -> list[str]:
    """Return the lines of a mapping as an item: the dash before the first, the rest under it."""
    heads = ["-".ljust(width), *[" " * width] * (len(pairs) - 1)]
    return [" " * indent + head + pair for head, pair in zip(heads, pairs, strict=True)]


def first_items(
    source: Source, listed: SequenceNode, new: list[dict[str, Any]], fields: Mapping[str, Field]
) -> list[Change]:
    """Return what turns ``key: []`` into a block list of mappings; nothing for other layouts.

    A comment that is indented deeper would become the new item's own.
    """
    text = source.text
    parent = source.find(listed.path[:-1]) if listed.path else None
    pair = parent.entry(str(listed.path[-1])) if isinstance(parent, MappingNode) else None
    if pair is None or text[pair[0].end : listed.end] != ": []":
        return []
    indent, end = lines.column(source, pair[0].start) + INDENT, lines.end(text, listed.end)
    if lines.below_comments(text, end, indent + 1) > end:
        return []
    written = [
        line
        for value in new
        for line in under_dash(
            emitter.entries(value, NOTHING_YET, fields, flow=False), indent, INDENT
        )
    ]
    newline = lines.newline(text, end)
    return [(pair[0].end + 1, listed.end, ""), (end, end, newline + newline.join(written))]
