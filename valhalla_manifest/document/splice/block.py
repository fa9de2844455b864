"""Changes that add and remove parts of a list or a mapping in block style, comments included."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document import emitter
from valhalla_manifest.document.source import MappingNode, SequenceNode, Source
from valhalla_manifest.document.splice import lines, values
from valhalla_manifest.document.splice.parts import (
    EMPTY_MAPPING,
    Collection,
    Gap,
    NewPart,
    Slots,
)
from valhalla_manifest.document.syntax_errors import line_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.document.fields import Field
    from valhalla_manifest.document.splice.lines import Change

INDENT = 2


class Block(Collection):
    """A collection in block style, in which every part starts a new line."""

    def changes(self, slots: Slots) -> Iterator[Change]:
        """Yield the changes after which the collection holds exactly these parts."""
        for gap in self.gaps(slots):
            if not gap.new:
                yield from self._remove(gap)
            elif gap.first <= gap.last:
                yield self._replace(gap)
            else:
                yield self._insert(gap)

    def anchor(self, index: int) -> int:
        """Return the offset of a part's dash or key; those of all parts are in one column."""
        if not self.is_list:
            return self.span(index).start
        if index == 0:
            return self.node.start
        dash = re.compile(rf" {{{self.column}}}-(?=\s|$)")
        start = line_start(self.text, self.span(index).start)
        floor = self.span(index - 1).end
        while start > floor and not dash.match(self.text, start):
            start = line_start(self.text, start - 1)
        return start + self.column

    def end(self, index: int) -> int:
        """Return the end of a part's last line, or of its comments below that line."""
        end = lines.line_end(self.text, max(self.span(index).end, self.anchor(index)))
        return lines.end_of_comments_below(self.text, end, self.column + 1)

    def start(self, first: int, last: int, *, followed: bool = False) -> int:
        """Return where a run of parts starts, including the comments directly above it.

        Two kinds of comments do not belong to the run: a heading, which is a comment above a
        paragraph of several items, and the comments at the top of the file.
        """
        line = line_start(self.text, self.anchor(first))
        above = lines.start_of_comments_above(self.text, line, self._floor(first))
        if self.is_list:
            opens = first == 0 or lines.opens_paragraph(self.text, above)
            is_heading = opens and (followed or self._touches_next(last))
        else:
            is_heading = first == 0 and not self.node.path
        return line if is_heading else above

    def _floor(self, index: int) -> int:
        """Return the end of the part or the key above a part."""
        if index:
            return self.end(index - 1)
        key = self._key_end()
        return -1 if key is None else lines.line_end(self.text, key)

    def _key_end(self) -> int | None:
        """Return the end of the key, with its colon, or of the dash that holds the collection."""
        path = self.node.path
        key = lines.key_at(self.source, path)
        if key:
            return self.text.find(":", key.end) + 1
        parent = self.source.find(path[:-1]) if path else None
        if isinstance(parent, SequenceNode):
            return Block(self.source, parent, {}, 0).anchor(int(path[-1])) + 1
        return None

    def _follows_dash(self, index: int) -> bool:
        """Return whether a part is on the line of the dash that holds the collection."""
        anchor = self.anchor(index)
        return bool(self.text[line_start(self.text, anchor) : anchor].strip())

    def _gap(self, index: int) -> str:
        """Return the text between a part and the next one."""
        return self.text[self.end(index) : self.anchor(index + 1)]

    def _touches_next(self, index: int) -> bool:
        """Return whether the next part starts on the line after this one."""
        if index + 1 >= self.count:
            return False
        gap = self._gap(index)
        return not gap.strip() and gap.count("\n") == 1

    def _is_spaced(self, index: int) -> bool:
        """Return whether only blank lines separate an item from its neighbor."""
        if not self.is_list or self.count == 1:
            return False
        gap = self._gap(min(index, self.count - 2))
        return not gap.strip() and gap.count("\n") > 1

    def _remove(self, gap: Gap) -> Iterator[Change]:
        """Cut parts, and keep one blank line where blank lines separated them."""
        text = self.text
        start, end = self.start(gap.first, gap.last), self.end(gap.last)
        if gap.before < 0 and gap.after == self.count:
            yield from self._empty(start, end)
        elif self._follows_dash(gap.first):
            first, following = self.anchor(gap.first), self.anchor(gap.after)
            if "#" not in text[end:following]:
                yield first, following, ""  # The next part moves up behind the dash.
            else:  # The dash stays on its line, and the next part keeps its comments.
                line = line_start(text, first)
                yield line + len(text[line:first].rstrip(" ")), end, ""
        else:
            blank_above = re.compile(r"\n[ \t]*\r?\n\Z").search(
                text, max(self._floor(gap.first), 0), start
            )
            blank_below = re.compile(r"\r?\n[ \t]*(?=\r?\n)").match(text, end)
            if blank_above and (blank_below or gap.after == self.count):
                start = blank_above.start() + 1
            elif blank_below and gap.before < 0:
                end = blank_below.end()
            yield lines.cut(text, start, end)

    def _empty(self, start: int, end: int) -> Iterator[Change]:
        """Write ``[]`` or ``{}`` in place of all parts."""
        empty = "[]" if self.is_list else "{}"
        key_end = self._key_end()
        if key_end is None or self._follows_dash(0):
            yield self.anchor(0), end, empty
        else:
            yield key_end, key_end, f" {empty}"
            yield lines.cut(self.text, start, end)

    def _replace(self, gap: Gap) -> Change:
        """Write the new parts in place of the removed ones."""
        new = self._new_lines(gap.new, gap.last)
        if self._follows_dash(gap.first):
            start, new[0] = self.anchor(gap.first), new[0].lstrip(" ")
        else:
            start = self.start(gap.first, gap.last, followed=True)
        return start, self.end(gap.last), lines.newline(self.text, start).join(new)

    def _insert(self, gap: Gap) -> Change:
        """Write the new parts below the part before them, or above the first part."""
        neighbor = max(gap.before, 0)
        new = self._new_lines(gap.new, neighbor)
        blank = [""] if self._is_spaced(neighbor) else []
        anchor = self.anchor(neighbor)
        newline = lines.newline(self.text, anchor)
        if gap.before >= 0:
            end = self.end(neighbor)
            return end, end, newline + newline.join([*blank, *new])
        if self._follows_dash(0):
            new[0] = new[0].lstrip(" ")
            return anchor, anchor, newline.join([*new, *blank, " " * self.column])
        start = self.start(0, 0)
        return start, start, newline.join([*new, *blank, ""])

    def _new_lines(self, new: list[NewPart], neighbor: int) -> list[str]:
        """Return the lines of new parts, in the style of an existing part."""
        blank = [""] if self._is_spaced(neighbor) else []
        result: list[str] = []
        for part in new:
            written = self._item(part, neighbor) if self.is_list else self._entry(part)
            result += [*blank, *written] if result else written
        return result

    def _entry(self, new: NewPart) -> list[str]:
        assert isinstance(self.node, MappingNode)  # noqa: S101
        written = emitter.entries({new.name: new.value}, self.node, self.fields, flow=False)
        if isinstance(new.value, str) and "\n" in new.value and not self.attempt:
            block = values.block_lines(new.value, "|", self.column + INDENT)
            (name,) = emitter.entries({new.name: None}, self.node, self.fields, flow=False)
            if block:
                written = [name.removesuffix("null") + block[0], *block[1:]]
        return [" " * self.column + written[0], *written[1:]]

    def _item(self, new: NewPart, neighbor: int) -> list[str]:
        if new.raw and new.raw.column == self.column and not self.attempt:
            return list(new.raw.lines)
        assert isinstance(self.node, SequenceNode)  # noqa: S101
        like, value = self.node.items[neighbor], new.value
        if not isinstance(like, MappingNode) or not isinstance(value, dict) or not value:
            return _write_item([emitter.value(value, like, flow=False)], self.column, INDENT)
        pairs = emitter.entries(value, like, self.fields, flow=like.flow)
        if like.flow:
            return _write_item([f"{{{', '.join(pairs)}}}"], self.column, INDENT)
        is_on_dash_line = "\n" not in self.text[self.anchor(neighbor) : like.start]
        width = INDENT
        if is_on_dash_line:
            width = lines.column(self.source, like.start) - self.column
        return _write_item(pairs, self.column, width)


def _write_item(pairs: list[str], indent: int, width: int) -> list[str]:
    """Return the lines of an item: the first after a dash, the others aligned below it."""
    heads = ["-".ljust(width), *[" " * width] * (len(pairs) - 1)]
    return [" " * indent + head + pair for head, pair in zip(heads, pairs, strict=True)]


def fill_empty_list(
    source: Source, listed: SequenceNode, new: list[dict[str, Any]], fields: Mapping[str, Field]
) -> list[Change]:
    """Return the changes from ``key: []`` to a block list, or none for any other layout.

    A list is not filled in this way if the new items would claim a comment below it.
    """
    text, key = source.text, lines.key_at(source, listed.path)
    if key is None or text[key.end : listed.end] != ": []":
        return []
    indent, end = lines.column(source, key.start) + INDENT, lines.line_end(text, listed.end)
    if lines.end_of_comments_below(text, end, indent + 1) > end:
        return []
    written = [
        line
        for value in new
        for line in _write_item(
            emitter.entries(value, EMPTY_MAPPING, fields, flow=False), indent, INDENT
        )
    ]
    newline = lines.newline(text, end)
    return [(key.end + 1, listed.end, ""), (end, end, newline + newline.join(written))]
