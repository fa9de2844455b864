"""``init``: a first manifest and its schema, and what pre-commit and CI need."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from valhalla_manifest import __version__
from valhalla_manifest.cli.context import DEFAULT, Settings, relative
from valhalla_manifest.cli.options import common_options
from valhalla_manifest.cli.schema import place_of_schema
from valhalla_manifest.document.problems import ManifestError

SNIPPETS = {
    "Add to .pre-commit-config.yaml": "pre-commit.yaml",
    "A job for GitHub Actions": "github.yml",
    "A job for GitLab CI": "gitlab.yml",
}


@click.command()
@click.option(
    "--from",
    "source",
    metavar="STATUS.json",
    help="Take over the JSON of a running system's GET /system/status/; - is standard input.",
)
@common_options
def init(source: str | None) -> None:
    """Write a first manifest and its schema.

    What pre-commit and CI need is printed, to be put where it belongs.

    \b
    Example:
      valhalla-manifest -m new/system.yaml init
    """
    from valhalla_manifest.manifest import starter
    from valhalla_manifest.project import editor, files, schema_file

    settings = Settings.current()
    path = Path(settings.named[0] if settings.named else settings.config.manifest or DEFAULT)
    folder = path.absolute().parent.parent
    if source:
        try:
            text = starter.from_status(files.read(source).decode("utf-8", "replace"))
        except ManifestError as error:
            raise ManifestError(f"cannot take over {source}: {error}") from None
    else:
        text = starter.first(folder.name or "Backend")
    editor.create(path, text, settings.config.policy)
    schema = place_of_schema(None, settings)
    written = schema_file.write(schema)
    click.echo(f"{relative(path.absolute())} written")
    click.echo(f"{relative(schema)} {'written' if written else 'is current'}")
    click.echo("next: write the summary, and `valhalla-manifest packs add H --name NAME`")
    snippets = resources.files(starter.__package__).joinpath("snippets")
    for title, name in SNIPPETS.items():
        snippet = snippets.joinpath(name).read_text(encoding="utf-8")
        # The version that wrote the manifest is the one to check it with.
        click.echo(f"\n# {title}:\n{snippet.replace('{VERSION}', __version__)}", nl=False)
