"""Which revisions of a history are asked for, and when enough of it was read to tell."""

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
    """Which entries are asked for: of one pack, since a date, at most so many.

    Without ``everything``, only those that changed the meaning, or are not valid.
    """

    pack: str | None = None
    since: str | None = None
    limit: int | None = None
    everything: bool = False

    @property
    def enough(self) -> StopCondition | None:
        """What tells that no older revision can be among them; None where each may be."""
        return None if self.since is None and self.limit is None else self._are_in

    def _are_in(self, found: ManifestHistory) -> bool:
        earliest = _earliest(found, self)
        try:
            chosen = _selected(found, self, earliest)
        except ManifestError:  # there is no such pack so far
            return False
        if self.limit is not None and len(chosen) == self.limit:
            return True
        return self.since is not None and all(
            _seconds(commit.date) < earliest for commit in found.older
        )


EVERYTHING = HistoryFilter()


def select(found: ManifestHistory, wanted: HistoryFilter = EVERYTHING) -> list[ManifestRevision]:
    """Return the entries that are asked for.

    Raises:
        ManifestError: there never was such a pack, or the date is none.
    """
    return _selected(found, wanted, _earliest(found, wanted))


def _earliest(found: ManifestHistory, wanted: HistoryFilter) -> int:
    return git.parse_date(found.place, wanted.since) if wanted.since is not None else 0


def _selected(
    found: ManifestHistory, wanted: HistoryFilter, earliest: int
) -> list[ManifestRevision]:
    pack = wanted.pack
    entries = _of_pack(found.entries, pack) if pack else found.entries
    chosen = (entry for entry in entries if _seconds(entry.commit.date) >= earliest)
    shown = (
        entry
        for entry in chosen
        if entry.event.changes
        or (entry.changed_text and not pack and (wanted.everything or entry.event.problem))
    )
    return list(islice(shown, wanted.limit))


def _of_pack(entries: list[ManifestRevision], pack: str) -> list[ManifestRevision]:
    changed = (change.item for entry in entries for change in entry.event.changes)
    spellings = dict.fromkeys(item.id for item in changed if item)
    lookup.require(pack, ((name, name) for name in spellings))
    same = {name for name in spellings if lookup.is_same(name, pack)}
    return [entry._replace(event=_only(entry.event, same)) for entry in entries]


def _only(event: RevisionChanges, ids: set[str]) -> RevisionChanges:
    return RevisionChanges(
        event.id, [each for each in event.changes if each.item and each.item.id in ids]
    )


def _seconds(date: str) -> int:
    return int(datetime.fromisoformat(date).timestamp())
