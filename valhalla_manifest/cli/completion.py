"""``completion``: print the script that lets a shell complete this command's arguments."""

from __future__ import annotations

import click

from valhalla_manifest.cli.options import common_options

_VARIABLE = "_VALHALLA_MANIFEST_COMPLETE"  # The script sets it to request completions.


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common_options
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    It completes commands, options, files, pack ids, revisions and more.

    \b
    bash   eval "$(valhalla-manifest completion bash)" in ~/.bashrc
    zsh    eval "$(valhalla-manifest completion zsh)" in ~/.zshrc, after compinit
    fish   valhalla-manifest completion fish > ~/.config/fish/completions/valhalla-manifest.fish

    \b
    Example:
      valhalla-manifest completion bash
    """
    from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

    classes: dict[str, type[ShellComplete]] = {
        "bash": BashComplete,
        "zsh": ZshComplete,
        "fish": FishComplete,
    }
    root = click.get_current_context().find_root().command
    completer = classes[shell](root, {}, "valhalla-manifest", _VARIABLE)
    # BashComplete.source() runs bash to check its version, so call the base class instead.
    script = ShellComplete.source(completer)
    # A completion such as "H,I" contains the comma that fish would split at, so split only once.
    click.echo(script.replace('string split ","', 'string split -m1 ","'))
