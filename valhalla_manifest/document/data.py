"""Plain data, as a YAML reader gives it: what is the same, and what is not."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

from valhalla_manifest.document.problems import ManifestError, pointer


def parse_json(text: str) -> Any:
    """Return the data of a JSON text (RFC 8259), in which each key of an object stands once.

    Raises:
        ValueError: it is none, or nested too deep.
    """
    try:
        return json.loads(
            text, parse_constant=_reject_constant, object_pairs_hook=_require_unique_keys
        )
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _require_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("a key stands twice")
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


def to_plain_data(value: Any, path: tuple[str | int, ...] = ()) -> Any:
    """Return a value of a caller as plain data: an enum's value, a tuple as a list.

    Raises:
        ManifestError: there is no YAML for it that every reader takes for the same.
    """
    if isinstance(value, Enum):
        return to_plain_data(value.value, path)
    if value is None or type(value) in (bool, int, str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [to_plain_data(item, (*path, at)) for at, item in enumerate(value)]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {str(key): to_plain_data(item, (*path, key)) for key, item in value.items()}
    raise ManifestError(
        f"{pointer(path)}: {value!r} has no form in a manifest; give a text, a number, true, "
        "false, null, a list, or a mapping of texts",
        refused=True,
    )
