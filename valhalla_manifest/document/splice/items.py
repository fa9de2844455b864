"""An item more or an item less in a list, with the comments that belong to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document import emitter
from valhalla_manifest.document.faults import line_start
from valhalla_manifest.document.source import MappingNode, Node, SequenceNode, Source
from valhalla_manifest.document.splice import lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from valhalla_manifest.document.fields import Field

# An empty list's first item has none beside it to look like.
_NOTHING_YET = MappingNode(0, 0, (), {})
_INDENT = 2


class RawItem(NamedTuple):
    """The lines of an item as they stand elsewhere, with the comments that belong to it."""

    lines: tuple[str, ...]


def add(
    source: Source, listed: SequenceNode, index: int, value: Any, fields: Mapping[str, Field]
) -> str:
    """Return the text with a new item, in the style of the one before it.

    A ``RawItem`` is taken as it is; in flow style it does not fit, and the text stays.
    """
    in_flow = lines.in_flow(source, listed.path)
    if listed.flow and isinstance(value, RawItem):
        return source.text
    in_block = isinstance(value, dict) and value and not in_flow and not listed.items
    if listed.flow and not in_block:
        return _insert_in_flow(source, listed, index, value, fields)
    if listed.flow:
        return _first_in_block(source, listed, value, fields)
    text = source.text
    beside = max(index - 1, 0)
    dash = _dash(source, listed, beside)
    newline = lines.newline(text, dash)
    if isinstance(value, RawItem):
        new = list(value.lines)
    else:
        new = _item_lines(source, listed.items[beside], dash, value, fields)
    if index == 0:
        start = line_start(text, dash)
        return text[:start] + newline.join([*new, ""]) + text[start:]
    if _is_spaced(source, listed, beside):
        new.insert(0, "")
    end = _end(source, listed, beside)
    return text[:end] + newline + newline.join(new) + text[end:]


def _insert_in_flow(
    source: Source, listed: SequenceNode, index: int, value: Any, fields: Mapping[str, Field]
) -> str:
    text = source.text
    beside = listed.items[max(index - 1, 0)] if listed.items else None
    if isinstance(value, dict):
        like = beside if isinstance(beside, MappingNode) else _NOTHING_YET
        new = f"{{{', '.join(emitter.entries(value, like, fields, flow=True))}}}"
    else:
        new = emitter.value(value, beside or emitter.QUOTED)
    if beside is None:
        return text[: listed.start] + f"[{new}]" + text[listed.end :]
    if index == 0:
        return text[: beside.start] + new + ", " + text[beside.start :]
    return text[: beside.end] + ", " + new + text[beside.end :]


def _first_in_block(
    source: Source, listed: SequenceNode, value: dict[str, Any], fields: Mapping[str, Field]
) -> str:
    """Turn ``key: []`` into a block list with one item."""
    text = source.text
    key = line_start(text, listed.start)
    indent = len(text[key:]) - len(text[key:].lstrip(" ")) + _INDENT
    pairs = emitter.entries(value, _NOTHING_YET, fields, flow=False)
    newline, line_end = lines.newline(text, listed.end), lines.end(text, listed.end)
    behind = text[listed.end : line_end].strip()
    head = text[: listed.start] + behind if behind else text[: listed.start].rstrip(" ")
    return head + newline + newline.join(_under_dash(pairs, indent, _INDENT)) + text[line_end:]


def _under_dash(pairs: list[str], indent: int, width: int) -> list[str]:
    """Return the lines of a mapping as an item: the dash before the first, the rest under it."""
    heads = ["-".ljust(width), *[" " * width] * (len(pairs) - 1)]
    return [" " * indent + head + pair for head, pair in zip(heads, pairs, strict=True)]


def _item_lines(
    source: Source, beside: Node, dash: int, value: Any, fields: Mapping[str, Field]
) -> list[str]:
    """Return the lines of a new item that looks like the one beside it."""
    indent = lines.column(source, dash)
    if not isinstance(beside, MappingNode) or not isinstance(value, dict) or not value:
        return _under_dash([emitter.value(value, beside, flow=False)], indent, _INDENT)
    pairs = emitter.entries(value, beside, fields, flow=beside.flow)
    if beside.flow:
        return _under_dash([f"{{{', '.join(pairs)}}}"], indent, _INDENT)
    same_line = "\n" not in source.text[dash : beside.start]
    width = lines.column(source, beside.start) - indent if same_line else _INDENT
    return _under_dash(pairs, indent, width)


def _dash(source: Source, listed: SequenceNode, index: int) -> int:
    """Return the offset of an item's dash; all dashes of a list stand in one column."""
    if index == 0:
        return listed.start
    column = lines.column(source, listed.start)
    dash = re.compile(rf" {{{column}}}-(?=\s|$)")
    start = line_start(source.text, listed.items[index].start)
    while start > listed.items[index - 1].end and not dash.match(source.text, start):
        start = line_start(source.text, start - 1)
    return start + column


def _end(source: Source, listed: SequenceNode, index: int) -> int:
    """Return the end of an item's last line, with the comments under it that are its own."""
    text = source.text
    end = lines.end(text, max(listed.items[index].end, _dash(source, listed, index)))
    own = re.compile(rf"\r?\n {{{lines.column(source, listed.start) + 1},}}#[^\r\n]*")
    while match := own.match(text, end):
        end = match.end()
    return end


def _is_spaced(source: Source, listed: SequenceNode, index: int) -> bool:
    """Return whether a blank line, and nothing else, divides an item from one beside it."""
    first = index - 1 if index else index
    if first + 1 >= len(listed.items):
        return False
    gap = source.text[_end(source, listed, first) : _dash(source, listed, first + 1)]
    return not gap.strip() and gap.count("\n") > 1


def raw_item(source: Source, listed: SequenceNode, index: int) -> RawItem:
    """Return an item as it stands, with the comments that belong to it."""
    start = _start_with_comments(source, listed, index)
    return RawItem(tuple(source.text[start : _end(source, listed, index)].splitlines()))


def remove(source: Source, listed: SequenceNode, index: int) -> str:
    """Return the text without an item and the comments that belong to it."""
    text = source.text
    if listed.flow or lines.in_flow(source, listed.path):
        return lines.cut_from_flow(text, [item.span for item in listed.items], index)
    end = _end(source, listed, index)
    start = _start_with_comments(source, listed, index)
    if len(listed.items) == 1:
        return _emptied(source, listed, start, end)
    blank_above = re.search(r"\n[ \t]*\r?\n\Z", text[:start])
    blank_below = re.compile(r"\r?\n[ \t]*(?=\r?\n)").match(text, end)
    if blank_above and (blank_below or index + 1 == len(listed.items)):
        start = blank_above.start() + 1
    elif blank_below and index == 0:
        end = blank_below.end()
    return lines.cut(text, start, end)


def _start_with_comments(source: Source, listed: SequenceNode, index: int) -> int:
    """Return where an item starts, with the comments directly above it.

    A comment that opens a paragraph of several items is their heading, and stays.
    """
    text = source.text
    start = first = line_start(text, _dash(source, listed, index))
    floor = _end(source, listed, index - 1) if index else _key_line_end(source, listed)
    while first > floor + 1:
        above = line_start(text, first - 1)
        if above <= floor or not text[above:first].lstrip(" \t").startswith("#"):
            break
        first = above
    opens_paragraph = index == 0 or not text[line_start(text, first - 1) : first].strip()
    return start if opens_paragraph and _touches_next(source, listed, index) else first


def _touches_next(source: Source, listed: SequenceNode, index: int) -> bool:
    """Return whether the next item starts on the line after this one."""
    if index + 1 == len(listed.items):
        return False
    gap = source.text[_end(source, listed, index) : _dash(source, listed, index + 1)]
    return not gap.strip() and gap.count("\n") == 1


def _key_end(source: Source, listed: SequenceNode) -> int:
    parent = source.find(listed.path[:-1])
    entry = parent.entry(str(listed.path[-1])) if isinstance(parent, MappingNode) else None
    return entry[0].end if entry else listed.start


def _key_line_end(source: Source, listed: SequenceNode) -> int:
    return lines.end(source.text, _key_end(source, listed))


def _emptied(source: Source, listed: SequenceNode, start: int, end: int) -> str:
    """Write ``key: []`` in place of a block list with one item."""
    colon = source.text.find(":", _key_end(source, listed), start) + 1
    if not colon:  # it is an item itself
        return lines.cut(source.text, start, end)
    rest = lines.cut(source.text, start, end)
    if end == len(source.text):  # there is no final line break, and there stays none
        rest = rest.rstrip("\r\n")
    return rest[:colon] + " []" + rest[colon:]
