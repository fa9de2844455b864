"""``completion``: the script that lets a shell complete commands, options and words."""

from __future__ import annotations

import click

from valhalla_manifest.cli.options import common_options

_VARIABLE = "_VALHALLA_MANIFEST_COMPLETE"  # by which the script asks for words


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common_options
def completion(shell: str) -> None:
    """Print the script for a shell: pack ids, files, revisions and more are completed.

    \b
    bash   eval "$(valhalla-manifest completion bash)" in ~/.bashrc
    zsh    eval "$(valhalla-manifest completion zsh)" in ~/.zshrc, behind compinit
    fish   valhalla-manifest completion fish > ~/.config/fish/completions/valhalla-manifest.fish

    \b
    Example:
      valhalla-manifest completion bash
    """
    from click.shell_completion import ShellComplete, get_completion_class

    kind = get_completion_class(shell) or ShellComplete
    root = click.get_current_context().find_root().command
    # Not the kind's own source(): for bash that first asks for the version of the one here.
    script = ShellComplete.source(kind(root, {}, "valhalla-manifest", _VARIABLE))
    # A word may hold the comma that stands behind its type.
    click.echo(script.replace('string split ","', 'string split -m1 ","'))
