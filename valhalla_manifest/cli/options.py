"""The options that many commands share, so that they look the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from valhalla_manifest.cli.invocation import DEFAULT, VARIABLE, Invocation
from valhalla_manifest.cli.param_types import PATH, REVISION

if TYPE_CHECKING:
    from collections.abc import Callable

Command = TypeVar("Command", bound="Callable[..., Any]")


def _store(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value not in (None, False):
            setattr(ctx.ensure_object(Invocation), name, value)

    return callback


def _store_paths(ctx: click.Context, _: click.Parameter, paths: tuple[str, ...]) -> None:
    ctx.ensure_object(Invocation).manifest_options.extend(paths)


manifest_option = click.option(
    "-m",
    "--manifest",
    metavar="PATH",
    type=PATH,
    multiple=True,
    expose_value=False,
    is_eager=True,
    callback=_store_paths,
    help=f"Use this manifest (default: ${VARIABLE}, pyproject.toml, or the nearest {DEFAULT}).",
)
color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    expose_value=False,
    is_eager=True,
    callback=_store("color"),
    help="Color the output (default: on a terminal; NO_COLOR and FORCE_COLOR override this).",
)
debug_option = click.option(
    "--debug",
    is_flag=True,
    expose_value=False,  # __main__.py reads sys.argv, because parsing options may fail.
    help="Show a traceback and all versions after an internal error.",
)


def common_options(command: Command) -> Command:
    """Accept the global options after the command name too."""
    return manifest_option(color_option(debug_option(command)))


at_option = click.option(
    "--at",
    metavar="REV",
    type=REVISION,
    expose_value=False,
    is_eager=True,
    callback=_store("at"),
    help="Read the manifest as of a Git revision.",
)


def reading_options(command: Command) -> Command:
    """Add the common options and ``--at`` to a command that reads."""
    return at_option(common_options(command))


def format_option(*forms: str) -> Callable[[Command], Command]:
    """Add ``--format``; the first form is the default."""
    return click.option(
        "--format", "form", type=click.Choice(forms), default=forms[0], show_default=True,
        help="Set the output format.",
    )  # fmt: skip
