"""The last change of a manifest, as one of several cases, so that reports show the right time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from pathlib import Path

    from valhalla_manifest.git import Commit, Place
    from valhalla_manifest.manifest.views import ManifestView
    from valhalla_manifest.project.manifest_file import ManifestFile


@dataclass(frozen=True, slots=True)
class Committed:
    """The file is the same as in its last commit, which determines the time."""

    commit: Commit

    @property
    def time(self) -> datetime:
        """The time of the commit, in UTC."""
        return datetime.fromisoformat(self.commit.date).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Edited:
    """The file was edited after its last commit, which may be missing from a shallow clone."""

    commit: Commit | None
    time: datetime


@dataclass(frozen=True, slots=True)
class NotCommitted:
    """The file was never committed, so the time is its modification time."""

    time: datetime


@dataclass(frozen=True, slots=True)
class OlderThanClone:
    """The last commit that changed the file is missing in a shallow clone."""

    time: None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """The time is unknown, because Git failed for a reason or the file is standard input."""

    reason: str | None = None
    time: None = None


LastChange = Committed | Edited | NotCommitted | OlderThanClone | Unknown


class ManifestState(NamedTuple):
    """The state of one of several manifests: its content and last change, or its first problem."""

    name: str
    record: ManifestView | None
    updated_at: datetime | None
    problem: str | None


def find_last_change(file: ManifestFile, revision: str | None = None) -> LastChange:
    """Return the last change of a manifest, now or as of a revision."""
    from valhalla_manifest import git

    if file.is_standard_input:
        return Unknown()
    match file.location:
        case git.NoRepository(sentence) | git.GitUnavailable(sentence) if revision:
            raise ManifestError(sentence)
        case git.NoRepository():
            return NotCommitted(_time_of_file(file.path))
        case git.GitUnavailable(sentence):
            return Unknown(sentence)
        case git.Place() as place:
            return _ask_git(place, file.path, revision)


def _ask_git(place: Place, real: Path, revision: str | None) -> LastChange:
    from valhalla_manifest import git

    if revision is None and git.is_unborn(place):
        return NotCommitted(_time_of_file(real))
    commit = git.find_last_commit(place, git.resolve(place, revision or "HEAD"))
    if commit is None:
        return Unknown() if revision else NotCommitted(_time_of_file(real))
    is_older = commit.id in git.read_shallow_boundary(place)
    if revision is None and git.is_modified(place):
        return Edited(None if is_older else commit, _time_of_file(real))
    return OlderThanClone() if is_older else Committed(commit)


def _time_of_file(real: Path) -> datetime:
    return datetime.fromtimestamp(int(real.stat().st_mtime), UTC)
