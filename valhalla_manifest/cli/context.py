"""One run of the command line: which manifest it is about, and how its output may look."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from valhalla_manifest.manifest.record import Record
    from valhalla_manifest.project.config import Config
    from valhalla_manifest.report.text import Style
    from valhalla_manifest.validation.policy import Policy

VARIABLE = "VALHALLA_MANIFEST"
DEFAULT = "manifest/system.yaml"
_FEW = 5  # manifests that a sentence can hold


@dataclass
class Settings:
    """What stands before or after any command: ``-m``, ``--color``."""

    named: list[str] = field(default_factory=list)
    at: str | None = None
    color: str = "auto"
    _configs: dict[str, Config] = field(default_factory=dict)

    @classmethod
    def current(cls) -> Settings:
        """Return the settings of this run."""
        context = click.get_current_context(silent=True)
        return context.ensure_object(cls) if context else cls()

    @cached_property
    def config(self) -> Config:
        """The settings of the working directory."""
        from valhalla_manifest.project import config, files

        return config.load(files.working_directory())

    def config_of(self, path: str) -> Config:
        """Return the settings of the project that a manifest is in."""
        from valhalla_manifest.project import config, files

        folder = os.path.dirname(path)  # noqa: PTH120  there may be thousands of paths
        if path == files.STANDARD_INPUT:
            return self.config
        if folder not in self._configs:
            self._configs[folder] = config.of(Path(path), files.working_directory())
        return self._configs[folder]

    @property
    def policy(self) -> Policy:
        """What holds for the manifest of a command that is for one."""
        return self.config_of(self.manifest).policy

    @property
    def asked(self) -> list[str]:
        """The manifests that this run is asked for, by the option or by the variable."""
        return self.named or [name for name in (os.environ.get(VARIABLE),) if name]

    @cached_property
    def manifests(self) -> list[str]:
        """Where the manifests are: the option, the variable, pyproject.toml, or the nearest one.

        Raises:
            ManifestError: there is none from the working directory up.
        """
        from valhalla_manifest.project import config, files

        if self.asked:
            return self.asked
        found = config.manifests(self.config, files.working_directory())
        if not found:
            raise ManifestError(
                f"there is no {DEFAULT} here or above; name one with --manifest PATH"
            )
        return list(map(relative, found))

    @cached_property
    def manifest(self) -> str:
        """The manifest of a command that is for one: of several, the one where we are.

        Raises:
            ManifestError: there is none, or it is not certain which is meant.
            UsageError: several are named.
        """
        from valhalla_manifest.project import files

        if len(self.named) > 1:
            raise click.UsageError("This is for one manifest; --manifest is given more than once.")
        found = self.manifests
        nearest = found if len(found) == 1 else files.nearest(found, files.working_directory())
        if len(nearest) != 1:
            which = ", ".join(found[:_FEW]) + (", …" if found[_FEW:] else "")
            raise ManifestError(
                f"there are {len(found)} manifests; name one with --manifest: {which}"
            )
        return nearest[0]

    def chosen(self, paths: Iterable[str]) -> list[str]:
        """Return the manifests that a command is given, in folders too; without any, its own.

        Raises:
            ManifestError: there is none.
            UsageError: there is ``--manifest`` too.
        """
        found: dict[str, None] = {}
        for path in paths:
            if self.named:
                raise click.UsageError("Name files, or --manifest, but not both.")
            # Reports name paths with "/", as forges do, however they are typed.
            inside = map(relative, self._inside(Path(path)) if Path(path).is_dir() else ())
            found |= dict.fromkeys([*inside] or [path.replace(os.sep, "/")])
        return list(found or self.manifests)

    def _inside(self, folder: Path) -> list[Path]:
        """Return the manifests in a folder: those that settings name, and what a search finds."""
        from valhalla_manifest.project import config, files

        place = Path(os.path.abspath(files.working_directory() / folder))  # noqa: PTH100  links stay
        named = (path for found in (self.config, config.load(place)) for path in found.there())
        return sorted({*files.search(place), *(path for path in named if place in path.parents)})

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


def load_manifest() -> Record:
    """Return the manifest of this run.

    Raises:
        ManifestError: it cannot be read or is not valid.
    """
    from valhalla_manifest.project import loading

    settings = Settings.current()
    return loading.record(settings.manifest, settings.policy, settings.at)
