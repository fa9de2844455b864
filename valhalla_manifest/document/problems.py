"""The problems that validation reports, the exception for all user errors, and suggestions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Severity(StrEnum):
    """How serious a problem is: an error makes the manifest invalid, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Span(NamedTuple):
    """A half-open range of the text, in characters from 0, as in ``text[start:end]``."""

    start: int
    end: int


class Finding(NamedTuple):
    """A problem as a rule yields it, before the rule's code, severity and line are added."""

    span: Span
    pointer: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a manifest, with the fields that every report prints.

    Lines and columns count from 1, columns in characters without a byte-order mark. The end is
    exclusive. The pointer is a JSON Pointer (RFC 6901), empty for the whole document.
    """

    code: str
    severity: Severity
    message: str
    pointer: str
    line: int
    column: int
    end_line: int
    end_column: int
    hint: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether this problem alone makes the manifest invalid."""
        return self.severity is Severity.ERROR


_FEW = 3  # problems in one message, and suggestions to choose from


class ManifestError(Exception):
    """A request that cannot be fulfilled; the message says why and what to do next.

    ``problems`` are the problems of the manifest, if they are the reason. ``written`` is false if
    these are problems of content that was never saved, so that its lines mean nothing to users.
    ``refused`` is true if a rule or a condition is not met (exit code 1 instead of 2).
    """

    def __init__(
        self,
        message: str,
        *,
        problems: tuple[Problem, ...] = (),
        written: bool = True,
        refused: bool = False,
        details: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)
        self.problems = problems
        self.written = written
        self.refused = refused or bool(problems)

    @property
    def reasons(self) -> list[str]:
        """The problems in words, each with its position and hint."""
        listed = [
            (f"{problem.line}:{problem.column} " if self.written else "")
            + f"{problem.code}: {problem.message}"
            + (f" ({problem.hint})" if problem.hint else "")
            for problem in self.problems
        ]
        return [*listed, *self.details]

    def __str__(self) -> str:
        """Return the message and the first problems."""
        reasons = "; ".join(self.reasons[:_FEW])
        return f"{self.message}: {reasons}" if reasons else self.message


class NeedsForceError(ManifestError):
    """A refusal that ``force`` lifts; each caller adds how to ask for it.

    ``pending`` are the ids of the pending items, if they are the reason.
    """

    def __init__(self, message: str, pending: Sequence[str] = ()) -> None:
        super().__init__(message, refused=True)
        self.pending = tuple(pending)


class EarlierEditsError(ManifestError):
    """A refusal to commit earlier edits too; each caller adds how to ask for it."""

    def __init__(self, name: str) -> None:
        message = f"{name} has earlier uncommitted edits; commit or revert them first"
        super().__init__(message, refused=True)


def pointer(path: tuple[str | int, ...]) -> str:
    """Return the JSON Pointer (RFC 6901) of a path of keys and indexes."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def pointer_steps(pointer: str) -> list[str]:
    """Return the steps of a JSON Pointer (RFC 6901)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


_COMPARISONS = 10_000  # limit for all guesses of one object
_CLOSE = 0.75
_NEGATION = re.compile(r"(?:dis|im|in|non|not|no|un)[-_ ]?")
_LONGEST_GUESS = 80  # characters; longer words are not worth the time


class Guesses:
    """Suggests choices for mistyped words, with a limited amount of work."""

    def __init__(self, choices: Iterable[str]) -> None:
        self._by_folded = {
            choice.casefold(): choice for choice in choices if len(choice) <= _LONGEST_GUESS
        }
        self._left = _COMPARISONS

    def closest(self, word: str) -> str | None:
        """Return the most likely choice for a mistyped word, or None."""
        folded = word.casefold()
        if folded in self._by_folded:
            return self._by_folded[folded]
        if self._left <= 0 or len(word) > _LONGEST_GUESS:
            return None
        from difflib import get_close_matches

        self._left -= len(self._by_folded)
        matches = get_close_matches(folded, self._by_folded, n=_FEW, cutoff=0.6)
        likely = (match for match in matches if _is_likely(folded, match))
        return next((self._by_folded[match] for match in likely), None)


def _is_likely(word: str, choice: str) -> bool:
    """Return whether a similar choice is plausible: same first letter, and no added "not"."""
    from difflib import SequenceMatcher

    def likeness(one: str, other: str) -> float:
        return SequenceMatcher(None, one, other).ratio()

    whole = likeness(word, choice)
    negated = (
        likeness(one[negation.end() :], other) > whole
        for one, other in ((word, choice), (choice, word))
        if (negation := _NEGATION.match(one)) and not other.startswith(negation[0])
    )
    return (word[:1] == choice[:1] or whole >= _CLOSE) and not any(negated)


def closest(word: str, choices: Iterable[str]) -> str | None:
    """Return the most likely choice for a mistyped word, or None."""
    return Guesses(choices).closest(word)
