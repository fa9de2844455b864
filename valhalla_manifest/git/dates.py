"""Commit dates, which may contain any numbers, and dates that users write."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_LATEST = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
_RAW = re.compile(r"(\d+) ([+-])(\d+)(\d\d)")
_NUMBER_WORDS = "a an one two three four five six seven eight nine ten last"
_UNITS = "second minute hour day week fortnight month year"
_MONTHS = "january february march april may june july august september october november december"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_OTHERS = "ago yesterday today now noon midnight tea never am pm and of at on utc gmt"
_WORDS = {
    *f"{_NUMBER_WORDS} {_UNITS} {_MONTHS} {_DAYS} {_OTHERS} sept".split(),
    *(f"{unit}s" for unit in _UNITS.split()),
    *(name[:3] for name in f"{_MONTHS} {_DAYS}".split()),
}
_FIGURES = re.compile(r"[@+-]?[0-9][0-9:./+-]*(?:(?<=[0-9])(?:st|nd|rd|th|am|pm|z))?")
_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d)")


def unknown_word(text: str) -> str | None:
    """Return the first word that cannot be part of a date; Git would read it as the current time.

    >>> unknown_word("2 weks ago")
    'weks'
    >>> unknown_word("2 weeks ago"), unknown_word("2026-01-31T12:00:00Z")
    (None, None)
    """
    plain = re.sub(r"[,_]|\.(?=[a-z])", " ", _RFC_3339.sub(r"\1 \2", text).lower())
    unknown = (
        word for word in plain.split() if word not in _WORDS and not _FIGURES.fullmatch(word)
    )
    return next(unknown, None if plain.split() else "")


def rfc_3339(raw: str) -> str:
    """Return a raw Git date ("1700000000 +0200") in RFC 3339 form.

    If that form cannot express it, return the nearest date: a zone of a day or more becomes UTC,
    the latest year is 9999, and a missing date is 1970, as Git reads it.
    """
    match = _RAW.fullmatch(raw)
    if match is None:
        return datetime.fromtimestamp(0, UTC).isoformat()
    seconds, sign, hours, minutes = match.groups()
    moment = datetime.fromtimestamp(min(int(seconds), _LATEST), UTC)
    try:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(-offset if sign == "-" else offset)
        return moment.astimezone(zone).isoformat()
    except (ValueError, OverflowError):
        return moment.isoformat()
