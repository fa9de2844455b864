"""Plain data, as a YAML reader gives it: what is the same, and what is not."""

from __future__ import annotations

from typing import Any


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same data: True is not 1, and 1 is not 1.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
