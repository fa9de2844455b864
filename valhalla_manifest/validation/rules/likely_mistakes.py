"""VM13x, likely mistakes: valid YAML that is probably not what the author meant."""

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

# "#12" or "# 12". A real comment usually has a space, and begins with a letter.
_LOST = re.compile(r"#(?:[^\s#!]|[ \t]+[0-9])[^\r\n]*")
_GAP = re.compile(r"[ \t]*")
_SIGNS = ("-<", "->", "-|", "<-", "+<", "+>", "+|")
_MISTYPED_HEADER = re.compile(r"(?:-[<>|]|<-|[+][<>|])(?=\s)")
_QUOTES = "\u201c\u201d\u201e\u2018\u2019"
_CURLY = re.compile("[\u201c\u201d\u201e\u2018\u2019].*[\u201c\u201d\u2018\u2019]", re.DOTALL)


def _plain_strings(source: Source) -> Iterator[ScalarNode]:
    """Yield the unquoted values of the keys that hold a string."""
    for node in source.nodes.plain:
        if not node.is_key and _is_string(node):
            yield node


def _is_string(node: Node) -> bool:
    field = field_at(compiled.FIELDS, node.path)
    return field is not None and field.type == "string"


@rule("VM131", "lost-text", Source, severity=Severity.WARNING, adjustable=True)
def lost_text(source: Source) -> Iterator[Finding]:
    """Text after a # looks like a part of the string, but is a comment in YAML.

    Every parser reads `Fixed #12` as `Fixed`. This is a warning, because it may be a comment
    without a space after the `#`.

    Bad:
        notes: Fixed #12
    Good:
        notes: "Fixed #12"
    """
    if not _LOST.search(source.text):
        return
    for node in _plain_strings(source):
        gap = _GAP.match(source.text, node.end)
        found = _LOST.match(source.text, gap.end() if gap else node.end)
        if found:
            hint = "put the value in quotes, or add a space after the #"
            message = "the text after # is a comment, not a part of the value"
            yield Finding(Span(*found.span()), pointer(node.path), message, hint)


@rule("VM132", "mistyped-header", Source, severity=Severity.WARNING, adjustable=True)
def mistyped_header(source: Source) -> Iterator[Finding]:
    """A multi-line string begins with a mistyped block string header.

    Bad:
        notes: -<
          text
    Good:
        notes: >-
          text
    """
    if not has_any(source.text, _SIGNS):
        return
    for node in _plain_strings(source):
        found = _MISTYPED_HEADER.match(source.text, node.start, node.end)
        if found:
            message = f"{found[0]} is read as a part of the value, not as a block string header"
            yield Finding(Span(*found.span()), pointer(node.path), message, "write >- or |-")


@rule("VM133", "curly-quotes", Source, severity=Severity.WARNING, adjustable=True)
def curly_quotes(source: Source) -> Iterator[Finding]:
    """A whole value is in curly quotes, which YAML reads as a part of the value.

    Bad:
        notes: \u201cReleased\u201d
    Good:
        notes: "Released"
    """
    if not has_any(source.text, _QUOTES):
        return
    for node in _plain_strings(source):
        if _CURLY.fullmatch(node.text):
            message = "the curly quotes are a part of the value"
            yield Finding(node.span, pointer(node.path), message, 'write "…" instead')
