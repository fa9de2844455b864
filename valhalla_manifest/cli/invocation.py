"""One run of the command line: which manifests it is about, and how its output may look."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from valhalla_manifest.manifest.views import ManifestView
    from valhalla_manifest.project.manifest_file import ManifestFile
    from valhalla_manifest.project.settings import Project
    from valhalla_manifest.report.text import Style

VARIABLE = "VALHALLA_MANIFEST"
DEFAULT = "manifest/system.yaml"
_FEW = 5  # manifests that a sentence can hold


@dataclass
class Invocation:
    """One run of the command line: its global options, and the manifests that it is about."""

    named: list[str] = field(default_factory=list)
    at: str | None = None
    color: str = "auto"

    @classmethod
    def current(cls) -> Invocation:
        """Return the present run."""
        context = click.get_current_context(silent=True)
        return context.ensure_object(cls) if context else cls()

    @cached_property
    def _project_of(self) -> Callable[[Path], Project]:
        """``Project.containing``, asked once for each folder of a run."""
        from valhalla_manifest.project.settings import Project

        return cache(Project.containing)

    @property
    def project(self) -> Project:
        """The project of the working directory."""
        from valhalla_manifest.project import files

        return self._project_of(files.working_directory())

    def manifest_at(self, path: str | Path) -> ManifestFile:
        """Return the manifest at a path, named as short as possible from here."""
        from valhalla_manifest.project.manifest_file import ManifestFile

        name = relative(path) if isinstance(path, Path) else path.replace(os.sep, "/")
        return ManifestFile.at(name, self._project_of)

    @property
    def asked(self) -> list[str]:
        """The manifests that this run is asked for, by the option or by the variable."""
        return self.named or [name for name in (os.environ.get(VARIABLE),) if name]

    @cached_property
    def manifests(self) -> list[ManifestFile]:
        """The manifests: by the option, the variable, pyproject.toml, or else the nearest one."""
        from valhalla_manifest.project import files

        if self.asked:
            return list(map(self.manifest_at, self.asked))
        found = self.project.find_manifests(files.working_directory())
        if not found:
            raise ManifestError(
                f"there is no {DEFAULT} here or above; name one with --manifest PATH"
            )
        return list(map(self.manifest_at, found))

    @cached_property
    def manifest(self) -> ManifestFile:
        """The manifest of a command that takes one: of several, that of the working directory."""
        if len(self.named) > 1:
            raise click.UsageError("This is for one manifest; --manifest is given more than once.")
        found = self.manifests
        nearest = found if len(found) == 1 else _nearest(found)
        if len(nearest) != 1:
            names = [file.name for file in found]
            which = ", ".join(names[:_FEW]) + (", …" if names[_FEW:] else "")
            raise ManifestError(
                f"there are {len(found)} manifests; name one with --manifest: {which}"
            )
        return nearest[0]

    def chosen(self, paths: Iterable[str], *, none_allowed: bool = False) -> list[ManifestFile]:
        """Return the manifests at some paths, in folders too; without any, those of the run.

        With ``none_allowed`` a project may have lost its manifest.
        """
        found: dict[str, ManifestFile] = {}
        for path in paths:
            if self.named:
                raise click.UsageError("Name files, or --manifest, but not both.")
            inside = self._inside(Path(path)) if Path(path).is_dir() else []
            for place in inside or (path,):
                file = self.manifest_at(place)
                found[file.name] = file
        try:
            return list(found.values()) or self.manifests
        except ManifestError:
            if none_allowed and not self.asked and not self.project.patterns:
                return []
            raise

    def _inside(self, folder: Path) -> list[Path]:
        """Return the manifests in a folder: the configured ones, and those that a search finds."""
        from valhalla_manifest.project import files

        place = Path(os.path.abspath(files.working_directory() / folder))  # noqa: PTH100  keeps links
        projects = (self.project, self._project_of(place))
        configured = (path for project in projects for path in project.existing_manifests())
        in_it = (path for path in configured if place in path.parents)
        return sorted({*files.search(place), *in_it})

    def style(self, *, err: bool = False) -> Style:
        """Return how reports may look: painted on a terminal, plain elsewhere."""
        from valhalla_manifest.report.text import NO_LIMIT, Style

        stream = sys.stderr if err else sys.stdout
        terminal = stream is not None and stream.isatty()
        if not self._painted(terminal=terminal):
            return Style(width=_width() if terminal else NO_LIMIT)
        return Style(
            strong=lambda text: click.style(text, bold=True),
            error=lambda text: click.style(text, fg="red"),
            warning=lambda text: click.style(text, fg="yellow"),
            good=lambda text: click.style(text, fg="green"),
            faint=lambda text: click.style(text, dim=True),
            width=_width() if terminal else NO_LIMIT,
        )

    def _painted(self, *, terminal: bool) -> bool:
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        return bool(os.environ.get("FORCE_COLOR")) or (
            terminal and os.environ.get("TERM") != "dumb"
        )


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns


def _nearest(manifests: list[ManifestFile]) -> list[ManifestFile]:
    """Return the manifests that the working directory belongs to, or else those below it."""
    from valhalla_manifest.project import files

    here = files.working_directory()
    around = [file for file in manifests if file.home in (here, *here.parents)]
    deepest = max((len(file.home.parts) for file in around), default=0)
    closest = [file for file in around if len(file.home.parts) == deepest]
    return closest or [file for file in manifests if here in file.home.parents]


def relative(path: Path) -> str:
    """Return a path as short as it can be named from here, with ``/`` on every system."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        pass
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # on another drive
        return path.as_posix()


def load_record() -> ManifestView:
    """Return the content of the manifest of this run."""
    invocation = Invocation.current()
    record: ManifestView = invocation.manifest.require_valid(invocation.at).view
    return record
