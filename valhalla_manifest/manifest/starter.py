"""The text of a first manifest, and the comment that tells an editor where its schema is."""

from __future__ import annotations

import re
from typing import Any

from valhalla_manifest.document.edit import Add, Edit, Replace, apply
from valhalla_manifest.document.source import BYTE_ORDER_MARK
from valhalla_manifest.manifest import compiled
from valhalla_manifest.manifest.operations import FIRST_NOTES

MODELINE = "# yaml-language-server: $schema="
_SCHEMA = re.compile(rf"^({re.escape(MODELINE)})[^\r\n]*", re.MULTILINE)
_EMPTY = "schema_version: 1\npacks: []\n"


def first_values(name: str) -> dict[str, Any]:
    """Return the values of a first manifest: version 1.0.0, not complete, without packs."""
    return {
        "schema_version": 1,
        "name": name,
        "version": "1.0.0",
        "backend_complete": False,
        "completed_at": None,
        "notes": FIRST_NOTES,
        "summary": f"Describe {name} in one paragraph.",
        "packs": [],
    }


def write_manifest(values: dict[str, Any]) -> str:
    """Return the text of a manifest with these values, one key or item per line."""
    edits: list[Edit] = [Replace((key,), values[key]) for key in values if key != "packs"]
    edits += [Add(("packs",), index, pack) for index, pack in enumerate(values["packs"])]
    return apply(_EMPTY, edits, compiled.FIELDS)


def names_schema(text: str) -> bool:
    """Return whether a comment names the schema for editors."""
    return _SCHEMA.search(text) is not None


def with_modeline(text: str, schema: str) -> str:
    """Return the text with a comment that names its schema: the existing one or a first line."""
    if names_schema(text):
        return _SCHEMA.sub(lambda line: line[1] + schema, text, count=1)
    bom = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    newline = "\r\n" if "\r\n" in text else "\n"
    return f"{bom}{MODELINE}{schema}{newline}{text.removeprefix(bom)}"
