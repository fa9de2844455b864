"""Checks manifests with the default rule settings, as in a project without settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.validation import check as validation
from valhalla_manifest.validation.rule_settings import RuleSettings

if TYPE_CHECKING:
    from datetime import datetime

    from valhalla_manifest.validation.check import Checked

DEFAULTS = RuleSettings()


def check(
    data: bytes, rule_settings: RuleSettings = DEFAULTS, *, now: datetime | None = None
) -> Checked:
    """Check the bytes of a manifest."""
    return validation.check(data, rule_settings, now=now)
