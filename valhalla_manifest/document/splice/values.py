"""One value in place of another, in the style that stood there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from valhalla_manifest.document import emitter
from valhalla_manifest.document.source import (
    MappingNode,
    Node,
    Path,
    ScalarNode,
    SequenceNode,
    Source,
    block_header,
)
from valhalla_manifest.document.splice import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.document.fields import Field
    from valhalla_manifest.document.splice.lines import Change

_FOLD_WIDTH = 80
STYLES = 4  # that a value may be written in: as it was, folded, literal, in double quotes


def replace(
    source: Source, node: ScalarNode, value: Any, field: Field | None, attempt: int
) -> Change:
    """Return a change to another value: in the old style, or in one that can hold anything."""
    flow = lines.in_flow(source, node.path)
    if isinstance(value, (list, dict)):
        return _on_one_line(source, node, emitter.value(value, _like(source, node) or field))
    styles = list(_styles(node, value, field))
    style = styles[min(attempt, len(styles) - 1)]
    if not flow and style in emitter.BLOCK and isinstance(value, str):
        width = _width(source.text[node.start : node.end], node)
        body = block(value, style, _content_indent(source, node), width)
        if body:
            return _as_block(source, node, body)
    else:
        return _on_one_line(source, node, emitter.scalar(value, style, flow=flow))
    return _on_one_line(source, node, emitter.scalar(value, '"'))


def replace_collection(source: Source, path: Path, value: Any) -> list[Change]:
    """Return the changes from a list or a mapping to another value, which stands on one line.

    The value of a key stands on the key's line, before the comment that is there.
    """
    node, parent = source.find(path), source.find(path[:-1])
    if not isinstance(node, (MappingNode, SequenceNode)):
        return []
    new = emitter.value(value, _like(source, node), flow=lines.in_flow(source, path))
    pair = parent.entry(str(path[-1])) if isinstance(parent, MappingNode) else None
    colon = source.text.find(":", pair[0].end) if pair else -1
    if node.flow:
        gap = " " if source.text[node.start - 1] == ":" else ""
        return [(node.start, node.end, gap + new)]
    text, width = source.text, lines.column(source, node.start)
    end = lines.below_comments(text, lines.end(text, node.end), width + 1)
    line_end = lines.end(text, colon) if pair else 0
    if not pair or line_end > node.start:
        return [(node.start, end, new)]
    return [(colon + 1, colon + 1, f" {new}"), (line_end, end, "")]


def _like(source: Source, node: Node) -> Node | Field | None:
    """Return what the strings of a new value look like: those of JSON stand in quotes."""
    parent = source.find(node.path[:-1])
    pair = parent.entry(str(node.path[-1])) if isinstance(parent, MappingNode) else None
    if pair and isinstance(pair[0], ScalarNode) and pair[0].style == '"':
        return emitter.QUOTED
    is_string = isinstance(node, ScalarNode) and isinstance(node.value, str)
    return node if is_string or isinstance(node, SequenceNode) else None


def _styles(node: ScalarNode, value: Any, field: Field | None) -> Iterator[str]:
    if isinstance(value, str):
        usual = '"' if field and field.quoted else ""
        style = node.style if isinstance(node.value, str) else usual
        if "\n" in value and style not in emitter.BLOCK:
            style = "|"
        yield style
        if style == ">":
            yield "|"
    yield '"'


def _on_one_line(source: Source, node: ScalarNode, new: str) -> Change:
    text = source.text
    header = block_header(text, node)
    if header:  # a comment behind the header stays on the line
        behind = text[header.end() : lines.end(text, header.end())]
        return node.start, node.end, new + behind
    gap = " " if text[node.start - 1 : node.start] in (":", "-") else ""  # an empty value
    return node.start, node.end, gap + new


def _as_block(source: Source, node: ScalarNode, new: list[str]) -> Change:
    text = source.text
    header = block_header(text, node)
    behind = header.end() if header else node.end
    line_end = lines.end(text, behind)
    gap = " " if text[node.start - 1 : node.start] in (":", "-") else ""
    whole = [new[0] + text[behind:line_end], *new[1:]]
    end = node.end if header else line_end
    return node.start, end, gap + lines.newline(text, node.start).join(whole)


def block(value: str, style: str, indent: int, width: int = _FOLD_WIDTH) -> list[str]:
    """Return the lines of a block scalar; none if it would need to name its indentation."""
    head, *body = emitter.scalar(value, style, width=width).split("\n")
    if head[:1] not in emitter.BLOCK or any(char.isdigit() for char in head):
        return []
    return [head, *(" " * indent + line[2:] if line.strip(" ") else "" for line in body)]


def _width(old: str, node: ScalarNode) -> int:
    """Return how wide to fold: as wide as the old text was, where that can be seen."""
    body = old.splitlines()[1:] if node.style == ">" else []
    widest = max((len(line.strip()) for line in body), default=0)
    return widest if widest > _FOLD_WIDTH // 2 else _FOLD_WIDTH


def _content_indent(source: Source, node: ScalarNode) -> int:
    """Return how far the lines of a block scalar are indented, or would be here."""
    if node.style in emitter.BLOCK:
        body = source.text[node.start : node.end].splitlines()[1:]
        filled = [line for line in body if line.strip(" ")]
        if filled:
            return len(filled[0]) - len(filled[0].lstrip(" "))
    parent = source.find(node.path[:-1])
    key = parent.entry(str(node.path[-1])) if isinstance(parent, MappingNode) else None
    holder = key[0] if key else parent
    return (lines.column(source, holder.start) if holder else 0) + 2
