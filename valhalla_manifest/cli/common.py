"""What the commands share: options, where the manifest is, and how results are printed."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from valhalla_manifest.manifest.model import Manifest
    from valhalla_manifest.project.config import Config
    from valhalla_manifest.report.text import Style

Command = TypeVar("Command", bound="Callable[..., Any]")

VARIABLE = "VALHALLA_MANIFEST"
DEFAULT = "manifest/system.yaml"


@dataclass(slots=True)
class Settings:
    """What stands before or after any command: ``-m``, ``--color``, ``--debug``."""

    named: str | None = None
    at: str | None = None
    color: str = "auto"
    debug: bool = False
    _config: Config | None = None

    @classmethod
    def current(cls) -> Settings:
        """Return the settings of this run."""
        context = click.get_current_context(silent=True)
        return context.ensure_object(cls) if context else cls()

    @property
    def config(self) -> Config:
        """The project's own settings."""
        if self._config is None:
            from valhalla_manifest.project import config

            self._config = config.load(Path.cwd())
        return self._config

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
        found = self.config.manifest or files.find(Path.cwd())
        if found is None:
            raise ManifestError(
                f"there is no {DEFAULT} here or above; name one with --manifest PATH"
            )
        return relative(found)

    def style(self, *, err: bool = False) -> Style:
        """Return how reports may look: painted on a terminal, plain elsewhere."""
        from valhalla_manifest.report.text import NO_LIMIT, Style

        terminal = (sys.stderr if err else sys.stdout).isatty()
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
    """Return a path as short as it can be named from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return os.path.relpath(path)


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value not in (None, False):
            setattr(ctx.ensure_object(Settings), name, value)

    return callback


def _manifest_option(*names: str) -> Callable[[Command], Command]:
    return click.option(
        *names,
        metavar="PATH",
        expose_value=False,
        is_eager=True,
        callback=_remember("named"),
        help=f"The manifest; else ${VARIABLE}, pyproject.toml, or the nearest {DEFAULT}.",
    )


manifest_option = _manifest_option("-m", "--manifest")
# Where -m has another meaning too, the long name stands alone.
long_manifest_option = _manifest_option("--manifest")
paint_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    expose_value=False,
    is_eager=True,
    callback=_remember("color"),
    help="When to colour the output (default: on a terminal; NO_COLOR and FORCE_COLOR count).",
)
debug_option = click.option(
    "--debug",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_remember("debug"),
    help="Show a traceback where the tool itself fails.",
)


def common_options(command: Command) -> Command:
    """Let the options that every command has stand after its name too."""
    return manifest_option(paint_option(debug_option(command)))


at_option = click.option(
    "--at",
    metavar="REV",
    expose_value=False,
    is_eager=True,
    callback=_remember("at"),
    help="Read the manifest as of a git revision.",
)


def reading_options(command: Command) -> Command:
    """Add the options of a command that reads: the common ones and ``--at``."""
    return at_option(common_options(command))


def format_option(*forms: str) -> Callable[[Command], Command]:
    """Add ``--format`` with its forms, the first of them the default."""
    return click.option(
        "--format", "form", type=click.Choice(forms), default=forms[0], show_default=True,
        help="The form of the output.",
    )  # fmt: skip


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_lines(lines: Iterable[str]) -> None:
    """Print the lines of a report; whether they are painted was decided when they were made.

    In the log of a GitHub workflow a line could be a command to the runner: there it is not.
    """
    if os.environ.get("GITHUB_ACTIONS"):
        from valhalla_manifest.report.github import no_command

        lines = map(no_command, lines)
    click.echo("\n".join(lines), color=True)


def append_to_named_file(variable: str, text: str) -> None:
    """Append to the file that a variable of a GitHub workflow names.

    Raises:
        ManifestError: the variable is not set, or the file cannot be written.
    """
    named = os.environ.get(variable)
    if not named:
        raise ManifestError(f"{variable} is not set; a step of a GitHub workflow has it")
    try:
        with Path(named).open("a", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise ManifestError(f"cannot write {named}: {error.strerror}") from None


def load_manifest() -> Manifest:
    """Return the manifest of this run.

    Raises:
        ManifestError: it cannot be read or is not valid.
    """
    from valhalla_manifest.project import loading

    settings = Settings.current()
    return loading.load(settings.manifest, settings.config.policy, settings.at)


class FromManifest(click.ParamType[str]):
    """A word that the manifest knows: the shell completes it, in any case."""

    def __init__(self, name: str, known: Callable[[Manifest], Mapping[str, str | None]]) -> None:
        self.name = name
        self.known = known

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        """Return the words that begin with what is typed."""
        from click.shell_completion import CompletionItem

        try:
            known = self.known(load_manifest())
        except ManifestError:
            return []
        typed = incomplete.casefold()
        return [
            CompletionItem(word, help=meaning)
            for word, meaning in known.items()
            if word.casefold().startswith(typed)
        ]


PACK_ID = FromManifest("id", lambda manifest: {pack.id: pack.name for pack in manifest.packs})
