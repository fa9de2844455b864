"""One scalar in place of another, in the style that stood there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from valhalla_manifest.document import emitter
from valhalla_manifest.document.source import MappingNode, ScalarNode, Source, block_header
from valhalla_manifest.document.splice import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.document.fields import Field

_FOLD_WIDTH = 80


def replace(source: Source, node: ScalarNode, value: Any, field: Field | None) -> Iterator[str]:
    """Yield texts with another value, from the old style to the one that can hold anything."""
    flow = lines.in_flow(source, node.path)
    for style in _styles(node, value, field):
        if flow or style not in emitter.BLOCK:
            yield _on_one_line(source, node, emitter.scalar(value, style, flow=flow))
        else:
            width = _width(source.text[node.start : node.end], node)
            yield from _as_block(source, node, emitter.scalar(value, style, width=width))


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


def _on_one_line(source: Source, node: ScalarNode, new: str) -> str:
    text = source.text
    header = block_header(source.text, node)
    if header:  # a comment behind the header stays on the line
        line_end = lines.end(text, header.end())
        return text[: node.start] + new + text[header.end() : line_end] + text[node.end :]
    gap = " " if text[node.start - 1 : node.start] == ":" else ""  # an empty value
    return text[: node.start] + gap + new + text[node.end :]


def _as_block(source: Source, node: ScalarNode, new: str) -> Iterator[str]:
    """Yield a text with a block scalar; none where it would need an indentation of its own."""
    text = source.text
    head, *body = new.split("\n")
    if head[:1] not in emitter.BLOCK or any(char.isdigit() for char in head):
        return
    header = block_header(source.text, node)
    behind = header.end() if header else node.end
    line_end = lines.end(text, behind)
    end = node.end if header else line_end
    gap = " " if text[node.start - 1 : node.start] == ":" else ""
    indented = _indent(body, _content_indent(source, node))
    whole = lines.newline(text, node.start).join([head + text[behind:line_end], *indented])
    yield text[: node.start] + gap + whole + text[end:]


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
    return (lines.column(source, key[0].start) if key else 0) + 2


def _indent(body: list[str], width: int) -> list[str]:
    """Indent lines that the emitter has indented by 2."""
    return [" " * width + line[2:] if line.strip(" ") else "" for line in body]
