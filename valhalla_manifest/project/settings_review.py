"""The settings under review: what a change of them lets pass that was refused before."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError, Severity, Span, pointer
from valhalla_manifest.project import config, files
from valhalla_manifest.validation.check import check_settings
from valhalla_manifest.validation.loosening import loosened
from valhalla_manifest.validation.rules import RULES
from valhalla_manifest.validation.rules.subjects import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from valhalla_manifest.manifest.extensions import Extensions
    from valhalla_manifest.project.config import Config
    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.validation.policy import Policy

_WEIGHT = {Severity.ERROR: 2, Severity.WARNING: 1, None: 0}
_FEW = 3  # places of a schema that are named


class Judged(NamedTuple):
    """What was found of the settings, and the file that they stand in."""

    file: Path
    checked: Checked


def against(start: Path, revision: str, present: Config) -> Judged | None:
    """Return what the settings let pass since the work tree parted from a revision, if anything.

    Where they stand in no repository, or in one that does not know the revision, or were not of
    their form there, there is nothing to compare with.
    """
    place = git.find(start / config.FILE)
    if not isinstance(place, git.Place):
        return None
    try:
        base = git.merge_base(place, git.resolve(place, revision), git.resolve(place, "HEAD"))
        old = _as_of(start, base)
    except ManifestError:
        return None
    file = present.file or old.file
    if file is None:
        return None
    text = files.read(file).decode("utf-8", "replace") if file.is_file() else ""
    changed = [
        *_lowered(old.policy, present.policy),
        *_let_go(_named(old, start, base), _named(present, start)),
        *_untyped(old.policy.extensions, present.policy.extensions),
    ]
    found = [Weakening(_line(text, key), what) for key, what in changed]
    checked = check_settings(text, found, old.policy)
    return Judged(file, checked) if checked.problems else None


def _as_of(start: Path, commit: str) -> Config:
    """Return the settings as of a commit; without any, the defaults."""
    for file in config.places(start):
        found = config.parse(_read(file, commit) or b"", file)
        if found:
            content = _read(found.extensions, commit) if found.extensions else None
            typed = config.parsed_extensions(content) if content is not None else None
            return replace(found, policy=replace(found.policy, extensions=typed))
    return config.Config()


def _read(file: Path, commit: str) -> bytes | None:
    found = git.find(file)
    return git.read(found, commit) if isinstance(found, git.Place) else None


def _named(settings: Config, start: Path, commit: str | None = None) -> list[str]:
    """Return the manifests, or patterns of them, that are checked; as of a commit those it had."""
    if settings.manifests:
        return [str(settings.folder / name) for name in settings.manifests]
    usual = [file.parent / files.DEFAULT for file in config.places(start)]
    return [str(path) for path in usual if commit is None or _read(path, commit) is not None]


Change = tuple[str, str]  # the key of the settings, and what it lets pass


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


def _let_go(old: list[str], new: list[str]) -> Iterator[Change]:
    for name in old:
        if name not in new and not any(PurePath(name).match(pattern) for pattern in new):
            yield "manifest", f"{files.from_root(name)} is no longer a manifest of this project"


def _untyped(old: Extensions | None, new: Extensions | None) -> Iterator[Change]:
    if old and not new:
        yield "extensions", "a team's own keys may hold anything now"
    elif old and new:
        for path in [*loosened(old.as_written, new.as_written)][:_FEW]:
            yield "extensions", f"own keys may hold more than before: {pointer(path)} changed"


def _line(text: str, key: str) -> Span:
    """Return where the table says a key, else where it begins."""
    table = re.search(rf"^\s*\[{re.escape(config.TABLE)}\].*$", text, re.MULTILINE)
    start = table.start() if table else 0
    entry = re.compile(rf"^[ \t]*{key}[ \t]*=[^\r\n]*", re.MULTILINE).search(text, start)
    found = entry or table
    return Span(*found.span()) if found else Span(0, 0)
