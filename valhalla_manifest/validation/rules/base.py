"""What a rule is: a code, a severity, a function, and the function's docstring to explain it."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from valhalla_manifest.document.problems import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Rule(Generic[Arguments, Result]):
    """One rule, callable as the function that it wraps.

    ``adjustable`` rules may be ignored or lowered by configuration; without the others there
    would be no manifest that every reader reads the same way.
    """

    code: str
    name: str
    severity: Severity
    adjustable: bool
    check: Callable[Arguments, Result]

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """Run the check."""
        return self.check(*args, **kwargs)

    @property
    def explanation(self) -> str:
        """What ``rules CODE`` and the rules page print: a summary, why, and examples."""
        return cleandoc(self.check.__doc__ or "")

    @property
    def summary(self) -> str:
        """The first line of the explanation."""
        return self.explanation.partition("\n")[0]


AnyRule = Rule[Any, Any]


def rule(
    code: str, name: str, severity: Severity = Severity.ERROR, *, adjustable: bool = False
) -> Callable[[Callable[Arguments, Result]], Rule[Arguments, Result]]:
    """Make a rule of a function; its docstring is the rule's explanation."""

    def wrap(check: Callable[Arguments, Result]) -> Rule[Arguments, Result]:
        return Rule(code, name, severity, adjustable, check)

    return wrap
