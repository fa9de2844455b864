"""One run of the command line: its manifests and the style of its output."""

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
_MAX_LISTED = 5  # manifests in an error message


@dataclass
class Invocation:
    """One run of the command line: its global options and its manifests."""

    manifest_options: list[str] = field(default_factory=list)
    at: str | None = None
    color: str = "auto"

    @classmethod
    def current(cls) -> Invocation:
        """Return the current run."""
        context = click.get_current_context(silent=True)
        return context.ensure_object(cls) if context else cls()

    @cached_property
    def _project_of(self) -> Callable[[Path], Project]:
        """``Project.containing`` with a cache, because the manifests of a run share folders."""
        from valhalla_manifest.project.settings import Project

        return cache(Project.containing)

    @property
    def project(self) -> Project:
        """The project of the working directory."""
        from valhalla_manifest.project import files

        return self._project_of(files.working_directory())

    def manifest_at(self, path: str | Path) -> ManifestFile:
        """Return the manifest at a path, with the shortest name from the working directory."""
        from valhalla_manifest.project import files
        from valhalla_manifest.project.manifest_file import ManifestFile

        name = files.name_from_here(path) if isinstance(path, Path) else path.replace(os.sep, "/")
        return ManifestFile.at(name, self._project_of)

    @property
    def requested(self) -> list[str]:
        """The manifests that the option or the environment variable names."""
        return self.manifest_options or [name for name in (os.environ.get(VARIABLE),) if name]

    @cached_property
    def manifests(self) -> list[ManifestFile]:
        """The manifests from the option, the variable, pyproject.toml or the nearest folder."""
        from valhalla_manifest.project import files

        if self.requested:
            return list(map(self.manifest_at, self.requested))
        paths = self.project.find_manifests(files.working_directory())
        if not paths:
            raise ManifestError(
                f"there is no {DEFAULT} here or above; name one with --manifest PATH, "
                "or run `valhalla-manifest init`"
            )
        return list(map(self.manifest_at, paths))

    @cached_property
    def manifest(self) -> ManifestFile:
        """The only manifest, or of several the one that the working directory belongs to."""
        self.require_one_option()
        nearest = self.manifests if len(self.manifests) == 1 else _find_nearest(self.manifests)
        if len(nearest) != 1:
            names = [file.name for file in self.manifests]
            listed = ", ".join(names[:_MAX_LISTED]) + (", …" if names[_MAX_LISTED:] else "")
            raise ManifestError(
                f"there are {len(names)} manifests; name one with --manifest: {listed}"
            )
        return nearest[0]

    def require_one_option(self) -> None:
        """Raise an error if ``--manifest`` is given to a command for one manifest repeatedly."""
        if len(self.manifest_options) > 1:
            raise click.UsageError("--manifest is given more than once; name one manifest")

    def select_manifests(
        self, paths: Iterable[str], *, allow_none: bool = False
    ) -> list[ManifestFile]:
        """Return the manifests at some paths and in folders; without paths, those of the run.

        With ``allow_none``, a project without configured manifests may have lost its only one.
        """
        selected: dict[str, ManifestFile] = {}
        for path in paths:
            if self.manifest_options:
                raise click.UsageError("cannot combine FILES with --manifest")
            for each in self._find_in_folder(Path(path)) if Path(path).is_dir() else [path]:
                file = self.manifest_at(each)
                selected[file.name] = file
        try:
            return list(selected.values()) or self.manifests
        except ManifestError:
            if allow_none and not self.requested and not self.project.patterns:
                return []
            raise

    def _find_in_folder(self, folder: Path) -> list[Path]:
        """Return the manifests in a folder: the configured ones and those that a search finds."""
        from valhalla_manifest.project import files

        whole = Path(os.path.abspath(files.working_directory() / folder))  # noqa: PTH100  keeps links
        projects = (self.project, self._project_of(whole))
        configured = (path for project in projects for path in project.existing_manifests())
        inside = (path for path in configured if whole in path.parents)
        found = sorted({*files.search(whole), *inside})
        if not found:
            raise ManifestError(
                f"there is no manifest in {folder.as_posix()}; name the file, or add a pattern to "
                "`manifest` in pyproject.toml"
            )
        return found

    def style(self, *, err: bool = False) -> Style:
        """Return the style of reports: colors on a terminal, plain text elsewhere."""
        from valhalla_manifest.report.text import NO_LIMIT, Style

        stream = sys.stderr if err else sys.stdout
        is_terminal = stream is not None and stream.isatty()
        width = _terminal_width() if is_terminal else NO_LIMIT
        if not self._has_color(is_terminal=is_terminal):
            return Style(width=width)
        return Style(
            strong=lambda text: click.style(text, bold=True),
            error=lambda text: click.style(text, fg="red"),
            warning=lambda text: click.style(text, fg="yellow"),
            good=lambda text: click.style(text, fg="green"),
            faint=lambda text: click.style(text, dim=True),
            width=width,
        )

    def _has_color(self, *, is_terminal: bool) -> bool:
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        return bool(os.environ.get("FORCE_COLOR")) or (
            is_terminal and os.environ.get("TERM") != "dumb"
        )


def _terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size().columns


def _find_nearest(manifests: list[ManifestFile]) -> list[ManifestFile]:
    """Return the manifests whose folder is nearest around the working directory, or below it."""
    from valhalla_manifest.project import files

    here = files.working_directory()
    around = [file for file in manifests if file.home in (here, *here.parents)]
    depth = max((len(file.home.parts) for file in around), default=0)
    nearest = [file for file in around if len(file.home.parts) == depth]
    return nearest or [file for file in manifests if here in file.home.parents]


def load_view() -> ManifestView:
    """Return the content of the manifest of this run."""
    invocation = Invocation.current()
    view: ManifestView = invocation.manifest.require_valid(invocation.at).view
    return view
