"""VM10x, portable YAML: syntax that parsers read in different ways, or that is invisible."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from valhalla_manifest.document import scalars
from valhalla_manifest.document.characters import FORBIDDEN, describe_char, escape_for_display
from valhalla_manifest.document.fields import field_at
from valhalla_manifest.document.problems import Finding, Span, pointer
from valhalla_manifest.document.source import AliasNode, MappingNode, Node, ScalarNode, Source, step
from valhalla_manifest.manifest import compiled, formats
from valhalla_manifest.validation.rules.base import rule

if TYPE_CHECKING:
    from collections.abc import Iterator


@rule("VM101", "forbidden-character", Source, adjustable=True)
def forbidden_character(source: Source) -> Iterator[Finding]:
    """A character that is invisible, that parsers reject, or that only some treat as a line break.

    These are control characters, U+0085, U+2028 and U+2029, bidirectional marks, zero-width and
    other invisible characters. A reviewer could see something other than what the machine reads, so
    they are not allowed in comments either.
    """
    for match in FORBIDDEN.finditer(source.text) if source.has_forbidden else ():
        message = f"{describe_char(match[0])} is not allowed in a manifest"
        yield Finding(Span(*match.span()), "", message, "remove it")


_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(\r?\n|.))", re.S)
_SHORT_ESCAPES = dict(zip("0abvfreNLP", "\0\a\b\v\f\r\x1b\x85\u2028\u2029", strict=True))


@rule("VM102", "forbidden-escape", Source, adjustable=True)
def forbidden_escape(source: Source) -> Iterator[Finding]:
    r"""A forbidden character, written as an escape.

    ``\t`` and ``\n`` are allowed. Other control characters, invisible characters and unpaired
    surrogates are not.

    Bad:
        notes: "a bell \x07"
    Good:
        notes: "two\nlines"
    """
    if "\\" not in source.text:
        return
    for node in source.nodes.enclosed:
        if isinstance(node, ScalarNode) and node.style == '"':
            yield from _escapes(source.text, node.start, node.end, pointer(node.path))
    for fault in source.faults:
        yield from _escapes(source.text, fault.problem.offset - 2, fault.problem.offset + 10, "")


def _escapes(text: str, start: int, end: int, at: str) -> Iterator[Finding]:
    for match in _ESCAPE.finditer(text, max(start, 0), end):
        digits = match[1] or match[2] or match[3]
        char = _from_code(int(digits, 16)) if digits else _SHORT_ESCAPES.get(match[4], "")
        if char == "\r" or FORBIDDEN.match(char):
            message = (
                f"{escape_for_display(match[0])} is {describe_char(char)}, which is not allowed"
            )
            yield Finding(Span(*match.span()), at, message, "remove it")


def _from_code(code: int) -> str:
    return chr(code) if code <= 0x10FFFF else ""  # noqa: PLR2004


@rule("VM103", "duplicate-key", Source)
def duplicate_key(source: Source) -> Iterator[Finding]:
    """A mapping contains a key twice.

    Some parsers use the first value, some use the last, and some reject the file.

    Bad:
        notes: one
        notes: two
    Good:
        notes: one
    """
    for mapping in source.nodes.mappings:
        if len(mapping.value) == len(mapping.entries):
            continue
        first: dict[str, ScalarNode] = {}
        for place, (key, _) in enumerate(mapping.entries):
            if not isinstance(key, ScalarNode):
                continue
            if key.text in first and _repeats_first_key(mapping, place, key):
                yield _missing_dash(mapping, key)
                break  # the following keys belong to another item
            if key.text in first:
                line, _ = source.position(first[key.text].start)
                message = (
                    f'duplicate key "{escape_for_display(key.text)}"; first used in line {line}'
                )
                yield Finding(
                    key.span, pointer((*mapping.path, key.text)), message, "remove one of them"
                )
            first.setdefault(key.text, key)


def _repeats_first_key(mapping: MappingNode, place: int, key: ScalarNode) -> bool:
    """Return whether a list item repeats its first key, so that a dash is probably missing."""
    in_list = bool(mapping.path) and isinstance(mapping.path[-1], int) and not mapping.flow
    return in_list and place > 1 and mapping.entries[0][0].value == key.text


def _missing_dash(mapping: MappingNode, key: ScalarNode) -> Finding:
    name = escape_for_display(key.text)
    message = f'missing - before "{name}", which starts another item'
    return Finding(key.span, pointer((*mapping.path, key.text)), message, f"write - {name}")


@rule("VM104", "ambiguous-scalar", Source, adjustable=True, unless="VM105")
def ambiguous_scalar(source: Source) -> Iterator[Finding]:
    """A plain value that YAML 1.1 and YAML 1.2 parsers read in different ways.

    ``N`` is false or the letter N; ``012`` is ten or twelve; ``2026-01-01`` is a date or a string.
    In quotes, it is a string to all parsers.

    Bad:
        notes: yes
    Good:
        notes: "yes"
    """
    for node in source.nodes.plain:
        reading = scalars.disagreement(node.text)
        if reading and not node.tag and not _is_merge(node):
            message = f"plain {escape_for_display(node.text)} is {reading}"
            yield Finding(node.span, _pointer(node), message, _rewrite_hint(node))


def _rewrite_hint(node: ScalarNode) -> str:
    field = None if node.is_key else field_at(compiled.FIELDS, node.path)
    if field and field.type == "boolean":
        return "write true or false"
    if field and field.type == "integer" and field.choices:
        return f"write {' or '.join(field.choices)}"
    whole = formats.complete_partial_value(str(node.path[-1]) if node.path else "", node.text)
    if whole and not node.is_key:
        return f'write "{whole}"'
    quoted = f'"{escape_for_display(node.text)}"'
    is_number = isinstance(node.value, float) and math.isfinite(node.value)
    if is_number and field is None and not node.is_key:
        return (
            f"write {scalars.format_number(node.value)} for the number, or {quoted} for the string"
        )
    return f"quote it: {quoted}"


def _pointer(node: Node) -> str:
    return pointer((*node.path, step(node)) if node.is_key else node.path)


@rule("VM105", "inexact-number", Source, adjustable=True)
def inexact_number(source: Source) -> Iterator[Finding]:
    """A number that some parsers round or reject.

    JavaScript and many JSON parsers represent integers exactly up to 9007199254740991, and
    support neither infinity nor "not a number".

    Bad:
        x-build: 9007199254740993
    Good:
        x-build: "9007199254740993"
    """
    for node in source.nodes.plain:
        value = node.value
        if type(value) in (int, float) and not scalars.is_exact(value):
            text = escape_for_display(source.text[node.start : node.end])
            message = f"not every parser can represent the number {text}"
            hint = f'quote it: "{text}"'
            yield Finding(node.span, _pointer(node), message, hint)


@rule("VM106", "anchor", Source)
def anchor(source: Source) -> Iterator[Finding]:
    """An anchor (``&name``), which lets other places of the file refer to the value.

    Bad:
        notes: &same text
    Good:
        notes: text
    """
    for node in source.nodes.all if "&" in source.text else ():
        if node.anchor is not None and not isinstance(node, AliasNode):
            span = _sign(source.text, "&" + node.anchor, node)
            message = f"&{escape_for_display(node.anchor)} is an anchor"
            is_text = isinstance(node, ScalarNode)
            hint = "remove it, or put the value in quotes" if is_text else "remove it"
            yield Finding(span, _pointer(node), message, hint)


def _sign(text: str, sign: str, node: Node) -> Span:
    start = text.find(sign, node.start, node.end)
    return Span(start, start + len(sign)) if start >= 0 else Span(node.start, node.start + 1)


@rule("VM107", "alias", Source)
def alias(source: Source) -> Iterator[Finding]:
    """An alias (``*name``) refers to a value that is written elsewhere.

    With nested aliases, a small file can fill a parser's memory.

    Bad:
        x-same: *other
    Good:
        x-same: text
    """
    if "*" not in source.text:
        return
    seen: set[str | None] = set()
    for node in source.nodes.all:
        if isinstance(node, AliasNode) and node.anchor not in seen:
            # Report only the first use of each anchor; fixing it reveals the rest.
            seen.add(node.anchor)
            message = f"*{escape_for_display(node.anchor)} is an alias"
            yield Finding(node.span, _pointer(node), message, "write out the value")


@rule("VM108", "merge-key", Source)
def merge_key(source: Source) -> Iterator[Finding]:
    """A merge key (``<<``) copies another mapping in some parsers and is a plain key in others.

    Quotes do not help, because Ruby's parser treats a quoted key as a merge key too.

    Bad:
        <<: {notes: text}
    Good:
        notes: text
    """
    for mapping in source.nodes.mappings:
        for key, _ in mapping.entries if "<<" in mapping.value else ():
            if key.value == "<<":
                message = "<< is a merge key to some parsers, a plain key to others"
                yield Finding(key.span, _pointer(key), message, "write out the keys")


def _is_merge(node: Node) -> bool:
    return node.is_key and isinstance(node, ScalarNode) and node.text == "<<" and not node.style


@rule("VM109", "tag", Source)
def tag(source: Source) -> Iterator[Finding]:
    """An explicit tag (``!!str``, ``!env``), which makes parsers that do not know it fail.

    Bad:
        notes: !!str 12
    Good:
        notes: "12"
    """
    for node in source.nodes.all if "!" in source.text else ():
        if node.tag is not None:
            start = source.text.find("!", node.start)
            written = (
                re.compile(r"![^\s,\[\]{}]*").match(source.text, start) if start >= 0 else None
            )
            span = Span(*written.span()) if written else node.span
            message = (
                f"{escape_for_display(written[0] if written else node.tag)} is an explicit tag"
            )
            hint = "remove it, and quote the value if it is a string"
            yield Finding(span, _pointer(node), message, hint)


@rule("VM110", "directive", Source)
def directive(source: Source) -> Iterator[Finding]:
    """A directive such as ``%YAML 1.1``, which changes how the whole file is read."""
    for span in source.directives:
        message = f"{escape_for_display(source.text[span.start : span.end])} is a directive"
        yield Finding(span, "", message, "remove the line")


@rule("VM111", "key-not-a-string", Source)
def key_not_a_string(source: Source) -> Iterator[Finding]:
    """A key that is a number, null, a boolean, a list or a mapping.

    Keys in JSON are always strings, so parsers change such a key or reject it.

    Bad:
        x-ports: {80: http}
    Good:
        x-ports: {"80": http}
    """
    keys = (key for mapping in source.nodes.mappings for key, _ in mapping.entries)
    for key in keys:
        if isinstance(key.value, str) or isinstance(key, AliasNode):
            continue
        text = key.text if isinstance(key, ScalarNode) else ""
        if isinstance(key, MappingNode) and source.text.startswith("{{", key.start - 1):
            at = Span(key.start - 1, key.start + 1)
            message, hint = "this template was not rendered", "render it, or put it in quotes"
            yield Finding(at, pointer(key.path), message, hint)
        elif not scalars.disagreement(text):  # VM104 reports the others more precisely
            message = f"this key is {scalars.describe(key.value)}, not a string"
            quote = f'quote it: "{escape_for_display(text)}"' if text else None
            yield Finding(key.span, _pointer(key), message, quote)
