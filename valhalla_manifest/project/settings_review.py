"""Changes of the settings that relax the rules since the branch point."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError, Severity, Span
from valhalla_manifest.project import files, settings
from valhalla_manifest.project.settings import Project
from valhalla_manifest.validation.check import check_settings
from valhalla_manifest.validation.rules.registry import RULES
from valhalla_manifest.validation.rules.subjects import SettingRelaxation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from valhalla_manifest.project.branch_point import BranchPoint
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
    start: Path, base: BranchPoint, present: Mapping[Path, Project]
) -> list[SettingsReview]:
    """Return how the settings of a repository were relaxed since the branch point.

    ``present`` maps each folder to its current project. The project of ``start`` lists the current
    and the earlier manifests.
    """
    reviews: dict[Path, SettingsReview] = {}
    for folder, project in present.items():
        dropped = _dropped_manifests(base, folder, project) if folder == start else []
        for review in _review(base, folder, project, dropped):
            if review.checked.problems:
                reviews.setdefault(review.file, review)
    return list(reviews.values())


def _review(
    base: BranchPoint, folder: Path, present: Project, dropped: Iterable[Relaxation]
) -> Iterator[SettingsReview]:
    try:
        old = base.project(folder)
        changed = [*_lowered_rules(old.rule_settings, present.rule_settings), *dropped]
    except git.GitFailedError:
        raise
    except ManifestError as error:
        old, changed = Project(), [("", f"{_UNKNOWN}{error}")]
    before, after = old.rule_settings.extensions, present.rule_settings.extensions
    if old.extensions_file and not after:
        changed.append(("extensions", "extension keys are no longer checked"))
    file = present.file or old.file or base.root / settings.FILE
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


def _dropped_manifests(base: BranchPoint, start: Path, present: Project) -> Iterator[Relaxation]:
    """Yield the existing manifests that the project no longer names."""
    old = base.project(start)
    # New settings in a subfolder do not affect manifests listed by a parent folder's settings.
    if old.file not in (None, present.file) and Project.containing(old.folder).file == old.file:
        return
    now = present.existing_manifests() if present.patterns else files.find_manifest(start)
    moved = {old: new for new, old in base.renames.items()}
    for path in base.manifests(start):
        following = path if path.is_file() else moved.get(path, path)
        if following not in now and following.is_file():
            yield "manifest", f"{files.from_root(path)} is no longer a manifest of this project"


def _line(text: str, key: str) -> Span:
    """Return the line of a key in the table, or else the heading of the table."""
    table = re.search(rf"^[ \t]*\[{re.escape(settings.TABLE)}\][^\r\n]*", text, re.MULTILINE)
    if table is None:
        return Span(0, 0)
    following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, table.end())
    entry = re.compile(rf"^[ \t]*{key}[ \t]*=[^\r\n]*", re.MULTILINE)
    end = following.start() if following else len(text)
    return Span(*(entry.search(text, table.end(), end) or table).span())
