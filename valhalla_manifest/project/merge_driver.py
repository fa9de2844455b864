"""The merge driver that git calls: both sides' changes and comments, or git's own markers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document import comments
from valhalla_manifest.document.edit import apply
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.document.source import read
from valhalla_manifest.manifest import compiled
from valhalla_manifest.project import files
from valhalla_manifest.validation.check import Checked, Policy, check
from valhalla_manifest.versioning.diff import changes
from valhalla_manifest.versioning.merge import Merged, common_order, edits, ids, merge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from valhalla_manifest.versioning.diff import Change, Data

LABELS = ("ours", "base", "theirs")


class Outcome(NamedTuple):
    """The merged text; where it holds git's conflict markers, what the conflict is."""

    text: bytes
    conflicts: list[str]


class Side(NamedTuple):
    """One of the three versions: its bytes, and what is known of them."""

    raw: bytes
    checked: Checked

    @property
    def text(self) -> str:
        """The bytes as text."""
        return self.raw.decode()

    @property
    def data(self) -> Data:
        """The data; none where a side has no file."""
        data: Data = self.checked.data or {}
        return data

    @property
    def broken(self) -> str | None:
        """What is wrong with it first; a side without a file is not wrong."""
        first = next(iter(self.checked.errors), None)
        return f"line {first.line}, {first.message}" if first and self.raw.strip() else None


class Three(NamedTuple):
    """The version that both sides come from, and what each of them made of it."""

    base: Side
    ours: Side
    theirs: Side


def merge_files(
    versions: tuple[Path, Path, Path],
    describe: Callable[[Change], str],
    *,
    marker_size: int = 7,
    policy: Policy | None = None,
) -> Outcome:
    """Merge three versions of a manifest: the base, ours and theirs.

    What git's own text merge gives is taken if it is right. Otherwise the changes of one side
    are made on the text of the other. No side is ever dropped. ``describe`` puts a change into
    words.

    Raises:
        ManifestError: a file cannot be read, or git cannot be run.
    """
    raws = [files.read(path) for path in versions]
    base, ours, theirs = versions
    by_git, clean = git.merged_file(ours, base, theirs, LABELS, marker_size)
    three = Three(*(Side(raw, check(raw, policy=policy)) for raw in raws))
    broken = [
        f"{label} is not valid: {side.broken}"
        for label, side in zip(Three._fields, three, strict=True)
        if side.broken
    ]
    if broken:
        good = clean and not check(by_git, policy=policy).errors
        return Outcome(by_git, [] if good else broken[:1])
    both = merge(three.base.data, three.ours.data, three.theirs.data, compiled.KEYED)
    failures = [
        f"ours: {describe(mine)}; theirs: {describe(other)}" for mine, other in both.conflicts
    ]
    for candidate in [] if failures else _candidates(three, by_git if clean else None):
        failure = _wrong_with(candidate.text, both, policy) or candidate.lost
        if failure is None:
            return Outcome(candidate.text, [])
        failures.append(failure)
    return Outcome(_marked(raws[1], raws[2], marker_size) if clean else by_git, failures[:1])


class Candidate(NamedTuple):
    """What may be the merge, and what it would lose that no data holds."""

    text: bytes
    lost: str | None = None


def _wrong_with(text: bytes, both: Merged, policy: Policy | None) -> str | None:
    """Say why a text is not the merge: it is not valid, or not what both sides give together."""
    result = check(text, policy=policy)
    if result.errors:
        first = result.errors[0]
        return f"together they would not be valid: {first.code} {first.message}"
    if changes(result.data, both.data, compiled.KEYED):
        return "it cannot be merged without losing a change"
    return None


def _candidates(three: Three, by_git: bytes | None) -> Iterator[Candidate]:
    """Yield what may be the merge: git's text, theirs made on ours, ours made on theirs."""
    if by_git is not None:
        yield Candidate(by_git)
    wanted = comments.merge(
        *(comments.collect(side.checked.source, compiled.KEYED) for side in three)
    )
    expected = common_order(*(ids(side.data, compiled.KEYED) for side in three))
    made = [(three.ours, three.theirs), (three.theirs, three.ours)]
    # A side that changed the layout too is the one to build on: so its layout stays.
    made.sort(key=lambda pair: not _is_plain(three.base, pair[1]))
    for target, other in made:
        try:
            text = comments.place(_made_on(target, three.base, other), wanted, compiled.KEYED)
        except ManifestError as error:
            yield Candidate(target.raw, str(error))
        else:
            yield Candidate(text.encode(), _lost(text, wanted, expected))


def _made_on(target: Side, base: Side, other: Side) -> str:
    """Return a side's text with the changes of another made on it.

    Raises:
        ManifestError: the text cannot be edited without touching more.
    """
    found = merge(base.data, target.data, other.data, compiled.KEYED).theirs
    steps = edits(found, other.checked.source, target.checked.source, compiled.KEYED)
    return apply(target.text, steps, compiled.FIELDS)


def _is_plain(base: Side, side: Side) -> bool:
    """Return whether a side's text is nothing but its changes and comments, made on the base."""
    own = comments.collect(side.checked.source, compiled.KEYED)
    try:
        return comments.place(_made_on(base, base, side), own, compiled.KEYED) == side.text
    except ManifestError:
        return False


def _lost(text: str, wanted: comments.Comments, expected: list[str] | None) -> str | None:
    """Say what a text lacks of the comments of both sides, or of the order that one gave it."""
    source = read(text)
    all_wanted = Counter(line.strip() for lines in wanted.values() for line in lines)
    missing = all_wanted - comments.count(source)
    if missing:
        return f"a comment would be lost: {next(iter(missing))}"
    present = ids(source.root.value if source.root else {}, compiled.KEYED)
    if expected is None or [item for item in present if item in expected] != expected:
        return "both sides changed the order"
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
    """Write the merged text into the file that git gave for it.

    Raises:
        ManifestError: it cannot be written.
    """
    try:
        if file.read_bytes() != content:
            file.write_bytes(content)
    except OSError as error:
        raise ManifestError(f"cannot write {file}: {files.reason(error)}") from None
