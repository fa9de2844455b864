"""``init``: a first manifest and its schema, and what pre-commit and CI need."""

from __future__ import annotations

import glob
import json
import re
import shlex
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest import __version__
from valhalla_manifest.cli.assignments import parsed
from valhalla_manifest.cli.context import DEFAULT, Settings, relative
from valhalla_manifest.cli.options import common_options
from valhalla_manifest.cli.schema import place_of_schema
from valhalla_manifest.cli.set import ELSEWHERE
from valhalla_manifest.cli.words import PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    from valhalla_manifest.project import editor, files, moving, schema_file

    settings = Settings.current()
    path = _path(settings)
    policy = settings.config_of(str(path)).policy
    given = ({"name": name} if name else {}) | parsed(pairs, ELSEWHERE, policy=policy)
    if snippets:
        click.echo("".join(_advice(files.from_root(str(path)), settings)).lstrip(), nl=False)
        return
    editor.require_new(path)
    moving.require_inside(path, files.working_directory())
    schema = place_of_schema(None, settings, str(path))
    named = name or files.home_of(path.absolute()).name or "Backend"
    first = moving.first_text(
        origin, named, given, moving.modeline(schema, files.resolve(path)), policy
    )
    editor.create(path, first.text, policy)
    for note in first.notes:
        click.echo(note, err=True)
    written = schema_file.write(schema, policy.extensions)
    click.echo(f"{relative(path.absolute())} written")
    click.echo(f"{relative(schema)} {'written' if written else 'is current'}")
    if not origin:
        click.echo("next: `valhalla-manifest set summary=TEXT` and `packs add H --name NAME`")
    click.echo("".join(_advice(files.from_root(str(path)), settings)), nl=False)


def _path(settings: Settings) -> Path:
    if len(settings.named) > 1:
        raise click.UsageError("This is for one manifest; --manifest is given more than once.")
    return Path(settings.asked[0] if settings.asked else settings.config.manifest or DEFAULT)


def _advice(path: str, settings: Settings) -> Iterator[str]:
    """Yield what belongs into other files, with the path of an unusual manifest."""
    is_set = bool(settings.config.manifests)
    is_usual = re.search(_ANYWHERE, path) is not None
    if not is_usual and not is_set:
        named = json.dumps(glob.escape(path), ensure_ascii=False)
        listed = f"[tool.valhalla-manifest]\nmanifest = {named}"
        yield f"\n# Add to pyproject.toml, so that every command finds it:\n{listed}\n"
    folder = resources.files("valhalla_manifest.manifest").joinpath("snippets")
    words = {
        # The version that wrote the manifest is the one to check it with.
        "{VERSION}": __version__,
        "{EXTRA}": "[schema]" if settings.config.extensions_file else "",
        "{FILES}": _files(path, settings) if is_set or not is_usual else _ANYWHERE,
        " {MANIFEST}": ""
        if is_usual or is_set
        else f" {shlex.quote(f'./{path}' if path[:1] == '-' else path)}",
    }
    for title, name in SNIPPETS.items():
        snippet = folder.joinpath(name).read_text(encoding="utf-8")
        for word, text in words.items():
            snippet = snippet.replace(word, text)
        yield f"\n# {title}:\n{snippet}"


def _files(path: str, settings: Settings) -> str:
    """Return the regular expression of the paths from the root that a hook is for."""
    from valhalla_manifest.project import config, files

    names = [files.from_root(str(settings.config.folder / n)) for n in settings.config.manifests]
    chosen = [config.as_regex(name) for name in dict.fromkeys(names)]
    is_meant = settings.asked or not names
    if is_meant and not any(re.fullmatch(form, path) for form in chosen):
        chosen.append(re.escape(path))
    return f"^{chosen[0]}$" if len(chosen) == 1 else f"^({'|'.join(chosen)})$"
