"""``git-setup``: let Git merge the manifest field by field."""

from __future__ import annotations

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.cli.options import common_options
from valhalla_manifest.project import merge_setup


@click.command("git-setup")
@click.option("--remove", is_flag=True, help="Undo the setup.")
@common_options
def git_setup(remove: bool) -> None:
    """Let Git merge the manifest field by field.

    Add a line to .gitattributes, which you commit, and the merge driver to the Git configuration
    of this clone. Run the command once in each clone.

    \b
    Example:
      valhalla-manifest git-setup
    """
    manifests = Invocation.current().manifests
    messages = [line for file in manifests for line in merge_setup.set_up(file, remove=remove)]
    for line in messages or ["nothing to do"]:
        click.echo(line)
