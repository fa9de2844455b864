"""Finds the cause of a syntax error, and blanks out the damaged part to read the rest."""

from __future__ import annotations

import re

from valhalla_manifest.document import parser


def line_start(text: str, offset: int) -> int:
    """Return the start of an offset's line."""
    return text.rfind("\n", 0, offset) + 1


_KEY_ALONE = re.compile(r"[ ]*(?:-[ ]+)*[^\s:#][^:#]*")


def move_to_cause(fault: parser.SyntaxFault, text: str) -> parser.SyntaxFault:
    """Return a syntax error whose context is the cause, if libyaml reports another place.

    If a line lacks a colon, libyaml stops at the colon of the line below. If a comma is missing
    between brackets, libyaml blames the opening bracket, even if it is closed further down.
    """
    offset, doing = fault.problem.offset, fault.context.doing if fault.context else ""
    line = line_start(text, offset)
    if "flow" in doing and "did not find expected ','" in fault.reason:
        closed = all(text.count(one) == text.count(other) for one, other in ("[]", "{}"))
        mark = parser.Mark("inside a flow collection", offset)
        return parser.SyntaxFault(mark, fault.problem, fault.reason) if closed else fault
    above = text[:line].rstrip()
    start = above.rfind("\n") + 1
    runs_on = _KEY_ALONE.fullmatch(text, line, offset)
    lacks_colon = above and ":" not in above[start:] and "#" not in above[start:]
    if "mapping values" not in fault.reason or not runs_on or not lacks_colon:
        return fault
    start += len(above[start:]) - len(above[start:].lstrip(" "))
    return parser.SyntaxFault(parser.Mark("a simple key", start), fault.problem, fault.reason)


def fault_offset(fault: parser.SyntaxFault) -> int:
    """Return the offset at which to report a syntax error.

    An unclosed quote or bracket is reported at its start. libyaml itself stops at the end of the
    text, or at the next line that is not valid inside it.
    """
    context = fault.context
    doing = context.doing if context else ""
    never_closed = "unexpected end" in fault.reason or "did not find expected" in fault.reason
    never_closed = never_closed and "hexdecimal" not in fault.reason
    opened = never_closed and any(word in doing for word in ("quoted scalar", "flow"))
    if context and (opened or "simple key" in doing or "directive" in doing):
        return context.offset
    return fault.problem.offset


_TOP_ENTRY = re.compile(r"^[^\s#\-\]}].*$|^-(?!\s|$).*$", re.MULTILINE)
_FIRST_ITEM = re.compile(r"^[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*([ \t]*)-(?=\s|$)")


def without_damaged_part(text: str, offset: int) -> str:
    """Blank out the list item, or else the top-level entry, around an offset."""
    start, end = _enclosing(text, _TOP_ENTRY, 0, len(text), offset)
    first = _FIRST_ITEM.match(text[start:end])
    if first and offset >= start + first.start(1):
        item = re.compile(rf"^{first[1]}-(?=\s|$)", re.MULTILINE)
        start, end = _enclosing(text, item, start + first.start(1), end, offset)
    return text[:start] + re.sub(r"[^\r\n]", " ", text[start:end]) + text[end:]


def _enclosing(
    text: str, opening: re.Pattern[str], start: int, end: int, offset: int
) -> tuple[int, int]:
    for match in opening.finditer(text, start, end):
        if match.start() > offset:
            return start, match.start()
        start = match.start()
    return start, end
