"""``init``: a first manifest and its schema, and what pre-commit and CI need."""

from __future__ import annotations

import re
import shlex
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valhalla_manifest import __version__
from valhalla_manifest.cli.context import DEFAULT, Settings, relative
from valhalla_manifest.cli.options import common_options
from valhalla_manifest.cli.schema import place_of_schema
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
@click.option(
    "--from",
    "origin",
    metavar="FILE",
    type=PATH,
    help="Take over a YAML or JSON file, or the status of the old service; - is standard input.",
)
@click.option("--name", help="What the backend is called (default: its folder's name).")
@common_options
def init(origin: str | None, name: str | None) -> None:
    """Write a first manifest and its schema.

    --manifest says where; without it that is manifest/system.yaml here. From a file keys are taken
    by name, comments stay, and what is done to it is told. What pre-commit and CI need is printed,
    to be put where it belongs.

    \b
    Example:
      valhalla-manifest -m new/system.yaml init --name Billing
    """
    from valhalla_manifest.manifest import starter
    from valhalla_manifest.project import editor, files, moving, schema_file

    settings = Settings.current()
    path = _path(settings)
    editor.require_new(path)
    moving.require_inside(path, files.working_directory())
    schema = place_of_schema(None, settings, str(path))
    named = name or files.home_of(path.absolute()).name or "Backend"
    taken = moving.take_over(origin, named, settings.config.policy) if origin else None
    text = taken.text if taken else starter.first(named)
    text = starter.with_modeline(text, moving.modeline(schema, files.resolve(path)))
    editor.create(path, text, settings.config.policy)
    for note in taken.notes if taken else ():
        click.echo(note, err=True)
    written = schema_file.write(schema, settings.config.policy.extensions)
    click.echo(f"{relative(path.absolute())} written")
    click.echo(f"{relative(schema)} {'written' if written else 'is current'}")
    if not taken:
        click.echo("next: write the summary, and `valhalla-manifest packs add H --name NAME`")
    click.echo("".join(_advice(files.from_root(str(path)), settings)), nl=False)


def _path(settings: Settings) -> Path:
    if len(settings.named) > 1:
        raise click.UsageError("This is for one manifest; --manifest is given more than once.")
    return Path(settings.named[0] if settings.named else settings.config.manifest or DEFAULT)


def _advice(path: str, settings: Settings) -> Iterator[str]:
    """Yield what belongs into other files, with the path of an unusual manifest."""
    is_usual = re.search(_ANYWHERE, path) is not None
    if not is_usual and not settings.config.manifests:
        listed = f'[tool.valhalla-manifest]\nmanifest = "{path}"'
        yield f"\n# Add to pyproject.toml, so that every command finds it:\n{listed}\n"
    snippets = resources.files("valhalla_manifest.manifest").joinpath("snippets")
    words = {
        # The version that wrote the manifest is the one to check it with.
        "{VERSION}": __version__,
        "{FILES}": _ANYWHERE if is_usual else f"^{re.escape(path)}$",
        " {MANIFEST}": "" if is_usual else f" {shlex.quote(path)}",
    }
    for title, name in SNIPPETS.items():
        snippet = snippets.joinpath(name).read_text(encoding="utf-8")
        for word, text in words.items():
            snippet = snippet.replace(word, text)
        yield f"\n# {title}:\n{snippet}"
