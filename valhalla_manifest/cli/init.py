"""``init``: write a first manifest and its schema, and print snippets for pre-commit and CI."""

from __future__ import annotations

import glob
import json
import re
import shlex
from importlib import resources
from typing import TYPE_CHECKING

import click

from valhalla_manifest import __version__
from valhalla_manifest.cli.assignments import parse_assignments
from valhalla_manifest.cli.interruption import effect_in_message
from valhalla_manifest.cli.invocation import DEFAULT, Invocation
from valhalla_manifest.cli.options import common_options
from valhalla_manifest.cli.param_types import PATH
from valhalla_manifest.cli.set import ALTERNATIVES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from valhalla_manifest.project.manifest_file import ManifestFile

SNIPPETS = {
    "Add to .pre-commit-config.yaml": "pre-commit.yaml",
    "A job for GitHub Actions": "github.yml",
    "A job for GitLab CI": "gitlab.yml",
}
_DEFAULT_PATHS = r"(^|/)manifest/system\.ya?ml$"  # found without configuration


@click.command()
@click.argument("pairs", metavar="[KEY=VALUE]...", nargs=-1)
@click.option(
    "--from",
    "origin",
    metavar="FILE",
    type=PATH,
    help="Import a YAML or JSON file, or the status of the old service; - reads standard input.",
)
@click.option("--snippets", is_flag=True, help="Write nothing; only print the snippets.")
@click.option("--name", help="Set the name of the backend (default: its folder's name).")
@common_options
def init(pairs: tuple[str, ...], origin: str | None, snippets: bool, name: str | None) -> None:
    """Write a first manifest and its schema.

    KEY=VALUE sets an extension key (x-…), as in the set command. --manifest gives the path, by
    default manifest/system.yaml. With --from, keys are matched by name, comments are kept, and
    every conversion is reported. The command also prints snippets to paste into your pre-commit
    and CI configuration.

    \b
    Example:
      valhalla-manifest -m new/system.yaml init --name Billing
    """
    from valhalla_manifest.project import files, importing

    invocation = Invocation.current()
    file = invocation.manifest_at(_find_path(invocation))
    values = ({"name": name} if name else {}) | parse_assignments(pairs, ALTERNATIVES, file=file)
    instructions = "".join(_render_snippets(file, invocation))
    if snippets:
        click.echo(instructions.lstrip(), nl=False)
        return
    importing.require_new(file)
    importing.require_inside(file, files.working_directory())
    first = importing.write_first(file, origin, name or file.home.name or "Backend", values)
    with effect_in_message(file):
        written = importing.create(file, first.text)
        for note in first.notes:
            click.echo(note, err=True)
        click.echo(f"{files.name_from_here(file.path)} written")
        click.echo(f"{files.name_from_here(file.schema)} {'written' if written else 'is current'}")
        if not origin:
            click.echo("next: `valhalla-manifest set summary=TEXT` and `packs add ID --name NAME`")
        click.echo(instructions, nl=False)


def _find_path(invocation: Invocation) -> str | Path:
    invocation.require_one_option()
    if invocation.requested:
        return invocation.requested[0]
    return invocation.project.only_manifest or DEFAULT


def _render_snippets(file: ManifestFile, invocation: Invocation) -> Iterator[str]:
    """Yield the snippets for other files, with the path of the manifest if they need it."""
    path, project = file.name_in_repository, invocation.project
    is_configured = bool(project.patterns)
    is_default = re.search(_DEFAULT_PATHS, path) is not None
    argument = ""
    if not is_default and not is_configured:
        pattern = json.dumps(glob.escape(path), ensure_ascii=False)
        table = f"[tool.valhalla-manifest]\nmanifest = {pattern}"
        yield f"\n# Add to pyproject.toml, so that every command finds the manifest:\n{table}\n"
        argument = f" {shlex.quote(f'./{path}' if path[:1] == '-' else path)}"
    folder = resources.files("valhalla_manifest.manifest").joinpath("snippets")
    replacements = {
        # Pin the version that wrote the manifest, so that the same rules always check the manifest.
        "{VERSION}": __version__,
        "{EXTRA}": "[schema]" if project.extensions_file else "",
        "{FILES}": _path_regex(path, invocation)
        if is_configured or not is_default
        else _DEFAULT_PATHS,
        " {MANIFEST}": argument,
    }
    for title, name in SNIPPETS.items():
        snippet = folder.joinpath(name).read_text(encoding="utf-8")
        for placeholder, text in replacements.items():
            snippet = snippet.replace(placeholder, text)
        yield f"\n# {title}:\n{snippet}"


def _path_regex(path: str, invocation: Invocation) -> str:
    """Return a regular expression for a hook's paths, from the repository's root."""
    from valhalla_manifest.project import files, settings

    project = invocation.project
    patterns = [files.from_root(project.folder / pattern) for pattern in project.patterns]
    regexes = [settings.as_regex(pattern) for pattern in dict.fromkeys(patterns)]
    is_requested = invocation.requested or not patterns
    if is_requested and not any(re.fullmatch(regex, path) for regex in regexes):
        regexes.append(re.escape(path))
    return f"^{regexes[0]}$" if len(regexes) == 1 else f"^({'|'.join(regexes)})$"
