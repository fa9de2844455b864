"""State and history as JSON Lines: rows with one schema, to load many manifests as a table."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.manifest.compiled import KEYED
from valhalla_manifest.manifest.formats import format_time
from valhalla_manifest.project import selection
from valhalla_manifest.versioning.diff import items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.git import Commit
    from valhalla_manifest.project.history import ManifestHistory


class Row(NamedTuple):
    """One row; unused columns are null, and only ``before`` and ``after`` vary in type."""

    kind: str  # change, problem (of an invalid revision), or state (the newest revision)
    repository: str
    path: str
    sequence: int  # the number of the revision in this file; the oldest is 1
    commit: str | None
    author: str | None
    time: str | None  # RFC 3339 in UTC, which sorts as a string
    subject: str | None
    version: str | None  # of the backend, in this revision
    pack: str | None
    field: str | None
    before: Any
    after: Any
    problem: str | None


def lines(repository: str, found: ManifestHistory) -> Iterator[str]:
    """Yield the changes of each revision, oldest first, and then the newest state.

    The state has a row for the top-level keys and one for each pack, with all values in ``after``.
    """
    for row in _rows(repository, found):
        # ASCII, so that no parser treats a character of a string as a line break.
        yield json.dumps(row._asdict(), separators=(",", ":")) + "\n"


def _rows(repository: str, found: ManifestHistory) -> Iterator[Row]:
    entries = selection.select(found)[::-1]
    source = (_replace_bytes(repository), _replace_bytes(found.place.path))
    for sequence, entry in enumerate(entries, 1):
        version = found.states[entry.commit.id].data.get("version")
        revision = (*source, sequence, *_origin(entry.commit), version)
        if problem := entry.event.problem:
            yield Row("problem", *revision, None, None, None, None, problem)
        for change in entry.event.changes:
            pack = change.item and change.item.id
            yield Row("change", *revision, pack, change.field, change.before, change.after, None)
    yield from _state((*source, len(entries)), found)


def _state(source: tuple[str, str, int], found: ManifestHistory) -> Iterator[Row]:
    """Yield a row for the top-level keys, even if the file was removed, and one for each pack."""
    data = found.state.data
    newest = next((entry for entry in found.entries if entry.commit.id == found.tip), None)
    problem = newest and newest.event.problem
    revision = (*source, *_origin(found.commits.get(found.tip)), data.get("version"))
    top = {name: value for name, value in data.items() if name not in KEYED}
    yield Row("state", *revision, None, None, None, top or None, problem)
    for item, fields in items(data, KEYED).items():
        yield Row("state", *revision, item.id, None, None, fields, problem)


def _origin(commit: Commit | None) -> tuple[str | None, str | None, str | None, str | None]:
    """Return the commit, its author, time and subject, or None if a shallow clone lacks it."""
    if commit is None:
        return None, None, None, None
    time = format_time(datetime.fromisoformat(commit.date))
    return commit.id, commit.author, time, commit.subject


def _replace_bytes(path: str) -> str:
    """Return a path with ? for each byte that is not UTF-8, which JSON cannot contain."""
    return path.encode(errors="replace").decode()
