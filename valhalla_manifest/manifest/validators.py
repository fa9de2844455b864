"""Checks of the models that a pattern or a length cannot express."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from valhalla_manifest.manifest import formats
from valhalla_manifest.manifest.core import PydanticCustomError

if TYPE_CHECKING:
    from pydantic_core.core_schema import ValidationInfo


def check_whole_number(value: Any) -> Any:
    """Reject true and 1.0, which equal 1 in Python."""
    if type(value) is not int:
        raise PydanticCustomError("int_type", "not an integer")
    return value


def check_date_exists(value: str) -> str:
    """Reject a date that does not exist, such as 30 February."""
    try:
        formats.parse_time(value)
    except ValueError:
        raise PydanticCustomError("no_such_time", "no such date or time") from None
    return value


def check_completed_at(completed_at: str | None, info: ValidationInfo) -> str | None:
    """Require ``completed_at`` if ``backend_complete`` is true, and reject it otherwise."""
    complete = info.data.get("backend_complete")
    if complete is True and completed_at is None:
        raise PydanticCustomError("completion_time_missing", "completed_at is missing")
    if complete is False and completed_at is not None:
        raise PydanticCustomError("completion_time_unexpected", "completed_at is not expected")
    return completed_at


def check_replaced_by(replaced_by: str, info: ValidationInfo) -> str:
    """Reject ``replaced_by`` for a pack that is not deprecated."""
    # statuses.py imports compiled.py, which imports this module.
    from valhalla_manifest.manifest.statuses import LEAVING

    status = info.data.get("status", LEAVING[0])  # an invalid status is reported separately
    if status not in LEAVING:
        raise PydanticCustomError("replaced_but_not_deprecated", "the pack is not deprecated")
    return replaced_by
