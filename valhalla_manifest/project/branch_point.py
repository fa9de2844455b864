"""A repository as of the branch point, with which a change under review is compared."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from valhalla_manifest import git
from valhalla_manifest.project import files, settings
from valhalla_manifest.project.settings import Project

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from valhalla_manifest.git import Place


@dataclass(frozen=True)
class BranchPoint:
    """The commit where the work tree's branch left another one, and what it holds.

    Git is asked each question once, however many manifests the repository has.
    """

    root: Path
    place: Place
    commit: str
    head: str
    _known: dict[Path, bytes | None] = field(default_factory=dict)

    @classmethod
    def find(cls, root: Path, revision: str) -> BranchPoint:
        """Return the branch point of a work tree and a revision.

        Raises:
            ManifestError: If the revision is unknown, or shares no commit with the work tree.
        """
        place = git.locate(root / settings.FILE)
        head = git.resolve(place, "HEAD")
        commit = git.find_merge_base(place, git.resolve(place, revision), head)
        return cls(root, place, commit, head)

    @property
    def short(self) -> str:
        """The first digits of the commit, as reports show it."""
        return self.commit[: git.SHORT]

    def name_of(self, file: Path) -> str:
        """Return Git's name for a file as of the branch point."""
        return f"{self.short}:{file.relative_to(self.root).as_posix()}"

    def read(self, file: Path) -> bytes | None:
        """Return an earlier file through links, or None if it was missing or outside."""
        if file not in self._known:
            whole = Path(os.path.abspath(file))  # noqa: PTH100  keeps links
            inside = whole.is_relative_to(self.root)
            name = whole.relative_to(self.root).as_posix() if inside else ""
            place = self.place._replace(path=name)
            self._known[file] = git.read_following_links(place, self.commit) if inside else None
        return self._known[file]

    def project(self, folder: Path) -> Project:
        """Return the project that a folder was in.

        Raises:
            ManifestError: If its settings could not be used.
        """
        for file in settings.settings_files(folder):
            found = settings.parse(self.read(file) or b"", file)
            if found:
                content = self.read(found.extensions) if found.extensions else None
                typed = settings.parse_extensions(content) if content is not None else None
                return replace(found, rule_settings=replace(found.rule_settings, extensions=typed))
        return Project()

    def manifests(self, folder: Path) -> list[Path]:
        """Return the manifests that the project of a folder had."""
        return list(self._manifests(self.project(folder), folder))

    def _manifests(self, project: Project, folder: Path) -> Iterator[Path]:
        if project.patterns:
            matches, top = project.regex.fullmatch, self.root.as_posix()
            yield from (self.root / name for name in self._tree if matches(f"{top}/{name}"))
            return
        for above in files.folders_up_to_root(folder):
            for path in files.default_paths(above):
                if self.read(path) is not None:
                    yield path
                    return

    @cached_property
    def _tree(self) -> list[str]:
        return git.list_files(self.place, self.commit)

    @cached_property
    def renames(self) -> dict[Path, Path]:
        """The earlier path of each file that was renamed since, committed or staged."""
        found = git.find_renames(self.place, self.commit, self.head)
        found |= git.find_renames(self.place, self.commit)
        return {self.root / new: self.root / old for new, old in found.items()}

    def earlier_path(self, file: Path, present: Collection[Path]) -> Path | None:
        """Return the earlier path of a manifest, or None if the manifest is new.

        The settings identify a manifest that was renamed and rewritten in one change: if the
        project had only one manifest, which is missing now, and has only one now, the two are the
        same. ``present`` are all manifests that exist now.
        """
        if self.read(file) is not None:
            return file
        if file in self.renames:
            return self.renames[file]
        earlier = self.manifests(file.parent)
        is_only = not set(present) - {file}
        was_only = len(earlier) == 1 and not earlier[0].is_file()
        return earlier[0] if is_only and was_only else None
