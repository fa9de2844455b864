"""A team's own keys with types: a JSON Schema (draft-07) of theirs for keys that begin with ``x-``.

It says something of the manifest and of each pack; its references stay inside it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from valhalla_manifest.document import problems
from valhalla_manifest.document.data import parse_json
from valhalla_manifest.document.problems import ManifestError, pointer
from valhalla_manifest.manifest.compiled import FIELDS
from valhalla_manifest.manifest.formats import EXTENSION_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.document.source import Path

Schema = dict[str, Any]

SIZE_LIMIT = 256 * 1024  # characters
_DEPTH_LIMIT = 100  # schemas and lists in each other
DRAFT = "http://json-schema.org/draft-07/schema"
_NAMED_OWN = "own-"  # before a definition's name, so that it is none of the exported schema's own
# The definition of each part, and the keys that the format itself has there.
PARTS = {"manifest": FIELDS[""], "pack": FIELDS["packs"]}
_AROUND = {"$schema", "$comment", "title", "description", "definitions"}
_HERE = "#/definitions/"
_BEGINNINGS = {
    "properties": EXTENSION_PREFIX,
    "required": EXTENSION_PREFIX,
    "patternProperties": f"^{EXTENSION_PREFIX}",
}
_DATA = {"const", "enum", "default", "examples"}  # what they hold is no schema
NAMED = {"properties", "patternProperties", "definitions", "dependencies"}


@dataclass(frozen=True, slots=True)
class Extensions:
    """What a schema says of a team's own keys, as definitions that the exported schema takes in."""

    definitions: Mapping[str, Schema]

    def reference(self, part: str) -> Schema | None:
        """Return what stands in the exported schema for the manifest's or a pack's own keys."""
        name = _NAMED_OWN + part
        return {"$ref": _HERE + name} if name in self.definitions else None

    def schema(self, part: str) -> Schema | None:
        """Return the schema of the manifest's or a pack's own keys, whole."""
        reference = self.reference(part)
        return reference and reference | {"definitions": dict(self.definitions)}


def load(text: str) -> Schema:
    """Return the schema of a text, as far as it says what a manifest or a pack is.

    Raises:
        ManifestError: it is not JSON, too large, of another draft, or says nothing of them.
    """
    schema = _of_text(text)
    definitions = schema.get("definitions") if isinstance(schema, dict) else None
    if not isinstance(definitions, dict) or not definitions.keys() & PARTS.keys():
        raise ManifestError('it needs "definitions" with "manifest" or "pack" in it')
    if str(schema.get("$schema", DRAFT)).rstrip("#") != DRAFT:
        raise ManifestError(f"it is of another draft; write {DRAFT}#")
    for name in schema.keys() - _AROUND:
        raise ManifestError(f"/{name} has no effect; put it into /definitions/manifest")
    for name in definitions.keys() & PARTS.keys():
        if not isinstance(definitions[name], dict):
            raise ManifestError(f"/definitions/{name} must be an object")
    return schema  # type: ignore[no-any-return]


def _of_text(text: str) -> Any:
    if len(text) > SIZE_LIMIT:
        raise ManifestError(f"it is larger than {SIZE_LIMIT // 1024} KiB")
    try:
        schema = parse_json(text)
        json.dumps(schema, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ManifestError("it has half of a surrogate pair, which is no character") from None
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"it is not JSON: {error}") from None
    return schema


def parse(schema: Schema) -> Extensions:
    """Return what a schema, which is one of draft-07, says of a team's own keys.

    Raises:
        ManifestError: it says something of other keys, is nested too deep, or refers to elsewhere.
    """
    definitions = schema["definitions"]
    for name in definitions.keys() & PARTS.keys():
        _require_own(("definitions", name), definitions[name])
    own = {
        f"{_NAMED_OWN}{name}": _closed(name, _rewritten(part, ("definitions", name)))
        for name, part in definitions.items()
    }
    for key, value in keywords({"definitions": own}):
        if key == "$ref":
            _require_target(own, value)
    return Extensions(own)


def _require_own(path: Path, part: Schema) -> None:
    """Refuse what would type a key that is not a team's own."""
    for keyword, prefix in _BEGINNINGS.items():
        for name in part.get(keyword, ()):
            if not name.startswith(prefix):
                place = pointer((*path, keyword))
                raise ManifestError(f"{place}: {name!r} does not begin with {prefix}")
    if part.get("additionalProperties", True) not in (True, False):
        place = pointer((*path, "additionalProperties"))
        raise ManifestError(f"{place} must be true or false")


def _rewritten(schema: Any, path: Path) -> Any:
    """Return a schema whose references lead to where its definitions stand in the exported one."""
    if len(path) > _DEPTH_LIMIT:
        raise ManifestError("it is nested too deep")
    if isinstance(schema, list):
        return [_rewritten(part, (*path, at)) for at, part in enumerate(schema)]
    if isinstance(schema, dict):
        return {key: _keyword(key, value, (*path, key)) for key, value in schema.items()}
    return schema


def _keyword(key: str, value: Any, path: Path) -> Any:
    if key in _DATA:
        return value
    if key in NAMED and isinstance(value, dict):
        return {name: _rewritten(part, (*path, name)) for name, part in value.items()}
    if key == "$id":
        raise ManifestError(f"{pointer(path)} would lead references elsewhere; remove it")
    if key == "$ref" and isinstance(value, str):
        if not value.startswith(_HERE):
            raise ManifestError(f"{pointer(path)}: {value!r} leads elsewhere; write {_HERE}…")
        return value.replace(_HERE, _HERE + _NAMED_OWN, 1)
    return _rewritten(value, path)


def keywords(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield each keyword of a schema, or a list of them, and of those in it, with its value."""
    if isinstance(schema, list):
        for part in schema:
            yield from keywords(part)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            yield key, value
            if key in NAMED and isinstance(value, dict):
                yield from keywords([*value.values()])
            elif key not in _DATA:
                yield from keywords(value)


def steps(reference: str) -> list[str]:
    """Return the steps of a reference inside a schema: a JSON Pointer as a URI's fragment."""
    return problems.pointer_steps(unquote(reference.removeprefix("#")))


def _require_target(own: Schema, reference: str) -> None:
    path = steps(reference)
    target = reduce(_part, path, {"definitions": own})
    is_data = any(step in _DATA and before not in NAMED for before, step in pairwise(path))
    if is_data or not isinstance(target, (dict, bool)):
        written = reference.replace(_HERE + _NAMED_OWN, _HERE, 1)
        raise ManifestError(f"there is no {written}, which a $ref names")


def _part(of: Any, step: str) -> Any:
    if isinstance(of, list) and step.isdecimal():
        return of[int(step)] if int(step) < len(of) else None
    return of.get(step) if isinstance(of, dict) else None


def _closed(name: str, part: Any) -> Any:
    """Return a part in which ``additionalProperties: false`` closes a team's own keys alone."""
    if name not in PARTS or part.get("additionalProperties") is not False:
        return part
    known = [*PARTS[name], *part.get("properties", {})]
    patterns = [{"pattern": pattern} for pattern in part.get("patternProperties", {})]
    names = {"propertyNames": {"anyOf": [{"enum": known}, *patterns]}}
    rest = {key: value for key, value in part.items() if key != "additionalProperties"}
    return {**rest, "allOf": [*rest.get("allOf", []), names]}
