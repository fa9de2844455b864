"""Changes that replace one value, in the style of the old value if that can hold the new one."""

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
ATTEMPTS = 4  # styles to try for a value: in its old style, folded, literal, in double quotes


def replace(
    source: Source, node: ScalarNode, value: Any, field: Field | None, attempt: int
) -> Change:
    """Return the change from a scalar to another value; later attempts use safer styles."""
    flow = lines.is_in_flow(source, node.path)
    if isinstance(value, (list, dict)):
        return _on_one_line(source, node, emitter.value(value, _like(source, node) or field))
    styles = list(_styles(node, value, field))
    style = styles[min(attempt, len(styles) - 1)]
    if flow or style not in emitter.BLOCK or not isinstance(value, str):
        return _on_one_line(source, node, emitter.scalar(value, style, flow=flow))
    width = _width(source.text[node.start : node.end], node)
    body = block_lines(value, style, _content_indent(source, node), width)
    if body:
        return _as_block(source, node, body)
    return _on_one_line(source, node, emitter.scalar(value, '"'))


def replace_collection(source: Source, path: Path, value: Any) -> list[Change]:
    """Return the changes from a list or a mapping to another value, written on one line.

    The value of a key goes onto the line of the key, before its comment.
    """
    node, text = source.find(path), source.text
    if not isinstance(node, (MappingNode, SequenceNode)):
        return []
    new = emitter.value(value, _like(source, node), flow=lines.is_in_flow(source, path))
    if node.flow:
        return [(node.start, node.end, _gap_before(text, node) + new)]
    width = lines.column(source, node.start)
    end = lines.end_of_comments_below(text, lines.line_end(text, node.end), width + 1)
    key = lines.key_at(source, path)
    colon = text.find(":", key.end) if key else -1
    key_line_end = lines.line_end(text, colon) if key else 0
    if not key or key_line_end > node.start:
        return [(node.start, end, new)]
    return [(colon + 1, colon + 1, f" {new}"), (key_line_end, end, "")]


def _like(source: Source, node: Node) -> Node | Field | None:
    """Return the model for the strings of a new value: double quotes after a key in quotes."""
    key = lines.key_at(source, node.path)
    if isinstance(key, ScalarNode) and key.style == '"':
        return emitter.QUOTED
    is_string = isinstance(node, ScalarNode) and isinstance(node.value, str)
    return node if is_string or isinstance(node, SequenceNode) else None


def _styles(node: ScalarNode, value: Any, field: Field | None) -> Iterator[str]:
    if isinstance(value, str):
        default = '"' if field and field.quoted else ""
        style = node.style if isinstance(node.value, str) else default
        if "\n" in value and style not in emitter.BLOCK:
            style = "|"
        yield style
        if style == ">":
            yield "|"
    yield '"'


def _gap_before(text: str, node: Node) -> str:
    """Return the space that a value needs if the old one was empty, as in ``key:``."""
    return " " if text[node.start - 1 : node.start] in (":", "-") else ""


def _on_one_line(source: Source, node: ScalarNode, new: str) -> Change:
    text = source.text
    header = block_header(text, node)
    if header:  # A comment after the header stays on the line.
        new += text[header.end() : lines.line_end(text, header.end())]
    return node.start, node.end, _gap_before(text, node) + new


def _as_block(source: Source, node: ScalarNode, new: list[str]) -> Change:
    text = source.text
    header = block_header(text, node)
    value_end = header.end() if header else node.end
    line_end = lines.line_end(text, value_end)
    whole = [new[0] + text[value_end:line_end], *new[1:]]
    end = node.end if header else line_end
    newline = lines.newline(text, node.start)
    return node.start, end, _gap_before(text, node) + newline.join(whole)


def block_lines(value: str, style: str, indent: int, width: int = _FOLD_WIDTH) -> list[str]:
    """Return the lines of a block scalar, or none if its header needs an indentation digit."""
    head, *body = emitter.scalar(value, style, width=width).split("\n")
    if head[:1] not in emitter.BLOCK or any(char.isdigit() for char in head):
        return []
    return [head, *(" " * indent + line[2:] if line.strip(" ") else "" for line in body)]


def _width(old: str, node: ScalarNode) -> int:
    """Return the width to fold at: that of the old lines if they are long enough to show it."""
    body = old.splitlines()[1:] if node.style == ">" else []
    widest = max((len(line.strip()) for line in body), default=0)
    return widest if widest > _FOLD_WIDTH // 2 else _FOLD_WIDTH


def _content_indent(source: Source, node: ScalarNode) -> int:
    """Return the indentation of the lines of a block scalar in place of a node."""
    if node.style in emitter.BLOCK:
        body = source.text[node.start : node.end].splitlines()[1:]
        filled = [line for line in body if line.strip(" ")]
        if filled:
            return len(lines.indentation(filled[0], 0))
    holder = lines.key_at(source, node.path) or source.find(node.path[:-1])
    return (lines.column(source, holder.start) if holder else 0) + 2
