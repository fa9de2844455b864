"""A change under review: what differs between two states, whether it may, and its commit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest import compiled
from valhalla_manifest.project import editor as editing
from valhalla_manifest.project.loading import absolute, check_file, valid_file
from valhalla_manifest.validation.check import check, check_change
from valhalla_manifest.validation.rules.schema import newer_format
from valhalla_manifest.versioning.diff import Change, Data, changes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from valhalla_manifest.git import Place
    from valhalla_manifest.project.editor import Editor
    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.validation.policy import Policy

    Describe = Callable[[list[Change], Data], str]


def compare(
    path: str | Path, policy: Policy | None, before: str, after: str | None
) -> list[Change]:
    """Return what changed between a revision and another one, or the working file.

    Raises:
        ManifestError: a revision is unknown, the file is not in it, or it is not valid there.
    """
    old, new = (valid_file(path, policy, revision) for revision in (before, after))
    return changes(old.data, new.data, compiled.KEYED)


class Judged(NamedTuple):
    """What was found, by the name to show, and what changed.

    Beside the file stands the old state where something is gone from it, named as git names it
    (``commit:path``). Only valid states tell what changed.
    """

    checked: dict[str, Checked]
    changes: list[Change]


def against(path: str | Path, revision: str, policy: Policy | None = None) -> Judged:
    """Check a file, and its change since it parted from a revision.

    Raises:
        ManifestError: the revision is unknown, or shares no history.
    """
    place = git.locate(absolute(path))
    head = git.resolve(place, "HEAD")
    base = git.merge_base(place, git.resolve(place, revision), head)
    new = check_file(path, policy)
    name, data = _as_of(place, base, head)
    if data is None:
        return Judged({str(path): new}, [])  # a first manifest is no change
    old = check(data, policy=policy and policy.of_the_past)
    if [problem for problem in old.errors if problem.code != newer_format.code]:
        reason = f"{name} was not valid, so what changed since then is not judged"
        return Judged({str(path): replace(new, not_judged=reason)}, [])
    comparable = not old.errors and not new.errors
    found = changes(old.data, new.data, compiled.KEYED) if comparable else []
    gone, new = check_change(old, new, policy)
    gone = replace(gone, revision=name.partition(":")[0])
    return Judged({str(path): new} | ({name: gone} if gone.problems else {}), found)


def _as_of(place: Place, base: str, head: str) -> tuple[str, bytes | None]:
    """Return the file as of an earlier commit, and git's name for it, a rename followed."""
    data = git.read(place, base)
    old = None
    if data is None:  # by commits, or by what is to be committed
        old = git.renamed_from(place, base, head) or git.renamed_from(place, base)
    if old:
        place = place._replace(path=old)
        data = git.read(place, base)
    return f"{base[: git.SHORT]}:{place.path}", data


class Outcome(NamedTuple):
    """What an edit did, and the short id of its commit; None where nothing was committed.

    ``before`` are edits that were there before, and are in the commit too.
    """

    editor: Editor
    commit: str | None
    before: list[Change]


def edit_and_commit(
    path: str | Path,
    act: Callable[[Editor], None],
    describe: Describe,
    policy: Policy | None = None,
    *,
    everything: bool = False,
) -> Outcome:
    """Edit a manifest and commit it, in one step: another edit waits until both are done.

    ``describe`` makes the message of what changed since the last commit. Edits that were there
    before are committed too only where ``everything`` is asked for.

    Raises:
        ManifestError: the edit cannot be made, or there were edits before, and the manifest is as
            it was; or git or a hook refuses, and the edit stays in the working tree.
    """
    with editing.locked(path):
        with editing.opened(path, policy=policy) as editor:
            before = _uncommitted(editor, policy)
            if before and not everything:
                raise ManifestError(
                    f"{path} has edits that are not committed; --all commits them too",
                    refused=True,
                )
            act(editor)
        try:
            commit = _commit(git.locate(editor.path), describe, policy)
            return Outcome(editor, commit, before)
        except ManifestError as error:
            raise ManifestError(f"not committed; the edit is in {path}. {error}") from None


def _uncommitted(editor: Editor, policy: Policy | None) -> list[Change]:
    """Return what an open manifest has that its last commit has not; of a new file nothing."""
    place = git.find(editor.path)
    if not isinstance(place, git.Place) or git.is_unborn(place):
        return []
    data = _committed(place, policy)
    return changes(data, editor.data, compiled.KEYED) if data else []


def _committed(place: Place, policy: Policy | None) -> Data:
    """Return the data of the last commit; none where it has no valid manifest."""
    old = None if git.is_unborn(place) else git.read(place, "HEAD")
    before = check(old, policy=policy and policy.of_the_past) if old else None
    return before.data if before and not before.errors else {}


def _commit(place: Place, describe: Describe, policy: Policy | None) -> str | None:
    if not git.is_modified(place):
        return None
    try:
        return git.commit_file(place, lambda: _message(place, describe, policy))
    except ManifestError:
        if git.is_modified(place):
            raise
        return None  # another process of git committed it meanwhile


def _message(place: Place, describe: Describe, policy: Policy | None) -> str:
    new = check_file(place.file, policy)
    return describe(changes(_committed(place, policy), new.data, compiled.KEYED), new.data)
