"""Problems as the pages of forges take them: with paths of the new state, and fingerprints."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from valhalla_manifest.document.characters import escape_for_display

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.document.problems import Problem
    from valhalla_manifest.validation.check import Checked

NO_LIMIT = 100_000  # characters: a forge cuts what it does not show


def located(checked: Mapping[str, Checked]) -> Iterator[tuple[str, Problem]]:
    """Yield each problem with the path that a forge knows.

    A page shows the new state alone: what is gone from the old one stands at the file's first
    line, and says where it was.
    """
    for name, found in checked.items():
        for problem in found.problems:
            if found.revision is None:
                yield name, problem
            else:
                was = f"{problem.message} (line {problem.line} of {name})"
                moved = replace(problem, message=was, line=1, column=1, end_line=1, end_column=1)
                yield name.removeprefix(f"{found.revision}:"), moved


def sentence(problem: Problem) -> str:
    """Return the message and the way out, on one safe line."""
    hint = f"; {problem.hint}" if problem.hint else ""
    return escape_for_display(problem.message + hint, NO_LIMIT)


def fingerprints(checked: Mapping[str, Checked]) -> Iterator[tuple[str, Problem, str]]:
    """Yield problems with a fingerprint that stays when lines above come or go."""
    seen: dict[str, int] = {}
    for path, problem in located(checked):
        same = (
            f"{path}\0{problem.code}\0{problem.pointer}\0{problem.message.partition(' (line ')[0]}"
        )
        seen[same] = seen.get(same, 0) + 1
        yield path, problem, hashlib.sha256(f"{same}\0{seen[same]}".encode()).hexdigest()[:40]
