"""Whether a JSON Schema (draft-07) may allow what it did not; where that is not certain, it may."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.data import same
from valhalla_manifest.manifest.extensions import NAMED, keywords, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.document.source import Path

_NOTES = {"$schema", "format", "title", "description", "default", "examples", "$comment"}
_AT_LEAST = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_AT_MOST = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_TURNING = {"not", "if", "oneOf"}  # where less below them may be more
_PARTS = {"additionalProperties", "items"}  # a schema each; of items it may be several
_KEYS = ("properties", "patternProperties")  # what is in neither is additional


def loosened(old: Any, new: Any) -> Iterator[Path]:
    """Yield the places of a schema that may allow more than they did."""
    yield from _loosened(old, new, ())
    for name in sorted(_turned(old) | _turned(new)):
        before, after = (_definitions(each).get(name) for each in (old, new))
        if not same(before, after):
            yield ("definitions", name)


def _loosened(old: Any, new: Any, path: Path) -> Iterator[Path]:
    if same(old, new) or not _asked(old) or new is False:
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield path
        return
    if ("$ref" in old or "$ref" in new) and not same(_asked(old), _asked(new)):
        yield (*path, "$ref")  # whatever stands beside it counts for nothing
        return
    for key, before in old.items():
        after = new.get(key)
        if key in _NOTES or same(before, after):
            continue
        if key in NAMED and isinstance(before, dict) and isinstance(after, dict):
            for name, part in before.items():
                yield from _loosened(part, after.get(name, True), (*path, key, name))
        elif key in _PARTS and key in new:
            yield from _loosened(before, after, (*path, key))
        elif key not in new or not _is_narrower(key, before, after):
            yield (*path, key)
    yield from _named_now(old, new, path)


def _named_now(old: dict[str, Any], new: dict[str, Any], path: Path) -> Iterator[Path]:
    """Yield the keys that are named now, and may be asked less than when they were additional."""
    additional = old.get("additionalProperties", True)
    for key in _KEYS:
        for name in sorted(new.get(key, {}).keys() - old.get(key, {}).keys()):
            yield from _loosened(additional, new[key][name], (*path, key, name))


def _asked(schema: Any) -> dict[str, Any]:
    """Return what a schema asks; of ``true`` that is nothing, and ``false`` refuses all."""
    if not isinstance(schema, dict):
        return {} if schema is True else {"not": {}}
    return {key: value for key, value in schema.items() if key not in _NOTES}


def _is_narrower(key: str, before: Any, after: Any) -> bool:
    """Return whether a keyword certainly allows no more than it did."""
    if key in _AT_LEAST | _AT_MOST:
        return bool(after >= before if key in _AT_LEAST else after <= before)
    old, new = (
        {
            json.dumps(value, sort_keys=True)
            for value in (each if isinstance(each, list) else [each])
        }
        for each in (before, after)
    )
    return old <= new if key == "required" else key in {"type", "enum"} and new <= old


def _turned(schema: Any) -> set[str]:
    """Return the definitions in use, where any of them is used the other way round."""
    below = [value for key, value in keywords(schema) if key in _TURNING]
    return _targets(schema) if _targets(below) else set()


def _targets(schema: Any) -> set[str]:
    """Return the names of the definitions that references lead to."""
    found = (steps(value) for key, value in keywords(schema) if key == "$ref")
    return {reference[1] for reference in found if reference[1:]}


def _definitions(schema: Any) -> dict[str, Any]:
    found: dict[str, Any] = schema.get("definitions", {}) if isinstance(schema, dict) else {}
    return found
