"""``rules``: list and explain the rules."""

from __future__ import annotations

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.cli.options import common_options, format_option
from valhalla_manifest.cli.output import print_json
from valhalla_manifest.cli.param_types import CODE
from valhalla_manifest.document.problems import ManifestError, closest


@click.command()
@click.argument("code", required=False, type=CODE)
@format_option("text", "json")
@common_options
def rules(code: str | None, form: str) -> None:
    """List the rules, or explain one of them.

    \b
    Example:
      valhalla-manifest rules VM301
    """
    from valhalla_manifest.report import json as as_json
    from valhalla_manifest.report import rules as report
    from valhalla_manifest.validation.rules.registry import BY_CODE, RULES

    if code and code.upper() not in BY_CODE:
        guess = closest(code.upper(), BY_CODE)
        hint = f"did you mean {guess}?" if guess else "see `valhalla-manifest rules`"
        raise ManifestError(f"there is no rule {code!r}; {hint}")
    selected = [BY_CODE[code.upper()]] if code else list(RULES)
    if form == "json":
        print_json(list(map(as_json.rule, selected)))
        return
    style = Invocation.current().style()
    lines = report.explanation(selected[0], style) if code else report.table(selected, style)
    click.echo("\n".join(lines), color=True)
