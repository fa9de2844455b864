"""Writes values as YAML, in the style of the text around them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document import scalars
from valhalla_manifest.document.fields import Field
from valhalla_manifest.document.parser import UNLIMITED, emit_scalar
from valhalla_manifest.document.source import MappingNode, Node, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Mapping

BLOCK = ("|", ">")
QUOTED = Field("string", quoted=True)  # a model for strings in double quotes
_FLOW_RISK = re.compile(r"[^\w ./()+-]")  # parsers disagree about these between brackets


def scalar(value: Any, style: str = "", *, flow: bool = False, width: int = UNLIMITED) -> str:
    """Return a scalar in a style, or in the nearest style that can represent the scalar.

    Numbers, booleans and null are always plain. The content of a block scalar is indented by 2.
    """
    if value is None:
        return "null"
    if isinstance(value, float):
        return scalars.format_number(value)
    if not isinstance(value, str):
        return str(value).lower()
    if style in BLOCK and not flow:
        return emit_scalar(value, style, width=width)
    if style == "" and scalars.is_safe_plain(value) and not (flow and _FLOW_RISK.search(value)):
        written = emit_scalar(value, "", flow=flow)
        if written == value:
            return written
    return emit_scalar(value, "'" if style == "'" and "\n" not in value else '"', flow=flow)


def value(content: Any, like: Node | Field | None, *, flow: bool = True) -> str:
    """Return a value on one line: a scalar, or a list or mapping in flow style.

    ``like`` is the model for the style of its strings: a node, or the field of the key.
    """
    return _write(content, _string_style(like), flow=flow)


def _write(content: Any, style: str, *, flow: bool = True) -> str:
    if isinstance(content, list):
        return "[" + ", ".join(_write(item, style) for item in content) + "]"
    if isinstance(content, dict):
        pairs = (f"{scalar(name, flow=True)}: {_write(item, '')}" for name, item in content.items())
        return "{" + ", ".join(pairs) + "}"
    return scalar(content, style, flow=flow)


def _string_style(like: Node | Field | None) -> str:
    match like:
        case None | Field(quoted=False):
            return ""
        case ScalarNode():
            return like.style if like.style in ("'", '"') else ""
        case SequenceNode(items=[first, *_]):
            return _string_style(first)
    return '"'


def entries(
    content: Mapping[str, Any], like: MappingNode, fields: Mapping[str, Field], *, flow: bool
) -> list[str]:
    """Return ``key: value`` lines in the style of a mapping.

    If its keys are in double quotes, as in JSON, the new keys and strings are too.
    """
    first = like.entries[0][0] if like.entries else None
    quotes = first.style if isinstance(first, ScalarNode) else ""
    as_keys = QUOTED if quotes == '"' else None
    return [
        f"{scalar(name, quotes, flow=True)}: "
        + value(item, like.get(name) or as_keys or fields.get(name), flow=flow)
        for name, item in content.items()
    ]
