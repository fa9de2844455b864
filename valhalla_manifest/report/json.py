"""All JSON documents, for scripts and for the HTTP endpoints."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from valhalla_manifest.manifest import formats
from valhalla_manifest.manifest.compiled import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from valhalla_manifest.document.problems import Problem
    from valhalla_manifest.git import Commit
    from valhalla_manifest.manifest.gates import ConditionResult
    from valhalla_manifest.manifest.views import ManifestView, PackView
    from valhalla_manifest.project.blame import Line
    from valhalla_manifest.project.doctor import CheckResult
    from valhalla_manifest.project.history import ManifestHistory, ManifestRevision
    from valhalla_manifest.project.last_change import ManifestState
    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.validation.rules.base import AnyRule
    from valhalla_manifest.versioning.diff import Change

Json = dict[str, Any]


def pack(found: PackView) -> Json:
    """Return one pack, without the keys that are not set, except for the category."""
    return {key: found.fields[key] for key in ("id", "name", "status", "category")} | found.present


def status(manifest: ManifestView, updated_at: datetime | None) -> Json:
    """Return the state like ``GET /system/status/`` of the service that this tool replaces."""
    completed = manifest.completed_at and formats.parse_time(manifest.completed_at)
    return {
        "version": manifest.version,
        "backend_complete": manifest.backend_complete,
        "packs": list(map(pack, manifest.packs)),
        "summary": manifest.summary,
        "extra": {
            "notes": manifest.notes,
            "updated_at": updated_at.isoformat() if updated_at else None,
            "completed_at": completed.isoformat() if completed else None,
            **({"name": manifest.name} if manifest.name else {}),
            **manifest.extension_keys,
        },
    }


def state(found: ManifestState) -> Json:
    """Return one of several manifests: its path, and its status or its problem."""
    valid = {"path": found.name, "valid": found.record is not None}
    if found.record is None:
        return valid | {"problem": found.problem}
    return valid | status(found.record, found.updated_at)


def summary(manifest: ManifestView) -> Json:
    """Return the counts like ``GET /system/status/summary`` of that service."""
    counts = count(manifest.packs)
    return {
        "total_packs": len(manifest.packs),
        **{f"{name}_packs": counts[name] for name in STATUSES},
        "summary": manifest.summary,
        "version": manifest.version,
        "backend_complete": manifest.backend_complete,
    }


def packs(chosen: Iterable[PackView]) -> Json:
    """Return packs like ``GET /system/status/packs`` of that service."""
    listed = list(chosen)
    counts = count(listed)
    return {
        "packs": list(map(pack, listed)),
        "total": len(listed),
        **{name: counts[name] for name in STATUSES},
    }


def documents(manifest: ManifestView, updated_at: datetime | None) -> dict[str, bytes]:
    """Return the documents of all GET endpoints, by their path below ``/system/status/``."""
    by_path = {
        "": status(manifest, updated_at),
        "summary": summary(manifest),
        "packs": packs(manifest.packs),
        **{f"packs/{item.id}": pack(item) for item in manifest.packs},
    }
    return {path: compact(value) for path, value in by_path.items()}


def pretty(value: Any) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def compact(value: Any) -> bytes:
    """Return a value as JSON without spaces, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def count(listed: Iterable[PackView]) -> Counter[str]:
    """Return the number of packs of each status."""
    return Counter(pack.status for pack in listed)


def problem(found: Problem) -> Json:
    """Return one problem."""
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "pointer": found.pointer,
        "line": found.line,
        "column": found.column,
        "end_line": found.end_line,
        "end_column": found.end_column,
        "hint": found.hint,
    }


def change(found: Change) -> Json:
    """Return one change."""
    return {
        "pack": found.item and found.item.id,
        "field": found.field,
        "before": found.before,
        "after": found.after,
    }


def edit(changes: list[Change]) -> Json:
    """Return the output of an edit with ``--format json``, without the commit."""
    return {"changed": bool(changes), "changes": list(map(change, changes))}


def commit(short: str | None, before: list[Change]) -> Json:
    """Return the keys that ``--commit`` adds: the commit, and the earlier edits in it."""
    return {"commit": short, **({"before": list(map(change, before))} if before else {})}


def conditions(results: Iterable[ConditionResult]) -> Json:
    """Return the output of ``require --format json``."""
    listed = [
        {"condition": result.condition, "holds": result.holds, "reason": result.reason}
        for result in results
    ]
    return {"ok": all(each["holds"] for each in listed), "conditions": listed}


def health(found: list[CheckResult]) -> Json:
    """Return the output of ``doctor --format json``."""
    return {"ok": all(each.ok for each in found), "checks": [each._asdict() for each in found]}


def rule(found: AnyRule) -> Json:
    """Return one rule."""
    return {
        "code": found.code,
        "name": found.name,
        "severity": found.severity.value,
        "enabled": found.enabled,
        "adjustable": found.adjustable,
        "explanation": found.explanation,
    }


def validation(checked: Mapping[str, Checked], *, ok: bool) -> Json:
    """Return the output of ``validate --format json``: one object for all files."""
    return {
        "ok": ok,
        "files": [
            {"path": path, "problems": list(map(problem, found.problems))}
            | (
                {"change_checked": False, "reason": found.skipped_reason}
                if found.skipped_reason
                else {}
            )
            for path, found in checked.items()
        ],
    }


def history(found: ManifestHistory, chosen: Iterable[ManifestRevision]) -> Json:
    """Return the output of ``history --format json``, newest first."""
    return {
        "path": found.place.path,
        "truncated": found.truncated,
        "revisions": [
            {
                **_commit(entry.commit),
                "valid": entry.event.problem is None,
                **({"problem": entry.event.problem} if entry.event.problem else {}),
                "changes": list(map(change, entry.event.changes)),
            }
            for entry in chosen
        ],
    }


def _commit(commit: Commit | None) -> Json:
    return {
        "commit": commit and commit.id,
        "author": commit and commit.author,
        "date": commit and commit.date,
        "subject": commit and commit.subject,
    }


def diff(before: str, after: str, changes: Iterable[Change]) -> Json:
    """Return the output of ``diff --format json``."""
    return {"from": before, "to": after, "changes": list(map(change, changes))}


def blame(lines: Iterable[Line]) -> Json:
    """Return the output of ``blame --format json``."""
    return {
        "fields": [
            {"pack": line.item, "field": line.field, "value": line.value, **_commit(line.commit)}
            for line in lines
        ]
    }
