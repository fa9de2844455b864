"""Where a text is no YAML: the place that a person should look at, and what else can be read."""

from __future__ import annotations

import re

from valhalla_manifest.document import parser


def line_start(text: str, offset: int) -> int:
    """Return where the line of an offset starts."""
    return text.rfind("\n", 0, offset) + 1


_KEY_ALONE = re.compile(r"[ ]*(?:-[ ]+)*[^\s:#][^:#]*")


def move_to_cause(fault: parser.SyntaxFault, text: str) -> parser.SyntaxFault:
    """Return a fault whose context is what a person must mend, where libyaml names another place.

    A plain text runs into the line of a key: libyaml stops at the colon of that key; what lacks
    one is the line above. And a bracket that is closed further down is not what is wrong.
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
    """Return the place of a syntax error that a person should look at.

    Where something was opened and never closed that is its beginning; libyaml itself stops at
    the end of the text, or at the next line that makes no sense inside it.
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
    """Blank out the list item, or else the top-level entry, that holds an offset."""
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
