"""The definition of a rule: a code, a subject, and a function whose docstring explains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from valhalla_manifest.document.problems import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from valhalla_manifest.document.problems import Finding

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True, eq=False)
class Rule(Generic[Subject]):
    """One rule, callable like the function that it wraps.

    ``scope`` is the type of the subject that it checks. A rule that is not ``enabled`` is off until
    the settings of a project list it under ``warn`` or ``error``. The settings can ignore
    ``adjustable`` rules or lower their severity. Without the other rules, parsers could read a
    valid manifest in different ways. If the rule with the code ``unless`` reports the same place,
    the problem of this rule is dropped.
    """

    code: str
    name: str
    scope: type[Subject]
    severity: Severity
    enabled: bool
    adjustable: bool
    unless: str
    check: Callable[[Subject], Iterable[Finding]]

    def __call__(self, subject: Subject) -> Iterable[Finding]:
        """Run the check."""
        return self.check(subject)

    @property
    def properties(self) -> str:
        """The severity and the options, as in "error, adjustable"."""
        off = "" if self.enabled else ", off by default"
        return f"{self.severity.value}{', adjustable' if self.adjustable else ''}{off}"

    @property
    def explanation(self) -> str:
        """The text of ``rules CODE`` and of the rules page: summary, reason and examples."""
        from inspect import cleandoc

        return cleandoc(self.check.__doc__ or "")

    @property
    def summary(self) -> str:
        """The first line of the explanation."""
        return self.explanation.partition("\n")[0]


AnyRule = Rule[Any]


def rules_in(*families: ModuleType) -> tuple[AnyRule, ...]:
    """Return the rules of some modules, in the order of their codes."""
    found = (each for family in families for each in vars(family).values())
    by_code = {each.code: each for each in found if isinstance(each, Rule)}
    return tuple(by_code[code] for code in sorted(by_code))


def rule(  # noqa: PLR0913  the properties of a rule, as keywords
    code: str,
    name: str,
    scope: type[Subject],
    *,
    severity: Severity = Severity.ERROR,
    enabled: bool = True,
    adjustable: bool = False,
    unless: str = "",
) -> Callable[[Callable[[Subject], Iterable[Finding]]], Rule[Subject]]:
    """Return a decorator that makes a rule of a function; the docstring is its explanation.

    A rule that is off by default is always adjustable.
    """

    def wrap(check: Callable[[Subject], Iterable[Finding]]) -> Rule[Subject]:
        can_change = adjustable or not enabled
        return Rule(code, name, scope, severity, enabled, can_change, unless, check)

    return wrap
