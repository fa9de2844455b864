"""Follows data through its revisions: the changes of each, and the last revision to set a field.

Nothing here runs Git or knows what a manifest is. The snapshot of a revision records which
revision set each field. With it, the changes of a merge itself differ from those that the merge
brings in, and the last snapshot answers ``blame``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.versioning.diff import Change, Data, Item, Key, apply_changes, changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Item (None for the top level) → field (None for the item as a whole) → the revision that set it.
Origin = dict[Item | None, dict[str | None, str]]


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision to follow: its data (empty if there is no file), or why the data is not valid."""

    id: str
    parents: tuple[str, ...]
    data: Data
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class RevisionChanges:
    """The changes that a revision made to the data; an invalid revision has none."""

    id: str
    changes: list[Change] = field(default_factory=list)
    problem: str | None = None


class Snapshot(NamedTuple):
    """The data at a revision, and the revision that set each field."""

    data: Data
    origin: Origin

    def set_by(self, key: Key) -> str | None:
        """Return the revision that set a field, or that removed the field with its item."""
        item, name = key
        return self.origin.get(item, {}).get(name)

    def after(self, revision: Revision, keyed: Mapping[str, str]) -> Snapshot:
        """Return the snapshot at the next revision, which must be valid."""
        found = changes(self.data, revision.data, keyed)
        return Snapshot(revision.data, _update_origins(self.origin, found, revision.id))


class _Side(NamedTuple):
    """A parent of a merge: its snapshot, and a bit for each revision that led to it."""

    snapshot: Snapshot
    seen: int


@dataclass(slots=True)
class History:
    """The snapshots of a file, taken while its revisions are followed from the oldest on."""

    keyed: Mapping[str, str]
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)
    _position: dict[str, int] = field(default_factory=dict)

    def follow(self, revisions: Sequence[Revision]) -> list[RevisionChanges]:
        """Return the changes of each revision; parents must come before their children."""
        unseen_children = Counter(parent for revision in revisions for parent in revision.parents)
        results = []
        for revision in revisions:
            results.append(self._follow_one(revision))
            # The set of ancestors grows with the history, so drop it after the last child.
            unseen_children.subtract(revision.parents)
            for parent in revision.parents:
                if not unseen_children[parent]:
                    self._seen.pop(parent, None)
        return results

    def _follow_one(self, revision: Revision) -> RevisionChanges:
        data = None if revision.problem else revision.data
        position = self._position[revision.id] = len(self._position)
        before, seen = self._starting_point(revision, data)
        self._seen[revision.id] = seen | 1 << position
        # Compare the next valid revision with the last valid one, across invalid revisions.
        if data is None:
            self.snapshots[revision.id] = before
            return RevisionChanges(revision.id, problem=revision.problem)
        found = changes(before.data, data, self.keyed)
        self.snapshots[revision.id] = Snapshot(
            data, _update_origins(before.origin, found, revision.id)
        )
        return RevisionChanges(revision.id, found)

    def _starting_point(self, revision: Revision, wanted: Data | None) -> _Side:
        """Return the data that a revision changed: for a merge, its parents combined."""
        known = [parent for parent in revision.parents if parent in self.snapshots]
        sides = [_Side(self.snapshots[parent], self._seen[parent]) for parent in known]
        ours = sides[0] if sides else _Side(Snapshot({}, {}), 0)
        for theirs in sides[1:]:
            ours = _Side(self._combine(ours, theirs, wanted), ours.seen | theirs.seen)
        return ours

    def _combine(self, ours: _Side, theirs: _Side, wanted: Data | None) -> Snapshot:
        """Combine two snapshots into one with the newer value of each field.

        If both sides set a field, the merge decides the value.
        """
        differing = changes(ours.snapshot.data, theirs.snapshot.data, self.keyed)
        if not differing:
            return ours.snapshot
        made = changes(ours.snapshot.data, wanted, self.keyed) if wanted is not None else []
        chosen = {change.key: change for change in made}
        newer = [
            change
            for change in differing
            if self._is_theirs_newer(
                change, ours, theirs, is_chosen=chosen.get(change.key) == change
            )
        ]
        return _apply_with_origins(ours.snapshot, newer, theirs.snapshot, self.keyed)

    def _is_theirs_newer(
        self, change: Change, ours: _Side, theirs: _Side, *, is_chosen: bool
    ) -> bool:
        """Return whether to use their value: it is newer than ours, or the merge kept it."""
        they_know_ours = self._is_known(ours.snapshot, change, theirs.seen)
        we_know_theirs = self._is_known(theirs.snapshot, change, ours.seen)
        return is_chosen if they_know_ours == we_know_theirs else they_know_ours

    def _is_known(self, snapshot: Snapshot, change: Change, seen: int) -> bool:
        """Return whether the revisions seen include those that set a field, or a whole item."""
        fields = snapshot.origin.get(change.item, {})
        revisions = fields.values() if change.field is None else [fields.get(change.field)]
        return all(each is None or seen >> self._position[each] & 1 for each in revisions)


def _update_origins(origin: Origin, found: list[Change], revision: str) -> Origin:
    """Return the origins after some changes; they share the unchanged items with the old ones."""
    if not found:
        return origin
    result = dict(origin)
    copied: set[Item | None] = set()
    for change in found:
        if change.item not in copied:
            result[change.item] = dict(result.get(change.item, {}))
            copied.add(change.item)
        fields = result[change.item]
        if change.field is not None:
            fields[change.field] = revision
        else:
            names = set(fields) | set(change.after or change.before)
            result[change.item] = dict.fromkeys((None, *names), revision)
    return result


def _apply_with_origins(
    snapshot: Snapshot, found: list[Change], other: Snapshot, keyed: Mapping[str, str]
) -> Snapshot:
    """Return a snapshot after some changes of another one, with their origins."""
    data = apply_changes(snapshot.data, found, keyed)
    origin = {item: dict(fields) for item, fields in snapshot.origin.items()}
    for change in found:
        fields = origin.setdefault(change.item, {})
        theirs = other.origin.get(change.item, {})
        if change.field is None:
            origin[change.item] = dict(theirs)
        elif change.field in theirs:
            fields[change.field] = theirs[change.field]
    return Snapshot(data, origin)
