"""What git knows: where a file is, and its revisions. Nothing here writes."""

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
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FORMAT = "%H%x00%T%x00%P%x00%aN <%aE>%x00%cd%x00%s"
SHORT = 10


class Commit(NamedTuple):
    """One commit: the time is the committer's (RFC 3339), the author goes through the mailmap."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: str
    date: str
    subject: str

    @property
    def short(self) -> str:
        """The first digits of the id, as reports show it."""
        return self.id[:SHORT]

    @property
    def author_name(self) -> str:
        """The author without the address."""
        return self.author.rpartition(" <")[0] or self.author


class Place(NamedTuple):
    """Where a file is in a repository: a folder to run git in, and the path from the root."""

    folder: Path
    path: str
    bare: bool

    @property
    def file(self) -> Path:
        """The file in the work tree."""
        return self.folder / self.path.rpartition("/")[2]


class NoRepository(NamedTuple):
    """Why there is no place: the file is in no repository."""

    sentence: str


class GitUnavailable(NamedTuple):
    """Why there is no place: git does not tell, so that there may be a repository."""

    sentence: str


def find(path: Path) -> Place | NoRepository | GitUnavailable:
    """Return where a file is in its repository, or why that is not known."""
    folder = path.parent
    while not folder.is_dir():
        folder = folder.parent
    below = path.relative_to(folder).as_posix()
    try:
        # The prefix comes last: it alone can have line breaks.
        asked = ("--is-bare-repository", "--is-inside-git-dir", "--show-prefix")
        ended = run(folder, "rev-parse", *asked)
    except NotInstalledError as error:
        if any((above / ".git").exists() for above in (folder, *folder.parents)):
            return GitUnavailable(str(error))
        return NoRepository(str(error))
    if ended.returncode != 0:
        if b"not a git repository" in ended.stderr:
            return NoRepository(f"{path} is in no git repository")
        return GitUnavailable(error_text(ended))
    bare, inside, prefix, *_ = [*os.fsdecode(ended.stdout).split("\n", 2), ""]
    if inside == "true" and bare != "true":
        return NoRepository(f"{path} is inside the .git folder")
    return Place(folder, prefix.removesuffix("\n") + below, bare == "true")


def locate(path: Path) -> Place:
    """Return where a file is in its repository; the file itself need not be there."""
    found = find(path)
    if isinstance(found, Place):
        return found
    raise ManifestError(found.sentence)


def is_unborn(place: Place) -> bool:
    """Return whether there is no commit yet."""
    return not _named(place, "HEAD")


def resolve(place: Place, revision: str) -> str:
    """Return the id of the commit that a revision means."""
    if commit := _named(place, f"{revision}^{{commit}}"):
        return commit
    named = _named(place, revision)
    if named and named != revision.lower() and not _is_there(place, named):
        raise ManifestError(missing_object_message(f"{revision} is {named[:SHORT]}"))
    if revision == "HEAD":
        raise ManifestError("there is no commit yet")
    raise ManifestError(f"unknown revision {revision!r}")


def _named(place: Place, revision: str) -> str:
    """Return the id of the object that a revision names, whether or not it is there."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", revision)
    found = run(place.folder, *words)
    return found.stdout.decode(errors="replace").strip() if found.returncode == 0 else ""


def _is_there(place: Place, name: str) -> bool:
    return run(place.folder, "cat-file", "-e", name).returncode == 0


def merge_base(place: Place, one: str, other: str) -> str:
    """Return the commit where two lines of history parted."""
    found = run(place.folder, "merge-base", one, other)
    if found.returncode > 1:
        raise ManifestError(error_text(found))
    if found.returncode != 0:
        raise ManifestError(
            f"{one[:SHORT]} and {other[:SHORT]} have no commit in common"
            + (" here; fetch more of the history" if is_shallow(place) else "")
        )
    return found.stdout.decode().split()[0]


def is_shallow(place: Place) -> bool:
    """Return whether the clone lacks older history."""
    return output(place.folder, "rev-parse", "--is-shallow-repository").strip() == "true"


def boundary(place: Place) -> frozenset[str]:
    """Return the commits whose parents a shallow clone does not have."""
    if not is_shallow(place):
        return frozenset()
    file = place.folder / path_output(place.folder, "rev-parse", "--git-path", "shallow")
    return frozenset(file.read_text().split())


def commits_touching(place: Place, paths: Iterable[str], start: str) -> list[Commit]:
    """Return the commits that touched any of the paths, and the merges between them.

    The newest comes first, and no commit before its children. Parents are the nearest of these
    commits, not those that git itself keeps.
    """
    arguments = ("--full-history", "--simplify-merges", "--parents", "--date-order")
    return _commits(place, *arguments, start, "--", *map(literal_pathspec, paths))


def last_commit(place: Place, start: str) -> Commit | None:
    """Return the last commit that touched the file as of a revision; None where none did."""
    found = _commits(place, "-1", start, "--", literal_pathspec(place.path))
    return found[0] if found else None


def _commits(place: Place, *arguments: str) -> list[Commit]:
    form = ("--date=raw", f"--format={_FORMAT}")
    printed = output(place.folder, "log", "-z", *form, *arguments)
    rows = zip(*[iter(printed.split("\0"))] * 6, strict=False)
    return [
        Commit(name, tree, tuple(parents.split()), author, rfc_3339(date), subject)
        for name, tree, parents, author, date, subject in rows
    ]


def first_parent(place: Place, commit: str) -> str | None:
    """Return the first parent of a commit; None where it has none, or a shallow clone ends."""
    return _named(place, f"{commit}^") or None


def renamed_from(place: Place, before: str, after: str | None = None) -> str | None:
    """Return the path that the file had in an earlier tree; None where it was not renamed."""
    return renames(place, before, after).get(place.path)


def renames(place: Place, before: str, after: str | None = None) -> dict[str, str]:
    """Return the paths that files had in an earlier tree, by those that they have in a later one.

    Without a later one that is what the index holds.
    """
    how = ("diff-tree", "-r") if after else ("diff-index", "--cached")
    trees = (before, after) if after else (before,)
    words = (*how, "-M", "-z", "--diff-filter=R", "--name-status", *trees)
    listed = run(place.folder, *words)
    if listed.returncode != 0:
        raise ManifestError(error_text(listed))
    fields = os.fsdecode(listed.stdout).split("\0")
    return dict(zip(fields[2::3], fields[1::3], strict=False))


def parse_date(place: Place, text: str) -> int:
    """Return the seconds since 1970 that git takes a text such as "2 weeks ago" for."""
    unknown = unknown_word(text)
    if unknown is not None:
        which = f": {unknown!r}" if unknown != text else ""
        raise ManifestError(
            f'{text!r} is no date{which}; write such as 2026-01-31 or "2 weeks ago"'
        )
    return int(output(place.folder, "rev-parse", f"--since={text}").strip().partition("=")[2])


def tags(place: Place, commit: str) -> list[str]:
    """Return the names of the tags that point at a commit."""
    return output(place.folder, "tag", "--points-at", commit).split()


def references(folder: Path) -> list[str]:
    """Return the short names of the branches, those of remotes too, and of the tags."""
    kinds = ("refs/heads", "refs/tags", "refs/remotes")
    return output(folder, "for-each-ref", "--format=%(refname:short)", *kinds).splitlines()


def hooks(place: Place) -> Path:
    """Return the folder of the hooks that git runs here."""
    return place.folder / path_output(place.folder, "rev-parse", "--git-path", "hooks")


def attribute(place: Place, name: str) -> str:
    """Return the value of an attribute of the file, as git reads it now."""
    words = ("check-attr", "-z", name, "--", place.file.name)
    return [*output(place.folder, *words).split("\0"), "", "", ""][2]


def literal_pathspec(path: str) -> str:
    """Return a path from the root as a pathspec that means just itself."""
    return f":(top,literal){path}"
