"""A manifest in its project: the object that every entry point starts with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.project import files
from valhalla_manifest.project.settings import Project
from valhalla_manifest.validation.check import Checked, check, unreadable
from valhalla_manifest.validation.rules import file as file_rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from valhalla_manifest.git import GitUnavailable, NoRepository, Place
    from valhalla_manifest.manifest.model import Manifest
    from valhalla_manifest.validation.rule_settings import RuleSettings


@dataclass(frozen=True)
class ManifestFile:
    """A manifest: its name in messages, its real path, and its project.

    The settings are those of the project around the real file (``Project.containing`` has the
    rule), so every entry point applies the same rules to a file. Standard input belongs to the
    project of the working directory and has no place in Git.
    """

    name: str
    path: Path
    project: Project

    @classmethod
    def at(
        cls, path: str | Path, project_of: Callable[[Path], Project] = Project.containing
    ) -> ManifestFile:
        """Return the manifest at a path, existing or not; ``-`` is standard input.

        ``project_of`` may be a cached ``Project.containing``, for many files in one run.

        Raises:
            ManifestError: If the settings of the project cannot be used.
        """
        if str(path) == files.STANDARD_INPUT:
            folder = files.working_directory()
            return cls(files.STANDARD_INPUT, folder / files.STANDARD_INPUT, project_of(folder))
        real = files.resolve(path)
        return cls(str(path), real, project_of(real.parent))

    def __str__(self) -> str:
        """Return the name, as messages show it."""
        return self.name

    @property
    def is_standard_input(self) -> bool:
        """Whether the manifest is read from standard input."""
        return self.name == files.STANDARD_INPUT

    @property
    def rule_settings(self) -> RuleSettings:
        """The settings that the manifest is checked against."""
        return self.project.rule_settings

    @property
    def past_rule_settings(self) -> RuleSettings:
        """The settings that earlier revisions are checked against."""
        return self.rule_settings.for_past_revisions

    @property
    def home(self) -> Path:
        """The folder that the manifest describes: the one above ``manifest/``, or else its own."""
        folder = self.path.parent
        return folder.parent if folder.name == files.DEFAULT.parent.name else folder

    @property
    def name_in_repository(self) -> str:
        """The path from the root of the repository, as forges and git show it."""
        return self.name if self.is_standard_input else files.from_root(self.path)

    @property
    def schema(self) -> Path:
        """The schema file: the configured one, or else ``schemas/`` next to the manifest's folder.

        The default never lies outside the repository or, without one, the working directory.
        """
        if self.project.schema:
            return self.project.schema
        folder = self.path.parent
        if files.repository(folder):
            is_top = files.repository(folder) == folder
        else:
            is_top = folder == files.working_directory() and folder == self.home
        return (folder if is_top else folder.parent) / files.DEFAULT_SCHEMA

    @cached_property
    def location(self) -> Place | NoRepository | GitUnavailable:
        """The place of the manifest in its repository, or the reason why there is none.

        Raises:
            ManifestError: If Git cannot be run.
        """
        from valhalla_manifest import git

        if self.is_standard_input:
            return git.NoRepository("standard input has no history; name a file")
        return git.find(self.path)

    @property
    def place(self) -> Place:
        """The place of the manifest in its repository.

        Raises:
            ManifestError: If the manifest is not in a repository, or Git fails.
        """
        from valhalla_manifest import git

        if isinstance(self.location, git.Place):
            return self.location
        raise self.location.error

    def read(self, revision: str | None = None) -> bytes:
        """Return the manifest's bytes, current or as of a revision.

        Raises:
            ManifestError: If the file cannot be read, or does not exist in the revision, or the
            revision does not exist.
        """
        if revision is None:
            return files.read(files.STANDARD_INPUT if self.is_standard_input else self.path)
        from valhalla_manifest import git

        place, commit = self.place, git.resolve(self.place, revision)
        data = git.read(place, commit)
        if data is None:
            older = git.find_earlier_path(place, commit, git.resolve(place, "HEAD"))
            data = git.read(place._replace(path=older), commit) if older else None
        if data is None:
            raise ManifestError(f"{place.path} is not in {revision}")
        return data

    def check(self, revision: str | None = None) -> Checked:
        """Check the manifest, current or as of a revision; an unreadable file has one problem.

        Raises:
            ManifestError: If the revision or the file in it does not exist.
        """
        if revision is not None:
            return check(self.read(revision), self.past_rule_settings)
        try:
            data = self.read()
        except ManifestError as error:
            return unreadable(str(error))
        return check(data, self.rule_settings)

    def require_valid(self, revision: str | None = None) -> Checked:
        """Check the manifest like ``check``, and require that it has no errors.

        Raises:
            ManifestError: If the manifest cannot be read or has errors; ``problems`` lists them.
        """
        checked = self.check(revision)
        if checked.errors:
            raise invalid_error(f"{revision}:{self}" if revision else self.name, checked)
        return checked

    def is_clean(self) -> bool:
        """Return whether the manifest is the same as in the last commit.

        Raises:
            ManifestError: If the manifest is not in a repository.
        """
        from valhalla_manifest import git

        return not git.is_modified(self.place)

    def tags(self, revision: str | None = None) -> list[str]:
        """Return the tags of a commit, by default HEAD.

        Raises:
            ManifestError: If the manifest is not in a repository, or the revision is unknown.
        """
        from valhalla_manifest import git

        return git.list_tags(self.place, git.resolve(self.place, revision or "HEAD"))


def load(path: str | Path) -> Manifest:
    """Return the manifest at a path, checked against the settings of its project.

    Raises:
        ManifestError: If the manifest cannot be read or is not valid; ``problems`` lists why.
    """
    return ManifestFile.at(path).require_valid().manifest


def invalid_error(name: str, checked: Checked) -> ManifestError:
    """Return the error for a manifest that has errors or could not be read."""
    if checked.problems[0].code == file_rules.unreadable.code:
        return ManifestError(f"cannot read {name}: {checked.problems[0].message}")
    return ManifestError(f"{name} is not valid", problems=checked.problems)


def first_problem(checked: Checked) -> str:
    """Return the first error with its place, on one line."""
    first = checked.errors[0]
    return f"{first.line}:{first.column}: {first.code} {first.message}"
