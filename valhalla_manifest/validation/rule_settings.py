"""What a project asks beside the rules themselves, and which problems count as what there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import Severity

if TYPE_CHECKING:
    from valhalla_manifest.manifest.extensions import Extensions
    from valhalla_manifest.validation.rules.base import AnyRule


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Which codes count as what, and what holds for a team's own keys."""

    ignore: frozenset[str] = frozenset()
    warn: frozenset[str] = frozenset()
    error: frozenset[str] = frozenset()
    extensions: Extensions | None = None

    def severity(self, rule: AnyRule) -> Severity | None:
        """Return the severity of a rule's problems, None where they are not reported."""
        if rule.code in self.ignore:
            return None
        if rule.code in self.error:
            return Severity.ERROR
        if rule.code in self.warn:
            return Severity.WARNING
        return rule.severity if rule.enabled else None

    @property
    def for_past_revisions(self) -> RuleSettings:
        """The same for older states: what own keys must be today was not asked of them."""
        return replace(self, extensions=None)
