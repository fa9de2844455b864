"""A first manifest: an empty one to fill in, or the state of a running system moved over."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from valhalla_manifest.document.edit import Add, Edit, Replace, apply
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.document.source import BYTE_ORDER_MARK
from valhalla_manifest.manifest import compiled, formats
from valhalla_manifest.manifest.formats import OWN
from valhalla_manifest.manifest.operations import FIRST_NOTES

MODELINE = "# yaml-language-server: $schema="  # by which editors find the schema
_FORMAT = "schema_version: 1\npacks: []\n"
_TOP = ("name", "version", "backend_complete", "completed_at", "notes", "summary")
_SHAPE = "it must have the shape of GET /system/status/"


def first(name: str) -> str:
    """Return the text of a first manifest: version 1.0.0, not complete, without packs."""
    values = first_values(name)
    return _written({key: values[key] for key in _TOP}, [])


def first_values(name: str) -> dict[str, Any]:
    """Return the values of a first manifest."""
    return {
        "schema_version": 1,
        "name": name,
        "version": "1.0.0",
        "backend_complete": False,
        "completed_at": None,
        "notes": FIRST_NOTES,
        "summary": f"What {name} does, in one paragraph.",
        "packs": [],
    }


def with_modeline(text: str, schema: str) -> str:
    """Return a text whose first line names its schema, unless a line does already."""
    if MODELINE in text:
        return text
    bom = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    newline = "\r\n" if "\r\n" in text else "\n"
    return f"{bom}{MODELINE}{schema}{newline}{text.removeprefix(bom)}"


def is_status(document: Any) -> bool:
    """Return whether JSON is what the origin's status endpoint gives, and no manifest."""
    return isinstance(document, dict) and isinstance(document.get("extra"), dict)


def from_status(document: str) -> str:
    """Return the text of a manifest that gives the origin's status document back.

    A key that the format does not know, of a pack or of ``extra``, is kept with ``x-`` before it.

    Raises:
        ManifestError: the document is not JSON, or not of the shape of ``GET /system/status/``.
    """
    try:
        status = json.loads(document)
    except ValueError as error:
        raise ManifestError(f"not JSON: {error}") from None
    if not isinstance(status, dict) or not isinstance(status.get("packs"), list):
        raise ManifestError(f"there is no list of packs; {_SHAPE}")
    extra = status.get("extra") or {}
    if not isinstance(extra, dict) or not all(isinstance(pack, dict) for pack in status["packs"]):
        raise ManifestError(f"a pack, or extra, is not an object; {_SHAPE}")
    top = {
        "name": extra.get("name"),
        "version": status.get("version"),
        "backend_complete": status.get("backend_complete"),
        "completed_at": _time(extra.get("completed_at")),
        "notes": extra.get("notes"),
        "summary": status.get("summary"),
    }
    rest = {key: value for key, value in extra.items() if key not in {*_TOP, "updated_at"}}
    known = {key: value for key, value in top.items() if value is not None or key in status}
    packs = [_extended(pack, compiled.FIELDS["packs"]) for pack in status["packs"]]
    return _written({**known, **_extended(rest, {})}, packs)


def _extended(values: dict[str, Any], known: Any) -> dict[str, Any]:
    """Return values without nulls, unknown keys with ``x-`` before them."""
    return {
        key if key in known or key.startswith(OWN) else OWN + key: value
        for key, value in values.items()
        if value is not None
    }


def _time(value: Any) -> str | None:
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        raise ManifestError(f"completed_at is {value!r}, not a time") from None
    return formats.format_time(time if time.tzinfo else time.replace(tzinfo=UTC))


def _written(top: dict[str, Any], packs: list[dict[str, Any]]) -> str:
    edits: list[Edit] = [Replace((key,), value) for key, value in top.items()]
    edits += [Add(("packs",), index, pack) for index, pack in enumerate(packs)]
    return apply(_FORMAT, edits, compiled.FIELDS)
