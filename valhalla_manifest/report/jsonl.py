"""State and history as JSON Lines: rows of one schema, for an engine that has many such files."""

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
    """One row. What a kind of row does not have is null; only before and after differ in type."""

    kind: str  # change, problem (a revision that is not valid), or state (what there is in the end)
    repository: str
    path: str
    sequence: int  # the place of the revision among the rows' revisions, from 1, the oldest first
    commit: str | None
    author: str | None
    time: str | None  # RFC 3339, UTC, so that it sorts as text
    subject: str | None
    version: str | None  # the backend's, as of the revision
    pack: str | None
    field: str | None
    before: Any
    after: Any
    problem: str | None


def lines(repository: str, found: ManifestHistory) -> Iterator[str]:
    """Yield the changes of each revision, the oldest first, and then the state.

    A change is as in every other report. A state is what made it from nothing: of the top and of
    each pack, the whole of it is ``after``.
    """
    for row in _rows(repository, found):
        # All in ASCII: no reader takes a character of a text for the end of the line.
        yield json.dumps(row._asdict(), separators=(",", ":")) + "\n"


def _rows(repository: str, found: ManifestHistory) -> Iterator[Row]:
    entries = selection.select(found)[::-1]
    about = (_unicode(repository), _unicode(found.place.path))
    for sequence, entry in enumerate(entries, 1):
        version = found.states[entry.commit.id].data.get("version")
        revision = (*about, sequence, *_origin(entry.commit), version)
        if problem := entry.event.problem:
            yield Row("problem", *revision, None, None, None, None, problem)
        for change in entry.event.changes:
            pack = change.item and change.item.id
            yield Row("change", *revision, pack, change.field, change.before, change.after, None)
    yield from _state((*about, len(entries)), found)


def _state(about: tuple[str, str, int], found: ManifestHistory) -> Iterator[Row]:
    """Yield a row for the top, also where the file is gone, and one for each pack."""
    data = found.state.data
    newest = next((entry for entry in found.entries if entry.commit.id == found.tip), None)
    problem = newest and newest.event.problem
    revision = (*about, *_origin(found.commits.get(found.tip)), data.get("version"))
    top = {name: value for name, value in data.items() if name not in KEYED}
    yield Row("state", *revision, None, None, None, top or None, problem)
    for item, fields in items(data, KEYED).items():
        yield Row("state", *revision, item.id, None, None, fields, problem)


def _origin(commit: Commit | None) -> tuple[str | None, str | None, str | None, str | None]:
    """Return the commit, its author, time and subject; a shallow clone may lack them."""
    if commit is None:
        return None, None, None, None
    time = format_time(datetime.fromisoformat(commit.date))
    return commit.id, commit.author, time, commit.subject


def _unicode(path: str) -> str:
    """Return a path with a question mark for each byte that is no text: JSON has only text."""
    return path.encode(errors="replace").decode()
