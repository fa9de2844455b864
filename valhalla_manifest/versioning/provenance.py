"""Revisions in, events out: what changed in each of them, and who changed what last.

Nothing here runs git or knows what a manifest is. A revision's state carries, for each field,
the revision that set it; so a merge can be told from the changes that it only brings in, and
the last state is the answer to "blame".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.versioning.diff import Change, Data, changes, patched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# The item (None for the top level) and the field (None for the item as a whole).
Key = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision: its data, or what is wrong with it. A file that is not there is empty."""

    id: str
    parents: tuple[str, ...]
    data: Data
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What one revision changed in the meaning; nothing, where it is not valid."""

    id: str
    changes: list[Change] = field(default_factory=list)
    problem: str | None = None


class State(NamedTuple):
    """The data as of a revision, and the revision that set each field."""

    data: Data
    origin: dict[str | None, dict[str | None, str]]  # item → field → revision

    def set_by(self, key: Key) -> str | None:
        """Return the revision that set a field, or removed it with its item."""
        return self.origin.get(key[0], {}).get(key[1])

    def after(self, revision: Revision, keyed: Mapping[str, str]) -> State:
        """Return the state after a valid revision that follows this one."""
        found = changes(self.data, revision.data, keyed)
        return State(revision.data, _updated(self.origin, found, revision.id))


@dataclass(slots=True)
class History:
    """Follows the states of a file through its revisions, oldest first."""

    keyed: Mapping[str, str]
    states: dict[str, State] = field(default_factory=dict)
    _ancestors: dict[str, int] = field(default_factory=dict)
    _place: dict[str, int] = field(default_factory=dict)

    def events(self, revisions: Iterable[Revision]) -> list[Event]:
        """Return what each revision changed; parents come before their children."""
        return [self._event(revision) for revision in revisions]

    def _event(self, revision: Revision) -> Event:
        parents = [parent for parent in revision.parents if parent in self.states]
        self._place[revision.id] = place = len(self._place)
        self._ancestors[revision.id] = 1 << place
        for parent in parents:
            self._ancestors[revision.id] |= self._ancestors[parent]
        # An invalid revision passes on what it was given: the next valid one is compared with that.
        data = None if revision.problem else revision.data
        before = self._before(parents, data)
        if data is None:
            self.states[revision.id] = before
            return Event(revision.id, problem=revision.problem)
        found = changes(before.data, data, self.keyed)
        origin = _updated(before.origin, found, revision.id)
        self.states[revision.id] = State(data, origin)
        return Event(revision.id, found)

    def _before(self, parents: list[str], wanted: Data | None) -> State:
        """Return what a revision starts from: of a merge, what both sides give together."""
        if not parents:
            return State({}, {})
        state, seen = self.states[parents[0]], self._ancestors[parents[0]]
        for parent in parents[1:]:
            state = self._combined(state, seen, parent, wanted)
            seen |= self._ancestors[parent]
        return state

    def _combined(self, ours: State, seen: int, parent: str, wanted: Data | None) -> State:
        """Return one state of two: of each field the newer value.

        Where both sides set a field, either is what the merge was given; it is the one that the
        merge took.
        """
        theirs, seen_there = self.states[parent], self._ancestors[parent]
        differing = changes(ours.data, theirs.data, self.keyed)
        if not differing:
            return ours
        chosen = list(changes(ours.data, wanted, self.keyed)) if wanted is not None else []
        taken = {(change.item, change.field): change.after for change in chosen}
        kept = [
            change
            for change in differing
            if self._is_newer(change, ours, seen, theirs, seen_there, taken)
        ]
        return _with(ours, kept, theirs, self.keyed)

    def _is_newer(  # noqa: PLR0913, PLR0917  two states, what led to each, and what came of them
        self,
        change: Change,
        ours: State,
        seen: int,
        theirs: State,
        seen_there: int,
        taken: Mapping[Key, Any],
    ) -> bool:
        """Return whether the other side's value of a field is the one to go on from."""
        ours_is_known_there = self._known(ours, change, seen_there)
        theirs_is_known_here = self._known(theirs, change, seen)
        if ours_is_known_there != theirs_is_known_here:
            return ours_is_known_there
        key = (change.item, change.field)
        return key in taken and taken[key] == change.after

    def _known(self, state: State, change: Change, seen: int) -> bool:
        """Return whether all that made a field, or a whole item, what it is was seen there."""
        fields = state.origin.get(change.item, {})
        makers = fields.values() if change.field is None else [fields.get(change.field)]
        return all(maker is None or seen >> self._place[maker] & 1 for maker in makers)


def _updated(
    origin: dict[str | None, dict[str | None, str]], found: list[Change], revision: str
) -> dict[str | None, dict[str | None, str]]:
    """Return the origins after changes; items that did not change are shared, not copied."""
    if not found:
        return origin
    result = dict(origin)
    copied: set[str | None] = set()
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


def _with(state: State, found: list[Change], other: State, keyed: Mapping[str, str]) -> State:
    """Return a state with changes taken over from another, their origins included."""
    data = patched(state.data, found, keyed)
    origin = {item: dict(fields) for item, fields in state.origin.items()}
    for change in found:
        fields = origin.setdefault(change.item, {})
        theirs = other.origin.get(change.item, {})
        if change.field is None:
            origin[change.item] = dict(theirs)
        elif change.field in theirs:
            fields[change.field] = theirs[change.field]
    return State(data, origin)
