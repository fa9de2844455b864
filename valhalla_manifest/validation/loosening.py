"""Whether a JSON Schema (draft-07) may allow what it did not; where that is not certain, it may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from valhalla_manifest.manifest.extensions import NAMED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.document.source import Path

_NOTES = {"title", "description", "default", "examples", "$comment"}
_AT_LEAST = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_AT_MOST = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}


def loosened(old: Any, new: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the places of a schema that may allow more than they did."""
    if old == new or old is True or new is False:
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield path
        return
    for key, before in old.items():
        after = new.get(key)
        if key in _NOTES or before == after:
            continue
        if key in NAMED and isinstance(before, dict) and isinstance(after, dict):
            for name, part in before.items():
                yield from loosened(part, after.get(name, True), (*path, key, name))
        elif key not in new or not _is_narrower(key, before, after):
            yield (*path, key)


def _is_narrower(key: str, before: Any, after: Any) -> bool:
    """Return whether a keyword certainly allows no more than it did."""
    try:
        if key in _AT_LEAST | _AT_MOST:
            return bool(after >= before if key in _AT_LEAST else after <= before)
        old, new = ({each} if isinstance(each, str) else set(each) for each in (before, after))
    except TypeError:  # not of one kind, or nothing that can be looked up
        return False
    return old <= new if key == "required" else key in {"type", "enum"} and new <= old
