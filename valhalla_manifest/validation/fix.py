"""Safe fixes: rewrite unambiguous values and layouts so that every parser reads them alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.document import emitter, scalars
from valhalla_manifest.document.data import strictly_equal
from valhalla_manifest.document.fields import field_at
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import ScalarNode, replace_spans
from valhalla_manifest.manifest import compiled, formats
from valhalla_manifest.validation.rules import layout

if TYPE_CHECKING:
    from valhalla_manifest.document.source import Source

_BOOLEANS = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false"}


def fix_text(text: str) -> str:
    """Fix every problem that has only one possible fix, and return the result.

    Strings that some parsers read as another type get quotes, a boolean such as ``yes`` or ``off``
    becomes true or false, and a layout that some parsers reject is replaced if the data stay equal.
    """
    return _close_last_block(_fix_layout(_fix_scalars(text)))


def _fix_scalars(text: str) -> str:
    source = read(text)
    result = replace_spans(
        source.text,
        [
            (node.start, node.end, _fix_scalar(source, node))
            for node in source.nodes.plain
            if not node.is_key and not node.tag
        ],
    )
    return source.with_text(result)


def _fix_layout(text: str) -> str:
    source = read(text)
    if source.root is None or source.damaged:
        return text
    fixes = [
        *((found.span.start, found.span.end, " ") for found in layout.tab(source)),
        *((at, at, " " * missing) for at, _, missing in layout.shallow(source)),
        *((found.span.start, found.span.start, " ") for found in layout.glued_comment(source)),
        *((found.span.start, found.span.end, '"-"') for found in layout.lone_dash(source)),
        *((*found.span, "") for found in layout.unseen_space(source)),
        *((found.span.end, found.span.end, " null") for found in layout.empty_last_item(source)),
        *((*found.span, "/") for found in layout.escaped_slash(source)),
    ]
    result = replace_spans(source.text, fixes)
    root = read(result).root
    if root is None or not strictly_equal(root.value, source.root.value):
        return text
    return source.with_text(result)


def _close_last_block(text: str) -> str:
    """Add the final line break that a block string at the end requires."""
    source = read(text)
    # Keep a last line of spaces, because the spaces may belong to the value.
    is_open = any(layout.is_open(source, node) for node in source.nodes.blocks)
    if source.damaged or not is_open or text.endswith(" "):
        return text
    return text + source.newline


def _fix_scalar(source: Source, node: ScalarNode) -> str:
    written = source.text[node.start : node.end]
    field = field_at(compiled.FIELDS, node.path)
    if node.anchor or not field or node.value is None or scalars.is_safe_plain(node.text):
        return written
    if formats.complete_partial_value(str(node.path[-1]), node.text) not in (None, node.text):
        return written  # quotes would not be enough to make the value valid
    if field.type == "boolean":
        return _BOOLEANS.get(node.text.lower(), written)
    is_item = field.type == "array" and isinstance(node.path[-1], int)
    is_text = field.type == "string" or is_item
    return emitter.scalar(node.text, '"', flow=True) if is_text else written
