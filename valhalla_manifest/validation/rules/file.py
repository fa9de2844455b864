"""VM0xx, the file: whether it can be read at all, and is one YAML document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.problems import Finding, Span
from valhalla_manifest.document.source import DEPTH_LIMIT, NODE_LIMIT, Source
from valhalla_manifest.validation.rules.base import rule
from valhalla_manifest.validation.rules.subjects import File, Overflow, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator


SIZE_LIMIT = 16 * 1024 * 1024  # bytes
_NOWHERE = Span(0, 0)
_NO_MANIFEST = "is this the manifest?"
_LOOKED_AT = 1_000  # bytes that tell the kind of a file
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")


@rule("VM001", "unreadable", Unreadable)
def unreadable(file: Unreadable) -> Iterator[Finding]:
    """The file cannot be read.

    It does not exist, is a folder or a device, or may not be read by this user.
    """
    yield Finding(_NOWHERE, "", file.reason)


@rule("VM002", "too-large", File)
def too_large(file: File) -> Iterator[Finding]:
    """The file is larger than 16 MiB.

    A manifest is a page or two of text. A larger file is most likely not the manifest, and
    reading it would cost every reader memory and time.
    """
    if len(file.data) > SIZE_LIMIT:
        yield Finding(_NOWHERE, "", "the file is larger than 16 MiB", _NO_MANIFEST)


@rule("VM003", "not-utf-8", File)
def not_utf_8(file: File) -> Iterator[Finding]:
    """The file is not UTF-8.

    YAML may be UTF-16 or UTF-32 too, but not every reader takes that. The problem points at the
    first byte that is not UTF-8.
    """
    if other_kind(file.data):
        return  # VM011, which cannot be ignored, says what it is
    if file.data.startswith(_OTHER_MARKS) or b"\0" in file.data[:4]:
        yield Finding(_NOWHERE, "", "the file is UTF-16 or UTF-32, not UTF-8", "save it as UTF-8")
    elif file.undecodable is not None:
        end = len(file.unread.text)
        message = f"byte 0x{file.data[file.undecodable]:02x} is not UTF-8"
        yield Finding(Span(end, end + 1), "", message, "save the file as UTF-8")


# The digits of an escape that means half of a surrogate pair.
_SURROGATE = r"[dD][89a-fA-F][0-9a-fA-F]{2}"


@rule("VM004", "syntax", Source)
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
    if not source.faults:
        return
    from valhalla_manifest.document.faults import fault_offset
    from valhalla_manifest.validation.syntax_hints import describe_syntax_error

    reason, last = "", 0
    for fault in source.faults:
        line, _ = source.position(fault_offset(fault))
        runs_on = fault.reason == reason and line == last + 1  # of one text that is no YAML
        reason, last = fault.reason, line
        is_bad_character = "Unicode character escape" in fault.reason
        digits = source.text[fault.problem.offset :][:4]
        is_surrogate = is_bad_character and re.match(_SURROGATE, digits)
        if not runs_on and not is_surrogate:  # VM102 says the other one better
            yield describe_syntax_error(source, fault)


@rule("VM005", "too-deep", Source)
def too_deep(source: Source) -> Iterator[Finding]:
    """Lists and mappings are nested more than 64 deep.

    A manifest needs four levels. Thousands of open brackets make readers slow or crash them.
    """
    if source.too_deep is not None:
        span = Span(source.too_deep, source.too_deep + 1)
        yield Finding(span, "", f"nested more than {DEPTH_LIMIT} deep")


@rule("VM006", "empty", Source)
def empty(source: Source) -> Iterator[Finding]:
    """There is nothing in the file, or nothing but comments."""
    if source.root is None and not source.damaged:
        hint = "run `valhalla-manifest init` for a first manifest"
        yield Finding(_NOWHERE, "", "the manifest is empty", hint)


@rule("VM007", "several-documents", Source)
def several_documents(source: Source) -> Iterator[Finding]:
    """The file holds more than one YAML document.

    Readers differ in which one they take. Only the first is checked.
    """
    if source.more_documents is not None:
        start = source.more_documents
        message = "a second document starts here"
        yield Finding(Span(start, start + 3), "", message, "one file holds one manifest")
    behind = source.root.end if source.root else len(source.text)
    ends = re.compile(r"^\.\.\.", re.MULTILINE).finditer(source.text, behind)
    for match in list(ends)[1:]:
        yield Finding(Span(*match.span()), "", "the end is marked twice", "remove this line")


_MARKERS = ("<" * 7, "|" * 7, "=" * 7, ">" * 7)
_MARKER = r"^(<{7}|\|{7}|={7}(?=\r?$)|>{7})(?: [^\r\n]*|(?=\r?$))"


@rule("VM008", "conflict-markers", File)
def conflict_markers(file: File) -> Iterator[Finding]:
    """Git's conflict markers are left in the file.

    Each conflict is listed by its first marker; nothing else of the file is checked.
    """
    text = file.unread.text
    if not any(marker in text for marker in _MARKERS):
        return
    hint = "settle the conflict and remove the markers"
    last = -1
    for match in re.finditer(_MARKER, text, re.MULTILINE):
        place = _MARKERS.index(match[1])
        if place <= last or last < 0:
            yield Finding(Span(*match.span()), "", "a merge conflict is not settled", hint)
        last = place


@rule("VM009", "too-many-values", Source)
def too_many_values(source: Source) -> Iterator[Finding]:
    """There are more than 250 000 keys and values in the file.

    A manifest of 10 000 packs has about 100 000. What follows is not read.
    """
    if source.too_many is not None:
        span = Span(source.too_many, source.too_many + 1)
        yield Finding(span, "", f"more than {NODE_LIMIT:,} keys and values".replace(",", " "))


@rule("VM010", "too-many-problems", Overflow)
def too_many_problems(more: Overflow) -> Iterator[Finding]:
    """There are more problems in the file than are worth listing: 10 000 are listed."""
    message = f"more than {more.limit:,} problems; the others are not listed".replace(",", " ")
    yield Finding(more.span, "", message)


class OtherKind(NamedTuple):
    """A kind of file that is not YAML: how it starts, what it is, and what to do."""

    start: bytes
    name: str
    way_out: str


# Behind comments, a line with an equals sign and without what makes a key of YAML.
_ASSIGNMENT = rb"""(?:#.*\n|\s)*[\w.-]+ *= *(?:"[^"\n]*"|'[^'\n]*'|[^"'\n:]|:(?!\s))+(?=\n|\Z)"""
_TOML = OtherKind(b"", "TOML", "write key: value")
_OTHER_KINDS = (
    OtherKind(b"version https://git-lfs", "a pointer of Git LFS", "run `git lfs pull`"),
    OtherKind(b"<!", "HTML or XML", _NO_MANIFEST),
    OtherKind(b"<?", "HTML or XML", _NO_MANIFEST),
    OtherKind(b"<html", "HTML or XML", _NO_MANIFEST),
    OtherKind(b"```", "Markdown", "remove the lines of ``` around the manifest"),
    OtherKind(b"~~~", "Markdown", "remove the lines of ~~~ around the manifest"),
    OtherKind(b"\0GITCRYPT\0", "encrypted (git-crypt)", "run `git-crypt unlock`"),
    OtherKind(b"$ANSIBLE_VAULT;", "encrypted (Ansible Vault)", "decrypt it"),
    OtherKind(b"age-encryption.org/", "encrypted (age)", "decrypt it"),
    OtherKind(b"-----BEGIN ", "encrypted or signed", "decrypt it"),
    OtherKind(b"\x1f\x8b", "compressed", _NO_MANIFEST),
    OtherKind(b"PK\x03\x04", "a ZIP archive", _NO_MANIFEST),
    OtherKind(b"%PDF-", "a PDF", _NO_MANIFEST),
)


def other_kind(data: bytes) -> OtherKind | None:
    """Return the kind of file that bytes look like, None for what may be a manifest."""
    text = data.removeprefix(b"\xef\xbb\xbf")[:_LOOKED_AT].lstrip(b" \t\r\n")
    found = next((kind for kind in _OTHER_KINDS if text.startswith(kind.start)), None)
    if found is None and b"=" in text and re.match(_ASSIGNMENT, text):
        return _TOML
    return found


@rule("VM011", "other-kind-of-file", File)
def other_kind_of_file(file: File) -> Iterator[Finding]:
    """The file is of another kind: HTML, TOML, Markdown, a pointer of Git LFS, or encrypted.

    Nothing else of it is checked.
    """
    found = other_kind(file.data)
    if found:
        yield Finding(_NOWHERE, "", f"the file is not YAML but {found.name}", found.way_out)
