"""The settings under review: what a change of them lets pass that was refused before."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError, Severity, Span
from valhalla_manifest.project import files, settings
from valhalla_manifest.project.settings import Project
from valhalla_manifest.validation.check import check_settings
from valhalla_manifest.validation.rules.registry import RULES
from valhalla_manifest.validation.rules.subjects import SettingRelaxation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.validation.rule_settings import RuleSettings

_WEIGHT = {Severity.ERROR: 2, Severity.WARNING: 1, None: 0}
_UNKNOWN = "cannot read the previous settings, so this change was not checked: "

Change = tuple[str, str]  # the key of the settings, and what it lets pass


class SettingsReview(NamedTuple):
    """What was found of the settings, and the file that they stand in."""

    file: Path
    checked: Checked


def compare_settings(
    start: Path, revision: str, present: Mapping[Path, Project]
) -> list[SettingsReview]:
    """Return how the settings were relaxed since the branch point with a revision.

    ``present`` are the projects of folders as they are now; that of ``start`` names the manifests.
    If a folder is in no repository, or in one that does not know the revision, there is nothing
    to compare with.
    """
    past = cache(lambda root: _Past.of(root, revision))
    found: dict[Path, SettingsReview] = {}
    for folder, project in present.items():
        root = files.repository(folder)
        before = past(root) if root else None
        for judged in _judged(before, folder, project, names=folder == start) if before else ():
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
        place = git.find(root / settings.FILE)
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

    def project(self, start: Path) -> Project:
        """Return the project that a folder was in."""
        for file in settings.settings_files(start):
            found = settings.parse(self.read(file) or b"", file)
            if found:
                content = self.read(found.extensions) if found.extensions else None
                typed = settings.sound_extensions(content) if content is not None else None
                return replace(found, rule_settings=replace(found.rule_settings, extensions=typed))
        return Project()

    def manifests(self, project: Project, start: Path) -> Iterator[Path]:
        """Yield the manifests that a project had."""
        if project.patterns:
            is_meant, top = project.regex.fullmatch, self.root.as_posix()
            names = git.tree(self.place, self.commit)
            yield from (self.root / name for name in names if is_meant(f"{top}/{name}"))
            return
        usual = (
            path for above in files.folders_up_to_root(start) for path in files.default_paths(above)
        )
        yield from [path for path in usual if self.read(path) is not None][:1]


def _judged(past: _Past, start: Path, present: Project, *, names: bool) -> Iterator[SettingsReview]:
    try:
        old = past.project(start)
        # New settings in a subfolder do not affect manifests listed by a parent folder's settings.
        is_apart = (
            old.file not in (None, present.file) and Project.containing(old.folder).file == old.file
        )
    except ManifestError as error:
        old, changed = Project(), [("", f"{_UNKNOWN}{error}")]
    else:
        changed = [
            *_lowered(old.rule_settings, present.rule_settings),
            *(_let_go(past, old, present, start) if names and not is_apart else ()),
        ]
    before, after = old.rule_settings.extensions, present.rule_settings.extensions
    if old.extensions_file and not after:
        changed.append(("extensions", "extension keys are no longer checked"))
    file = present.file or old.file or past.root / settings.FILE  # where they would be
    text = _text(file)
    found = [SettingRelaxation(_line(text, key), what) for key, what in changed]
    yield SettingsReview(file, check_settings(text, found, old.rule_settings))
    if before and present.extensions and after and before != after:
        changed_schema = SettingRelaxation(Span(0, 0), "the schema of the extension keys changed")
        text = _text(present.extensions)
        yield SettingsReview(
            present.extensions, check_settings(text, [changed_schema], old.rule_settings)
        )


def _text(file: Path) -> str:
    return files.read(file).decode("utf-8", "replace") if file.is_file() else ""


def _lowered(old: RuleSettings, new: RuleSettings) -> Iterator[Change]:
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


def _let_go(past: _Past, old: Project, new: Project, start: Path) -> Iterator[Change]:
    """Yield the manifests that were checked and no longer are, unless they only moved."""
    now = set(new.existing_manifests() if new.patterns else files.find_manifest(start))
    gone = [path for path in past.manifests(old, start) if path not in now]
    if not gone:
        return
    renames = git.renames(past.place, past.commit)
    moved = {past.root / was for path, was in renames.items() if past.root / path in now}
    for path in gone:
        if path.is_file():
            yield "manifest", f"{files.from_root(path)} is no longer a manifest of this project"
        elif path not in moved:
            yield "manifest", f"{files.from_root(path)} is not there any more"


def _line(text: str, key: str) -> Span:
    """Return where the table says a key, else where it begins."""
    table = re.search(rf"^[ \t]*\[{re.escape(settings.TABLE)}\][^\r\n]*", text, re.MULTILINE)
    if table is None:
        return Span(0, 0)
    following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, table.end())
    entry = re.compile(rf"^[ \t]*{key}[ \t]*=[^\r\n]*", re.MULTILINE)
    end = following.start() if following else len(text)
    return Span(*(entry.search(text, table.end(), end) or table).span())
