"""The models as a JSON Schema in draft-07, which every editor with YAML support can read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from valhalla_manifest.manifest.model import Manifest
from valhalla_manifest.manifest.statuses import LEAVING

if TYPE_CHECKING:
    from valhalla_manifest.manifest.extensions import Extensions

DRAFT = "http://json-schema.org/draft-07/schema#"
_EXTENSION_KEY = "An extension key: kept, not interpreted."

# The models check these conditions between two keys in code.
_COMPLETION = {
    "if": {"properties": {"backend_complete": {"const": True}}, "required": ["backend_complete"]},
    "then": {"properties": {"completed_at": {"type": "string"}}, "required": ["completed_at"]},
    "else": {"properties": {"completed_at": {"type": "null"}}},
}
_REPLACEMENT = {
    "if": {"required": ["replaced_by"]},
    "then": {"properties": {"status": {"enum": list(LEAVING)}}},
}
_CONDITIONS = {"Manifest": _COMPLETION, "Pack": _REPLACEMENT}


def exported(extensions: Extensions | None = None) -> str:
    """Return the content of the schema file."""
    return json.dumps(json_schema(extensions), indent=2, ensure_ascii=False) + "\n"


def json_schema(extensions: Extensions | None = None) -> dict[str, Any]:
    """Return the JSON Schema of a manifest, with the extension schema of a project if given."""
    schema = Manifest.model_json_schema(ref_template="#/definitions/{model}")
    definitions = {name: _draft_07(part) for name, part in schema.pop("$defs").items()}
    whole = {
        "$schema": DRAFT,
        "$comment": "Written by `valhalla-manifest schema export` from the models.",
        **_draft_07(schema),
        "definitions": definitions,
    }
    if extensions:
        definitions |= extensions.definitions
        for part, owner in (("manifest", whole), ("pack", definitions["Pack"])):
            reference = extensions.reference(part)
            owner.update({"allOf": [reference]} if reference else {})
    return whole


def _draft_07(schema: Any) -> Any:
    """Return a part of a schema in draft-07, without keywords that only Python needs."""
    if isinstance(schema, list):
        return [_draft_07(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    part = {key: _draft_07(value) for key, value in schema.items() if key != "default"}
    if "properties" in part:
        for value in part["properties"].values():
            value.pop("title", None)  # Pydantic derives it from the key
        part["patternProperties"] = {"^x-": {"description": _EXTENSION_KEY}}
        part["additionalProperties"] = False
        part |= _CONDITIONS[part["title"]]
    if "$ref" in part and len(part) > 1:  # draft-07 ignores all keywords next to $ref
        part["allOf"] = [{"$ref": part.pop("$ref")}]
    if isinstance(part.get("pattern"), str) and part["pattern"].endswith("$"):
        # In some dialects "$" also matches before a final line break.
        part["pattern"] += r"(?!\n)"
    return part
