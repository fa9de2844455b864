"""What a rule is: a code, what it looks at, and a function whose docstring explains it."""

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
    """One rule, callable as the function that it wraps.

    ``scope`` is the type of what it looks at. A rule that is not ``enabled`` is off until the
    settings of a project list it under ``warn`` or ``error``. ``adjustable`` rules may be ignored
    or lowered by configuration; without the others there would be no manifest that every reader
    reads the same way. Where the rule with the code ``unless`` reports the
    same place, this one is not told too.
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
        """What the list of rules says of a rule: "error, adjustable"."""
        off = "" if self.enabled else ", off by default"
        return f"{self.severity.value}{', adjustable' if self.adjustable else ''}{off}"

    @property
    def explanation(self) -> str:
        """What ``rules CODE`` and the rules page print: a summary, why, and examples."""
        from inspect import cleandoc

        return cleandoc(self.check.__doc__ or "")

    @property
    def summary(self) -> str:
        """The first line of the explanation."""
        return self.explanation.partition("\n")[0]


AnyRule = Rule[Any]


def declared_in(*families: ModuleType) -> tuple[AnyRule, ...]:
    """Return the rules of some modules, in the order of their codes."""
    found = (each for family in families for each in vars(family).values())
    by_code = {each.code: each for each in found if isinstance(each, Rule)}
    return tuple(by_code[code] for code in sorted(by_code))


def rule(  # noqa: PLR0913  what a rule declares of itself, by name
    code: str,
    name: str,
    scope: type[Subject],
    *,
    severity: Severity = Severity.ERROR,
    enabled: bool = True,
    adjustable: bool = False,
    unless: str = "",
) -> Callable[[Callable[[Subject], Iterable[Finding]]], Rule[Subject]]:
    """Make a rule of a function; its docstring is the rule's explanation.

    A rule that is off by default is adjustable.
    """

    def wrap(check: Callable[[Subject], Iterable[Finding]]) -> Rule[Subject]:
        can_change = adjustable or not enabled
        return Rule(code, name, scope, severity, enabled, can_change, unless, check)

    return wrap
