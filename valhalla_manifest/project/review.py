"""A change under review: what differs between two states, whether it may, and its commit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest import compiled
from valhalla_manifest.manifest.wording import commit_message
from valhalla_manifest.project import editor as editing
from valhalla_manifest.validation.check import check, check_change
from valhalla_manifest.validation.rules.schema import newer_format
from valhalla_manifest.versioning.diff import Change, Data, changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from valhalla_manifest.git import Place
    from valhalla_manifest.project.editor import Editor
    from valhalla_manifest.project.manifest_file import ManifestFile
    from valhalla_manifest.validation.check import Checked


def compare(file: ManifestFile, before: str, after: str | None) -> list[Change]:
    """Return what changed between a revision and another one, or the working file.

    Raises:
        ManifestError: a revision is unknown, the file is not in it, or it is not valid there.
    """
    old, new = (file.require_valid(revision) for revision in (before, after))
    return changes(old.data, new.data, compiled.KEYED)


class ReviewResult(NamedTuple):
    """What was found, by the name to show, and what changed.

    Beside the file stands the old state where something is gone from it, named as git names it
    (``commit:path``). Only valid states tell what changed.
    """

    checked: dict[str, Checked]
    changes: list[Change]


def review_change(file: ManifestFile, revision: str) -> ReviewResult:
    """Check a file, and its change since it parted from a revision.

    Raises:
        ManifestError: the revision is unknown, or shares no history.
    """
    place = file.place
    head = git.resolve(place, "HEAD")
    base = git.merge_base(place, git.resolve(place, revision), head)
    new = file.check()
    name, data = _as_of(place, base, head)
    if data is None:
        return ReviewResult({file.name: new}, [])  # a first manifest is no change
    old = check(data, file.past_rule_settings)
    if [problem for problem in old.errors if problem.code != newer_format.code]:
        reason = f"{name} was not valid, so what changed since then is not judged"
        return ReviewResult({file.name: replace(new, skipped_reason=reason)}, [])
    comparable = not old.errors and not new.errors
    found = changes(old.data, new.data, compiled.KEYED) if comparable else []
    gone, new = check_change(old, new, file.rule_settings)
    gone = replace(gone, revision=name.partition(":")[0])
    return ReviewResult({file.name: new} | ({name: gone} if gone.problems else {}), found)


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


class EditOutcome(NamedTuple):
    """What an edit did, and the short id of its commit; None where nothing was committed.

    ``before`` are edits that were there before, and are in the commit too.
    """

    editor: Editor
    commit: str | None
    before: list[Change]


def edit_and_commit(
    file: ManifestFile,
    act: Callable[[Editor], None],
    message: str | None = None,
    *,
    everything: bool = False,
) -> EditOutcome:
    """Edit a manifest and commit it, in one step: another edit waits until both are done.

    The message of the commit is by default what changed since the last commit. Earlier edits are
    committed too only with ``everything``.

    Raises:
        ManifestError: the edit cannot be made, or there were edits before, and the manifest is as
            it was; or git or a hook refuses, and the edit stays in the working tree.
    """
    with editing.locked(file):
        with editing.opened(file) as editor:
            before = _uncommitted(file, editor)
            if before and not everything:
                raise ManifestError(
                    f"{file} has edits that are not committed; --all commits them too",
                    refused=True,
                )
            act(editor)
        try:
            commit = _commit(file, message)
            return EditOutcome(editor, commit, before)
        except ManifestError as error:
            raise ManifestError(f"not committed; the edit is in {file}. {error}") from None


def _uncommitted(file: ManifestFile, editor: Editor) -> list[Change]:
    """Return what an open manifest has that its last commit lacks; of a new file nothing."""
    if not isinstance(file.location, git.Place) or git.is_unborn(file.place):
        return []
    data = _committed(file)
    return changes(data, editor.data, compiled.KEYED) if data else []


def _committed(file: ManifestFile) -> Data:
    """Return the data of the last commit; none where it has no valid manifest."""
    old = None if git.is_unborn(file.place) else git.read(file.place, "HEAD")
    before = check(old, file.past_rule_settings) if old else None
    return before.data if before and not before.errors else {}


def _commit(file: ManifestFile, message: str | None) -> str | None:
    if not git.is_modified(file.place):
        return None
    try:
        return git.commit_file(file.place, lambda: message or _default_message(file))
    except ManifestError:
        if git.is_modified(file.place):
            raise
        return None  # Another git process has committed it in the meantime.


def _default_message(file: ManifestFile) -> str:
    new = file.check()
    return commit_message(changes(_committed(file), new.data, compiled.KEYED), new.data)
