"""The rules as text, and as the page docs/rules.md."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from valhalla_manifest.report.text import Style
    from valhalla_manifest.validation.rules.base import AnyRule

FAMILIES = {
    "VM0": "The file",
    "VM1": "Portable YAML",
    "VM2": "Shape",
    "VM3": "Meaning",
    "VM4": "Change",
}
_INDENT = " " * len("VM001  ")
_PAGE = """\
# Rules

Every problem that `valhalla-manifest validate` reports has one of these codes. In a terminal,
`valhalla-manifest rules CODE` explains one.

In pyproject.toml, `[tool.valhalla-manifest]` can `ignore` a code, or make it a warning (`warn`) or
an error (`error`). Only the rules marked *adjustable* can be ignored or made a warning. Without the
others, parsers could read a valid manifest in different ways. A rule that is *off by default*
reports nothing until `warn` or `error` lists it.

`make generate` writes this page from the docstrings of the rules.
"""


def table(rules: Iterable[AnyRule], style: Style) -> Iterator[str]:
    """Yield the rules by family, one line for each."""
    family = ""
    for rule in rules:
        if rule.code[:3] != family:
            if family:
                yield ""
            family = rule.code[:3]
            yield style.strong(FAMILIES[family])
        summary = rule.summary.rstrip(".").replace("``", "`")
        summary += "" if rule.enabled else " (off by default)"
        first, *more = wrap(summary, max(style.width - len(_INDENT), 20)) or [""]
        yield f"{rule.code}  {first}"
        yield from (_INDENT + line for line in more)


def explanation(rule: AnyRule, style: Style) -> Iterator[str]:
    """Yield the name, the properties and the explanation of a rule."""
    yield style.strong(f"{rule.code} {rule.name}") + f" ({rule.properties})"
    yield ""
    yield rule.explanation.replace("``", "`")


def page(rules: Iterable[AnyRule]) -> str:
    """Return docs/rules.md."""
    parts = [_PAGE]
    family = ""
    for rule in rules:
        if rule.code[:3] != family:
            family = rule.code[:3]
            parts.append(f"\n## {FAMILIES[family]} ({family}xx)\n")
        parts.append(f"\n### {rule.code} {rule.name}\n\n*{rule.properties}*\n\n")
        parts.append(with_examples(rule.explanation) + "\n")
    return "".join(parts)


def with_examples(explanation: str) -> str:
    """Return an explanation in Markdown, with its examples as code blocks."""
    text, *examples = re.split(r"\n(?:Bad|Good):\n", explanation.replace("``", "`"))
    labels = ("Rejected", "Accepted")
    blocks = (
        f"{label}:\n\n```yaml\n{_dedent(example)}\n```\n"
        for label, example in zip(labels, examples, strict=False)
    )
    return "\n".join([text.rstrip() + "\n", *blocks]).rstrip() + "\n"


def _dedent(example: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in example.rstrip().split("\n"))
