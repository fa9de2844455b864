"""``init``: a first manifest and its schema, and what pre-commit and CI need."""

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
from valhalla_manifest.cli.invocation import DEFAULT, Invocation, relative
from valhalla_manifest.cli.options import common_options
from valhalla_manifest.cli.param_types import PATH
from valhalla_manifest.cli.set import ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from valhalla_manifest.project.manifest_file import ManifestFile

SNIPPETS = {
    "Add to .pre-commit-config.yaml": "pre-commit.yaml",
    "A job for GitHub Actions": "github.yml",
    "A job for GitLab CI": "gitlab.yml",
}
_ANYWHERE = r"(^|/)manifest/system\.ya?ml$"  # where the tool looks without being told


@click.command()
@click.argument("pairs", metavar="[KEY=VALUE]...", nargs=-1)
@click.option(
    "--from",
    "origin",
    metavar="FILE",
    type=PATH,
    help="Take over a YAML or JSON file, or the status of the old service; - is standard input.",
)
@click.option("--snippets", is_flag=True, help="Write nothing; print what pre-commit and CI need.")
@click.option("--name", help="What the backend is called (default: its folder's name).")
@common_options
def init(pairs: tuple[str, ...], origin: str | None, snippets: bool, name: str | None) -> None:
    """Write a first manifest and its schema.

    KEY=VALUE sets keys of your own, which begin with x-, as set does.

    --manifest says where; without it that is manifest/system.yaml here. From a file keys are taken
    by name, comments stay, and what is done to it is told. What pre-commit and CI need is printed,
    to be put where it belongs.

    \b
    Example:
      valhalla-manifest -m new/system.yaml init --name Billing
    """
    from valhalla_manifest.project import editor, files, importing, schema_file

    invocation = Invocation.current()
    file = invocation.manifest_at(_path(invocation))
    given = ({"name": name} if name else {}) | parse_assignments(pairs, ELSEWHERE, file=file)
    advice = "".join(_advice(file, invocation))
    if snippets:
        click.echo(advice.lstrip(), nl=False)
        return
    editor.require_new(file)
    importing.require_inside(file, files.working_directory())
    first = importing.first_text(file, origin, name or file.home.name or "Backend", given)
    editor.create(file, first.text)
    for note in first.notes:
        click.echo(note, err=True)
    written = schema_file.write(file.schema, file.rule_settings.extensions)
    click.echo(f"{relative(file.path)} written")
    click.echo(f"{relative(file.schema)} {'written' if written else 'is current'}")
    if not origin:
        click.echo("next: `valhalla-manifest set summary=TEXT` and `packs add H --name NAME`")
    click.echo(advice, nl=False)


def _path(invocation: Invocation) -> str | Path:
    if len(invocation.named) > 1:
        raise click.UsageError("This is for one manifest; --manifest is given more than once.")
    only = invocation.project.only_manifest
    return invocation.asked[0] if invocation.asked else only or DEFAULT


def _advice(file: ManifestFile, invocation: Invocation) -> Iterator[str]:
    """Yield what belongs into other files, with the path of an unusual manifest."""
    path, project = file.name_in_repository, invocation.project
    is_set = bool(project.patterns)
    is_usual = re.search(_ANYWHERE, path) is not None
    if not is_usual and not is_set:
        named = json.dumps(glob.escape(path), ensure_ascii=False)
        listed = f"[tool.valhalla-manifest]\nmanifest = {named}"
        yield f"\n# Add to pyproject.toml, so that every command finds it:\n{listed}\n"
    folder = resources.files("valhalla_manifest.manifest").joinpath("snippets")
    words = {
        # The version that wrote the manifest is the one to check it with.
        "{VERSION}": __version__,
        "{EXTRA}": "[schema]" if project.extensions_file else "",
        "{FILES}": _files(path, invocation) if is_set or not is_usual else _ANYWHERE,
        " {MANIFEST}": ""
        if is_usual or is_set
        else f" {shlex.quote(f'./{path}' if path[:1] == '-' else path)}",
    }
    for title, name in SNIPPETS.items():
        snippet = folder.joinpath(name).read_text(encoding="utf-8")
        for word, text in words.items():
            snippet = snippet.replace(word, text)
        yield f"\n# {title}:\n{snippet}"


def _files(path: str, invocation: Invocation) -> str:
    """Return the regular expression of the paths from the root that a hook is for."""
    from valhalla_manifest.project import files, settings

    project = invocation.project
    names = [files.from_root(project.folder / pattern) for pattern in project.patterns]
    chosen = [settings.as_regex(name) for name in dict.fromkeys(names)]
    is_meant = invocation.asked or not names
    if is_meant and not any(re.fullmatch(form, path) for form in chosen):
        chosen.append(re.escape(path))
    return f"^{chosen[0]}$" if len(chosen) == 1 else f"^({'|'.join(chosen)})$"
