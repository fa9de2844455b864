"""Problems in the form that GitHub, GitLab and CI services need: new paths and fingerprints."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from valhalla_manifest.document.characters import escape_for_display

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from valhalla_manifest.document.problems import Problem
    from valhalla_manifest.validation.check import Checked

NO_LIMIT = 100_000  # characters; services shorten long messages themselves


def locate_problems(checked: Mapping[str, Checked]) -> Iterator[tuple[str, Problem]]:
    """Yield each problem with its path in the new revision.

    A service shows only the new revision. Therefore, a problem about a removed pack is moved to the
    first line of the file, and its message gives the line in the old revision.
    """
    for name, result in checked.items():
        for problem in result.problems:
            if result.revision is None:
                yield name, problem
            else:
                message = f"{problem.message} (line {problem.line} of {name})"
                moved = replace(
                    problem, message=message, line=1, column=1, end_line=1, end_column=1
                )
                yield name.removeprefix(f"{result.revision}:"), moved


def one_line(problem: Problem) -> str:
    """Return the message and the hint on one line that is safe to print."""
    hint = f"; {problem.hint}" if problem.hint else ""
    return escape_for_display(problem.message + hint, NO_LIMIT)


def with_fingerprints(checked: Mapping[str, Checked]) -> Iterator[tuple[str, Problem, str]]:
    """Yield problems with a fingerprint that does not depend on the line number."""
    seen: dict[str, int] = {}
    for path, problem in locate_problems(checked):
        identity = (
            f"{path}\0{problem.code}\0{problem.pointer}\0{problem.message.partition(' (line ')[0]}"
        )
        seen[identity] = seen.get(identity, 0) + 1
        digest = hashlib.sha256(f"{identity}\0{seen[identity]}".encode()).hexdigest()
        yield path, problem, digest[:40]
