"""The merge driver that git calls: both sides' changes and comments, or git's own markers."""

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
    """The merged text; where it holds git's conflict markers, what the conflict is."""

    text: bytes
    conflicts: list[str]


def merge_files(versions: Versions, path: str | Path, *, marker_size: int = 7) -> MergeResult:
    """Merge three versions of the manifest at a path: the base, ours and theirs.

    What git's own text merge gives is taken if it is right. Otherwise the changes of one side
    are made on the text of the other. Whatever fails, the settings included, no side is ever
    dropped: then the outcome is a text merge for a person to look at.
    """
    try:
        return _merged(versions, marker_size, ManifestFile.at(path).rule_settings)
    except Exception as error:  # noqa: BLE001  ours alone would lose theirs at the next `git add`
        return MergeResult(_as_text(versions, marker_size), [f"merged as text: {error}"])


def _as_text(versions: Versions, marker_size: int) -> bytes:
    """Return git's own merge, or both sides between markers where it has none."""
    base, ours, theirs = versions
    try:
        return git.merge_text(ours, base, theirs, LABELS, marker_size)[0]
    except ManifestError:
        pass
    try:
        return _marked(ours.read_bytes(), theirs.read_bytes(), marker_size)
    except OSError as error:
        raise ManifestError(f"cannot read {error.filename}: {files.os_error_text(error)}") from None


def _merged(versions: Versions, marker_size: int, rules: RuleSettings) -> MergeResult:
    raws = [files.read(path) for path in versions]
    three = Three(*(check(raw, rules) for raw in raws))
    base, ours, theirs = versions
    by_git, clean = git.merge_text(ours, base, theirs, LABELS, marker_size)
    broken = _broken(three, raws)
    if broken:
        good = clean and not check(by_git, rules).errors
        return MergeResult(by_git, [] if good else [broken])
    first, mine, other = (side.data or {} for side in (three.base, three.ours, three.theirs))
    both = merge(first, mine, other, KEYED, NAMED)
    failures = [
        f"ours: {describe_change(mine)}; theirs: {describe_change(other)}"
        for mine, other in both.conflicts
    ]
    for text, lost in [] if failures else _candidates(three, by_git if clean else None):
        failure = _wrong_with(text, both.data, rules) or lost
        if failure is None:
            return MergeResult(text, [])
        failures.append(failure)
    return MergeResult(_marked(raws[1], raws[2], marker_size) if clean else by_git, failures[:1])


class Three(NamedTuple):
    """What is known of the version that both sides come from, and of what each made of it."""

    base: Checked
    ours: Checked
    theirs: Checked


def _broken(three: Three, raws: list[bytes]) -> str | None:
    """Say what is wrong with the first version that is not valid; no file at all is not wrong."""
    for label, checked, raw in zip(Three._fields, three, raws, strict=True):
        if raw.strip() and checked.errors:
            first = checked.errors[0]
            return f"{label} is not valid: line {first.line}, {first.message}"
    return None


def _candidates(three: Three, by_git: bytes | None) -> Iterator[tuple[bytes, str | None]]:
    """Yield what may be the merge, git's own text first, and what each would lose."""
    if by_git is not None:
        yield by_git, None
    base, ours, theirs = (checked.source for checked in three)
    for text, lost in candidates(base, ours, theirs, KEYED, FIELDS):
        yield text.encode(), lost


def _wrong_with(text: bytes, both: Data, rules: RuleSettings) -> str | None:
    """Say why a text is not the merge: it is not valid, or not what both sides give together."""
    result = check(text, rules)
    if result.errors:
        first = result.errors[0]
        return f"together they would not be valid: {first.code} {first.message}"
    if changes(result.data, both, KEYED):
        return "it cannot be merged without losing a change"
    return None


def _marked(ours: bytes, theirs: bytes, size: int) -> bytes:
    """Put markers around all that differs, where git's text merge saw no conflict."""
    mine, other = ours.splitlines(keepends=True), theirs.splitlines(keepends=True)
    start = _common(mine, other)
    end = _common(mine[start:][::-1], other[start:][::-1])
    newline = b"\r\n" if ours.endswith(b"\r\n") else b"\n"
    block = [
        b"<" * size + b" ours" + newline,
        *_ended(mine[start : len(mine) - end], newline),
        b"=" * size + newline,
        *_ended(other[start : len(other) - end], newline),
        b">" * size + b" theirs" + newline,
    ]
    return b"".join([*mine[:start], *block, *mine[len(mine) - end :]])


def _common(one: list[bytes], other: list[bytes]) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _ended(lines: list[bytes], newline: bytes) -> list[bytes]:
    return [line if line.endswith(b"\n") else line + newline for line in lines]


def write(file: Path, content: bytes) -> None:
    """Write the merged text into the file that git gave for it."""
    try:
        if file.read_bytes() != content:
            file.write_bytes(content)
    except OSError as error:
        raise ManifestError(f"cannot write {file}: {files.os_error_text(error)}") from None
