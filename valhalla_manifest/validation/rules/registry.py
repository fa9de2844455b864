"""The registry of all rules; a valid manifest in plain style needs few of them."""

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
from valhalla_manifest.validation.rules.base import AnyRule, rules_in

if TYPE_CHECKING:
    from valhalla_manifest.validation.rules.base import Rule, Subject

FAMILIES = (
    file,  # VM0xx: whether the file can be read at all
    yaml_subset,  # VM10x: YAML that parsers read in different ways
    layout,  # VM11x: layouts that some parsers reject
    likely_mistakes,  # VM13x: valid YAML that is probably a mistake
    schema,  # VM2xx: keys, types and formats
    extension_keys,  # VM208: extension keys, checked against the extension schema
    semantics,  # VM3xx: contradictions between well-formed values
    change,  # VM4xx: from one revision to the next
)
RULES = rules_in(*FAMILIES)
BY_CODE: dict[str, AnyRule] = {rule.code: rule for rule in RULES}


@cache
def rules_for(scope: type[Subject]) -> tuple[Rule[Subject], ...]:
    """Return the rules for one type of subject, in the order of their codes."""
    return tuple(rule for rule in RULES if rule.scope is scope)
