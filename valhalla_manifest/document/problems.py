"""Problems with an exact place, and the one exception for what cannot be done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    """How bad a problem is: an error refuses the manifest, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Span(NamedTuple):
    """A half-open range of a text, in characters from 0, as in ``text[start:end]``."""

    start: int
    end: int


class Finding(NamedTuple):
    """What a rule found, before the rule's code and severity and the line are added."""

    span: Span
    pointer: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a manifest, in the shape that every report prints.

    Lines and columns count from 1, columns in characters (a byte-order mark is none); the
    end is exclusive. The pointer is a JSON Pointer (RFC 6901), empty for the whole document.
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


_FEW = 3  # problems that a sentence can hold


class ManifestError(Exception):
    """What was asked for cannot be done; the text says why and what to do next.

    ``problems`` names what is wrong with a manifest where that is the reason; they are not
    ``written`` where they are those of a text that was never saved, so that its lines say
    nothing. ``refused`` is true where the tool could go on but a rule or a gate says no (exit
    code 1, not 2).
    """

    def __init__(
        self,
        message: str,
        *,
        problems: tuple[Problem, ...] = (),
        written: bool = True,
        refused: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.problems = problems
        self.written = written
        self.refused = refused or bool(problems)

    @property
    def reasons(self) -> list[str]:
        """The problems in words, each with its place and a way out."""
        return [
            (f"{problem.line}:{problem.column} " if self.written else "")
            + f"{problem.code}: {problem.message}"
            + (f" ({problem.hint})" if problem.hint else "")
            for problem in self.problems
        ]

    def __str__(self) -> str:
        """Return the sentence and the first problems."""
        reasons = "; ".join(self.reasons[:_FEW])
        return f"{self.message}: {reasons}" if reasons else self.message


class NeedsForceError(ManifestError):
    """A refusal that ``force`` lifts; how to ask for that differs between command and code."""

    def __init__(self, message: str) -> None:
        super().__init__(message, refused=True)


def pointer(path: tuple[str | int, ...]) -> str:
    """Return the JSON Pointer (RFC 6901) of a path of keys and indexes."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def steps(pointer: str) -> list[str]:
    """Return the steps of a JSON Pointer (RFC 6901)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


_COMPARISONS = 10_000  # that a run of guesses may take
_CLOSE = 0.75
_NEGATION = re.compile(r"(?:dis|im|in|non|not|no|un)[-_ ]?")
_LONGEST_GUESS = 80  # characters; nobody mistypes more than that


class Guesses:
    """Guesses at what mistyped words mean; they end after a bounded amount of work."""

    def __init__(self, choices: Iterable[str]) -> None:
        self._by_folded = {
            choice.casefold(): choice for choice in choices if len(choice) <= _LONGEST_GUESS
        }
        self._left = _COMPARISONS

    def closest(self, word: str) -> str | None:
        """Return the choice that a mistyped word most likely means."""
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
    """Return whether a similar choice may be meant: few mistype a first letter, or type a "not"."""
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
    """Return the choice that a mistyped word most likely means."""
    return Guesses(choices).closest(word)
