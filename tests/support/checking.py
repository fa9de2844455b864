"""Checks of a text by the default settings, as a project without a table has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.validation import check as validation
from valhalla_manifest.validation.policy import Policy

if TYPE_CHECKING:
    from datetime import datetime

    from valhalla_manifest.validation.check import Checked

DEFAULTS = Policy()


def check(data: bytes, policy: Policy = DEFAULTS, *, now: datetime | None = None) -> Checked:
    """Check the bytes of a manifest."""
    return validation.check(data, policy, now=now)
