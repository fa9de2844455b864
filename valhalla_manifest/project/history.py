"""The history of a manifest in git: its revisions, and what each of them changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest import compiled
from valhalla_manifest.project.manifest_file import first_problem
from valhalla_manifest.validation.revisions import RevisionChecker
from valhalla_manifest.versioning.provenance import Event, History, Revision, State

if TYPE_CHECKING:
    from valhalla_manifest.git import Commit, Place
    from valhalla_manifest.project.manifest_file import ManifestFile
    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.versioning.diff import Data


class ManifestRevision(NamedTuple):
    """One revision of the file: the commit, what it changed, and whether its text changed."""

    commit: Commit
    event: Event
    changed_text: bool


@dataclass(frozen=True, slots=True)
class ManifestHistory:
    """What git tells of a manifest; entries are newest first.

    ``truncated`` is true where a shallow clone cuts the history off. Where only the newest
    revisions were read, ``older`` are the commits before them, and what was not set since has its
    origin in the first of those.
    """

    place: Place
    entries: list[ManifestRevision]
    truncated: bool
    tip: str
    states: dict[str, State] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    older: list[Commit] = field(default_factory=list)

    @property
    def state(self) -> State:
        """The state as of the newest revision."""
        return self.states[self.tip]

    def mainline(self) -> list[tuple[Commit, Data]]:
        """Return the states that the branch itself had, oldest first: by first parents."""
        chain: list[tuple[Commit, Data]] = []
        tip: str | None = self.tip
        while tip in self.commits:
            commit = self.commits[tip]
            chain.append((commit, self.states[tip].data))
            tip = next(iter(commit.parents), None)
        return chain[::-1]


class _Step(NamedTuple):
    """A commit that touched the file, under any of the names that it has had."""

    commit: Commit
    blob: str | None


# What a caller wants to know is known: of what was read so far.
StopCondition = Callable[["ManifestHistory"], bool]
# Goes through so many things one by one, and may show how far it is.
ProgressCallback = Callable[[Iterable[bytes], int], Iterable[bytes]]


def no_progress(things: Iterable[bytes], _: int) -> Iterable[bytes]:
    """Go through things, and tell nobody."""
    return things


_FIRST_STRETCH, _LONGER = 64, 4  # revisions, and how many times more are read where they do not do


def read_history(
    file: ManifestFile,
    revision: str | None = None,
    *,
    enough: StopCondition | None = None,
    watch: ProgressCallback = no_progress,
) -> ManifestHistory:
    """Read the history of a manifest, across renames and merges.

    Where the newest revisions are ``enough``, and follow each other one by one, older ones are not
    read.

    Raises:
        ManifestError: there is no repository, no such revision, or the file was never committed.
    """
    place = file.place
    steps = _steps(place, git.resolve(place, revision or "HEAD"))
    if not steps:
        raise ManifestError(f"{place.path} has no history; it was never committed")
    reading = _Reading(
        place,
        steps,
        git.boundary(place),
        RevisionChecker(file.past_rule_settings),
        watch,
    )
    length = _FIRST_STRETCH if enough else len(steps)
    while enough and length < reading.linear:
        found = reading.newest(length)
        if found and enough(found):
            return found
        length *= _LONGER
    return reading.whole()


@dataclass
class _Reading:
    """The revisions of a file, of which as many are read as must be."""

    place: Place
    steps: list[_Step]
    cut: frozenset[str]
    checker: RevisionChecker
    watch: ProgressCallback
    known: dict[str, tuple[Data, str | None]] = field(default_factory=dict)

    @cached_property
    def linear(self) -> int:
        """How many of the newest revisions have just the next older one as their parent."""
        pairs = pairwise(self.steps)
        follow = (younger.commit.parents == (older.commit.id,) for younger, older in pairs)
        return next((at for at, follows in enumerate(follow) if not follows), len(self.steps) - 1)

    def whole(self) -> ManifestHistory:
        """Read all revisions."""
        return self._read(self.steps, [])

    def newest(self, length: int) -> ManifestHistory | None:
        """Read the newest revisions, from an older one that is valid on; None without one."""
        while length < self.linear:
            base = self.steps[length]
            if self._data(base)[1] is None:
                found = self._read(self.steps[: length + 1], self.steps[length:])
                return replace(found, entries=[e for e in found.entries if e.commit != base.commit])
            length += 1
        return None

    def _data(self, step: _Step) -> tuple[Data, str | None]:
        if step.blob is None:
            return {}, None
        self._read_in([step.blob])
        return self.known[step.blob]

    def _read_in(self, names: Iterable[str | None]) -> None:
        """Read each distinct text once; what is not valid keeps its first problem."""
        new = [name for name in dict.fromkeys(names) if name and name not in self.known]
        contents = self.watch(git.contents(self.place.folder, new), len(new))
        for name, content in zip(new, contents, strict=True):
            self.known[name] = _data_or_problem(self.checker.check(content))

    def _read(self, steps: list[_Step], older: list[_Step]) -> ManifestHistory:
        blob_of = {step.commit.id: step.blob for step in self.steps}
        history = History(compiled.KEYED)
        events = history.events(self._revisions(list(reversed(steps))))
        entries = [
            ManifestRevision(
                step.commit, event, step.blob not in {blob_of.get(p) for p in step.commit.parents}
            )
            for step, event in zip(steps, reversed(events), strict=True)
        ]
        return ManifestHistory(
            self.place,
            # What a shallow clone starts from was not changed by the commit that it starts with.
            [
                entry
                for entry in entries
                if not (entry.commit.id in self.cut and blob_of[entry.commit.id])
            ],
            any(step.commit.id in self.cut and step.blob for step in self.steps),
            steps[0].commit.id,
            history.states,
            {step.commit.id: step.commit for step in steps if step.commit.id not in self.cut},
            [step.commit for step in older],
        )

    def _revisions(self, steps: list[_Step]) -> list[Revision]:
        self._read_in(step.blob for step in steps)
        return [
            Revision(
                step.commit.id,
                step.commit.parents,
                *(self.known[step.blob] if step.blob else ({}, None)),
            )
            for step in steps
        ]


def _steps(place: Place, start: str) -> list[_Step]:
    """Return the commits that touched the file, newest first, across its renames.

    All names are asked for at once, so that a branch on which the file still has its old name
    is a part of the same history.
    """
    names, looked_at = [place.path], set[str]()
    while True:
        commits = git.commits_touching(place, names, start)
        steps = list(map(_Step, commits, _blobs(place, commits, names)))
        there = {step.commit.id for step in steps if step.blob}
        appeared = [
            step.commit
            for step in steps
            if step.blob and not there.intersection(step.commit.parents)
        ]
        new = [commit for commit in appeared if commit.id not in looked_at]
        looked_at.update(commit.id for commit in new)
        older = (
            git.renamed_from(place._replace(path=name), parent, commit.id)
            for commit in new
            if (parent := git.first_parent(place, commit.id))
            for name in names
        )
        found = [name for name in dict.fromkeys(older) if name and name not in names]
        if not found:
            return steps
        names += found


def _blobs(place: Place, commits: list[Commit], names: list[str]) -> list[str | None]:
    """Return the file's blob as of each commit, under the newest name that it has there."""
    found = git.files(place, commits, names)
    return [next((there[name] for name in names if name in there), None) for there in found]


def _data_or_problem(checked: Checked) -> tuple[Data, str | None]:
    if not checked.errors:
        return checked.data, None
    return {}, first_problem(checked)
