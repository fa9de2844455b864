"""Finds the characters that a manifest must not contain, and shows them safely in messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Some parsers reject these characters or break lines at them, or people cannot see them.
_CLASS = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
# Some parsers treat a lone carriage return as a line break.
FORBIDDEN = re.compile(_CLASS + r"(?<!\r(?=\n))")


def has_forbidden(text: str) -> bool:
    """Return whether a string contains a forbidden character."""
    return FORBIDDEN.search(text) is not None


def has_any(text: str, signs: Iterable[str]) -> bool:
    """Return whether a string contains any of some short signs.

    Searching for single characters first is much faster, because most strings lack one of them.
    """
    return any(sign[0] in text and sign[-1] in text and sign in text for sign in signs)


def describe_char(char: str) -> str:
    """Return a character's code point and name: "U+202E (right-to-left override)"."""
    from unicodedata import name

    char_name = name(char, "a control character" if ord(char) < 0xA0 else "")  # noqa: PLR2004
    return f"U+{ord(char):04X}" + (f" ({char_name.lower()})" if char_name else "")


def escape_for_display(value: object, limit: int = 60) -> str:
    """Return a value as one line of a limited length, with forbidden characters as escapes."""
    text = value if isinstance(value, str) else str(value)
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return FORBIDDEN.sub(_escape, re.sub(r"[\t\r\n]", " ", cut))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004
