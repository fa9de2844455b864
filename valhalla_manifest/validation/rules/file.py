"""VM0xx, the file: whether it can be read, and whether it is one YAML document."""

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
_INSPECTED = 1_000  # bytes at the start that show the kind of a file
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")


@rule("VM001", "unreadable", Unreadable)
def unreadable(file: Unreadable) -> Iterator[Finding]:
    """The file cannot be read.

    It does not exist, is a folder or a device, or you have no permission to read it.
    """
    yield Finding(_NOWHERE, "", file.reason)


@rule("VM002", "too-large", File)
def too_large(file: File) -> Iterator[Finding]:
    """The file is larger than 16 MiB.

    A manifest is usually a page or two. A file of this size is probably not the manifest, and every
    parser would need much memory and time for it.
    """
    if len(file.data) > SIZE_LIMIT:
        yield Finding(_NOWHERE, "", "the file is larger than 16 MiB", _NO_MANIFEST)


@rule("VM003", "not-utf-8", File)
def not_utf_8(file: File) -> Iterator[Finding]:
    """The file is not UTF-8.

    YAML also allows UTF-16 and UTF-32, but many parsers do not support them. The problem points to
    the first byte that is not UTF-8.
    """
    if other_kind(file.data):
        return  # VM011, which cannot be ignored, reports the kind of the file
    if file.data.startswith(_OTHER_MARKS) or b"\0" in file.data[:4]:
        yield Finding(_NOWHERE, "", "the file is UTF-16 or UTF-32, not UTF-8", "save it as UTF-8")
    elif file.undecodable is not None:
        end = len(file.unread.text)
        message = f"byte 0x{file.data[file.undecodable]:02x} is not UTF-8"
        yield Finding(Span(end, end + 1), "", message, "save the file as UTF-8")


# The digits of an escape for an unpaired surrogate.
_SURROGATE = r"[dD][89a-fA-F][0-9a-fA-F]{2}"


@rule("VM004", "syntax", Source)
def syntax(source: Source) -> Iterator[Finding]:
    """The file is not valid YAML.

    The entry or list item with the error is skipped and the rest is checked, so that one run
    reports as many problems as possible. A missing closing quote or bracket is reported at the
    opening one.

    Bad:
        notes: "never closed
    Good:
        notes: "closed"
    """
    if not source.faults:
        return
    from valhalla_manifest.document.syntax_errors import fault_offset
    from valhalla_manifest.validation.syntax_hints import describe_syntax_error

    reason, last = "", 0
    for fault in source.faults:
        line, _ = source.position(fault_offset(fault))
        continues = (
            fault.reason == reason and line == last + 1
        )  # several adjacent lines that are not YAML
        reason, last = fault.reason, line
        is_bad_character = "Unicode character escape" in fault.reason
        digits = source.text[fault.problem.offset :][:4]
        is_surrogate = is_bad_character and re.match(_SURROGATE, digits)
        if not continues and not is_surrogate:  # VM102 reports an unpaired surrogate
            yield describe_syntax_error(source, fault)


@rule("VM005", "too-deep", Source)
def too_deep(source: Source) -> Iterator[Finding]:
    """Lists and mappings are nested more than 64 levels deep.

    A manifest needs four levels. Thousands of nested brackets slow parsers down or crash them.
    """
    if source.too_deep is not None:
        span = Span(source.too_deep, source.too_deep + 1)
        yield Finding(span, "", f"nested more than {DEPTH_LIMIT} levels deep", "flatten the value")


@rule("VM006", "empty", Source)
def empty(source: Source) -> Iterator[Finding]:
    """The file is empty or contains only comments."""
    if source.root is None and not source.damaged:
        hint = "run `valhalla-manifest init` to write a first manifest"
        yield Finding(_NOWHERE, "", "the manifest is empty", hint)


@rule("VM007", "several-documents", Source)
def several_documents(source: Source) -> Iterator[Finding]:
    """The file contains more than one YAML document.

    Some parsers read the first document, and some read the last. Only the first document is
    checked.
    """
    if source.more_documents is not None:
        start = source.more_documents
        message = "a second document starts here"
        yield Finding(Span(start, start + 3), "", message, "keep one document per file")
    end = source.root.end if source.root else len(source.text)
    ends = re.compile(r"^\.\.\.", re.MULTILINE).finditer(source.text, end)
    for match in list(ends)[1:]:
        message = "a second ... marks the end of the document"
        yield Finding(Span(*match.span()), "", message, "remove this line")


_MARKERS = ("<" * 7, "|" * 7, "=" * 7, ">" * 7)
_MARKER = r"^(<{7}|\|{7}|={7}(?=\r?$)|>{7})(?: [^\r\n]*|(?=\r?$))"


@rule("VM008", "conflict-markers", File)
def conflict_markers(file: File) -> Iterator[Finding]:
    """The file still contains Git's conflict markers.

    Each conflict is reported at its first marker. Nothing else in the file is checked.
    """
    text = file.unread.text
    if not any(marker in text for marker in _MARKERS):
        return
    hint = "resolve the conflict and remove the markers"
    last = -1
    for match in re.finditer(_MARKER, text, re.MULTILINE):
        place = _MARKERS.index(match[1])
        if place <= last or last < 0:
            yield Finding(Span(*match.span()), "", "this merge conflict is not resolved", hint)
        last = place


@rule("VM009", "too-many-values", Source)
def too_many_values(source: Source) -> Iterator[Finding]:
    """The file contains more than 250 000 keys and values.

    A manifest with 10 000 packs has about 100 000. The rest of the file is not read.
    """
    if source.too_many is not None:
        span = Span(source.too_many, source.too_many + 1)
        yield Finding(
            span, "", f"more than {NODE_LIMIT:,} keys and values".replace(",", " "), _NO_MANIFEST
        )


@rule("VM010", "too-many-problems", Overflow)
def too_many_problems(more: Overflow) -> Iterator[Finding]:
    """The file has more than 10 000 problems; only the first 10 000 are listed."""
    message = f"more than {more.limit:,} problems; the others are not listed".replace(",", " ")
    yield Finding(more.span, "", message)


class OtherKind(NamedTuple):
    """A kind of file that is not YAML: its first bytes, its name, and the suggested action."""

    start: bytes
    name: str
    hint: str


# Matches ``key = value``, after any comments and table headings, on a line that is not a YAML
# mapping entry.
_HEADINGS = rb"""(?:#.*\n|\[{1,2}[\w."' -]+\]{1,2} *(?:#.*)?\r?\n|\s)*"""
_ASSIGNMENT = _HEADINGS + rb"""[\w.-]+ *= *(?:"[^"\n]*"|'[^'\n]*'|[^"'\n:]|:(?!\s))+(?=\n|\Z)"""
_TOML = OtherKind(b"", "TOML", "write key: value")
_OTHER_KINDS = (
    OtherKind(b"version https://git-lfs", "a Git LFS pointer", "run `git lfs pull`"),
    OtherKind(b"<!", "HTML or XML", _NO_MANIFEST),
    OtherKind(b"<?", "HTML or XML", _NO_MANIFEST),
    OtherKind(b"<html", "HTML or XML", _NO_MANIFEST),
    OtherKind(b"```", "Markdown", "remove the ``` lines around the manifest"),
    OtherKind(b"~~~", "Markdown", "remove the ~~~ lines around the manifest"),
    OtherKind(b"\0GITCRYPT\0", "encrypted (git-crypt)", "run `git-crypt unlock`"),
    OtherKind(b"$ANSIBLE_VAULT;", "encrypted (Ansible Vault)", "decrypt it"),
    OtherKind(b"age-encryption.org/", "encrypted (age)", "decrypt it"),
    OtherKind(b"-----BEGIN ", "encrypted or signed", "decrypt it"),
    OtherKind(b"\x1f\x8b", "compressed", _NO_MANIFEST),
    OtherKind(b"PK\x03\x04", "a ZIP archive", _NO_MANIFEST),
    OtherKind(b"%PDF-", "a PDF", _NO_MANIFEST),
)


def other_kind(data: bytes) -> OtherKind | None:
    """Return the kind of file that the bytes look like, or None if they may be a manifest."""
    text = data.removeprefix(b"\xef\xbb\xbf")[:_INSPECTED].lstrip(b" \t\r\n")
    found = next((kind for kind in _OTHER_KINDS if text.startswith(kind.start)), None)
    if found is None and b"=" in text and re.match(_ASSIGNMENT, text):
        return _TOML
    return found


@rule("VM011", "other-kind-of-file", File)
def other_kind_of_file(file: File) -> Iterator[Finding]:
    """The file is of another kind: HTML, TOML, Markdown, a Git LFS pointer, or encrypted.

    Nothing else in it is checked.
    """
    found = other_kind(file.data)
    if found:
        yield Finding(_NOWHERE, "", f"the file is not YAML but {found.name}", found.hint)
