"""Editing a manifest file: open, change in memory, write once; the same for CLI, HTTP, Python."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.edit import Edit, apply
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.document.source import read
from valhalla_manifest.manifest import compiled, formats, operations
from valhalla_manifest.project import files
from valhalla_manifest.project.loading import invalid
from valhalla_manifest.validation.check import Checked, Policy, check
from valhalla_manifest.versioning.diff import Change, changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(slots=True)
class Editor:
    """A manifest that is being edited; what ``open_manifest`` gives.

    Each method changes only the lines that it must, in memory. ``changes`` tells what changed
    so far, in the manifest's own terms.
    """

    path: Path
    original: bytes
    text: str
    now: datetime
    policy: Policy = field(default_factory=Policy)

    @property
    def data(self) -> dict[str, Any]:
        """The present data."""
        root = read(self.text).root
        return root.value if root and isinstance(root.value, dict) else {}

    @property
    def changes(self) -> list[Change]:
        """What differs from the file."""
        before = read(self.original.decode()).root
        return changes(before.value if before else {}, self.data, compiled.KEYED)

    @property
    def changed(self) -> bool:
        """Whether the text differs from the file's."""
        return self.text.encode() != self.original

    def complete(
        self, notes: str | None = None, version: str | None = None, *, force: bool = False
    ) -> None:
        """Mark the backend as complete; the first time of completion is kept.

        Notes stay where none are given.

        Raises:
            ManifestError: packs are pending or the version goes down, without ``force``.
        """
        self._apply(
            operations.complete(self.data, self.now, notes=notes, version=version, force=force)
        )

    def incomplete(self, notes: str | None = None) -> None:
        """Mark the backend as not complete, and clear the time."""
        self._apply(operations.incomplete(self.data, notes=notes))

    def set_version(self, version: str, notes: str | None = None, *, force: bool = False) -> None:
        """Set the version (SemVer 2.0.0).

        Raises:
            ManifestError: it is not a version, or goes down without ``force``.
        """
        edits = operations.set_version(self.data, version, force=force)
        self._apply([*edits, *operations.set_notes(notes)])

    def bump_version(self, part: str, notes: str | None = None) -> None:
        """Count the version up by ``major``, ``minor``, ``patch`` or ``pre``."""
        self.set_version(operations.bumped(self.data["version"], part), notes)

    def set_notes(self, notes: str) -> None:
        """Replace the notes."""
        self._apply(operations.set_notes(notes))

    def add_pack(self, pack_id: str, name: str, status: str = "pending", **fields: Any) -> None:
        """Add a pack after the last one of its category.

        Raises:
            ManifestError: a pack has this id already.
        """
        pack = {"id": formats.capitals(pack_id), "name": name, "status": status, **fields}
        self._apply(operations.add_pack(self.data, pack))

    def set_pack(self, pack_id: str, clear: Iterable[str] = (), **fields: Any) -> None:
        """Set fields of a pack; ``clear`` names those to remove.

        Raises:
            ManifestError: there is no such pack.
        """
        self._apply(operations.set_pack(self.data, pack_id, fields, clear))

    def remove_pack(self, pack_id: str) -> None:
        """Remove a pack and the comments that belong to it.

        Raises:
            ManifestError: there is no such pack, or another one needs it.
        """
        self._apply(operations.remove_pack(self.data, pack_id))

    def checked(self) -> Checked:
        """Check the present text."""
        return check(self.text.encode(), now=self.now, policy=self.policy)

    def _apply(self, edits: Iterable[Edit]) -> None:
        self.text = apply(self.text, edits, compiled.FIELDS)


@contextmanager
def open_manifest(
    path: str | Path,
    *,
    now: datetime | None = None,
    policy: Policy | None = None,
    dry: bool = False,
) -> Iterator[Editor]:
    """Open a manifest to edit it; it is written once, at a clean exit of the ``with`` block.

    Two edits at once both take effect: the second waits for the first. What would not be valid
    is not written. With ``dry`` nothing is.

    Raises:
        ManifestError: the manifest cannot be read or written, or would not be valid.
    """
    if str(path) == files.STANDARD_INPUT:
        raise ManifestError("standard input cannot be edited; name a file")
    real = Path(path).resolve()
    with files.lock(real):
        try:
            original = files.read(real)
        except ManifestError as error:
            raise ManifestError(f"cannot read {path}: {error}") from None
        editor = Editor(real, original, "", now or datetime.now(UTC), policy or Policy())
        before = check(original, now=editor.now, policy=editor.policy)
        if before.source.faults or not _is_editable(before.data):
            raise invalid(path, before)
        editor.text = original.decode()
        yield editor
        new = editor.text.encode()
        if new == original:
            return
        after = editor.checked()
        if after.errors:
            raise _refused(path, before, after)
        if not dry:
            files.replace(real, original, new)


def _refused(path: str | Path, before: Checked, after: Checked) -> ManifestError:
    """Return the error for an edit whose result is not valid: what the file had, or what is new."""
    known = {(problem.code, problem.message): problem for problem in before.errors}
    left = [known.get((problem.code, problem.message)) for problem in after.errors]
    there = tuple(problem for problem in left if problem)
    verdict = "is not valid" if there else "would not be valid"
    return ManifestError(
        f"{path} {verdict}; nothing is changed",
        problems=there or after.errors,
        written=bool(there),
    )


def _is_editable(data: Any) -> bool:
    """Return whether edits can be named on data: all else they may even repair."""
    packs = data.get("packs") if isinstance(data, dict) else None
    return isinstance(packs, list) and all(isinstance(pack, dict) for pack in packs)


def repair(path: str | Path) -> bool:
    """Make the safe repairs of a manifest; return whether anything changed.

    Raises:
        ManifestError: it cannot be written.
    """
    from valhalla_manifest.validation.fix import fixed

    if str(path) == files.STANDARD_INPUT:
        raise ManifestError("standard input cannot be repaired; name a file")
    real = Path(path).resolve()
    with files.lock(real):
        try:
            original = files.read(real)
            new = fixed(original.decode()).encode()
        except (ManifestError, UnicodeDecodeError):
            return False  # the validation that follows says why
        if new != original:
            files.replace(real, original, new)
        return new != original


def create(path: Path, text: str, policy: Policy | None = None) -> None:
    """Write a manifest where there is none yet.

    Raises:
        ManifestError: there is one already, the text is not valid, or it cannot be written.
    """
    if path.exists() or path.is_symlink():
        raise ManifestError(f"{path} is there already; nothing is changed", refused=True)
    checked = check(text.encode(), policy=policy)
    if checked.errors:
        raise ManifestError(f"{path} would not be valid", problems=checked.errors)
    files.write(path, text.encode())
