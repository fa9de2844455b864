"""The merge driver that Git calls: it keeps the changes and comments of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.manifest.compiled import FIELDS, KEYED
from valhalla_manifest.manifest.operations import NAMED
from valhalla_manifest.manifest.wording import describe_change
from valhalla_manifest.project import files
from valhalla_manifest.project.manifest_file import ManifestFile
from valhalla_manifest.validation.check import check
from valhalla_manifest.versioning.diff import changes
from valhalla_manifest.versioning.merge import merge
from valhalla_manifest.versioning.text_merge import candidates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Versions = tuple[Path, Path, Path]

    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.validation.rule_settings import RuleSettings
    from valhalla_manifest.versioning.diff import Data

LABELS = ("ours", "base", "theirs")


class MergeResult(NamedTuple):
    """The merged text, and the conflicts if it has conflict markers."""

    text: bytes
    conflicts: list[str]


def merge_files(versions: Versions, path: str | Path, *, marker_size: int = 7) -> MergeResult:
    """Merge three versions of the manifest at a path: the base, ours and theirs.

    The result of Git's text merge is used if it is correct. Otherwise, the changes of one side are
    made in the text of the other. If anything fails, the result is a text merge with a conflict,
    so that neither side is lost.
    """
    try:
        return _merge(versions, marker_size, ManifestFile.at(path).rule_settings)
    except Exception as error:  # noqa: BLE001  Without a result, the next `git add` would lose theirs.
        return MergeResult(_merge_as_text(versions, marker_size), [f"merged as text: {error}"])


def _merge_as_text(versions: Versions, marker_size: int) -> bytes:
    """Return Git's text merge or, if it fails, both sides between conflict markers."""
    base, ours, theirs = versions
    try:
        return git.merge_text(ours, base, theirs, LABELS, marker_size)[0]
    except ManifestError:
        pass
    try:
        return _mark_conflict(ours.read_bytes(), theirs.read_bytes(), marker_size)
    except OSError as error:
        raise ManifestError(f"cannot read {error.filename}: {files.os_error_text(error)}") from None


def _merge(versions: Versions, marker_size: int, rules: RuleSettings) -> MergeResult:
    raws = [files.read(path) for path in versions]
    checked = CheckedVersions(*(check(raw, rules) for raw in raws))
    base, ours, theirs = versions
    by_git, clean = git.merge_text(ours, base, theirs, LABELS, marker_size)
    invalid = _find_invalid(checked, raws)
    if invalid:
        is_good = clean and not check(by_git, rules).errors
        return MergeResult(by_git, [] if is_good else [invalid])
    first, mine, other = (side.data or {} for side in checked)
    both = merge(first, mine, other, KEYED, NAMED)
    failures = [
        f"ours: {describe_change(mine)}; theirs: {describe_change(other)}"
        for mine, other in both.conflicts
    ]
    for text, lost in [] if failures else _candidates(checked, by_git if clean else None):
        failure = _find_failure(text, both.data, rules) or lost
        if failure is None:
            return MergeResult(text, [])
        failures.append(failure)
    return MergeResult(
        _mark_conflict(raws[1], raws[2], marker_size) if clean else by_git, failures[:1]
    )


class CheckedVersions(NamedTuple):
    """The checked base, ours and theirs."""

    base: Checked
    ours: Checked
    theirs: Checked


def _find_invalid(versions: CheckedVersions, raws: list[bytes]) -> str | None:
    """Return the problem of the first version that is not valid; an empty version is allowed."""
    for label, checked, raw in zip(versions._fields, versions, raws, strict=True):
        if raw.strip() and checked.errors:
            first = checked.errors[0]
            return f"{label} is not valid: line {first.line}, {first.message}"
    return None


def _candidates(
    versions: CheckedVersions, by_git: bytes | None
) -> Iterator[tuple[bytes, str | None]]:
    """Yield candidates for the merged file, Git's result first, each with what it would lose."""
    if by_git is not None:
        yield by_git, None
    base, ours, theirs = (checked.source for checked in versions)
    for text, lost in candidates(base, ours, theirs, KEYED, FIELDS):
        yield text.encode(), lost


def _find_failure(text: bytes, both: Data, rules: RuleSettings) -> str | None:
    """Return why a candidate is rejected: it is not valid, or lacks a change of one side."""
    result = check(text, rules)
    if result.errors:
        first = result.errors[0]
        return f"the merged manifest would not be valid: {first.code} {first.message}"
    if changes(result.data, both, KEYED):
        return "it cannot be merged without losing a change"
    return None


def _mark_conflict(ours: bytes, theirs: bytes, size: int) -> bytes:
    """Return all differing lines as one conflict, if Git's text merge reported no conflict."""
    mine, other = ours.splitlines(keepends=True), theirs.splitlines(keepends=True)
    start = _count_common(mine, other)
    end = _count_common(mine[start:][::-1], other[start:][::-1])
    newline = b"\r\n" if ours.endswith(b"\r\n") else b"\n"
    block = [
        b"<" * size + b" ours" + newline,
        *_with_newlines(mine[start : len(mine) - end], newline),
        b"=" * size + newline,
        *_with_newlines(other[start : len(other) - end], newline),
        b">" * size + b" theirs" + newline,
    ]
    return b"".join([*mine[:start], *block, *mine[len(mine) - end :]])


def _count_common(one: list[bytes], other: list[bytes]) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _with_newlines(lines: list[bytes], newline: bytes) -> list[bytes]:
    return [line if line.endswith(b"\n") else line + newline for line in lines]
