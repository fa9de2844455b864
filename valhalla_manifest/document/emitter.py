"""Values as YAML text, in the style that the text around them has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document import scalars
from valhalla_manifest.document.parser import UNLIMITED, emit_scalar
from valhalla_manifest.document.source import MappingNode, Node, ScalarNode

if TYPE_CHECKING:
    from valhalla_manifest.document.source import Path

# Path of keys, joined by "/" → key → an example of its value, in the order of the keys.
Examples = Mapping[str, Mapping[str, str]]

BLOCK = ("|", ">")
_FLOW_RISK = re.compile(r"[^\w ./()+-]")  # what parsers do not agree on between brackets


def examples_at(examples: Examples, path: Path) -> Mapping[str, str]:
    """Return the examples for the keys of the mapping, or of the items, at a path."""
    return examples.get("/".join(step for step in path if isinstance(step, str)), {})


def scalar(value: Any, style: str = "", *, flow: bool = False, width: int = UNLIMITED) -> str:
    """Return a scalar as text in a style, or in the nearest one that can hold it.

    Numbers, booleans and null are plain whatever the style. A block scalar's content is
    indented by 2.
    """
    if value is None:
        return "null"
    if not isinstance(value, str):
        return str(value).lower()
    if style in BLOCK and not flow:
        return emit_scalar(value, style, width=width)
    if style == "" and scalars.is_safe_plain(value) and not (flow and _FLOW_RISK.search(value)):
        written = emit_scalar(value, "", flow=flow)
        if written == value:
            return written
    return emit_scalar(value, "'" if style == "'" and "\n" not in value else '"', flow=flow)


def value(content: Any, like: Node | str, *, flow: bool = True) -> str:
    """Return a value for one line: a scalar, or a list or mapping in flow style.

    ``like`` tells the style of its strings: a node that stands where this one will, or an
    example of one.
    """
    style = _string_style(like)
    if isinstance(content, list):
        return "[" + ", ".join(scalar(item, style, flow=True) for item in content) + "]"
    if isinstance(content, dict):
        pairs = (f"{scalar(name, flow=True)}: {value(item, '')}" for name, item in content.items())
        return "{" + ", ".join(pairs) + "}"
    return scalar(content, style, flow=flow)


def _string_style(like: Node | str) -> str:
    if isinstance(like, str):
        return '"' if '"' in like else ""
    if isinstance(like, ScalarNode):
        return like.style if like.style in ("'", '"') else ""
    items = getattr(like, "items", [])
    return _string_style(items[0]) if items else '"'


def entries(
    content: Mapping[str, Any], like: MappingNode, examples: Mapping[str, str], *, flow: bool
) -> list[str]:
    """Return ``key: value`` texts for a mapping that is, or looks like, the one given.

    Where its keys are in double quotes, as in JSON, the new keys and strings are too.
    """
    first = like.entries[0][0] if like.entries else None
    quoted = first.style if isinstance(first, ScalarNode) else ""
    return [
        f"{scalar(name, quoted, flow=True)}: "
        + value(item, like.get(name) or quoted or examples.get(name, ""), flow=flow)
        for name, item in content.items()
    ]
