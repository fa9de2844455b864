"""All rules, in the order of their codes. A valid manifest in plain style needs few of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from valhalla_manifest.validation.rules import (
    change,
    extension_keys,
    file,
    layout,
    likely_mistakes,
    schema,
    semantics,
    yaml_subset,
)
from valhalla_manifest.validation.rules.base import AnyRule, declared_in

if TYPE_CHECKING:
    from valhalla_manifest.validation.rules.base import Rule, Subject

FAMILIES = (
    file,  # VM0xx: whether it can be read at all
    yaml_subset,  # VM10x: what readers of YAML take in different ways
    layout,  # VM11x: how it is laid out
    likely_mistakes,  # VM13x: what most likely was not meant
    schema,  # VM2xx: keys, types and formats
    extension_keys,  # VM208: the keys of a team's own
    semantics,  # VM3xx: what a person would see is wrong
    change,  # VM4xx: from one revision to the next
)
RULES = declared_in(*FAMILIES)
BY_CODE: dict[str, AnyRule] = {rule.code: rule for rule in RULES}


@cache
def rules_for(scope: type[Subject]) -> tuple[Rule[Subject], ...]:
    """Return the rules that look at one kind of subject, in the order of their codes."""
    return tuple(rule for rule in RULES if rule.scope is scope)
