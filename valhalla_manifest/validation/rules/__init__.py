"""The rules, in the order of their codes: a table of contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.validation.rules import (
    change,
    file,
    intention,
    layout,
    schema,
    semantics,
    yaml_subset,
)

if TYPE_CHECKING:
    from valhalla_manifest.validation.rules.base import AnyRule

PORTABLE: tuple[AnyRule, ...] = (*yaml_subset.RULES, *layout.RULES, *intention.RULES)
RULES: tuple[AnyRule, ...] = (
    *file.RULES,
    *PORTABLE,
    *schema.RULES,
    *semantics.RULES,
    *change.RULES,
)
BY_CODE = {rule.code: rule for rule in RULES}
