"""A group that imports a command when it is called, and prints all errors in one style."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from valhalla_manifest.cli.interruption import Interruption
from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.document.problems import ManifestError, closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class LazyGroup(click.Group):
    """A group of the commands in a table: heading → command → module."""

    def __init__(self, *args: Any, table: Mapping[str, Mapping[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        self.modules = {name: module for part in table.values() for name, module in part.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.modules:
            return None
        module = import_module(f"valhalla_manifest.cli.{self.modules[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or suggest one with a similar name."""
        if args and not args[0].startswith("-") and args[0] not in self.modules:
            guess = closest(args[0], self.modules)
            ctx.fail(
                f"no such command {args[0]!r}" + (f"; did you mean {guess!r}?" if guess else "")
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under the headings of the table."""
        for heading, part in self.table.items():
            commands = ((name, self.get_command(ctx, name)) for name in part)
            rows = [(name, command.get_short_help_str(80)) for name, command in commands if command]
            with formatter.section(heading):
                formatter.write_dl(rows)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the global options."""
        with _unify_errors():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Parse the arguments of a command and run it."""
        with _unify_errors():
            return super().invoke(ctx)


@contextmanager
def _unify_errors() -> Iterator[None]:
    """Turn the tool's errors and Click's usage errors into a ``Failure``."""
    try:
        yield
    except ManifestError as error:
        raise Failure(error.message, error.reasons, 1 if error.refused else 2) from None
    except click.exceptions.NoArgsIsHelpError:
        raise  # Click prints the help of the group.
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "valhalla-manifest"
        raise Failure(_usage_message(error), [f"try `{command} --help`"], 2) from None
    except KeyboardInterrupt as interrupt:  # Click would print "Aborted!" and nothing else.
        ended = Interruption.of(interrupt)
        raise Failure(ended.message, ended.details, ended.exit_code) from None


def _usage_message(error: click.UsageError) -> str:
    """Return Click's message in lower case, without the final period."""
    # Click appends its suggestions, and the choices of an argument, as a second sentence.
    if guesses := getattr(error, "possibilities", None):
        message = f"{error.message.removesuffix('.')}; did you mean {' or '.join(guesses)}?"
    else:
        message = " ".join(error.format_message().split()).removesuffix(".")
        message = message.replace("'. Choose from:", "'; choose from")
    return message[:1].lower() + message[1:]


class Failure(click.ClickException):
    """An error that ends the run: exit code 1 if a rule is not met, that of a signal, else 2."""

    def __init__(self, message: str, details: Iterable[str], exit_code: int) -> None:
        super().__init__(message)
        self.details = details
        self.exit_code = exit_code  # type: ignore[misc]  # a class variable in Click

    def show(self, file: Any = None) -> None:
        """Print the message, and one line for each detail."""
        from valhalla_manifest.document.characters import escape_for_display
        from valhalla_manifest.report import text

        style = Invocation.current().style(err=True)
        message = escape_for_display(self.message, text.NO_LIMIT)
        click.echo(f"{style.error('error:')} {message}", err=True)
        for detail in self.details:
            click.echo(f"  {detail}", err=True)
