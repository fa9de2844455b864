"""Safe repairs: where only one thing can be meant, write it so that every reader sees it."""

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
    """Return a text with what can be repaired with certainty; the rest is left for a person.

    Values are quoted that are texts to the format but not to all readers; a boolean that is
    written as ``yes`` or ``off`` becomes true or false; lines and tabs that other readers refuse
    are laid out anew, where the data stay the same.
    """
    return _ended(_laid_out(_quoted(text)))


def _quoted(text: str) -> str:
    source = read(text)
    result = replace_spans(
        source.text,
        [
            (node.start, node.end, _repaired(source, node))
            for node in source.nodes.plain
            if not node.is_key and not node.tag
        ],
    )
    return source.with_text(result)


def _laid_out(text: str) -> str:
    source = read(text)
    if source.root is None or source.damaged:
        return text
    repairs = [
        *((found.span.start, found.span.end, " ") for found in layout.tab(source)),
        *((at, at, " " * missing) for at, _, missing in layout.shallow(source)),
        *((found.span.start, found.span.start, " ") for found in layout.glued_comment(source)),
        *((found.span.start, found.span.end, '"-"') for found in layout.lone_dash(source)),
        *((*found.span, "") for found in layout.unseen_space(source)),
        *((found.span.end, found.span.end, " null") for found in layout.empty_last_item(source)),
        *((*found.span, "/") for found in layout.escaped_slash(source)),
    ]
    result = replace_spans(source.text, repairs)
    root = read(result).root
    if root is None or not strictly_equal(root.value, source.root.value):
        return text
    return source.with_text(result)


def _ended(text: str) -> str:
    """Return a text with the final line break that the block text at its end promises."""
    source = read(text)
    # A last line of spaces is left to a person: they may be meant, or not.
    is_open = any(layout.is_open(source, node) for node in source.nodes.blocks)
    if source.damaged or not is_open or text.endswith(" "):
        return text
    return text + source.newline


def _repaired(source: Source, node: ScalarNode) -> str:
    written = source.text[node.start : node.end]
    field = field_at(compiled.FIELDS, node.path)
    if node.anchor or not field or node.value is None or scalars.is_safe_plain(node.text):
        return written
    if formats.complete_partial_value(str(node.path[-1]), node.text) not in (None, node.text):
        return written  # quotes alone would not make it valid
    if field.type == "boolean":
        return _BOOLEANS.get(node.text.lower(), written)
    is_item = field.type == "array" and isinstance(node.path[-1], int)
    is_text = field.type == "string" or is_item
    return emitter.scalar(node.text, '"', flow=True) if is_text else written
