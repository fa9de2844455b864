"""The formats of single values, as patterns that the models, the schema and the tool share."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# The pattern that semver.org suggests for Semantic Versioning 2.0.0.
_NUMBER = r"(?:0|[1-9][0-9]*)"
_LABEL = rf"(?:{_NUMBER}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
SEMVER = (
    rf"^{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    rf"(?:-{_LABEL}(?:\.{_LABEL})*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$"
)
LONGEST_VERSION = 255  # characters, the limit of many file systems and registries for a name
# The form of RFC 3339 that sorts as a string: UTC, whole seconds, a capital T and Z.
UTC_TIME = (
    r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
)
PACK_ID = r"^[A-Za-z][A-Za-z0-9-]{0,31}$"
SLUG = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
# Dialects disagree on ``\s``: ECMAScript excludes U+001C to U+001F and U+0085, Rust and Python
# U+FEFF. No dialect counts the characters of this class as blank.
_NOT_BLANK_CHARACTER = r"[^\s\u001c-\u001f\u0085\ufeff]"
NOT_BLANK = _NOT_BLANK_CHARACTER
ONE_LINE = r"^[^\r\n]*$"
ONE_LINE_NOT_BLANK = rf"^[^\r\n]*{_NOT_BLANK_CHARACTER}[^\r\n]*$"

EXTENSION_PREFIX = "x-"

_SHORT_VERSION = r"[vV]?([0-9]{1,9}(?:\.[0-9]{1,9}){0,2})"
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def complete_partial_value(key: str, text: str) -> str | None:
    """Return the valid form of a version or time that is incomplete, or None for other values.

    >>> complete_partial_value("version", "v1.2")
    '1.2.0'
    >>> complete_partial_value("completed_at", "2026-01-31")
    '2026-01-31T00:00:00Z'
    """
    if key == "version":
        numbers = re.fullmatch(_SHORT_VERSION, text)
        parts = [str(int(part)) for part in numbers[1].split(".")] if numbers else []
        return ".".join([*parts, "0", "0"][:3]) if parts else None
    if key == "completed_at" and re.fullmatch(UTC_TIME, f"{text}T00:00:00Z"):
        return f"{text}T00:00:00Z"
    return None


def normalize_id(pack_id: str) -> str:
    """Return the normal form of an id: ASCII letters in lower case."""
    # str.lower and str.upper map some letters to ASCII ones, such as the Kelvin sign to k.
    return pack_id.lower() if pack_id.isascii() else pack_id


def parse_time(text: str) -> datetime:
    """Parse a string that matches ``UTC_TIME``; raise ValueError if the date is impossible."""
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    return datetime(
        year, month, day, int(text[11:13]), int(text[14:16]), int(text[17:19]), tzinfo=UTC
    )


def format_time(time: datetime) -> str:
    """Return a time in the form of the manifest: RFC 3339, UTC, whole seconds, ``Z``."""
    return time.astimezone(UTC).strftime(_TIME_FORMAT).zfill(20)
