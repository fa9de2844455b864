"""A first manifest: an empty one to fill in, or the state of a running system moved over."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from valhalla_manifest.document.edit import Add, Edit, Replace, apply
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.document.source import BYTE_ORDER_MARK
from valhalla_manifest.manifest import compiled, formats
from valhalla_manifest.manifest.formats import EXTENSION_PREFIX
from valhalla_manifest.manifest.operations import FIRST_NOTES

MODELINE = "# yaml-language-server: $schema="  # by which editors find the schema
_SCHEMA = re.compile(rf"^({re.escape(MODELINE)})[^\r\n]*", re.MULTILINE)
_FORMAT = "schema_version: 1\npacks: []\n"
_TOP = ("name", "version", "backend_complete", "completed_at", "notes", "summary")
# Where the origin's status has what a manifest has at its top.
_OF_STATUS = ("version", "backend_complete", "summary")
_OF_EXTRA = ("name", "completed_at", "notes")
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


def names_schema(text: str) -> bool:
    """Return whether a comment of a text names its schema for editors."""
    return _SCHEMA.search(text) is not None


def with_modeline(text: str, schema: str) -> str:
    """Return a text with a line that names its schema, the first unless there is one already."""
    if names_schema(text):
        return _SCHEMA.sub(lambda line: line[1] + schema, text, count=1)
    bom = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    newline = "\r\n" if "\r\n" in text else "\n"
    return f"{bom}{MODELINE}{schema}{newline}{text.removeprefix(bom)}"


def is_legacy_status(document: Any) -> bool:
    """Return whether JSON is what the origin's status endpoint gives, and no manifest."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("extra"), dict)
        and isinstance(document.get("packs"), list)
    )


def from_legacy_status(status: dict[str, Any]) -> tuple[str, list[str]]:
    """Return the text of a manifest that gives the origin's status back, and what was done to it.

    A key that the format does not know, of the top, of ``extra`` or of a pack, is kept with ``x-``
    before it.

    Raises:
        ManifestError: it is not of the shape of ``GET /system/status/``.
    """
    packs, extra = status["packs"], status["extra"]
    if not all(isinstance(pack, dict) for pack in packs):
        raise ManifestError(f"a pack is not an object; {_SHAPE}")
    top = {key: status[key] for key in _OF_STATUS if key in status}
    top |= {key: extra[key] for key in _OF_EXTRA if extra.get(key) is not None}
    if "completed_at" in top:
        top["completed_at"] = _time(top["completed_at"])
    unknown = [
        {key: value for key, value in part.items() if key not in known}
        for part, known in (
            (status, {*_OF_STATUS, "packs", "extra"}),
            (extra, {*_OF_EXTRA, "updated_at"}),
        )
    ]
    for key in unknown[0].keys() & unknown[1].keys():
        raise ManifestError(f"{key} stands at the top and in extra; rename one of them first")
    rest = _extended(unknown[0] | unknown[1], {})
    known = compiled.FIELDS["packs"]
    notes = [f"{key.removeprefix(EXTENSION_PREFIX)} is kept as {key}" for key in rest]
    notes += [
        f"{key} of pack {pack.get('id')} is kept as {EXTENSION_PREFIX}{key}"
        for pack in packs
        for key in pack
        if key not in known and not key.startswith(EXTENSION_PREFIX)
    ]
    return _written(top | rest, [_extended(pack, known) for pack in packs]), notes


def _extended(values: dict[str, Any], known: Any) -> dict[str, Any]:
    """Return values without nulls, unknown keys with ``x-`` before them."""
    for key in values:
        if key not in known and EXTENSION_PREFIX + key in values:
            raise ManifestError(
                f"there are both {key} and {EXTENSION_PREFIX}{key}; rename one of them first"
            )
    return {
        key if key in known or key.startswith(EXTENSION_PREFIX) else EXTENSION_PREFIX + key: value
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
