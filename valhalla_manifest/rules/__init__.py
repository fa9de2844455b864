"""The rules, in the order of their codes: a table of contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.rules import change, file, layout, meaning, portable, shape

if TYPE_CHECKING:
    from valhalla_manifest.rules.base import AnyRule

PORTABLE: tuple[AnyRule, ...] = (*portable.RULES, *layout.RULES)
RULES: tuple[AnyRule, ...] = (
    *file.RULES,
    *PORTABLE,
    *shape.RULES,
    *meaning.RULES,
    *change.RULES,
)
BY_CODE = {rule.code: rule for rule in RULES}
