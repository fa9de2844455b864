"""The extension schema of a project: a JSON Schema (draft-07) for keys that begin with ``x-``.

It describes the extension keys of the manifest and of each pack. Its references stay inside it.
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
_DEPTH_LIMIT = 100  # of nested schemas and lists
DRAFT = "http://json-schema.org/draft-07/schema"
_PREFIX = "extension-"  # of its definitions in the exported schema, which has other definitions too
# The definitions that apply to a part of the manifest, and the format's keys in that part.
PARTS = {"manifest": FIELDS[""], "pack": FIELDS["packs"]}
_ROOT_KEYWORDS = {"$schema", "$comment", "title", "description", "definitions"}
_DEFINITIONS = "#/definitions/"
_REQUIRED_PREFIXES = {
    "properties": EXTENSION_PREFIX,
    "required": EXTENSION_PREFIX,
    "patternProperties": f"^{EXTENSION_PREFIX}",
}
DATA = {"const", "enum", "default", "examples"}  # keywords that contain data, not schemas
# Keywords that contain schemas by name.
BY_NAME = {"properties", "patternProperties", "definitions", "dependencies"}


@dataclass(frozen=True, slots=True)
class Extensions:
    """An extension schema, as the definitions that the exported schema contains for it."""

    definitions: Mapping[str, Schema]

    def reference(self, part: str) -> Schema | None:
        """Return the reference to the definition of a part in the exported schema, if any."""
        name = _PREFIX + part
        return {"$ref": _DEFINITIONS + name} if name in self.definitions else None

    def schema(self, part: str) -> Schema | None:
        """Return the schema of a part with all definitions, if there is one."""
        reference = self.reference(part)
        return reference and reference | {"definitions": dict(self.definitions)}


def load(text: str) -> Schema:
    """Return an extension schema from JSON, without checking that it is valid draft-07."""
    schema = _from_text(text)
    definitions = schema.get("definitions") if isinstance(schema, dict) else None
    if not isinstance(definitions, dict) or not definitions.keys() & PARTS.keys():
        raise ManifestError('it needs "manifest" or "pack" in "definitions"')
    if str(schema.get("$schema", DRAFT)).rstrip("#") != DRAFT:
        raise ManifestError(f"its $schema is not draft-07; write {DRAFT}#")
    for name in schema.keys() - _ROOT_KEYWORDS:
        raise ManifestError(f"/{name} has no effect; move it to /definitions/manifest")
    for name in definitions.keys() & PARTS.keys():
        if not isinstance(definitions[name], dict):
            raise ManifestError(f"/definitions/{name} must be an object")
    return schema  # type: ignore[no-any-return]


def _from_text(text: str) -> Any:
    if len(text) > SIZE_LIMIT:
        raise ManifestError(f"it is larger than {SIZE_LIMIT // 1024} KiB")
    try:
        schema = parse_json(text)
        json.dumps(schema, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ManifestError("it contains an unpaired surrogate; remove it") from None
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"it is not JSON: {error}") from None
    return schema


def parse(schema: Schema) -> Extensions:
    """Return the extension schema of a valid draft-07 schema, if it is only about ``x-`` keys."""
    definitions = schema["definitions"]
    for name in definitions.keys() & PARTS.keys():
        _require_prefixes(("definitions", name), definitions[name])
    renamed = {
        f"{_PREFIX}{name}": _close_part(name, _rewrite_schema(part, ("definitions", name)))
        for name, part in definitions.items()
    }
    for key, value in keywords({"definitions": renamed}):
        if key == "$ref":
            _require_target(renamed, value)
    return Extensions(renamed)


def _require_prefixes(path: Path, part: Schema) -> None:
    """Raise ManifestError if a part of the schema is about keys that are not extension keys."""
    for keyword, prefix in _REQUIRED_PREFIXES.items():
        for name in part.get(keyword, ()):
            if not name.startswith(prefix):
                place = pointer((*path, keyword))
                raise ManifestError(f"{place}: {name!r} does not begin with {prefix}")
    if part.get("additionalProperties", True) not in (True, False):
        place = pointer((*path, "additionalProperties"))
        raise ManifestError(f"{place} must be true or false")


def _rewrite_schema(schema: Any, path: Path) -> Any:
    """Return a schema with the references that its definitions have in the exported schema."""
    if len(path) > _DEPTH_LIMIT:
        raise ManifestError("it is nested too deeply")
    if isinstance(schema, list):
        return [_rewrite_schema(part, (*path, at)) for at, part in enumerate(schema)]
    if isinstance(schema, dict):
        return {key: _rewrite_keyword(key, value, (*path, key)) for key, value in schema.items()}
    return schema


def _rewrite_keyword(key: str, value: Any, path: Path) -> Any:
    if key in DATA:
        return value
    if key in BY_NAME and isinstance(value, dict):
        return {name: _rewrite_schema(part, (*path, name)) for name, part in value.items()}
    if key == "$id":
        raise ManifestError(f"{pointer(path)} changes the base of references; remove it")
    if key == "$ref" and isinstance(value, str):
        if not value.startswith(_DEFINITIONS):
            place = pointer(path)
            raise ManifestError(f"{place}: {value!r} is outside {_DEFINITIONS}; use a definition")
        return value.replace(_DEFINITIONS, _DEFINITIONS + _PREFIX, 1)
    return _rewrite_schema(value, path)


def keywords(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield each keyword with its value, from a schema or a list, inner schemas included."""
    if isinstance(schema, list):
        for part in schema:
            yield from keywords(part)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            yield key, value
            if key in BY_NAME and isinstance(value, dict):
                yield from keywords([*value.values()])
            elif key not in DATA:
                yield from keywords(value)


def _require_target(definitions: Schema, reference: str) -> None:
    """Raise ManifestError unless a reference, a JSON Pointer in a URI, points to a schema."""
    path = problems.pointer_steps(unquote(reference.removeprefix("#")))
    target = reduce(_child, path, {"definitions": definitions})
    is_data = any(step in DATA and before not in BY_NAME for before, step in pairwise(path))
    if is_data or not isinstance(target, (dict, bool)):
        written = reference.replace(_DEFINITIONS + _PREFIX, _DEFINITIONS, 1)
        raise ManifestError(f"$ref {written!r} does not point to a schema; correct it")


def _child(parent: Any, step: str) -> Any:
    if isinstance(parent, list) and step.isdecimal():
        return parent[int(step)] if int(step) < len(parent) else None
    return parent.get(step) if isinstance(parent, dict) else None


def _close_part(name: str, part: Any) -> Any:
    """Return a part in which ``additionalProperties: false`` applies to extension keys only."""
    if name not in PARTS or part.get("additionalProperties") is not False:
        return part
    known = [*PARTS[name], *part.get("properties", {})]
    patterns = [{"pattern": pattern} for pattern in part.get("patternProperties", {})]
    names = {"propertyNames": {"anyOf": [{"enum": known}, *patterns]}}
    rest = {key: value for key, value in part.items() if key != "additionalProperties"}
    return {**rest, "allOf": [*rest.get("allOf", []), names]}
