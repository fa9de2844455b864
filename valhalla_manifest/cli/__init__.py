"""The command line: a table of commands, so that a run imports only the command it needs."""

from __future__ import annotations

import click

from valhalla_manifest.cli.lazy import LazyGroup
from valhalla_manifest.cli.options import color_option, debug_option, manifest_option

# Heading of the help → command → its module in this package.
COMMANDS = {
    "Checking": {
        "validate": "validate",
        "rules": "rules",
        "schema": "schema",
        "doctor": "doctor",
    },
    "Reading": {
        "status": "status",
        "summary": "status",
        "packs": "packs",
        "history": "history",
        "diff": "history",
        "blame": "history",
    },
    "Releasing": {"get": "get", "require": "require"},
    "Publishing": {"export": "export", "site": "site"},
    "Editing": {
        "complete": "complete",
        "incomplete": "complete",
        "version": "version",
        "notes": "notes",
        "set": "set",
    },
    "Setting up": {
        "init": "init",
        "git-setup": "git_setup",
        "merge": "merge",
        "completion": "completion",
    },
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="valhalla-manifest", message="%(prog)s %(version)s")
@manifest_option
@color_option
@debug_option
def cli() -> None:
    """Keep a backend's state in one YAML file: check it, read it, edit it.

    \b
    Example:
      valhalla-manifest validate && valhalla-manifest status
    """
