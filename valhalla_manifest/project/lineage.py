"""The history of one file: the commits that touched the file, and its content in each.

A path does not identify a file: another file may have had the path earlier, and a branch or an
added subtree may still have the file under an older path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from valhalla_manifest.git import Commit, Place


class Step(NamedTuple):
    """A commit that touched the file, and the file's blob id there (None if it was removed)."""

    commit: Commit
    blob: str | None


def trace(place: Place, start: str, *, first_parent: bool = False) -> list[Step]:
    """Return the commits that touched the file, newest first, across its renames.

    With ``first_parent``, only the commits of the branch itself are returned, and a merge
    represents everything that it brought in.
    """
    paths = [place.path]
    older = _OlderPaths(place)
    while True:
        commits = git.commits_touching(place, paths, start, first_parent=first_parent)
        trees = dict(
            zip((each.id for each in commits), git.find_blobs(place, commits, paths), strict=True)
        )
        path_in = _follow(place.path, commits, trees, older)
        new = [path for path in older.found if path not in paths]
        if not new:
            return [Step(each, trees[each.id].get(path_in[each.id])) for each in commits]
        paths += new


def _follow(
    path: str, commits: Iterable[Commit], trees: Mapping[str, Mapping[str, str]], older: _OlderPaths
) -> dict[str, str]:
    """Return the path that the file has in each commit; children come before their parents."""
    path_in: dict[str, str] = {}
    for commit in commits:
        here = path_in.setdefault(commit.id, path)
        for parent in commit.parents:
            there = trees.get(parent, {})
            renamed = here in trees[commit.id] and here not in there
            candidates = older.of(commit.id, here) if renamed else []
            path_in.setdefault(parent, next((each for each in candidates if each in there), here))
        if not commit.parents and here in trees[commit.id]:
            older.of(commit.id, here)
    return path_in


class _OlderPaths:
    """Asks Git, once for each commit, which path a file was renamed from."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.found: dict[str, None] = {}
        self._known: dict[tuple[str, str], list[str]] = {}

    def of(self, commit: str, path: str) -> list[str]:
        """Return the paths that a file had in the parents of a commit, other than its own."""
        key = commit, path
        if key not in self._known:
            parents = git.list_parents(self.place, commit)
            is_merge = len(parents) > 1
            named = (
                git.find_renames(self.place, parent, commit, copies=is_merge).get(path)
                for parent in parents
            )
            self._known[key] = list(dict.fromkeys(filter(None, named)))
            self.found |= dict.fromkeys(self._known[key])
        return self._known[key]
