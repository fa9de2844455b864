"""Plain data, as YAML and JSON have it: how to parse, compare and prepare it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

from valhalla_manifest.document.characters import FORBIDDEN, describe_char
from valhalla_manifest.document.problems import ManifestError, pointer


def parse_json(text: str) -> Any:
    """Return the data of a JSON text (RFC 8259), or raise ValueError, also for duplicate keys."""
    try:
        return json.loads(
            text, parse_constant=_reject_constant, object_pairs_hook=_require_unique_keys
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _require_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("duplicate key")
    return result


def strictly_equal(one: Any, other: Any) -> bool:
    """Return whether two values are the same data: True is not 1, and 1 is not 1.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(
            strictly_equal(one[key], other[key]) for key in one
        )
    if isinstance(one, list):
        return len(one) == len(other) and all(map(strictly_equal, one, other))
    return bool(one == other)


def to_plain_data(value: Any, path: tuple[str | int, ...]) -> Any:
    """Return a caller's value as plain data: the value of an enum, a list for a tuple."""
    if isinstance(value, Enum):
        return to_plain_data(value.value, path)
    if isinstance(value, str):
        _require_allowed_characters(value, path)
        return str(value)
    if value is None or type(value) in (bool, int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, (list, tuple)):
        return [to_plain_data(item, (*path, at)) for at, item in enumerate(value)]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {str(key): to_plain_data(item, (*path, key)) for key, item in value.items()}
    raise ManifestError(
        f"{pointer(path)}: cannot write {value!r} to a manifest; use a string, a number, true, "
        "false, null, a list, or a mapping with string keys",
        refused=True,
    )


def _require_allowed_characters(text: str, path: tuple[str | int, ...]) -> None:
    found = FORBIDDEN.search(text)
    if found:
        raise ManifestError(
            f"{pointer(path)}: {describe_char(found[0])} is not allowed in a manifest; remove it",
            refused=True,
        )
