"""VM13x, the intention: what is valid YAML, and most likely not what the person meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from valhalla_manifest.document.characters import has_any
from valhalla_manifest.document.fields import field_at
from valhalla_manifest.document.problems import Finding, Severity, Span, pointer
from valhalla_manifest.document.source import ScalarNode, Source
from valhalla_manifest.manifest import compiled
from valhalla_manifest.validation.rules.base import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.document.source import Node

# "#12", or "# 12": a comment would have a space, and begin with a letter.
_LOST = re.compile(r"#(?:[^\s#!]|[ \t]+[0-9])[^\r\n]*")
_GAP = re.compile(r"[ \t]*")
_SIGNS = ("-<", "->", "-|", "<-", "+<", "+>", "+|")
_MISTYPED_HEADER = re.compile(r"(?:-[<>|]|<-|[+][<>|])(?=\s)")
_QUOTES = "\u201c\u201d\u201e\u2018\u2019"
_CURLY = re.compile("[\u201c\u201d\u201e\u2018\u2019].*[\u201c\u201d\u2018\u2019]", re.DOTALL)


def _texts(source: Source) -> Iterator[ScalarNode]:
    """Yield the values of the format's keys for texts that are written without quotes."""
    for node in source.nodes.plain:
        if not node.is_key and _is_text(node):
            yield node


def _is_text(node: Node) -> bool:
    field = field_at(compiled.FIELDS, node.path)
    return field is not None and field.type == "string"


@rule("VM131", "lost-text", Source, severity=Severity.WARNING, adjustable=True)
def lost_text(source: Source) -> Iterator[Finding]:
    """What stands behind a text looks like a part of it, and is a comment to YAML.

    `Fixed #12` is `Fixed` to every reader. This is a warning: a comment may be written without
    a space behind the `#`, and then nothing is lost.

    Bad:
        notes: Fixed #12
    Good:
        notes: "Fixed #12"
    """
    if not _LOST.search(source.text):
        return
    for node in _texts(source):
        gap = _GAP.match(source.text, node.end)
        found = _LOST.match(source.text, gap.end() if gap else node.end)
        if found:
            hint = "put the value in quotes, or a space behind the #"
            message = "what follows the # is a comment, and no part of the text"
            yield Finding(Span(*found.span()), pointer(node.path), message, hint)


@rule("VM132", "mistyped-header", Source, severity=Severity.WARNING, adjustable=True)
def mistyped_header(source: Source) -> Iterator[Finding]:
    """A text of several lines that begins with what is nearly the header of a block text.

    Bad:
        notes: -<
          text
    Good:
        notes: >-
          text
    """
    if not has_any(source.text, _SIGNS):
        return
    for node in _texts(source):
        found = _MISTYPED_HEADER.match(source.text, node.start, node.end)
        if found:
            message = f"{found[0]} is a part of the text, and no header of a block text"
            yield Finding(Span(*found.span()), pointer(node.path), message, "write >- or |-")


@rule("VM133", "curly-quotes", Source, severity=Severity.WARNING, adjustable=True)
def curly_quotes(source: Source) -> Iterator[Finding]:
    """Curly quotes around a whole value: to YAML they are a part of the text.

    Bad:
        notes: \u201cReleased\u201d
    Good:
        notes: "Released"
    """
    if not has_any(source.text, _QUOTES):
        return
    for node in _texts(source):
        if _CURLY.fullmatch(node.text):
            message = "the curly quotes are a part of the text"
            yield Finding(node.span, pointer(node.path), message, 'write "…" in their place')
