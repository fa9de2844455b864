"""Questions about commits and repositories; nothing here writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.git.dates import rfc_3339, unknown_word
from valhalla_manifest.git.process import (
    NotInstalledError,
    error_text,
    missing_object_message,
    output,
    path_output,
    run,
    run_checked,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FORMAT = "%H%x00%T%x00%P%x00%aN <%aE>%x00%cd%x00%s"
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
    """The place of a file in a repository: a folder to run git in, and the path from the root."""

    folder: Path
    path: str
    bare: bool

    @property
    def file(self) -> Path:
        """The file in the work tree."""
        return self.folder / self.path.rpartition("/")[2]


class NoRepository(NamedTuple):
    """The reason why a file has no place: it is not in a repository."""

    sentence: str


class GitUnavailable(NamedTuple):
    """The reason why the place of a file is unknown: git failed, so there may be a repository."""

    sentence: str


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
        if any((above / ".git").exists() for above in (folder, *folder.parents)):
            return GitUnavailable(str(error))
        return NoRepository(str(error))
    if ended.returncode != 0:
        if b"not a git repository" in ended.stderr:
            return NoRepository(f"{path} is not in a git repository")
        return GitUnavailable(error_text(ended))
    bare, inside, prefix, *_ = [*os.fsdecode(ended.stdout).split("\n", 2), ""]
    if inside == "true" and bare != "true":
        return NoRepository(f"{path} is inside the .git folder")
    return Place(folder, prefix.removesuffix("\n") + below, bare == "true")


def locate(path: Path) -> Place:
    """Return the place of a file, existing or not, in its repository."""
    place = find(path)
    if isinstance(place, Place):
        return place
    raise ManifestError(place.sentence)


def is_unborn(place: Place) -> bool:
    """Return whether the repository has no commit yet."""
    return not _find_id(place, "HEAD")


def resolve(place: Place, revision: str) -> str:
    """Return the id of the commit that a revision names."""
    if commit := _find_id(place, f"{revision}^{{commit}}"):
        return commit
    name = _find_id(place, revision)
    if name and name != revision.lower() and not _has_object(place, name):
        raise ManifestError(missing_object_message(f"{revision} is {name[:SHORT]}"))
    if revision == "HEAD":
        raise ManifestError("there is no commit yet")
    raise ManifestError(f"unknown revision {revision!r}")


def _find_id(place: Place, revision: str) -> str:
    """Return the id of an object, which the clone may lack; empty if the name is unknown."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", revision)
    ended = run(place.folder, *words)
    return ended.stdout.decode(errors="replace").strip() if ended.returncode == 0 else ""


def _has_object(place: Place, name: str) -> bool:
    return run(place.folder, "cat-file", "-e", name).returncode == 0


def find_merge_base(place: Place, one: str, other: str) -> str:
    """Return the branch point of two commits."""
    ended = run(place.folder, "merge-base", one, other)
    if ended.returncode > 1:
        raise ManifestError(error_text(ended))
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


def commits_touching(place: Place, paths: Iterable[str], start: str) -> list[Commit]:
    """Return the commits that touched any of the paths, and the merges between them.

    Newer commits and children come first. The parents are the nearest commits in the result, not
    the parents that git records.
    """
    arguments = ("--full-history", "--simplify-merges", "--parents", "--date-order")
    return _commits(place, *arguments, start, "--", *map(literal_pathspec, paths))


def find_last_commit(place: Place, start: str) -> Commit | None:
    """Return the last commit up to a revision that touched the file, None if there is none."""
    commits = _commits(place, "-1", start, "--", literal_pathspec(place.path))
    return commits[0] if commits else None


def _commits(place: Place, *arguments: str) -> list[Commit]:
    form = ("--date=raw", f"--format={_FORMAT}")
    printed = output(place.folder, "log", "-z", *form, *arguments)
    rows = zip(*[iter(printed.split("\0"))] * 6, strict=False)
    return [
        Commit(name, tree, tuple(parents.split()), author, rfc_3339(date), subject)
        for name, tree, parents, author, date, subject in rows
    ]


def find_first_parent(place: Place, commit: str) -> str | None:
    """Return the first parent of a commit, None for a root or the end of a shallow clone."""
    return _find_id(place, f"{commit}^") or None


def find_earlier_path(place: Place, before: str, after: str | None = None) -> str | None:
    """Return the path of the file in an earlier tree, None if it was not renamed."""
    return find_renames(place, before, after).get(place.path)


def find_renames(place: Place, before: str, after: str | None = None) -> dict[str, str]:
    """Return the earlier path of each renamed file by its path in a later tree, or in the index."""
    how = ("diff-tree", "-r") if after else ("diff-index", "--cached")
    trees = (before, after) if after else (before,)
    words = (*how, "-M", "-z", "--diff-filter=R", "--name-status", *trees)
    fields = os.fsdecode(run_checked(place.folder, *words)).split("\0")
    return dict(zip(fields[2::3], fields[1::3], strict=False))


def parse_date(place: Place, text: str) -> int:
    """Return the seconds since 1970 that a date such as "2 weeks ago" means to git."""
    unknown = unknown_word(text)
    if unknown is not None:
        part = f": {unknown!r}" if unknown != text else ""
        raise ManifestError(
            f'{text!r} is not a date{part}; write for example 2026-01-31 or "2 weeks ago"'
        )
    return int(output(place.folder, "rev-parse", f"--since={text}").strip().partition("=")[2])


def list_tags(place: Place, commit: str) -> list[str]:
    """Return the names of the tags that point at a commit."""
    return output(place.folder, "tag", "--points-at", commit).split()


def list_references(folder: Path) -> list[str]:
    """Return the short names of the local and remote branches and the tags."""
    kinds = ("refs/heads", "refs/tags", "refs/remotes")
    return output(folder, "for-each-ref", "--format=%(refname:short)", *kinds).splitlines()


def find_hooks_folder(place: Place) -> Path:
    """Return the folder of the hooks that git runs in this repository."""
    return place.folder / path_output(place.folder, "rev-parse", "--git-path", "hooks")


def get_attribute(place: Place, name: str) -> str:
    """Return the current value of a git attribute of the file."""
    words = ("check-attr", "-z", name, "--", place.file.name)
    return [*output(place.folder, *words).split("\0"), "", "", ""][2]


def literal_pathspec(path: str) -> str:
    """Return a pathspec that matches one path from the root and nothing else."""
    return f":(top,literal){path}"
