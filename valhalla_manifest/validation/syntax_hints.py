"""What a person most likely did where libyaml found no YAML: one sentence, at the place to mend.

Each function below knows one mistake; the first that recognises it in the lines around a syntax
error says what it is. Without any, the words of libyaml are put into those of a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from valhalla_manifest.document.characters import escape_for_display, named
from valhalla_manifest.document.faults import fault_offset, line_start
from valhalla_manifest.document.problems import Finding, Span

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
_TEXT_BEHIND_HEADER = re.compile(r"(?P<header>[|>][-+0-9]*)(?P<text>[^\s#].*)")
_CLOSED = {'"': re.compile(r'"(?:\\.|[^"\\])*"'), "'": re.compile(r"'(?:''|[^'])*'")}
_TEMPLATE = re.compile(r"\$?\{\{|\{%|<%")
_DIGITS = {"x": 2, "u": 4, "U": 8}


@dataclass(frozen=True)
class _Spot:
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
        """How far the line is indented, in spaces."""
        return len(self.line) - len(self.line.lstrip(" "))

    @cached_property
    def above(self) -> int:
        """Where the line above starts that is neither blank nor a comment; -1 without one."""
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
        """The value on the line, with what may stand behind it."""
        return self.entry["value"] if self.entry else ""

    def at_value(self, message: str, hint: str) -> Finding:
        """Return a finding at the first character of the value."""
        return self.at(self.start + (self.entry.start("value") if self.entry else 0), message, hint)

    def at(self, offset: int, message: str, hint: str | None) -> Finding:
        return Finding(Span(offset, offset + 1), "", message, hint)

    def _line_from(self, start: int) -> str:
        return self.source.text[start:].partition("\n")[0].rstrip("\r")


def describe_syntax_error(source: Source, fault: SyntaxFault) -> Finding:
    """Return what a person is told about a syntax error."""
    doing = fault.context.doing if fault.context else ""
    spot = _Spot(source, min(fault_offset(fault), len(source.text)), doing, fault.reason)
    found = (mistake(spot) for mistake in _MISTAKES)
    return next((finding for finding in found if finding), None) or _in_plain_words(spot)


def _indented_by_other_than_spaces(spot: _Spot) -> Finding | None:
    # A line that no-break spaces indent is a key further out: libyaml stops at the line below it.
    for start, line in ((spot.above, spot.line_above), (spot.start, spot.line)):
        found = _INDENTATION.match(line)
        if found and not (found["other"] == "\t" and start != spot.start):
            sign = "a tab" if found["other"] == "\t" else named(found["other"])
            offset = start + found.start("other")
            return spot.at(offset, f"{sign} does not indent", "indent with spaces")
    return None


def _template(spot: _Spot) -> Finding | None:
    if not _TEMPLATE.search(spot.value):
        return None
    return spot.at_value("a template was not rendered", "render it, or put it in quotes")


def _comment_of_another_language(spot: _Spot) -> Finding | None:
    indent = len(spot.line) - len(spot.line.lstrip())
    sign = next((sign for sign in ("//", "/*", "--") if spot.line[indent:].startswith(sign)), None)
    if sign is None or (sign == "--" and spot.line.strip().startswith("---")):
        return None
    return spot.at(spot.start + indent, f"{sign} starts no comment in YAML", "write #")


def _no_space_behind_the_dash(spot: _Spot) -> Finding | None:
    for start, line in ((spot.start, spot.line), (spot.above, spot.line_above)):
        found = _DASH.match(line)
        if found:
            offset = start + found.start("dash")
            return spot.at(offset, "a space is missing after the -", "write - and a space")
    return None


def _no_space_behind_the_colon(spot: _Spot) -> Finding | None:
    found = _TIGHT_COLON.match(spot.line)
    if found is None or "://" in spot.line:
        return None
    offset = spot.start + found.start("colon")
    return spot.at(offset, "a space is missing after the :", "write : and a space")


def _text_behind_a_block_header(spot: _Spot) -> Finding | None:
    found = _TEXT_BEHIND_HEADER.match(spot.value)
    if found is None:
        return None
    message = f"text on the line of the {found['header']}"
    return spot.at_value(message, "start the text on the next line, indented")


def _block_text_not_indented(spot: _Spot) -> Finding | None:
    header = _BLOCK_HEADER.fullmatch(spot.line_above)
    column = _KEY_COLUMN.match(spot.line_above)
    is_key = _KEY_COLUMN.match(spot.line)
    if header is None or column is None or spot.indent > column.end() or is_key:
        return None
    message = f"the text of the {header['header']} above is not indented"
    return spot.at(spot.start + spot.indent, message, f"indent it by {column.end() + 2}")


def _quoted_in_part(spot: _Spot) -> Finding | None:
    closed = _CLOSED.get(spot.value[:1])
    quoted = closed.match(spot.value) if closed else None
    behind = spot.value[quoted.end() :] if quoted else ""
    if not behind.strip() or behind.lstrip().startswith("#"):
        return None
    if spot.value.startswith("'") and spot.value.endswith("'"):
        message = "the quote ends inside the value"
        return spot.at_value(message, "write '' for a quote inside '…', or put it in \"…\"")
    message = "only a part of the value is in quotes"
    return spot.at_value(message, "put the whole value in quotes")


def _text_behind_brackets(spot: _Spot) -> Finding | None:
    kinds = {"[": ("]", "list"), "{": ("}", "mapping")}
    if spot.value[:1] not in kinds:
        return None
    close, kind = kinds[spot.value[0]]
    behind = spot.value.rpartition(close)[2].strip()
    if not behind or behind.startswith("#") or close not in spot.value:
        return None
    return spot.at_value(f"{spot.value[0]} opens a {kind}, and text follows it", _QUOTE_IT)


def _sign_of_yaml(spot: _Spot) -> Finding | None:
    signs = {"*": "an alias", "&": "an anchor", "!": "a tag"}
    sign = spot.value[:1]
    if sign not in signs or not any(word in spot.doing for word in ("alias", "anchor", "tag")):
        return None
    return spot.at_value(f"{sign} starts {signs[sign]} here", _QUOTE_IT)


def _unknown_escape(spot: _Spot) -> Finding | None:
    if "quoted scalar" not in spot.doing or "hexdecimal" not in spot.reason:
        return None
    start = spot.source.text.rfind("\\", 0, spot.offset)
    kind = spot.source.text[start + 1 : start + 2]
    message = f"\\{kind} must be followed by {_DIGITS.get(kind, 2)} hexadecimal digits"
    return spot.at(start, message, "write \\\\ or use '…', where \\ means itself")


def _quote_left_open_above(spot: _Spot) -> Finding | None:
    """Recognise a quote that is not closed on its line, and another entry on the next one."""
    if "did not find" not in spot.reason and "simple key" not in spot.doing:
        return None
    text, start = spot.source.text, spot.start
    for _ in range(_LINES_BACK):
        start = text.rfind("\n", 0, max(start - 1, 0)) + 1
        line, _, below = text[start:].partition("\n")
        entry = _ENTRY.match(line)
        value = entry["value"] if entry else ""
        closed = _CLOSED.get(value[:1])
        if entry and closed and not closed.match(value) and _KEY_COLUMN.match(below):
            offset = start + entry.start("value")
            return spot.at(offset, "the quote opened here is never closed", "close the quote")
        if start == 0:
            break
    return None


_LINES_BACK = 40


def _indented_too_much_or_too_little(spot: _Spot) -> Finding | None:
    key, above = _KEY_COLUMN.match(spot.line), _KEY_COLUMN.match(spot.line_above)
    expected = "did not find expected" in spot.reason or "mapping values" in spot.reason
    if not ((expected and "block" in spot.doing) or "mapping values" in spot.reason):
        return None
    if key is None or above is None or key.end() == above.end():
        return None
    if spot.offset > spot.start + key.end():
        return None
    fitting = _columns(spot)
    nearest = min(fitting, key=lambda column: abs(column - spot.indent))
    if nearest == spot.indent:
        return None
    message = f"the line is indented by {spot.indent}, what it belongs to by {nearest}"
    return spot.at(spot.start + spot.indent, message, f"indent it by {nearest}")


def _columns(spot: _Spot) -> list[int]:
    """Return how far lines above are indented that this one may stand under."""
    before = spot.source.text[: spot.start].splitlines()
    found = (_KEY_COLUMN.match(line) for line in reversed(before[-_LINES_BACK:]))
    return [match.end() for match in found if match]


_MISTAKES: tuple[Callable[[_Spot], Finding | None], ...] = (
    _indented_by_other_than_spaces,
    _template,
    _comment_of_another_language,
    _no_space_behind_the_dash,
    _text_behind_a_block_header,
    _block_text_not_indented,
    _quoted_in_part,
    _text_behind_brackets,
    _sign_of_yaml,
    _unknown_escape,
    _quote_left_open_above,
    _no_space_behind_the_colon,
    _indented_too_much_or_too_little,
)

# What libyaml was doing, and what it says → what a person can use. The first that fits is taken.
_SYNTAX: tuple[tuple[str, str, str, str | None], ...] = (
    ("quoted scalar", "unexpected end", "the quote opened here is never closed", "close the quote"),
    ("quoted scalar", "unexpected document", "the quote opened here is never closed", None),
    ("quoted scalar", "Unicode character", "the escape means no character of Unicode", "remove it"),
    ("quoted scalar", "escape", "{two} is no escape that YAML knows", "write \\\\ or use '…'"),
    ("inside a flow", "", "a , or a closing bracket is missing before this", None),
    ("flow sequence", "expected", "the list opened here is never closed", "add the ]"),
    ("flow mapping", "expected", "the mapping opened here is never closed", "add the }}"),
    ("flow node", "expected", "a value is missing before this", "write the value, or remove the ,"),
    ("plain scalar", "unexpected ':'", "a space is missing after the :", "write : and a space"),
    ("plain scalar", "tab", "a tab does not indent", "indent with spaces"),
    ("block scalar", "tab", "a tab does not indent", "indent with spaces"),
    ("block scalar", "indentation indicator", "0 is no indentation", "write 1 to 9, or none"),
    ("block scalar", "comment", "text behind the header of a block text", "start a new line"),
    ("", "mapping values are not allowed", 'a second ": " on the line', _QUOTE_IT),
    ("", "mapping keys are not allowed", "a ? cannot stand here", _QUOTE_IT),
    ("", "could not find expected ':'", 'a key without a ":"', 'write "key: value"'),
    ("", "cannot start any token", "{one} cannot start a value", _QUOTE_IT),
    ("", "did not find expected key", "the line fits no block above it", "check its indentation"),
    ("", "expected '-' indicator", "the line fits no list above it", "check its indentation"),
    ("", "block sequence entries", "a list cannot start here", "start it on a line of its own"),
    ("", "<document start>", "the document ended above this line", "remove the line with ..."),
    ("", "node content", "{one} cannot start a value", _QUOTE_IT),
    ("directive", "", "{line} is no directive of YAML", "remove the line"),
    ("anchor", "", "& starts an anchor here", _QUOTE_IT),
    ("alias", "", "* starts an alias here", _QUOTE_IT),
    ("tag", "", "! starts a tag here", _QUOTE_IT),
    ("", "", "the text is not YAML from here on", "compare it with a manifest that is"),
)


def _in_plain_words(spot: _Spot) -> Finding:
    text, offset = spot.source.text, spot.offset
    words = {
        "one": escape_for_display(text[offset : offset + 1]),
        "two": escape_for_display(text[offset : offset + 2]),
        "line": escape_for_display(text[offset:].partition("\n")[0]),
    }
    message, hint = next(
        (message, hint)
        for doing, reason, message, hint in _SYNTAX
        if doing in spot.doing and reason in spot.reason
    )
    return spot.at(offset, message.format(**words), hint and hint.format(**words))
