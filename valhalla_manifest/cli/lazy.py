"""A group that imports a command when it is called, and ends a refusal in one clear line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.document.problems import ManifestError, closest

if TYPE_CHECKING:
    from collections.abc import Mapping


class LazyGroup(click.Group):
    """A group of the commands in a table: heading → command → module."""

    def __init__(self, *args: Any, table: Mapping[str, Mapping[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        self.home = {name: module for part in table.values() for name, module in part.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        return list(self.home)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.home:
            return None
        module = import_module(f"valhalla_manifest.cli.{self.home[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which one may be meant."""
        if args and not args[0].startswith("-") and args[0] not in self.home:
            guess = closest(args[0], self.home)
            hint = f' Did you mean "{guess}"?' if guess else ""
            ctx.fail(f'There is no command "{args[0]}".{hint}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under the headings of the table."""
        for heading, part in self.table.items():
            commands = ((name, self.get_command(ctx, name)) for name in part)
            rows = [(name, command.get_short_help_str(80)) for name, command in commands if command]
            with formatter.section(heading):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a reason not to do what it asks becomes one clear line."""
        try:
            return super().invoke(ctx)
        except ManifestError as error:
            raise Failure(error) from None


class Failure(click.ClickException):
    """Something that cannot be done (exit code 2), or a rule that says no (exit code 1)."""

    def __init__(self, error: ManifestError) -> None:
        super().__init__(str(error))
        self.error = error

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """1 where a rule says no, 2 where it could not be done."""
        return 1 if self.error.refused else 2

    def show(self, file: Any = None) -> None:
        """Print why, and each problem on a line of its own."""
        from valhalla_manifest.document.characters import escape_for_display
        from valhalla_manifest.report import text

        style = Invocation.current().style(err=True)
        click.echo(
            f"{style.error('error:')} {escape_for_display(self.error.message, text.NO_LIMIT)}",
            err=True,
        )
        for reason in self.error.reasons:
            click.echo(f"  {reason}", err=True)
