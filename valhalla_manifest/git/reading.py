"""Questions about commits and repositories; nothing here writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.git.dates import rfc_3339, unknown_word
from valhalla_manifest.git.process import (
    GitFailedError,
    NotInstalledError,
    ask,
    error_text,
    missing_object_message,
    output,
    path_output,
    run,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FORMAT = "%H%x00%T%x00%P%x00%aN <%aE>%x00%cd%x00%s"
_FIELDS = _FORMAT.count("%x00") + 1
SHORT = 10


class Commit(NamedTuple):
    """A commit, with the committer's date (RFC 3339) and the author as the mailmap names them."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: str
    date: str
    subject: str

    @property
    def short(self) -> str:
        """The abbreviated id, as reports show it."""
        return self.id[:SHORT]

    @property
    def author_name(self) -> str:
        """The author without the address."""
        return self.author.rpartition(" <")[0] or self.author


class Place(NamedTuple):
    """The place of a file in a repository: a folder to run Git in, and the path from the root."""

    folder: Path
    path: str
    bare: bool

    @property
    def file(self) -> Path:
        """The file in the work tree."""
        return self.folder / self.path.rpartition("/")[2]


class NoHistoryError(ManifestError):
    """There is no history: the file is not in a repository, or was never committed."""


class NoRepository(NamedTuple):
    """The reason why a file has no place: it is not in a repository."""

    sentence: str

    @property
    def error(self) -> ManifestError:
        """The error for a question that needs a repository."""
        return NoHistoryError(self.sentence)


class GitUnavailable(NamedTuple):
    """The reason why the place of a file is unknown: Git failed, so there may be a repository."""

    sentence: str

    @property
    def error(self) -> ManifestError:
        """The error for a question that needs the place."""
        return GitFailedError(self.sentence)


def find(path: Path) -> Place | NoRepository | GitUnavailable:
    """Return the place of a file in its repository, or the reason why there is none."""
    folder = path.parent
    while not folder.is_dir():
        folder = folder.parent
    below = path.relative_to(folder).as_posix()
    try:
        # The prefix comes last because only a path can contain line breaks.
        asked = ("--is-bare-repository", "--is-inside-git-dir", "--show-prefix")
        ended = run(folder, "rev-parse", *asked)
    except NotInstalledError as error:
        return GitUnavailable(str(error)) if _has_git_entry(folder) else NoRepository(str(error))
    if ended.returncode != 0:
        # A broken repository, such as a work tree whose repository is missing, is not none at all.
        if b"not a git repository" in ended.stderr and not _has_git_entry(folder):
            return NoRepository(f"{path} is not in a Git repository")
        return GitUnavailable(error_text(ended))
    fields = os.fsdecode(ended.stdout).split("\n", 2)
    if len(fields) < 3 or not fields[2].endswith("\n"):  # noqa: PLR2004
        return GitUnavailable("git rev-parse: its output was cut off")
    bare, inside, prefix = fields
    if inside == "true" and bare != "true":
        return NoRepository(f"{path} is inside the .git folder")
    return Place(folder, prefix.removesuffix("\n") + below, bare == "true")


def _has_git_entry(folder: Path) -> bool:
    entries = (above / ".git" for above in (folder, *folder.parents))
    return any(os.path.lexists(entry) and not _is_empty_folder(entry) for entry in entries)


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def locate(path: Path) -> Place:
    """Return the place of a file, existing or not, in its repository."""
    place = find(path)
    if isinstance(place, Place):
        return place
    raise place.error


def find_head(place: Place) -> str:
    """Return the id of the last commit, empty if the repository has none yet."""
    return _find_id(place, "HEAD")


def is_unborn(place: Place) -> bool:
    """Return whether the repository has no commit yet."""
    return not find_head(place)


def resolve(place: Place, revision: str) -> str:
    """Return the id of the commit that a revision names."""
    if commit := _find_id(place, f"{revision}^{{commit}}"):
        return commit
    # Git returns a whole id unchanged, whether or not there is such an object.
    name = _find_id(place, revision)
    if name and name != revision.lower() and not _has_object(place, name):
        raise ManifestError(missing_object_message(f"{revision} is {name[:SHORT]}"))
    if revision == "HEAD":
        raise NoHistoryError("there is no commit yet")
    raise ManifestError(f"unknown revision {revision!r}")


def _find_id(place: Place, revision: str) -> str:
    """Return the id of an object, which the clone may lack; empty if the name is unknown."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", revision)
    return ask(place.folder, *words, answers=(0, 1)).stdout.decode(errors="replace").strip()


def _has_object(place: Place, name: str) -> bool:
    missing = (1, 128)
    return ask(place.folder, "cat-file", "-e", name, answers=(0, *missing)).returncode == 0


def find_merge_base(place: Place, one: str, other: str) -> str:
    """Return the branch point of two commits."""
    ended = ask(place.folder, "merge-base", one, other, answers=(0, 1))
    if ended.returncode != 0:
        raise ManifestError(
            f"{one[:SHORT]} and {other[:SHORT]} have no commit in common"
            + (" here; fetch more of the history" if is_shallow(place) else "")
        )
    return ended.stdout.decode().split()[0]


def is_shallow(place: Place) -> bool:
    """Return whether the clone lacks older history."""
    return output(place.folder, "rev-parse", "--is-shallow-repository").strip() == "true"


def read_shallow_boundary(place: Place) -> frozenset[str]:
    """Return the commits whose parents a shallow clone does not have."""
    if not is_shallow(place):
        return frozenset()
    file = place.folder / path_output(place.folder, "rev-parse", "--git-path", "shallow")
    return frozenset(file.read_text().split())


def commits_touching(
    place: Place, paths: Iterable[str], start: str, *, first_parent: bool = False
) -> list[Commit]:
    """Return the commits that touched any of the paths, and the merges between them.

    Newer commits and children come first. The parents are the nearest commits in the result, not
    the parents that Git records. With ``first_parent`` a merge stands for the branch it merged.
    """
    kind = ("--first-parent",) if first_parent else ("--full-history", "--simplify-merges")
    arguments = (*kind, "--parents", "--date-order")
    return _commits(place, *arguments, start, "--", *map(literal_pathspec, paths))


def find_last_commit(place: Place, start: str) -> Commit | None:
    """Return the last commit up to a revision that touched the file, or None if there is none."""
    commits = _commits(place, "-1", start, "--", literal_pathspec(place.path))
    return commits[0] if commits else None


def _commits(place: Place, *arguments: str) -> list[Commit]:
    form = ("--date=raw", f"--format={_FORMAT}")
    printed = output(place.folder, "log", "-z", *form, *arguments)
    fields = printed.split("\0")[:-1]
    if len(fields) % _FIELDS:
        raise GitFailedError("git log: its output was cut off")
    return [
        Commit(name, tree, tuple(parents.split()), author, rfc_3339(date), subject)
        for name, tree, parents, author, date, subject in zip(*[iter(fields)] * 6, strict=True)
    ]


def list_parents(place: Place, commit: str) -> list[str]:
    """Return the parents of a commit; a root, or the end of a shallow clone, has none."""
    return output(place.folder, "rev-parse", f"{commit}^@").split()


def find_earlier_path(place: Place, before: str, after: str | None = None) -> str | None:
    """Return the file's path in an earlier tree, or None if the file was not renamed."""
    return find_renames(place, before, after).get(place.path)


def find_renames(
    place: Place, before: str, after: str | None = None, *, copies: bool = False
) -> dict[str, str]:
    """Return the earlier path of each renamed file by its path in a later tree, or in the index.

    With ``copies`` the earlier file may still exist, as it does if a subtree was added.
    """
    how = ("diff-tree", "-r") if after else ("diff-index", "--cached")
    trees = (before, after) if after else (before,)
    kinds = ("-C", "--find-copies-harder", "--diff-filter=RC") if copies else ("--diff-filter=R",)
    words = (*how, "-M", *kinds, "-z", "--name-status", *trees)
    fields = os.fsdecode(ask(place.folder, *words).stdout).split("\0")
    return dict(zip(fields[2::3], fields[1::3], strict=False))


def parse_date(place: Place, text: str) -> int:
    """Return the seconds since 1970 that a date such as "2 weeks ago" means to Git."""
    unknown = unknown_word(text)
    if unknown is not None:
        part = f": {unknown!r}" if unknown != text else ""
        raise ManifestError(
            f'{text!r} is not a date{part}; write for example 2026-01-31 or "2 weeks ago"'
        )
    return int(output(place.folder, "rev-parse", f"--since={text}").strip().partition("=")[2])


def list_tags(place: Place, commit: str) -> list[str]:
    """Return the names of the tags that point to a commit."""
    return output(place.folder, "tag", "--points-at", commit).split()


def list_references(folder: Path) -> list[str]:
    """Return the short names of the local and remote branches and the tags."""
    kinds = ("refs/heads", "refs/tags", "refs/remotes")
    return output(folder, "for-each-ref", "--format=%(refname:short)", *kinds).splitlines()


def find_hooks_folder(place: Place) -> Path:
    """Return the folder of this repository's hooks."""
    return place.folder / path_output(place.folder, "rev-parse", "--git-path", "hooks")


def get_attribute(place: Place, name: str) -> str:
    """Return the current value of the file's Git attribute."""
    words = ("check-attr", "-z", name, "--", place.file.name)
    return [*output(place.folder, *words).split("\0"), "", "", ""][2]


def literal_pathspec(path: str) -> str:
    """Return a pathspec that matches one path from the root and nothing else."""
    return f":(top,literal){path}"
