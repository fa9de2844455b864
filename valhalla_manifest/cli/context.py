"""One run of the command line: which manifest it is about, and how its output may look."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from valhalla_manifest.manifest.record import Record
    from valhalla_manifest.project.config import Config
    from valhalla_manifest.report.text import Style

VARIABLE = "VALHALLA_MANIFEST"
DEFAULT = "manifest/system.yaml"


@dataclass
class Settings:
    """What stands before or after any command: ``-m``, ``--color``, ``--debug``."""

    named: str | None = None
    at: str | None = None
    color: str = "auto"
    debug: bool = False

    @classmethod
    def current(cls) -> Settings:
        """Return the settings of this run."""
        context = click.get_current_context(silent=True)
        return context.ensure_object(cls) if context else cls()

    @cached_property
    def config(self) -> Config:
        """The project's own settings."""
        from valhalla_manifest.project import config, files

        return config.load(files.working_directory())

    @property
    def manifest(self) -> str:
        """Where the manifest is: the option, the variable, pyproject.toml, or the nearest one.

        Raises:
            ManifestError: there is none from the working directory up.
        """
        from valhalla_manifest.project import files

        named = self.named or os.environ.get(VARIABLE)
        if named:
            return named
        found = self.config.manifest or files.find(files.working_directory())
        if found is None:
            raise ManifestError(
                f"there is no {DEFAULT} here or above; name one with --manifest PATH"
            )
        return relative(found)

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
    return loading.record(settings.manifest, settings.config.policy, settings.at)
