"""Changes of the settings that relax the rules since the branch point."""

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
from valhalla_manifest.validation.rules import RULES
from valhalla_manifest.validation.rules.subjects import SettingRelaxation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.validation.rule_settings import RuleSettings

_WEIGHT = {Severity.ERROR: 2, Severity.WARNING: 1, None: 0}
_UNKNOWN = "cannot read the previous settings, so this change was not checked: "

Relaxation = tuple[str, str]  # a key of the settings, and how it was relaxed


class SettingsReview(NamedTuple):
    """A settings file and the problems of its change."""

    file: Path
    checked: Checked


def compare_settings(
    start: Path, revision: str, present: Mapping[Path, Project]
) -> list[SettingsReview]:
    """Return how the settings were relaxed since the branch point with a revision.

    ``present`` has the current project of each folder; the one of ``start`` lists the manifests.
    A folder is skipped if it is in no repository or its repository lacks the revision.
    """
    past_of = cache(lambda root: _Past.at_branch_point(root, revision))
    reviews: dict[Path, SettingsReview] = {}
    for folder, project in present.items():
        root = files.repository(folder)
        past = past_of(root) if root else None
        for review in _review(past, folder, project, is_start=folder == start) if past else ():
            if review.checked.problems:
                reviews.setdefault(review.file, review)
    return list(reviews.values())


@dataclass(frozen=True)
class _Past:
    """A repository as of the branch point."""

    root: Path
    place: git.Place
    commit: str
    _known: dict[Path, bytes | None] = field(default_factory=dict)

    @classmethod
    def at_branch_point(cls, root: Path, revision: str) -> _Past | None:
        place = git.find(root / settings.FILE)
        if not isinstance(place, git.Place):
            return None
        try:
            ends = git.resolve(place, revision), git.resolve(place, "HEAD")
            return cls(root, place, git.find_merge_base(place, *ends))
        except ManifestError:
            return None

    def read(self, file: Path) -> bytes | None:
        """Return a file as it was, through links, None if it is missing or outside."""
        if file not in self._known:
            path = Path(os.path.abspath(file))  # noqa: PTH100  Links must stay unresolved.
            is_inside = path.is_relative_to(self.root)
            name = path.relative_to(self.root).as_posix() if is_inside else ""
            place = self.place._replace(path=name)
            self._known[file] = git.read_following_links(place, self.commit) if is_inside else None
        return self._known[file]

    def project(self, start: Path) -> Project:
        """Return the project that contained a folder."""
        for file in settings.settings_files(start):
            project = settings.parse(self.read(file) or b"", file)
            if project:
                content = self.read(project.extensions) if project.extensions else None
                schema = settings.parse_extensions(content) if content is not None else None
                rules = replace(project.rule_settings, extensions=schema)
                return replace(project, rule_settings=rules)
        return Project()

    def manifests(self, project: Project, start: Path) -> Iterator[Path]:
        """Yield the manifests of a project as of the branch point."""
        if project.patterns:
            matches, top = project.regex.fullmatch, self.root.as_posix()
            names = git.list_files(self.place, self.commit)
            yield from (self.root / name for name in names if matches(f"{top}/{name}"))
            return
        defaults = (
            path for above in files.folders_up_to_root(start) for path in files.default_paths(above)
        )
        yield from [path for path in defaults if self.read(path) is not None][:1]


def _review(
    past: _Past, start: Path, present: Project, *, is_start: bool
) -> Iterator[SettingsReview]:
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
            *_lowered_rules(old.rule_settings, present.rule_settings),
            *(_dropped_manifests(past, old, present, start) if is_start and not is_apart else ()),
        ]
    before, after = old.rule_settings.extensions, present.rule_settings.extensions
    if old.extensions_file and not after:
        changed.append(("extensions", "extension keys are no longer checked"))
    file = present.file or old.file or past.root / settings.FILE
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


def _lowered_rules(old: RuleSettings, new: RuleSettings) -> Iterator[Relaxation]:
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


def _dropped_manifests(
    past: _Past, old: Project, new: Project, start: Path
) -> Iterator[Relaxation]:
    """Yield the manifests that are no longer checked, except those that only moved."""
    now = set(new.existing_manifests() if new.patterns else files.find_manifest(start))
    missing = [path for path in past.manifests(old, start) if path not in now]
    if not missing:
        return
    renames = git.find_renames(past.place, past.commit)
    moved = {past.root / was for path, was in renames.items() if past.root / path in now}
    for path in missing:
        if path.is_file():
            yield "manifest", f"{files.from_root(path)} is no longer a manifest of this project"
        elif path not in moved:
            yield "manifest", f"{files.from_root(path)} was removed"


def _line(text: str, key: str) -> Span:
    """Return the line of a key in the table, or else the heading of the table."""
    table = re.search(rf"^[ \t]*\[{re.escape(settings.TABLE)}\][^\r\n]*", text, re.MULTILINE)
    if table is None:
        return Span(0, 0)
    following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, table.end())
    entry = re.compile(rf"^[ \t]*{key}[ \t]*=[^\r\n]*", re.MULTILINE)
    end = following.start() if following else len(text)
    return Span(*(entry.search(text, table.end(), end) or table).span())
