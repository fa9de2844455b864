"""VM0xx, the file: whether it can be read at all, and is one YAML document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.document.problems import Finding, Span
from valhalla_manifest.document.source import DEPTH_LIMIT, NODE_LIMIT, fault_offset
from valhalla_manifest.validation.rules.base import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.document.parser import SyntaxFault
    from valhalla_manifest.document.source import Source

SIZE_LIMIT = 16 * 1024 * 1024  # bytes
_NOWHERE = Span(0, 0)
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")


@rule("VM001", "unreadable")
def unreadable(reason: str) -> Finding:
    """The file cannot be read.

    It does not exist, is a folder or a device, or may not be read by this user.
    """
    return Finding(_NOWHERE, "", reason)


@rule("VM002", "too-large")
def too_large(size: int) -> Finding | None:
    """The file is larger than 16 MiB.

    A manifest is a page or two of text. A larger file is most likely not the manifest, and
    reading it would cost every reader memory and time.
    """
    if size <= SIZE_LIMIT:
        return None
    return Finding(_NOWHERE, "", "the file is larger than 16 MiB", "is this the manifest?")


@rule("VM003", "not-utf-8")
def not_utf_8(data: bytes) -> Finding | None:
    """The file is not UTF-8.

    YAML may be UTF-16 or UTF-32 too, but not every reader takes that. The problem points at the
    first byte that is not UTF-8.
    """
    if data.startswith(_OTHER_MARKS) or b"\0" in data[:4]:
        return Finding(_NOWHERE, "", "the file is UTF-16 or UTF-32, not UTF-8", "save it as UTF-8")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        end = len(data[: error.start].decode().removeprefix("\ufeff"))
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        return Finding(Span(end, end + 1), "", message, "save the file as UTF-8")
    return None


# What libyaml says → what a person can use. The first that fits is taken.
_SYNTAX: tuple[tuple[str, str, str | None], ...] = (
    ("quoted scalar|unexpected end", "the quote opened here is never closed", "close the quote"),
    ("quoted scalar|unexpected document", "the quote opened here is never closed", None),
    ("quoted scalar|Unicode character", "the escape means no character of Unicode", "remove it"),
    ("quoted scalar|escape", "{next} is no escape that YAML knows", "write \\\\ or use '…'"),
    ("flow sequence|expected", "the list opened here is never closed", "add the ]"),
    ("flow mapping|expected", "the mapping opened here is never closed", "add the }}"),
    ("|mapping values are not allowed", 'a second ": " on the line', "put the value in quotes"),
    ("|could not find expected ':'", 'a key without a ":"', 'write "key: value"'),
    ("|cannot start any token", "{tab} cannot start a value", "{tab_hint}"),
    ("|did not find expected key", "the line fits no block above it", "check its indentation"),
    ("|expected '-' indicator", "the line fits no list above it", "check its indentation"),
    ("|block sequence entries", "a list cannot start here", "start it on a line of its own"),
    ("|<document start>", "the document ended above this line", "remove the line with ..."),
    ("directive|", "{line} is no directive of YAML", "remove the line"),
    ("anchor|", "& starts an anchor here", "put the value in quotes"),
    ("alias|", "* starts an alias here", "put the value in quotes"),
)
# The digits of an escape that means half of a surrogate pair.
_SURROGATE = re.compile(r"[dD][89a-fA-F][0-9a-fA-F]{2}")


@rule("VM004", "syntax")
def syntax(source: Source) -> Iterator[Finding]:
    """The text is not YAML.

    The entry or list item that holds the error is left out and the rest is checked, so that
    one run shows all that can be known. Something opened and never closed is reported where
    it was opened.

    Bad:
        notes: "never closed
    Good:
        notes: "closed"
    """
    for fault in source.faults:
        is_bad_character = "Unicode character escape" in fault.reason
        if not (is_bad_character and _SURROGATE.match(source.text, fault.problem.offset)):
            yield as_finding(fault, source)  # VM102 says the other one better


def as_finding(fault: SyntaxFault, source: Source) -> Finding:
    """Return what a person is told about a syntax error."""
    offset = min(fault_offset(fault), len(source.text))
    message, hint = _in_plain_words(fault, source.text, offset)
    return Finding(Span(offset, offset + 1), "", message, hint)


def _in_plain_words(fault: SyntaxFault, text: str, offset: int) -> tuple[str, str | None]:
    doing = fault.context.doing if fault.context else ""
    char = text[offset : offset + 1]
    words = {
        "next": escape_for_display(text[offset : offset + 2]),
        "line": escape_for_display(text[offset:].partition("\n")[0]),
        "tab": "a tab" if char == "\t" else escape_for_display(char),
        "tab_hint": "indent with spaces" if char == "\t" else "put the value in quotes",
    }
    for pattern, message, hint in _SYNTAX:
        context, _, reason = pattern.partition("|")
        if context in doing and reason in fault.reason:
            return message.format(**words), hint and hint.format(**words)
    return f"not YAML: {fault.reason}", None


@rule("VM005", "too-deep")
def too_deep(source: Source) -> Iterator[Finding]:
    """Lists and mappings are nested more than 64 deep.

    A manifest needs four levels. Thousands of open brackets make readers slow or crash them.
    """
    if source.too_deep is not None:
        span = Span(source.too_deep, source.too_deep + 1)
        yield Finding(span, "", f"nested more than {DEPTH_LIMIT} deep")


@rule("VM006", "empty")
def empty(source: Source) -> Iterator[Finding]:
    """There is nothing in the file, or nothing but comments."""
    if source.root is None and not source.damaged:
        hint = "run `valhalla-manifest init` for a first manifest"
        yield Finding(_NOWHERE, "", "the manifest is empty", hint)


@rule("VM007", "several-documents")
def several_documents(source: Source) -> Iterator[Finding]:
    """The file holds more than one YAML document.

    Readers differ in which one they take. Only the first is checked.
    """
    if source.more_documents is not None:
        start = source.more_documents
        message = "a second document starts here"
        yield Finding(Span(start, start + 3), "", message, "one file holds one manifest")
    behind = source.root.end if source.root else len(source.text)
    for match in list(_END_OF_DOCUMENT.finditer(source.text, behind))[1:]:
        yield Finding(Span(*match.span()), "", "the end is marked twice", "remove this line")


_END_OF_DOCUMENT = re.compile(r"^\.\.\.", re.MULTILINE)
_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: [^\r\n]*|(?=\r?$))", re.MULTILINE)


@rule("VM008", "conflict-markers")
def conflict_markers(text: str) -> Finding | None:
    """Git's conflict markers are left in the file.

    The problem points at the first; nothing else of the file is checked.
    """
    match = _CONFLICT.search(text) if any(sign * 7 in text for sign in "<>|") else None
    if match is None:
        return None
    hint = "settle the conflict and remove the markers"
    return Finding(Span(*match.span()), "", "a merge conflict is not settled", hint)


@rule("VM009", "too-many-values")
def too_many_values(source: Source) -> Iterator[Finding]:
    """There are more than 250 000 keys and values in the file.

    A manifest of 10 000 packs has about 100 000. What follows is not read.
    """
    if source.too_many is not None:
        span = Span(source.too_many, source.too_many + 1)
        yield Finding(span, "", f"more than {NODE_LIMIT:,} keys and values".replace(",", " "))


@rule("VM010", "too-many-problems")
def too_many_problems(at: Span, limit: int) -> Finding:
    """There are more problems in the file than are worth listing: 10 000 are listed."""
    message = f"more than {limit:,} problems; the others are not listed".replace(",", " ")
    return Finding(at, "", message)


FOR_SOURCE = (syntax, too_deep, empty, several_documents, too_many_values)
RULES = (
    unreadable,
    too_large,
    not_utf_8,
    syntax,
    too_deep,
    empty,
    several_documents,
    conflict_markers,
    too_many_values,
    too_many_problems,
)
