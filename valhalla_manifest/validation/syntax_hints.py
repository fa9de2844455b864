"""Syntax hints: the likely cause of a libyaml error, at the place to fix.

Each function below recognizes one mistake in the lines around a syntax error; the first that does
gives the message. If none does, libyaml's message is replaced by a plainer one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from valhalla_manifest.document.characters import describe_char, escape_for_display
from valhalla_manifest.document.problems import Finding, Span
from valhalla_manifest.document.syntax_errors import fault_offset, line_start

if TYPE_CHECKING:
    from collections.abc import Callable

    from valhalla_manifest.document.parser import SyntaxFault
    from valhalla_manifest.document.source import Source

_QUOTE_IT = "put the value in quotes"
_KEY = r"""[A-Za-z_][\w.-]*|"[^"\n]*"|'[^'\n]*'"""
_ENTRY = re.compile(rf"[ ]*(?:-[ ]+)*(?P<key>{_KEY})[ ]*:[ \t]+(?P<value>\S[^\r\n]*)")
_KEY_COLUMN = re.compile(rf"[ ]*(?:-[ ]+)*(?=(?:{_KEY})[ ]*:)")
_INDENTATION = re.compile(r"[ ]*(?P<other>[^\S \r\n])")
_DASH = re.compile(rf"[ ]*(?P<dash>-)(?:{_KEY})[ ]*:")
_TIGHT_COLON = re.compile(r"[ ]*(?:-[ ]+)*[A-Za-z_][\w-]*(?P<colon>:)[^\s:]")
_BLOCK_HEADER = re.compile(r"(?:.*[ :-])?(?P<header>[|>][-+0-9]*)[ ]*(?:#.*)?")
_TEXT_AFTER_HEADER = re.compile(r"(?P<header>[|>][-+0-9]*)(?P<text>[^\s#].*)")
_CLOSED = {'"': re.compile(r'"(?:\\.|[^"\\])*"'), "'": re.compile(r"'(?:''|[^'])*'")}
_TEMPLATE = re.compile(r"\$?\{\{|\{%|<%")
_DIGITS = {"x": 2, "u": 4, "U": 8}


@dataclass(frozen=True)
class _ErrorContext:
    """A syntax error and the lines around it."""

    source: Source
    offset: int
    doing: str
    reason: str

    @cached_property
    def start(self) -> int:
        return line_start(self.source.text, self.offset)

    @cached_property
    def line(self) -> str:
        return self._line_from(self.start)

    @property
    def indent(self) -> int:
        """The indentation of the line, in spaces."""
        return len(self.line) - len(self.line.lstrip(" "))

    @cached_property
    def above(self) -> int:
        """The start of the closest line above with content; -1 if there is none."""
        end = self.start - 1
        while end >= 0:
            start = line_start(self.source.text, end)
            words = self.source.text[start:end].strip()
            if words and not words.startswith("#"):
                return start
            end = start - 1
        return -1

    @cached_property
    def line_above(self) -> str:
        return self._line_from(self.above) if self.above >= 0 else ""

    @cached_property
    def entry(self) -> re.Match[str] | None:
        """The key and the value on the line."""
        return _ENTRY.match(self.line)

    @property
    def value(self) -> str:
        """The rest of the line from its value on."""
        return self.entry["value"] if self.entry else ""

    def at_value(self, message: str, hint: str) -> Finding:
        """Return a finding at the first character of the value."""
        return self.at(self.start + (self.entry.start("value") if self.entry else 0), message, hint)

    def at(self, offset: int, message: str, hint: str | None) -> Finding:
        return Finding(Span(offset, offset + 1), "", message, hint)

    def _line_from(self, start: int) -> str:
        return self.source.text[start:].partition("\n")[0].rstrip("\r")


def describe_syntax_error(source: Source, fault: SyntaxFault) -> Finding:
    """Return the finding for a syntax error."""
    doing = fault.context.doing if fault.context else ""
    error = _ErrorContext(source, min(fault_offset(fault), len(source.text)), doing, fault.reason)
    found = (mistake(error) for mistake in _MISTAKES)
    return next((finding for finding in found if finding), None) or _translate_libyaml(error)


def _find_wrong_indentation(error: _ErrorContext) -> Finding | None:
    # libyaml takes a line indented with no-break spaces for an outer key, and stops at the line
    # below it. So the line above counts too, but not for a tab, at which libyaml stops at once.
    for start, line in ((error.above, error.line_above), (error.start, error.line)):
        found = _INDENTATION.match(line)
        if found and (found["other"] != "\t" or start == error.start):
            sign = "a tab" if found["other"] == "\t" else describe_char(found["other"])
            offset = start + found.start("other")
            return error.at(offset, f"{sign} cannot be used for indentation", "indent with spaces")
    return None


def _find_template(error: _ErrorContext) -> Finding | None:
    if not _TEMPLATE.search(error.value):
        return None
    return error.at_value("this template was not rendered", "render it, or put it in quotes")


def _find_foreign_comment(error: _ErrorContext) -> Finding | None:
    indent = len(error.line) - len(error.line.lstrip())
    sign = next((sign for sign in ("//", "/*", "--") if error.line[indent:].startswith(sign)), None)
    if sign is None or (sign == "--" and error.line.strip().startswith("---")):
        return None
    return error.at(error.start + indent, f"{sign} does not start a comment in YAML", "write #")


def _find_dash_without_space(error: _ErrorContext) -> Finding | None:
    for start, line in ((error.start, error.line), (error.above, error.line_above)):
        found = _DASH.match(line)
        if found:
            offset = start + found.start("dash")
            return error.at(offset, "missing space after -", "add a space after the -")
    return None


def _find_colon_without_space(error: _ErrorContext) -> Finding | None:
    found = _TIGHT_COLON.match(error.line)
    if found is None or "://" in error.line:
        return None
    offset = error.start + found.start("colon")
    return error.at(offset, "missing space after :", "add a space after the :")


def _find_text_after_header(error: _ErrorContext) -> Finding | None:
    found = _TEXT_AFTER_HEADER.match(error.value)
    if found is None:
        return None
    message = f"text after {found['header']} on the same line"
    return error.at_value(message, "move it to the next line and indent it")


def _find_unindented_block(error: _ErrorContext) -> Finding | None:
    header = _BLOCK_HEADER.fullmatch(error.line_above)
    column = _KEY_COLUMN.match(error.line_above)
    is_key = _KEY_COLUMN.match(error.line)
    if header is None or column is None or error.indent > column.end() or is_key:
        return None
    message = f"the block string after {header['header']} is not indented"
    return error.at(error.start + error.indent, message, f"indent it by {column.end() + 2} spaces")


def _find_partial_quotes(error: _ErrorContext) -> Finding | None:
    closed = _CLOSED.get(error.value[:1])
    quoted = closed.match(error.value) if closed else None
    rest = error.value[quoted.end() :] if quoted else ""
    if not rest.strip() or rest.lstrip().startswith("#"):
        return None
    if error.value.startswith("'") and error.value.endswith("'"):
        message = "the quote ends inside the value"
        return error.at_value(message, "write '' for a quote inside '…', or use \"…\"")
    message = "only a part of the value is quoted"
    return error.at_value(message, "put the whole value in quotes")


def _find_text_after_brackets(error: _ErrorContext) -> Finding | None:
    kinds = {"[": ("]", "list"), "{": ("}", "mapping")}
    if error.value[:1] not in kinds:
        return None
    close, kind = kinds[error.value[0]]
    rest = error.value.rpartition(close)[2].strip()
    if not rest or rest.startswith("#") or close not in error.value:
        return None
    return error.at_value(f"text after the {kind} that {error.value[0]} opens", _QUOTE_IT)


def _find_indicator(error: _ErrorContext) -> Finding | None:
    signs = {"*": "an alias", "&": "an anchor", "!": "a tag"}
    sign = error.value[:1]
    if sign not in signs or not any(word in error.doing for word in ("alias", "anchor", "tag")):
        return None
    return error.at_value(f"{sign} starts {signs[sign]} here", _QUOTE_IT)


def _find_incomplete_escape(error: _ErrorContext) -> Finding | None:
    if "quoted scalar" not in error.doing or "hexdecimal" not in error.reason:
        return None
    start = error.source.text.rfind("\\", 0, error.offset)
    kind = error.source.text[start + 1 : start + 2]
    message = f"\\{kind} must be followed by {_DIGITS.get(kind, 2)} hexadecimal digits"
    return error.at(start, message, "write \\\\ for a backslash, or use '…'")


def _find_open_quote_above(error: _ErrorContext) -> Finding | None:
    """Find a quote that is not closed on its line, with another entry on the next line."""
    if "did not find" not in error.reason and "simple key" not in error.doing:
        return None
    text, start = error.source.text, error.start
    for _ in range(_LINES_BACK):
        start = text.rfind("\n", 0, max(start - 1, 0)) + 1
        line, _, below = text[start:].partition("\n")
        entry = _ENTRY.match(line)
        value = entry["value"] if entry else ""
        closed = _CLOSED.get(value[:1])
        if entry and closed and not closed.match(value) and _KEY_COLUMN.match(below):
            offset = start + entry.start("value")
            return error.at(offset, "this quote is never closed", "close the quote")
        if start == 0:
            break
    return None


_LINES_BACK = 40  # how many lines above the error are searched


def _find_wrong_depth(error: _ErrorContext) -> Finding | None:
    key, above = _KEY_COLUMN.match(error.line), _KEY_COLUMN.match(error.line_above)
    expected = "did not find expected" in error.reason or "mapping values" in error.reason
    if not ((expected and "block" in error.doing) or "mapping values" in error.reason):
        return None
    if key is None or above is None or key.end() == above.end():
        return None
    if error.offset > error.start + key.end():
        return None
    fitting = _columns(error)
    nearest = min(fitting, key=lambda column: abs(column - error.indent))
    if nearest == error.indent:
        return None
    message = f"this line is indented by {error.indent} spaces, but its neighbors by {nearest}"
    return error.at(error.start + error.indent, message, f"indent it by {nearest} spaces")


def _columns(error: _ErrorContext) -> list[int]:
    """Return the columns in which the entries above start."""
    before = error.source.text[: error.start].splitlines()
    found = (_KEY_COLUMN.match(line) for line in reversed(before[-_LINES_BACK:]))
    return [match.end() for match in found if match]


_MISTAKES: tuple[Callable[[_ErrorContext], Finding | None], ...] = (
    _find_wrong_indentation,
    _find_template,
    _find_foreign_comment,
    _find_dash_without_space,
    _find_text_after_header,
    _find_unindented_block,
    _find_partial_quotes,
    _find_text_after_brackets,
    _find_indicator,
    _find_incomplete_escape,
    _find_open_quote_above,
    _find_colon_without_space,
    _find_wrong_depth,
)

# Parts of libyaml's context and message, then our message and hint. The first match applies.
_SYNTAX: tuple[tuple[str, str, str, str | None], ...] = (
    ("quoted scalar", "unexpected end", "this quote is never closed", "close the quote"),
    ("quoted scalar", "unexpected document", "this quote is never closed", "close the quote"),
    ("quoted scalar", "Unicode character", "this escape is not a Unicode character", "remove it"),
    ("quoted scalar", "escape", "{two} is not an escape in YAML", "write \\\\ or use '…'"),
    ("inside a flow", "", "missing , or closing bracket before this", "add it"),
    ("flow sequence", "expected", "this list is never closed", "add a ]"),
    ("flow mapping", "expected", "this mapping is never closed", "add a }}"),
    ("flow node", "expected", "missing value before this", "write a value, or remove the ,"),
    ("plain scalar", "unexpected ':'", "missing space after :", "add a space after the :"),
    ("plain scalar", "tab", "a tab cannot be used for indentation", "indent with spaces"),
    ("block scalar", "tab", "a tab cannot be used for indentation", "indent with spaces"),
    (
        "block scalar",
        "indentation indicator",
        "0 is not a valid indentation",
        "write 1 to 9, or nothing",
    ),
    ("block scalar", "comment", "text after a block string header", "move it to a new line"),
    ("", "mapping values are not allowed", 'second ": " on this line', _QUOTE_IT),
    ("", "mapping keys are not allowed", "a key cannot start with ? here", _QUOTE_IT),
    ("", "could not find expected ':'", 'key without ":"', 'write "key: value"'),
    ("", "cannot start any token", "{one} cannot start a value", _QUOTE_IT),
    (
        "",
        "did not find expected key",
        "this line does not belong to a block above it",
        "fix its indentation",
    ),
    (
        "",
        "expected '-' indicator",
        "this line does not belong to a list above it",
        "fix its indentation",
    ),
    ("", "block sequence entries", "a list cannot start here", "start it on a new line"),
    ("", "<document start>", "the document ended above this line", "remove the line with ..."),
    ("", "node content", "{one} cannot start a value", _QUOTE_IT),
    ("directive", "", "{line} is not a YAML directive", "remove the line"),
    ("anchor", "", "& starts an anchor here", _QUOTE_IT),
    ("alias", "", "* starts an alias here", _QUOTE_IT),
    ("tag", "", "! starts a tag here", _QUOTE_IT),
    ("", "", "not valid YAML from here on", "compare it with a valid manifest"),
)


def _translate_libyaml(error: _ErrorContext) -> Finding:
    text, offset = error.source.text, error.offset
    words = {
        "one": escape_for_display(text[offset : offset + 1]),
        "two": escape_for_display(text[offset : offset + 2]),
        "line": escape_for_display(text[offset:].partition("\n")[0]),
    }
    message, hint = next(
        (message, hint)
        for doing, reason, message, hint in _SYNTAX
        if doing in error.doing and reason in error.reason
    )
    return error.at(offset, message.format(**words), hint and hint.format(**words))
