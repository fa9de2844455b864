"""What the commands share on their line: options, and how each is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from valhalla_manifest.cli.invocation import DEFAULT, VARIABLE, Invocation
from valhalla_manifest.cli.param_types import PATH, REVISION

if TYPE_CHECKING:
    from collections.abc import Callable

Command = TypeVar("Command", bound="Callable[..., Any]")


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value not in (None, False):
            setattr(ctx.ensure_object(Invocation), name, value)

    return callback


def _name(ctx: click.Context, _: click.Parameter, paths: tuple[str, ...]) -> None:
    ctx.ensure_object(Invocation).named.extend(paths)


manifest_option = click.option(
    "-m",
    "--manifest",
    metavar="PATH",
    type=PATH,
    multiple=True,
    expose_value=False,
    is_eager=True,
    callback=_name,
    help=f"The manifest; else ${VARIABLE}, pyproject.toml, or the nearest {DEFAULT}.",
)
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
    expose_value=False,  # the process looks for it, since options may be what fails
    help="Show a traceback and all versions after an internal error.",
)


def common_options(command: Command) -> Command:
    """Let the options that every command has stand after its name too."""
    return manifest_option(paint_option(debug_option(command)))


at_option = click.option(
    "--at",
    metavar="REV",
    type=REVISION,
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
