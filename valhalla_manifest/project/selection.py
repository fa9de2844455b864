"""A filter for the revisions of a history, which can also end the reading early."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest import lookup
from valhalla_manifest.versioning.provenance import RevisionChanges

if TYPE_CHECKING:
    from valhalla_manifest.project.history import ManifestHistory, ManifestRevision, StopCondition


class HistoryFilter(NamedTuple):
    """Selects the revisions that changed one pack, since a date, up to a given number.

    Revisions that changed neither a field nor the validity need ``with_text_changes``.
    """

    pack: str | None = None
    since: str | None = None
    limit: int | None = None
    with_text_changes: bool = False

    @property
    def enough(self) -> StopCondition | None:
        """Return the function that ends the search early, or None to read all revisions."""
        return None if self.since is None and self.limit is None else self._is_enough

    def _is_enough(self, history: ManifestHistory) -> bool:
        try:
            selected = select(history, self)
        except ManifestError:  # The pack does not occur in the revisions read so far.
            return False
        if self.limit is not None and len(selected) == self.limit:
            return True
        earliest = _earliest(history, self)
        return self.since is not None and all(
            _seconds(commit.date) < earliest for commit in history.older
        )


EVERYTHING = HistoryFilter()


def select(history: ManifestHistory, by: HistoryFilter = EVERYTHING) -> list[ManifestRevision]:
    """Return the revisions that a filter selects."""
    earliest = _earliest(history, by)
    entries = _of_pack(history.entries, by.pack) if by.pack else history.entries
    selected = (
        entry
        for entry in entries
        if _seconds(entry.commit.date) >= earliest
        if entry.event.changes
        or (entry.changed_text and not by.pack and (by.with_text_changes or entry.event.problem))
    )
    return list(islice(selected, by.limit))


def _earliest(history: ManifestHistory, by: HistoryFilter) -> int:
    return git.parse_date(history.place, by.since) if by.since is not None else 0


def _of_pack(entries: list[ManifestRevision], pack: str) -> list[ManifestRevision]:
    """Return the entries with the changes of one pack only, under all spellings of its id."""
    changed = (change.item for entry in entries for change in entry.event.changes)
    spellings = dict.fromkeys(item.id for item in changed if item)
    lookup.require(pack, ((name, name) for name in spellings))
    same = {name for name in spellings if lookup.is_same(name, pack)}
    return [entry._replace(event=_only(entry.event, same)) for entry in entries]


def _only(event: RevisionChanges, ids: set[str]) -> RevisionChanges:
    changes = [change for change in event.changes if change.item and change.item.id in ids]
    return RevisionChanges(event.id, changes)


def _seconds(date: str) -> int:
    return int(datetime.fromisoformat(date).timestamp())
