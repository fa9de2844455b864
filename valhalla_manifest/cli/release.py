"""``get`` and ``require``: what release scripts ask of a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from valhalla_manifest.cli.common import (
    FromManifest,
    Settings,
    append_to_named_file,
    format_option,
    load_manifest,
    print_json,
    print_lines,
    reading_options,
)

if TYPE_CHECKING:
    from valhalla_manifest.manifest.model import Manifest


def _fields(manifest: Manifest) -> dict[str, str | None]:
    from valhalla_manifest.report import values

    return dict.fromkeys(values.flat(manifest))


@click.command()
@click.argument("names", metavar="[FIELD]...", nargs=-1, type=FromManifest("field", _fields))
@format_option("raw", "json", "env", "github")
@reading_options
def get(names: tuple[str, ...], form: str) -> None:
    """Print values for scripts.

    A FIELD is a key of the top, such as version, or of a pack, such as packs.H.status; without
    any, all are printed with their names. What is not set is empty; lists and mappings are JSON.
    "env" prints assignments for a POSIX shell, "github" appends outputs of a workflow step to the
    file that GITHUB_OUTPUT names.

    \b
    Example:
      valhalla-manifest get version packs.H.status
    """
    from valhalla_manifest.report import values

    chosen = values.chosen(values.flat(load_manifest()), names)
    if form == "json":
        print_json(chosen)
    elif form == "env":
        click.echo(values.env(chosen), nl=False)
    elif form == "github":
        append_to_named_file("GITHUB_OUTPUT", values.github_output(chosen))
    else:
        for name, value in chosen.items():
            click.echo(values.text(value) if names else f"{name}={values.text(value)}")


@click.command()
@click.argument("conditions", metavar="CONDITION...", nargs=-1, required=True)
@format_option("text", "json")
@reading_options
def require(conditions: tuple[str, ...], form: str) -> None:
    """Hold the manifest to the conditions of a release.

    Says which do not hold, and why; the exit code is 1 then.

    \b
    complete            the backend is complete
    installed:H,I       these packs are installed
    no-pending          no pack is pending
    version>=1.2.0      also > <= < == != (quote it: the shell takes > for its own)
    clean               the manifest has no edits that are not committed
    tag:v{version}      the commit has this tag

    \b
    Example:
      valhalla-manifest require no-pending "version>=1.0.0" clean
    """
    from valhalla_manifest.manifest.gates import State, judge
    from valhalla_manifest.project import loading

    settings = Settings.current()
    state = State(
        load_manifest(),
        lambda: loading.is_clean(settings.manifest, settings.at),
        lambda: loading.tags(settings.manifest, settings.at),
    )
    verdicts = judge(state, conditions)
    holds = all(verdict.holds for verdict in verdicts)
    if form == "json":
        listed = [
            {"condition": verdict.condition, "holds": verdict.holds, "reason": verdict.reason}
            for verdict in verdicts
        ]
        print_json({"ok": holds, "conditions": listed})
    else:
        from valhalla_manifest.report.text import verdicts as report

        print_lines(report(verdicts, settings.style()))
    raise click.exceptions.Exit(0 if holds else 1)
