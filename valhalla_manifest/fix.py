"""Safe repairs: where only one thing can be meant, write it so that every reader sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest import scalars, writing
from valhalla_manifest.rules.portable import expects
from valhalla_manifest.source import Scalar, read

if TYPE_CHECKING:
    from valhalla_manifest.source import Source

_BOOLEANS = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false"}


def fixed(text: str) -> str:
    """Return a text with the values quoted that are texts to the format but not to all readers.

    A boolean that is written as ``yes`` or ``off`` becomes true or false. Nothing else is
    touched: what cannot be repaired with certainty is left for a person.
    """
    source = read(text)
    result = source.text
    for node, is_key in reversed(source.nodes):
        if isinstance(node, Scalar) and not is_key and not node.style and not node.tag:
            result = result[: node.start] + _repaired(source, node) + result[node.end :]
    return "\ufeff" + result if source.bom else result


def _repaired(source: Source, node: Scalar) -> str:
    written = source.text[node.start : node.end]
    example = expects(node.path)
    if node.anchor or not example or node.value is None or scalars.is_safe_plain(node.text):
        return written
    if example.startswith("[") and isinstance(node.path[-1], str):
        return written  # a list is meant, not a text
    if example in {"true", "false"}:
        return _BOOLEANS.get(node.text.lower(), written)
    return written if example.isdigit() else writing.scalar(node.text, '"', flow=True)
