"""Changes between two revisions: list them, check them, and commit them."""

from __future__ import annotations

import shlex
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import EarlierEditsError, ManifestError
from valhalla_manifest.manifest import compiled
from valhalla_manifest.manifest.wording import commit_message, describe_change
from valhalla_manifest.project import editor as editing
from valhalla_manifest.project import files, settings_review
from valhalla_manifest.project.branch_point import BranchPoint
from valhalla_manifest.validation.check import check, check_change, check_removal
from valhalla_manifest.validation.rules.schema import newer_format
from valhalla_manifest.versioning.diff import Change, Data, changes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from valhalla_manifest.project.editor import Editor
    from valhalla_manifest.project.history import ProgressCallback
    from valhalla_manifest.project.manifest_file import ManifestFile
    from valhalla_manifest.project.settings import Project
    from valhalla_manifest.validation.check import Checked


def compare(file: ManifestFile, before: str, after: str | None) -> list[Change]:
    """Return the changes between a revision and another revision or the working file."""
    old, new = (file.require_valid(revision) for revision in (before, after))
    return changes(old.data, new.data, compiled.KEYED)


class ReviewResult(NamedTuple):
    """The checked states by name, and the changes between them if both are valid.

    If something was removed, the old state is included, under Git's name for it (``commit:path``).
    """

    checked: dict[str, Checked]
    changes: list[Change]


def _review_change(
    file: ManifestFile, base: BranchPoint, present: Collection[Path]
) -> ReviewResult:
    """Check a manifest, and its changes since the branch point; ``present`` are all manifests."""
    new = file.check()
    path = base.earlier_path(file.path, present)
    data = base.read(path) if path else None
    if path is None or data is None:
        return ReviewResult({file.name: new}, [])  # A first manifest has no changes.
    name = base.name_of(path)
    old = check(data, file.past_rule_settings)
    if [problem for problem in old.errors if problem.code != newer_format.code]:
        reason = f"{name} was not valid, so the changes since then were not checked"
        return ReviewResult({file.name: replace(new, skipped_reason=reason)}, [])
    comparable = not old.errors and not new.errors
    found = changes(old.data, new.data, compiled.KEYED) if comparable else []
    removed, new = check_change(old, new, file.rule_settings)
    removed = replace(removed, revision=base.short)
    return ReviewResult({file.name: new} | ({name: removed} if removed.problems else {}), found)


def review_changes(
    manifests: list[ManifestFile],
    revision: str,
    *,
    here: Path,
    project: Project,
    progress: ProgressCallback,
) -> ReviewResult:
    """Check manifests, and the changes since the branch point with a revision.

    The check covers the manifests, the settings of their projects, and manifests that were removed.
    ``here`` is the working directory, whose project may say which manifests there are.
    """
    bases: dict[Path, BranchPoint] = {}

    def base_of(root: Path) -> BranchPoint:
        if root not in bases:
            bases[root] = BranchPoint.find(root, revision)
        return bases[root]

    checked: dict[str, Checked] = {}
    found: list[Change] = []
    paths = {file.path for file in manifests}
    for file in progress(manifests, len(manifests)):
        root = files.repository(file.path.parent)
        if root is None:
            raise ManifestError(f"{file} is not in a Git repository")
        result = _review_change(file, base_of(root), paths)
        checked |= result.checked
        found += result.changes
    projects = {file.path.parent: file.project for file in manifests}
    root = files.repository(here)
    if root and (not manifests or root in bases):
        projects = {here: project, **projects}
        base_of(root)
    roots = {folder: files.repository(folder) for folder in projects}
    for root, base in bases.items():
        inside = {folder: each for folder, each in projects.items() if roots[folder] == root}
        for review in settings_review.compare_settings(here, base, inside):
            checked[files.name_from_here(review.file)] = review.checked
        for path in _removed_manifests(base, inside, paths):
            checked[base.name_of(path)] = _removal(base, path, inside)
    return ReviewResult(checked, found)


def _removed_manifests(
    base: BranchPoint, projects: Iterable[Path], present: set[Path]
) -> list[Path]:
    """Return the manifests of the branch point that no present manifest follows."""
    followed = {base.earlier_path(path, present) for path in present}
    earlier = dict.fromkeys(path for folder in projects for path in _manifests(base, folder))
    return [path for path in earlier if path not in followed and not path.exists()]


def _manifests(base: BranchPoint, folder: Path) -> list[Path]:
    try:
        return base.manifests(folder)
    except git.GitFailedError:
        raise
    except ManifestError:  # The comparison of the settings reports it.
        return []


def _removal(base: BranchPoint, path: Path, projects: Mapping[Path, Project]) -> Checked:
    text = (base.read(path) or b"").decode("utf-8", "replace")
    rule_settings = next(iter(projects.values())).rule_settings
    return replace(check_removal(text, rule_settings), revision=base.short)


class EditOutcome(NamedTuple):
    """An edit, the short id of its commit if there is one, and the earlier edits in the commit."""

    editor: Editor
    commit: str | None
    before: list[Change]


def edit_and_commit(  # noqa: PLR0913  Each keyword is a choice of the caller.
    file: ManifestFile,
    apply_edit: Callable[[Editor], None],
    message: str | None = None,
    *,
    include_earlier_edits: bool = False,
    author: str | None = None,
    undo_on_failure: bool = False,
) -> EditOutcome:
    """Edit a manifest and commit it while other edits wait.

    The default message lists the changes since the last commit. Earlier edits are an error unless
    ``include_earlier_edits`` is true. ``author`` is ``NAME <ADDRESS>``. If Git or a hook refuses,
    the edit stays in the work tree unless ``undo_on_failure`` is true.
    """
    with editing.hold_lock(file):
        committed = None
        if not git.is_unborn(file.place):
            committed = git.read(file.place, "HEAD")
            if committed is None:
                _require_no_move(file)
        is_edited = committed is not None and git.is_modified(file.place)
        if is_edited and not include_earlier_edits:
            raise EarlierEditsError(file.name)
        with editing.open_locked(file) as editor:
            before = _changes_since(committed, editor.data, file) if is_edited else []
            apply_edit(editor)
        try:
            return EditOutcome(editor, _commit(file, message, committed, author), before)
        except ManifestError as error:
            raise describe_failed_commit(editor, error, undo=undo_on_failure) from None


def _require_no_move(file: ManifestFile) -> None:
    """Refuse to begin a new history for a manifest that was moved since the last commit."""
    base = BranchPoint.find(files.repository(file.path.parent) or file.path.parent, "HEAD")
    older = base.earlier_path(file.path, [file.path])
    if older:
        names = f"{files.from_root(older)} {file.name_in_repository}"
        raise ManifestError(
            f"{file} was moved from {files.from_root(older)}; commit the move first: "
            f"git add -A {names}; git commit",
            refused=True,
        )


def _changes_since(committed: bytes | None, data: Data, file: ManifestFile) -> list[Change]:
    """Return the changes since the last commit; after an invalid one, all data counts as new."""
    old = check(committed, file.past_rule_settings) if committed else None
    return changes(old.data if old and not old.errors else {}, data, compiled.KEYED)


def _commit(
    file: ManifestFile, message: str | None, committed: bytes | None, author: str | None
) -> str | None:
    """Commit a manifest and return the short commit id, or None if nothing changed."""
    if not git.is_modified(file.place):
        return None
    head = git.find_head(file.place)
    try:
        git.commit_file(file.place, lambda: message or _default_message(file, committed), author)
    except ManifestError:
        if git.is_modified(file.place) or git.find_head(file.place) == head:
            raise  # Otherwise Git, or another Git process, has committed it all the same.
    last = git.find_last_commit(file.place, "HEAD")
    return last.short if last else None


def _default_message(file: ManifestFile, committed: bytes | None) -> str:
    data = file.require_valid().data
    old = check(committed, file.past_rule_settings) if committed else None
    if old and old.errors:
        return commit_message([], data)
    return commit_message(_changes_since(committed, data, file), data)


def describe_failed_commit(
    editor: Editor, error: ManifestError, *, undo: bool = False
) -> ManifestError:
    """Return the error for an edit whose commit failed: what was written, and how to go on."""
    file, reason, details = editor.file, error.message, error.reasons
    try:
        is_committed = not git.is_modified(file.place)
    except ManifestError:
        return ManifestError(f"the edit is in {file}; Git cannot tell whether it was committed")
    made = [f"in {file}: {describe_change(each)}" for each in editor.changes]
    if is_committed:
        return ManifestError(f"{reason}, but the edit was committed", details=[*details, *made])
    if undo:
        with suppress(ManifestError):  # A hook may have changed the file.
            files.replace(file.path, editor.text.encode(), editor.before.source.whole.encode())
            return ManifestError(f"not committed: {reason}; nothing was changed", details=details)
    name = shlex.quote(file.name)
    is_new = git.is_unborn(file.place) or git.read(file.place, "HEAD") is None
    add = f"git add -- {name} && " if is_new else ""
    return ManifestError(
        f"not committed: {reason}; the edit is in {file}, so run `{add}git commit -- {name}` when "
        "the cause is fixed",
        details=[*details, *made],
    )
