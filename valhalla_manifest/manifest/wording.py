"""Changes and values in words, for reports and commit messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.document.scalars import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from valhalla_manifest.versioning.diff import Change


def describe_change(found: Change) -> str:
    """Return one change in words, such as "pack N: status pending → installed"."""
    pack = f"pack {found.item.id}" if found.item else ""
    if found.field is None:
        added = found.before is None
        item = found.after if added else found.before
        name = escape_for_display(item.get("name", ""))
        state = f", {item['status']}" if added and "status" in item else ""
        return f"{pack} {'added' if added else 'removed'}: {name}{state}"
    where = f"{pack}: {found.field}" if pack else found.field
    if found.before is None:
        return f"{where} set: {describe_value(found.after)}"
    if found.after is None:
        return f"{where} cleared: {describe_value(found.before)}"
    return f"{where} {describe_value(found.before)} → {describe_value(found.after)}"


def describe_value(found: Any) -> str:
    """Return a value in words, short enough for one line."""
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, list) and not any(isinstance(item, (list, dict)) for item in found):
        return ", ".join(map(describe_value, found)) or "none"
    if isinstance(found, (list, dict)):
        return escape_for_display(json.dumps(found, ensure_ascii=False))
    # Without quotes, a string such as "1.0" would look like another type.
    if isinstance(found, str) and not isinstance(resolve(found), str):
        return f'"{found}"'
    return escape_for_display(found)


def commit_message(changes: list[Change], data: dict[str, Any]) -> str:
    """Return a commit message: the main change as the subject, all changes in the body."""
    lines = list(map(describe_change, changes))
    subject = _subject(changes, data)
    return f"manifest: {subject}\n" + ("\n" + "\n".join(lines) + "\n" if len(lines) > 1 else "")


# The subject of a commit that changes one of these keys, the most important key first.
_HEADLINES: dict[str, Callable[[dict[str, Any]], str]] = {
    "schema_version": lambda data: f"first, {data['version']}",
    "backend_complete": lambda data: (
        f"{'complete' if data['backend_complete'] else 'not complete'} {data['version']}"
    ),
    "version": lambda data: f"version {data['version']}",
}


def _subject(changes: list[Change], data: dict[str, Any]) -> str:
    fields = [str(found.field) for found in changes if found.item is None]
    headline = next((text for field, text in _HEADLINES.items() if field in fields), None)
    if headline:
        return headline(data)
    if len(changes) == 1 and not fields:
        return describe_change(changes[0])
    packs = dict.fromkeys(f"pack {found.item.id}" for found in changes if found.item)
    return _abbreviate([*fields, *packs]) or "layout"


def _abbreviate(names: list[str]) -> str:
    return ", ".join(names[:4]) + (" …" if names[4:] else "")
