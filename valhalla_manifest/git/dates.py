"""What git knows of a commit's time, as a time that exists: commits can say anything."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_LATEST = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
_RAW = re.compile(r"(\d+) ([+-])(\d+)(\d\d)")


def rfc_3339(raw: str) -> str:
    """Return a raw date of git ("1700000000 +0200") in the form of RFC 3339.

    What that form cannot say is the nearest that it can: a zone of a day or more is UTC, the
    latest year is 9999, and without a date it is 1970, which git itself takes it for.
    """
    read = _RAW.fullmatch(raw)
    if read is None:
        return datetime.fromtimestamp(0, UTC).isoformat()
    seconds, sign, hours, minutes = read.groups()
    moment = datetime.fromtimestamp(min(int(seconds), _LATEST), UTC)
    try:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(-offset if sign == "-" else offset)
        # Zones are whole minutes, and UTC is written as git writes it.
        return moment.astimezone(zone).isoformat()
    except (ValueError, OverflowError):
        return moment.isoformat()
