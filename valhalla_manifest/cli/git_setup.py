"""``git-setup``: let git merge the manifest field by field."""

from __future__ import annotations

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.cli.options import common_options
from valhalla_manifest.project import merge_setup


@click.command("git-setup")
@click.option("--remove", is_flag=True, help="Undo what this command did.")
@common_options
def git_setup(remove: bool) -> None:
    """Let git merge the manifest field by field.

    Writes a line into .gitattributes, which is to be committed, and the driver's command into
    the configuration of this clone, which each clone needs.

    \b
    Example:
      valhalla-manifest git-setup
    """
    manifests = Invocation.current().manifests
    done = [line for file in manifests for line in merge_setup.set_up(file, remove=remove)]
    for line in done or ["nothing to do"]:
        click.echo(line)
