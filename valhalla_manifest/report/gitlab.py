"""GitLab's Code Quality report, which merge requests show next to the lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.report.annotations import one_line, with_fingerprints
from valhalla_manifest.report.json import pretty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from valhalla_manifest.validation.check import Checked


def report(checked: Mapping[str, Checked]) -> str:
    """Return a Code Quality report."""
    found = [
        {
            "description": f"{problem.code}: {one_line(problem)}",
            "check_name": problem.code,
            "fingerprint": fingerprint,
            "severity": "major" if problem.is_error else "minor",
            "location": {
                "path": path,
                "lines": {"begin": problem.line, "end": problem.end_line},
            },
        }
        for path, problem, fingerprint in with_fingerprints(checked)
    ]
    return pretty(found)
