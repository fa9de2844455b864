"""The history of a manifest in Git: its revisions and their changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.manifest import compiled
from valhalla_manifest.project import lineage
from valhalla_manifest.project.manifest_file import first_problem
from valhalla_manifest.validation.revisions import RevisionChecker
from valhalla_manifest.versioning.provenance import History, Revision, RevisionChanges, Snapshot

if TYPE_CHECKING:
    from valhalla_manifest.git import Commit, Place
    from valhalla_manifest.project.lineage import Step
    from valhalla_manifest.project.manifest_file import ManifestFile
    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.versioning.diff import Data


class ManifestRevision(NamedTuple):
    """A commit of the file, its changes, and whether the text of the file changed."""

    commit: Commit
    event: RevisionChanges
    changed_text: bool


@dataclass(frozen=True, slots=True)
class ManifestHistory:
    """The revisions of a manifest, newest first.

    ``truncated`` is true if a shallow clone ends within the history. If only the newest revisions
    were read, ``older`` are the commits before them. A field that none of the newest revisions set
    then has its origin in the first older commit.
    """

    place: Place
    entries: list[ManifestRevision]
    truncated: bool
    tip: str
    states: dict[str, Snapshot] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    older: list[Commit] = field(default_factory=list)
    reading: _Reading | None = None

    @property
    def state(self) -> Snapshot:
        """The state after the newest revision."""
        return self.states[self.tip]

    def mainline(self) -> list[tuple[Commit, Data]]:
        """Return the states that the branch itself had, oldest first: a merge brings one state."""
        if self.reading is None:
            return []
        steps = lineage.trace(self.place, self.reading.start, first_parent=True)
        return [(step.commit, data) for step, data in self.reading.read_states(reversed(steps))]


# Returns whether the revisions read so far answer the caller's question.
StopCondition = Callable[["ManifestHistory"], bool]
# Yields a given number of items, and may show a progress bar.
ProgressCallback = Callable[[Iterable[Any], int], Iterable[Any]]


def no_progress(items: Iterable[Any], _: int) -> Iterable[Any]:
    """Return the items without showing progress."""
    return items


_FIRST_STRETCH = 64  # revisions
_GROWTH = 4  # factor for the next stretch


def read_history(
    file: ManifestFile,
    revision: str | None = None,
    *,
    enough: StopCondition | None = None,
    progress: ProgressCallback = no_progress,
) -> ManifestHistory:
    """Read the history of a manifest, across renames and merges.

    If the newest revisions are a straight line and ``enough``, older revisions are not read.
    """
    place = file.place
    start = git.resolve(place, revision or "HEAD")
    steps = lineage.trace(place, start)
    if not steps:
        raise git.NoHistoryError(f"{place.path} has no history; commit it first")
    reading = _Reading(
        place,
        start,
        steps,
        git.read_shallow_boundary(place),
        RevisionChecker(file.past_rule_settings),
        progress,
    )
    length = _FIRST_STRETCH if enough else len(steps)
    while enough and length < reading.linear:
        history = reading.read_newest(length)
        if history and enough(history):
            return history
        length *= _GROWTH
    return reading.read_all()


@dataclass
class _Reading:
    """The commits of a file, and the content that was read from them so far."""

    place: Place
    start: str
    steps: list[Step]
    cut: frozenset[str]
    checker: RevisionChecker
    progress: ProgressCallback
    known: dict[str, tuple[Data, str | None]] = field(default_factory=dict)

    @cached_property
    def linear(self) -> int:
        """The number of newest revisions whose only parent is the next older revision."""
        pairs = pairwise(self.steps)
        follow = (younger.commit.parents == (older.commit.id,) for younger, older in pairs)
        return next((at for at, follows in enumerate(follow) if not follows), len(self.steps) - 1)

    def read_all(self) -> ManifestHistory:
        """Read all revisions."""
        return self._read(self.steps, [])

    def read_newest(self, length: int) -> ManifestHistory | None:
        """Read the newest revisions after a valid one, or None if there is none in the line."""
        while length < self.linear:
            base = self.steps[length]
            if self._data(base)[1] is None:
                history = self._read(self.steps[: length + 1], self.steps[length:])
                entries = [entry for entry in history.entries if entry.commit != base.commit]
                return replace(history, entries=entries)
            length += 1
        return None

    def _data(self, step: Step) -> tuple[Data, str | None]:
        if step.blob is None:
            return {}, None
        self._read_blobs([step.blob])
        return self.known[step.blob]

    def _read_blobs(self, names: Iterable[str | None]) -> None:
        """Read and check each blob that is not known yet."""
        new = [name for name in dict.fromkeys(names) if name and name not in self.known]
        contents = self.progress(git.read_blobs(self.place.folder, new), len(new))
        for name, content in zip(new, contents, strict=True):
            self.known[name] = _data_or_problem(self.checker.check(content))

    def _read(self, steps: list[Step], older: list[Step]) -> ManifestHistory:
        blob_of = {step.commit.id: step.blob for step in self.steps}
        history = History(compiled.KEYED)
        events = history.follow(self._revisions(list(reversed(steps))))
        entries = [
            ManifestRevision(
                step.commit, event, step.blob not in {blob_of.get(p) for p in step.commit.parents}
            )
            for step, event in zip(steps, reversed(events), strict=True)
        ]
        return ManifestHistory(
            self.place,
            # The first commit of a shallow clone holds the file but need not have changed it.
            [
                entry
                for entry in entries
                if not (entry.commit.id in self.cut and blob_of[entry.commit.id])
            ],
            any(step.commit.id in self.cut and step.blob for step in self.steps),
            steps[0].commit.id,
            history.snapshots,
            {step.commit.id: step.commit for step in steps if step.commit.id not in self.cut},
            [step.commit for step in older],
            self,
        )

    def read_states(self, steps: Iterable[Step]) -> Iterator[tuple[Step, Data]]:
        """Yield the commits with a valid manifest, or without any, and the data in them."""
        listed = list(steps)
        self._read_blobs(step.blob for step in listed)
        for step in listed:
            data, problem = self._data(step)
            if problem is None:
                yield step, data

    def _revisions(self, steps: list[Step]) -> list[Revision]:
        self._read_blobs(step.blob for step in steps)
        return [
            Revision(
                step.commit.id,
                step.commit.parents,
                *(self.known[step.blob] if step.blob else ({}, None)),
            )
            for step in steps
        ]


def _data_or_problem(checked: Checked) -> tuple[Data, str | None]:
    if not checked.errors:
        return checked.data, None
    return {}, first_problem(checked)
