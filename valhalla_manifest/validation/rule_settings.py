"""Rule settings: the severities and the extension schema that a project chooses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import Severity

if TYPE_CHECKING:
    from valhalla_manifest.manifest.extensions import Extensions
    from valhalla_manifest.validation.rules.base import AnyRule


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """The codes with another severity than usual, and the extension schema, if any."""

    ignore: frozenset[str] = frozenset()
    warn: frozenset[str] = frozenset()
    error: frozenset[str] = frozenset()
    extensions: Extensions | None = None

    def severity(self, rule: AnyRule) -> Severity | None:
        """Return the severity of a rule's problems, or None if they are not reported."""
        if rule.code in self.ignore:
            return None
        if rule.code in self.error:
            return Severity.ERROR
        if rule.code in self.warn:
            return Severity.WARNING
        return rule.severity if rule.enabled else None

    @property
    def for_past_revisions(self) -> RuleSettings:
        """The settings for earlier revisions, to which today's extension schema does not apply."""
        return replace(self, extensions=None)
