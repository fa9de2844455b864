"""Changes between two revisions: list them, check them, and commit them."""

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
    """Return the changes between a revision and another revision or the working file."""
    old, new = (file.require_valid(revision) for revision in (before, after))
    return changes(old.data, new.data, compiled.KEYED)


class ReviewResult(NamedTuple):
    """The checked states by name, and the changes between them if both are valid.

    If something was removed, the old state is included, under git's name for it (``commit:path``).
    """

    checked: dict[str, Checked]
    changes: list[Change]


def review_change(file: ManifestFile, revision: str) -> ReviewResult:
    """Check a file, and its changes since the branch point with a revision."""
    place = file.place
    head = git.resolve(place, "HEAD")
    base = git.find_merge_base(place, git.resolve(place, revision), head)
    new = file.check()
    name, data = _read_earlier(place, base, head)
    if data is None:
        return ReviewResult({file.name: new}, [])  # A first manifest has no changes.
    old = check(data, file.past_rule_settings)
    if [problem for problem in old.errors if problem.code != newer_format.code]:
        reason = f"{name} was not valid, so the changes since then were not checked"
        return ReviewResult({file.name: replace(new, not_judged=reason)}, [])
    comparable = not old.errors and not new.errors
    found = changes(old.data, new.data, compiled.KEYED) if comparable else []
    removed, new = check_change(old, new, file.rule_settings)
    removed = replace(removed, revision=name.partition(":")[0])
    return ReviewResult({file.name: new} | ({name: removed} if removed.problems else {}), found)


def _read_earlier(place: Place, base: str, head: str) -> tuple[str, bytes | None]:
    """Return git's name of the file in an earlier commit and its content, across a rename."""
    data = git.read(place, base)
    old = None
    if data is None:  # The rename may be committed or staged.
        old = git.find_earlier_path(place, base, head) or git.find_earlier_path(place, base)
    if old:
        place = place._replace(path=old)
        data = git.read(place, base)
    return f"{base[: git.SHORT]}:{place.path}", data


class EditOutcome(NamedTuple):
    """An edit, the short id of its commit if there is one, and the earlier edits in the commit."""

    editor: Editor
    commit: str | None
    before: list[Change]


def edit_and_commit(
    file: ManifestFile,
    apply_edit: Callable[[Editor], None],
    message: str | None = None,
    *,
    include_earlier_edits: bool = False,
) -> EditOutcome:
    """Edit a manifest and commit it while other edits wait.

    The default message lists the changes since the last commit. Earlier edits are an error unless
    ``include_earlier_edits`` is true. If git or a hook refuses, the edit stays in the work tree.
    """
    with editing.hold_lock(file):
        with editing.open_locked(file) as editor:
            before = _uncommitted(file, editor)
            if before and not include_earlier_edits:
                raise ManifestError(
                    f"{file} has earlier uncommitted edits; commit them too with --all",
                    refused=True,
                )
            apply_edit(editor)
        try:
            commit = _commit(file, message)
            return EditOutcome(editor, commit, before)
        except ManifestError as error:
            raise ManifestError(f"the edit is in {file} but was not committed: {error}") from None


def _uncommitted(file: ManifestFile, editor: Editor) -> list[Change]:
    """Return the changes of an open manifest since its last commit; a new file has none."""
    if not isinstance(file.location, git.Place) or git.is_unborn(file.place):
        return []
    data = _committed(file)
    return changes(data, editor.data, compiled.KEYED) if data else []


def _committed(file: ManifestFile) -> Data:
    """Return the data of the last commit, empty if it has no valid manifest."""
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
