"""The settings under review: what a change of them lets pass that was refused before."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError, Severity, Span, pointer
from valhalla_manifest.document.reader import read
from valhalla_manifest.project import config, files
from valhalla_manifest.validation.check import check_settings
from valhalla_manifest.validation.loosening import loosened
from valhalla_manifest.validation.rules import RULES
from valhalla_manifest.validation.rules.subjects import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.manifest.extensions import Extensions
    from valhalla_manifest.project.config import Config
    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.validation.policy import Policy

_WEIGHT = {Severity.ERROR: 2, Severity.WARNING: 1, None: 0}
_FEW = 3  # places of a schema that are named
_UNKNOWN = "what they were cannot be told, so nobody judges this change: "

Change = tuple[str, str]  # the key of the settings, and what it lets pass


class Weakened(NamedTuple):
    """What was found of the settings, and the file that they stand in."""

    file: Path
    checked: Checked


def against(start: Path, revision: str, present: Mapping[Path, Config]) -> list[Weakened]:
    """Return what settings let pass since the work tree parted from a revision, if anything.

    ``present`` are the settings as they are now, by the folders that they were looked for from;
    those of ``start`` name the manifests. Where a folder is in no repository, or in one that does
    not know the revision, there is nothing to compare with.
    """
    past = cache(lambda root: _Past.of(root, revision))
    found: dict[Path, Weakened] = {}
    for folder, settings in present.items():
        root = files.repository(folder)
        before = past(root) if root else None
        for judged in _judged(before, folder, settings, names=folder == start) if before else ():
            if judged.checked.problems:
                found.setdefault(judged.file, judged)
    return list(found.values())


@dataclass(frozen=True)
class _Past:
    """A repository as of the commit that the work tree parted at."""

    root: Path
    place: git.Place
    commit: str
    _known: dict[Path, bytes | None] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, revision: str) -> _Past | None:
        place = git.find(root / config.FILE)
        if not isinstance(place, git.Place):
            return None
        try:
            ends = git.resolve(place, revision), git.resolve(place, "HEAD")
            return cls(root, place, git.merge_base(place, *ends))
        except ManifestError:
            return None

    def read(self, file: Path) -> bytes | None:
        """Return a file as it was, also where a link led to it; None outside of the repository."""
        if file not in self._known:
            whole = Path(os.path.abspath(file))  # noqa: PTH100  ".." goes, links stay
            inside = whole.is_relative_to(self.root)
            name = whole.relative_to(self.root).as_posix() if inside else ""
            place = self.place._replace(path=name)
            self._known[file] = git.read_through(place, self.commit) if inside else None
        return self._known[file]

    def settings(self, start: Path) -> Config:
        """Return the settings; without any, the defaults."""
        for file in config.places(start):
            found = config.parse(self.read(file) or b"", file)
            if found:
                content = self.read(found.extensions) if found.extensions else None
                typed = config.sound_extensions(content) if content is not None else None
                return replace(found, policy=replace(found.policy, extensions=typed))
        return config.Config()

    def manifests(self, settings: Config, start: Path) -> Iterator[Path]:
        """Yield the manifests that settings stood for."""
        if settings.manifests:
            is_meant, top = settings.pattern.fullmatch, self.root.as_posix()
            names = git.tree(self.place, self.commit)
            yield from (self.root / name for name in names if is_meant(f"{top}/{name}"))
            return
        usual = (path for file in config.places(start) for path in files.usual(file.parent))
        yield from [path for path in usual if self.read(path) is not None][:1]


def _judged(past: _Past, start: Path, present: Config, *, names: bool) -> Iterator[Weakened]:
    try:
        old = past.settings(start)
        # Settings that are new in a folder say nothing of the manifests that those above name.
        is_apart = old.file not in (None, present.file) and config.load(old.folder).file == old.file
    except ManifestError as error:
        old, changed = config.Config(), [("", f"{_UNKNOWN}{error}")]
    else:
        changed = [
            *_lowered(old.policy, present.policy),
            *(_let_go(past, old, present, start) if names and not is_apart else ()),
        ]
    before, after = old.policy.extensions, present.policy.extensions
    if old.extensions_file and not after:
        changed.append(("extensions", "a team's own keys may hold anything now"))
    file = present.file or old.file or past.root / config.FILE  # where they would stand
    text = _text(file)
    found = [Weakening(_line(text, key), what) for key, what in changed]
    yield Weakened(file, check_settings(text, found, old.policy))
    if before and after and present.extensions:
        text = _text(present.extensions)
        yield Weakened(
            present.extensions, check_settings(text, _untyped(text, before, after), old.policy)
        )


def _text(file: Path) -> str:
    return files.read(file).decode("utf-8", "replace") if file.is_file() else ""


def _lowered(old: Policy, new: Policy) -> Iterator[Change]:
    for severity, key, words in (
        (None, "ignore", "ignored now"),
        (Severity.WARNING, "warn", "no longer an error"),
    ):
        codes = [
            rule.code
            for rule in RULES
            if new.severity(rule) == severity and _WEIGHT[old.severity(rule)] > _WEIGHT[severity]
        ]
        if codes:
            yield key, f"{', '.join(codes)} {'is' if len(codes) == 1 else 'are'} {words}"


def _let_go(past: _Past, old: Config, new: Config, start: Path) -> Iterator[Change]:
    """Yield the manifests that were checked, and are not now, unless they only moved."""
    now = set(new.there() if new.manifests else files.find(start))
    gone = [path for path in past.manifests(old, start) if path not in now]
    if not gone:
        return
    renames = git.renames(past.place, past.commit)
    moved = {past.root / was for path, was in renames.items() if past.root / path in now}
    for path in gone:
        if path.is_file():
            yield (
                "manifest",
                f"{files.from_root(str(path))} is no longer a manifest of this project",
            )
        elif path not in moved:
            yield "manifest", f"{files.from_root(str(path))} is not there any more"


def _untyped(text: str, old: Extensions, new: Extensions) -> Iterator[Weakening]:
    """Yield the places of an extensions schema, or what they stood in, that may allow more."""
    source = read(text)  # JSON is YAML, as far as places go
    for path in islice(loosened(old.as_written, new.as_written), _FEW):
        node = source.nearest(path)
        what = f"own keys may hold more than before: {pointer(path)} changed"
        yield Weakening(node.span if node else Span(0, 0), what)


def _line(text: str, key: str) -> Span:
    """Return where the table says a key, else where it begins."""
    table = re.search(rf"^[ \t]*\[{re.escape(config.TABLE)}\][^\r\n]*", text, re.MULTILINE)
    if table is None:
        return Span(0, 0)
    following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, table.end())
    entry = re.compile(rf"^[ \t]*{key}[ \t]*=[^\r\n]*", re.MULTILINE)
    end = following.start() if following else len(text)
    return Span(*(entry.search(text, table.end(), end) or table).span())
