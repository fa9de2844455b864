"""Editing a manifest file for CLI, HTTP and Python: open it, change it in memory, write it once."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.edit import Edit, apply_to_source
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest import compiled, operations
from valhalla_manifest.project import files
from valhalla_manifest.project.manifest_file import ManifestFile, invalid_error
from valhalla_manifest.validation.check import Checked, check, check_source
from valhalla_manifest.versioning.diff import Change, Data, changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from valhalla_manifest.document.problems import Problem
    from valhalla_manifest.document.source import Source

_OF_THE_FORMAT = "VM2"  # Lower codes are problems that make parsers read different data.
_LINE_NUMBER = re.compile(r"\bline \d+")


@dataclass(slots=True)
class Editor:
    """A manifest that is being edited, as ``open_manifest`` yields it.

    Each method changes only the necessary lines, in memory. ``changes`` lists the changed fields.
    """

    file: ManifestFile
    before: Checked  # the file as it was read
    now: datetime
    source: Source = field(init=False)  # the current text
    _checked: Checked | None = field(init=False)  # the result of checking the current text

    def __post_init__(self) -> None:
        """Start with the file as it is."""
        self.source, self._checked = self.before.source, self.before

    @property
    def text(self) -> str:
        """The current text."""
        return self.source.whole

    @property
    def data(self) -> Data:
        """The current data."""
        return self.source.data

    @property
    def is_complete(self) -> bool:
        """Whether the backend is complete in the current text."""
        return self.data.get("backend_complete") is True

    @property
    def changes(self) -> list[Change]:
        """The changes since the file was read."""
        return changes(self.before.source.data, self.data, compiled.KEYED)

    @property
    def changed(self) -> bool:
        """Whether the text differs from the file."""
        return self.source.text != self.before.source.text

    @property
    def new_warnings(self) -> list[Problem]:
        """The warnings that the edits added."""
        added = _added(self.before.problems, self.checked().problems)
        return [problem for problem in added if not problem.is_error]

    @property
    def remaining(self) -> tuple[Problem, ...]:
        """The errors of the present text."""
        return self.checked().errors

    def complete(
        self, notes: str | None = None, version: str | None = None, *, force: bool = False
    ) -> None:
        """Mark the backend as complete; an earlier completion time is kept.

        Without ``notes``, the notes stay as they are.

        Raises:
            ManifestError: If packs are pending or the version is lower and ``force`` is false.
        """
        self._apply(
            operations.complete(self.data, self.now, notes=notes, version=version, force=force)
        )

    def incomplete(self, notes: str | None = None) -> None:
        """Mark the backend as not complete, and clear the completion time."""
        self._apply(operations.incomplete(self.data, notes=notes))

    def set_version(self, version: str, notes: str | None = None, *, force: bool = False) -> None:
        """Set the version (SemVer 2.0.0).

        Raises:
            ManifestError: If it is not a version, or is lower and ``force`` is false.
        """
        edits = operations.set_version(self.data, version, force=force)
        self._apply([*edits, *operations.set_notes(notes)])

    def bump_version(self, part: str, notes: str | None = None) -> None:
        """Increase the ``major``, ``minor``, ``patch`` or ``pre`` part of the version."""
        self.set_version(operations.bump_version(self.data["version"], part), notes)

    def set_notes(self, notes: str) -> None:
        """Replace the notes."""
        self._apply(operations.set_notes(notes))

    def add_pack(self, pack_id: str, name: str, status: str = "pending", **fields: Any) -> None:
        """Add a pack after the last one of its category.

        Raises:
            ManifestError: If a pack with this id exists.
        """
        pack = {"id": pack_id, "name": name, "status": status, **fields}
        self._apply(operations.add_pack(self.data, pack))

    def set_pack(self, pack_id: str, clear: Iterable[str] = (), **fields: Any) -> None:
        """Set fields of a pack, and remove the fields in ``clear``.

        Raises:
            ManifestError: If the pack does not exist.
        """
        self._apply(operations.set_pack(self.data, pack_id, fields, clear))

    def rename_pack(self, pack_id: str, new_id: str) -> None:
        """Change the id of a pack, and every reference to it in other packs.

        Raises:
            ManifestError: If the pack does not exist, or another pack has the new id.
        """
        self._apply(operations.rename_pack(self.data, pack_id, new_id))

    def set_values(self, values: Mapping[str, Any], clear: Iterable[str] = ()) -> None:
        """Set top-level keys, and remove the keys in ``clear``."""
        self._apply(operations.set_values(values, clear))

    def remove_pack(self, pack_id: str) -> None:
        """Remove a pack and the comments that belong to it.

        Raises:
            ManifestError: If the pack does not exist, or another pack refers to it.
        """
        self._apply(operations.remove_pack(self.data, pack_id))

    def checked(self) -> Checked:
        """Check the current text by the settings of the project."""
        if self._checked is None:
            self._checked = check_source(self.source, self.file.rule_settings, now=self.now)
        return self._checked

    def _apply(self, edits: Iterable[Edit]) -> None:
        source = apply_to_source(self.source, edits, compiled.FIELDS)
        if source is not self.source:
            self.source, self._checked = source, None


@contextmanager
def open_manifest(
    path: str | Path, *, now: datetime | None = None, dry: bool = False
) -> Iterator[Editor]:
    """Open a manifest to edit it; it is written once, if the ``with`` block ends without an error.

    Concurrent edits wait for each other, and all of them take effect. A result that is not valid
    by the settings of the project is not written, unless the edit only removes problems. With
    ``dry``, nothing is written or locked. ``now`` is the time to write as ``completed_at``, by
    default the current time.

    Raises:
        ManifestError: If the manifest cannot be read or written, or would not be valid.
    """
    with edit(ManifestFile.at(path), now=now, dry=dry) as editor:
        yield editor


@contextmanager
def edit(file: ManifestFile, *, now: datetime | None = None, dry: bool = False) -> Iterator[Editor]:
    """Open a manifest like ``open_manifest``."""
    with (
        nullcontext() if dry else hold_lock(file),
        open_locked(file, now=now, dry=dry) as editor,
    ):
        yield editor


@contextmanager
def hold_lock(file: ManifestFile) -> Iterator[None]:
    """Hold the lock that every edit of a manifest takes."""
    _require_file(file, "edited")
    with files.lock(file.path):
        yield


def _require_file(file: ManifestFile, verb: str) -> None:
    if file.is_standard_input:
        raise ManifestError(f"standard input cannot be {verb}; name a file")


@contextmanager
def open_locked(
    file: ManifestFile, *, now: datetime | None = None, dry: bool = False
) -> Iterator[Editor]:
    """Open a manifest like ``edit``, while the caller holds the lock."""
    _require_file(file, "edited")
    try:
        original = file.read()
    except ManifestError as error:
        raise ManifestError(f"cannot read {file}: {error}") from None
    now = now or datetime.now(UTC)
    before = check(original, file.rule_settings, now=now)
    if before.source.faults or not _is_editable(before.data):
        raise invalid_error(file.name, before)
    editor = Editor(file, before, now)
    yield editor
    _require_better(file, before.errors, editor.remaining)
    new = editor.text.encode()
    if not dry and new != original:
        files.replace(file.path, original, new)


def _require_better(
    file: ManifestFile, before: tuple[Problem, ...], after: tuple[Problem, ...]
) -> None:
    """Raise ManifestError unless an edit leaves no error, or adds none and removes some.

    Raises:
        ManifestError: If it does not, or parsers would read the text differently.
    """
    if added := _added(before, after):
        message = f"{file} would not be valid; nothing was changed"
        raise ManifestError(message, problems=added, written=False)
    taken = _added(after, before)
    is_uncertain = any(problem.code < _OF_THE_FORMAT for problem in after)
    if after and (is_uncertain or not taken):
        left = tuple(problem for problem in before if problem not in taken)
        raise ManifestError(f"{file} is not valid; nothing was changed", problems=left)


def _added(before: Iterable[Problem], after: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems that an edit added: of equal ones, as many as there are more."""
    known = Counter(map(_sentence, before))
    known.subtract(Counter(map(_sentence, found := list(after))))
    added = []
    for problem in reversed(found):
        if known[_sentence(problem)] < 0:
            known[_sentence(problem)] += 1
            added.append(problem)
    return tuple(reversed(added))


def _sentence(problem: Problem) -> tuple[str, str]:
    """Return what makes a problem the same one, wherever it stands after an edit."""
    return problem.code, _LINE_NUMBER.sub("line", problem.message)


def _is_editable(data: Any) -> bool:
    """Return whether edits can address the packs; they may fix any other problem."""
    packs = data.get("packs") if isinstance(data, dict) else None
    return isinstance(packs, list) and all(isinstance(pack, dict) for pack in packs)


def repair(file: ManifestFile) -> bool:
    """Make the safe fixes of a manifest; return whether it changed."""
    _require_file(file, "repaired")
    if _find_repair(file) is None:
        return False  # Take no lock: a hook of a commit, which holds it, may call this.
    with files.lock(file.path):
        found = _find_repair(file)
        if found:
            files.replace(file.path, *found)
        return found is not None


def _find_repair(file: ManifestFile) -> tuple[bytes, bytes] | None:
    """Return the bytes of a manifest and their repaired form, or None if they are the same."""
    from valhalla_manifest.validation.fix import fix_text

    try:
        original = file.read()
        new = fix_text(original.decode()).encode()
    except (ManifestError, UnicodeDecodeError):
        return None  # The check that follows reports the reason.
    return (original, new) if new != original else None
