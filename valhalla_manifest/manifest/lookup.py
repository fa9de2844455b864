"""Packs by their ids, without regard to case."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from valhalla_manifest.document.problems import ManifestError, closest
from valhalla_manifest.manifest.formats import folded

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


def is_same(one: str, other: str) -> bool:
    """Return whether two ids are equal."""
    return folded(one) == folded(other)


def find(pack_id: str, by_id: Mapping[str, T]) -> T | None:
    """Return what has an id, None if nothing has it; of equal ids the first."""
    return next((found for known, found in by_id.items() if is_same(known, pack_id)), None)


def require(pack_id: str, by_id: Mapping[str, T]) -> T:
    """Return what has an id.

    Raises:
        ManifestError: If nothing has it; the message suggests the nearest id.
    """
    found = find(pack_id, by_id)
    if found is None:
        guess = closest(pack_id, by_id)
        hint = f'did you mean "{guess}"?' if guess else "see `valhalla-manifest packs list`"
        raise ManifestError(f"there is no pack {pack_id!r}; {hint}")
    return found
