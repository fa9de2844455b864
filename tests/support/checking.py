"""Checks of a text by the default settings, as a project without a table has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.validation import check as validation
from valhalla_manifest.validation.rule_settings import RuleSettings

if TYPE_CHECKING:
    from datetime import datetime

    from valhalla_manifest.validation.check import Checked

DEFAULTS = RuleSettings()


def check(data: bytes, policy: RuleSettings = DEFAULTS, *, now: datetime | None = None) -> Checked:
    """Check the bytes of a manifest."""
    return validation.check(data, policy, now=now)
