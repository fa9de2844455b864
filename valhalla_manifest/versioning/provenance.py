"""Revisions in, events out: what changed in each of them, and who changed what last.

Nothing here runs git or knows what a manifest is. A revision's state carries, for each field,
the revision that set it; so a merge can be told from the changes that it only brings in, and
the last state is the answer to "blame".
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
    """One revision: its data, or what is wrong with it. A file that is not there is empty."""

    id: str
    parents: tuple[str, ...]
    data: Data
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class RevisionChanges:
    """What one revision changed in the meaning; nothing, where it is not valid."""

    id: str
    changes: list[Change] = field(default_factory=list)
    problem: str | None = None


class Snapshot(NamedTuple):
    """The data as of a revision, and the revision that set each field."""

    data: Data
    origin: Origin

    def set_by(self, key: Key) -> str | None:
        """Return the revision that set a field, or removed it with its item."""
        item, name = key
        return self.origin.get(item, {}).get(name)

    def after(self, revision: Revision, keyed: Mapping[str, str]) -> Snapshot:
        """Return the state after a valid revision that follows this one."""
        found = changes(self.data, revision.data, keyed)
        return Snapshot(revision.data, _update_origins(self.origin, found, revision.id))


class _Side(NamedTuple):
    """What one parent gives to a merge: its state, and the revisions that led to it, as bits."""

    state: Snapshot
    seen: int


@dataclass(slots=True)
class History:
    """Follows the states of a file through its revisions, oldest first."""

    keyed: Mapping[str, str]
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)
    _place: dict[str, int] = field(default_factory=dict)

    def follow(self, revisions: Sequence[Revision]) -> list[RevisionChanges]:
        """Return what each revision of a history changed; parents come before their children."""
        waiting = Counter(parent for revision in revisions for parent in revision.parents)
        found = []
        for revision in revisions:
            found.append(self._follow_one(revision))
            # What led to a revision is as long as the history: it goes with the last child.
            waiting.subtract(revision.parents)
            for parent in revision.parents:
                if not waiting[parent]:
                    self._seen.pop(parent, None)
        return found

    def _follow_one(self, revision: Revision) -> RevisionChanges:
        data = None if revision.problem else revision.data
        place = self._place[revision.id] = len(self._place)
        state, seen = self._starting_point(revision, data)
        self._seen[revision.id] = seen | 1 << place
        # An invalid revision passes on what it was given: the next valid one is compared with that.
        if data is None:
            self.snapshots[revision.id] = state
            return RevisionChanges(revision.id, problem=revision.problem)
        found = changes(state.data, data, self.keyed)
        self.snapshots[revision.id] = Snapshot(
            data, _update_origins(state.origin, found, revision.id)
        )
        return RevisionChanges(revision.id, found)

    def _starting_point(self, revision: Revision, wanted: Data | None) -> _Side:
        """Return what a revision starts from: of a merge, what both sides give together."""
        known = [parent for parent in revision.parents if parent in self.snapshots]
        sides = [_Side(self.snapshots[parent], self._seen[parent]) for parent in known]
        ours = sides[0] if sides else _Side(Snapshot({}, {}), 0)
        for theirs in sides[1:]:
            ours = _Side(self._combine(ours, theirs, wanted), ours.seen | theirs.seen)
        return ours

    def _combine(self, ours: _Side, theirs: _Side, wanted: Data | None) -> Snapshot:
        """Return one state of two: of each field the newer value.

        Where both sides set a field, either is what the merge was given; it is the one that the
        merge took.
        """
        differing = changes(ours.state.data, theirs.state.data, self.keyed)
        if not differing:
            return ours.state
        made = changes(ours.state.data, wanted, self.keyed) if wanted is not None else []
        taken = {change.key: change for change in made}
        kept = [
            change
            for change in differing
            if self._is_newer(change, ours, theirs, taken=taken.get(change.key) == change)
        ]
        return _apply_with_origins(ours.state, kept, theirs.state, self.keyed)

    def _is_newer(self, change: Change, ours: _Side, theirs: _Side, *, taken: bool) -> bool:
        """Return whether their value of a field goes on: it came after ours, or was taken."""
        ours_is_known_there = self._is_known(ours.state, change, theirs.seen)
        theirs_is_known_here = self._is_known(theirs.state, change, ours.seen)
        return taken if ours_is_known_there == theirs_is_known_here else ours_is_known_there

    def _is_known(self, state: Snapshot, change: Change, seen: int) -> bool:
        """Return whether all that made a field, or a whole item, what it is was seen there."""
        fields = state.origin.get(change.item, {})
        makers = fields.values() if change.field is None else [fields.get(change.field)]
        return all(maker is None or seen >> self._place[maker] & 1 for maker in makers)


def _update_origins(origin: Origin, found: list[Change], revision: str) -> Origin:
    """Return the origins after changes; items that did not change are shared, not copied."""
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
    state: Snapshot, found: list[Change], other: Snapshot, keyed: Mapping[str, str]
) -> Snapshot:
    """Return a state with changes taken over from another, their origins included."""
    data = apply_changes(state.data, found, keyed)
    origin = {item: dict(fields) for item, fields in state.origin.items()}
    for change in found:
        fields = origin.setdefault(change.item, {})
        theirs = other.origin.get(change.item, {})
        if change.field is None:
            origin[change.item] = dict(theirs)
        elif change.field in theirs:
            fields[change.field] = theirs[change.field]
    return Snapshot(data, origin)
