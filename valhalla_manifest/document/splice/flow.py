"""Changes that add and remove parts between brackets or braces, with their commas and comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from valhalla_manifest.document import emitter
from valhalla_manifest.document.source import MappingNode, SequenceNode
from valhalla_manifest.document.splice import lines
from valhalla_manifest.document.splice.block import fill_empty_list
from valhalla_manifest.document.splice.parts import EMPTY_MAPPING, Collection, Gap, NewPart, Slots
from valhalla_manifest.document.syntax_errors import line_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.document.splice.lines import Change

_COMMA = re.compile(r"(?:\s|#[^\n]*)*,")
# The end of a line after its last part: a comma, and a comment.
_TAIL = re.compile(r"([ \t]*,)?[ \t]*(#[^\r\n]*)?(?=\r?\n|\Z)")


class Flow(Collection):
    """A collection between brackets or braces.

    A comment after a part, on the same line, belongs to that part; a comment on a separate line
    belongs to the part below. A comment after several parts on one line stays until the last of
    them is removed.
    """

    def changes(self, slots: Slots) -> Iterator[Change]:
        """Yield the changes after which the collection holds exactly these parts."""
        in_block = self._fill_in_block_style(slots)
        if in_block:
            yield from in_block
            return
        for gap in self.gaps(slots):
            removes = gap.first <= gap.last
            if removes and gap.new and gap.before < 0 and gap.after == self.count:
                yield from self._replace_all(gap)
                continue
            comma = None
            if removes:
                removal, comma = self._remove(gap)
                yield removal
                if comma is not None and not removal[0] <= comma < removal[1]:
                    yield comma, comma + 1, ""
            if gap.new:
                yield from self._insert(gap, comma)

    def _fill_in_block_style(self, slots: Slots) -> list[Change]:
        """Return the changes that write the first items of an empty list as a block, if any."""
        new = [slot.value for slot in slots if isinstance(slot, NewPart)]
        if self.count or not isinstance(self.node, SequenceNode):
            return []
        if lines.is_in_flow(self.source, self.node.path):
            return []
        are_mappings = all(isinstance(value, dict) and value for value in new)
        return fill_empty_list(self.source, self.node, new, self.fields) if are_mappings else []

    def _comma(self, index: int) -> int | None:
        """Return the offset of the comma after a part."""
        found = _COMMA.match(self.text, self.span(index).end)
        return found.end() - 1 if found else None

    def _starts_line(self, index: int) -> bool:
        """Return whether only a comma may precede a part on its line."""
        start = self.span(index).start
        line = line_start(self.text, start)
        return line > self.node.start and not self.text[line:start].strip(" \t,")

    def _remove(self, gap: Gap) -> tuple[Change, int | None]:
        """Return the change that removes parts, and the offset of the comma to remove."""
        text, has_next = self.text, gap.after < self.count
        start, end = self.span(gap.first).start, self.span(gap.last).end
        tail, comma = _TAIL.match(text, end), self._comma(gap.last)
        end_with_comma = end if comma is None or "\n" in text[end:comma] else comma + 1
        if gap.before < 0:
            comma_before, before_end, needless = None, start, comma
        else:
            comma_before, before_end = self._comma(gap.before), self.span(gap.before).end
            needless = comma_before if end_with_comma == end else comma
        before_end_with_comma = before_end
        if comma_before is not None and comma_before != needless:
            before_end_with_comma = comma_before + 1
        if self._starts_line(gap.first):
            if tail:
                return lines.cut(text, self._start(gap), tail.end()), needless
            if has_next:
                return (start, self.span(gap.after).start, ""), needless
            if before_end < start and "#" not in text[before_end:start]:
                return (before_end_with_comma, end_with_comma, ""), needless
            indent = start - line_start(text, start)  # for the bracket that closes on this line
            return (self._start(gap), end_with_comma, " " * indent), needless
        if gap.before < 0:
            if tail:
                return (self.node.start + 1, tail.end(), ""), needless
            return (start, self.span(gap.after).start if has_next else end_with_comma, ""), needless
        if tail and line_start(text, start) != line_start(text, self.span(gap.last).start):
            return (before_end_with_comma, tail.end(), ""), needless
        return (before_end, end, ""), comma_before

    def _start(self, gap: Gap) -> int:
        """Return the start of the first part's line, including the comments directly above.

        A comment above a paragraph of several items is their heading, and is not included.
        """
        text, line = self.text, line_start(self.text, self.span(gap.first).start)
        floor = self.span(gap.before).end if gap.before >= 0 else self.node.start
        above = lines.start_of_comments_above(text, line, lines.line_end(text, floor))
        if isinstance(self.node, MappingNode) or gap.after == self.count:
            return above
        opens = gap.before < 0 or lines.opens_paragraph(text, above)
        end = lines.line_end(text, self.span(gap.last).end)
        touches_next = text[end : self.span(gap.after).start].count("\n") == 1
        return line if opens and touches_next else above

    def _replace_all(self, gap: Gap) -> Iterator[Change]:
        """Yield the changes that write new parts in place of all parts."""
        start, end = self.span(0).start, self.span(self.count - 1).end
        between = f",{self._indentation(0)}" if self._starts_line(0) else ", "
        yield start, end, between.join(self._write_parts(gap, 0))
        tail = _TAIL.match(self.text, end)
        if tail and tail[2]:
            yield end, tail.end(), tail[1] or ""

    def _indentation(self, index: int) -> str:
        """Return the line break and the spaces before a part that starts its line."""
        start = self.span(index).start
        return lines.newline(self.text, start) + " " * lines.column(self.source, start)

    def _write_parts(self, gap: Gap, neighbor: int) -> list[str]:
        """Return the new parts as text, in the style of an existing part."""
        node = self.node
        if isinstance(node, MappingNode):
            values = {new.name: new.value for new in gap.new}
            return emitter.entries(values, node, self.fields, flow=True)
        like = node.items[neighbor] if node.items else None
        model = like if isinstance(like, MappingNode) else EMPTY_MAPPING
        return [
            f"{{{', '.join(emitter.entries(new.value, model, self.fields, flow=True))}}}"
            if isinstance(new.value, dict)
            else emitter.value(new.value, like or emitter.QUOTED)
            for new in gap.new
        ]

    def _insert(self, gap: Gap, needless: int | None) -> Iterator[Change]:
        """Yield the changes that write new parts after the part before them, or at the front."""
        new = self._write_parts(gap, max(gap.before, 0))
        if gap.before >= 0:
            yield from self._insert_after(gap.before, new, needless)
        elif gap.after < self.count:
            start = self.span(gap.after).start
            if not self._starts_line(gap.after):
                yield start, start, "".join(f"{each}, " for each in new)
                return
            between = f",{self._indentation(gap.after)}"
            at = start
            if isinstance(self.node, MappingNode):
                line = line_start(self.text, start)
                floor = lines.line_end(self.text, self.node.start)
                at += lines.start_of_comments_above(self.text, line, floor) - line
            yield at, at, "".join(each + between for each in new)
        else:
            start = self.node.start + 1
            tail = _TAIL.match(self.text, start)
            is_commented = tail is not None and tail[2] is not None
            at = tail.end() if tail and is_commented else start
            yield at, at, (self._line_below(0) if is_commented else "") + ", ".join(new)

    def _insert_after(self, before: int, new: list[str], needless: int | None) -> Iterator[Change]:
        """Yield the changes that write new parts after another, or below it if it ends a line."""
        end = self.span(before).end
        tail = _TAIL.match(self.text, end)
        if not tail or not (self._starts_line(before) or tail[2]):
            yield end, end, "".join(f", {each}" for each in new)
            return
        indentation = self._line_below(before)
        if tail[1] and self._comma(before) != needless:
            yield tail.end(), tail.end(), "".join(f"{indentation}{each}," for each in new)
        else:
            yield end, end, ","
            yield tail.end(), tail.end(), indentation + f",{indentation}".join(new)

    def _line_below(self, index: int) -> str:
        """Return the line break and the indentation of a new line below a part."""
        for at in (*range(index, -1, -1), *range(index, self.count)):
            if at < self.count and self._starts_line(at):
                return self._indentation(at)
        indent = lines.indentation(self.text, line_start(self.text, self.node.start))
        return lines.newline(self.text, self.node.start) + indent + "  "
