"""Lookups by id, in one place because ids are not case-sensitive."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from valhalla_manifest.document.problems import ManifestError, closest
from valhalla_manifest.manifest.formats import normalize_id

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")


def is_same(one: str, other: str) -> bool:
    """Return whether two ids are equal."""
    return normalize_id(one) == normalize_id(other)


def find(pack_id: str, pairs: Iterable[tuple[str, T]]) -> T | None:
    """Return the first value with an id, or None if there is none."""
    wanted = normalize_id(pack_id)
    return next((found for known, found in pairs if normalize_id(known) == wanted), None)


def require(pack_id: str, pairs: Iterable[tuple[str, T]]) -> T:
    """Return the first value with an id, or raise a ManifestError that suggests a similar id."""
    listed = list(pairs)
    found = find(pack_id, listed)
    if found is None:
        guess = closest(pack_id, (known for known, _ in listed))
        hint = f'did you mean "{guess}"?' if guess else "see `valhalla-manifest packs list`"
        raise ManifestError(f"there is no pack {pack_id!r}; {hint}")
    return found
