"""Workflow commands of GitHub Actions, which annotate the lines of a pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from valhalla_manifest.report.annotations import locate_problems, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from valhalla_manifest.document.problems import Problem
    from valhalla_manifest.validation.check import Checked

_WORKFLOW_COMMAND = re.compile(r"^(\s*:)(?=:)|(##)(?=\[)", re.MULTILINE)


def report(checked: Mapping[str, Checked]) -> str:
    """Return workflow commands that put each problem at its line of a pull request."""
    return "".join(f"{_command(path, problem)}\n" for path, problem in locate_problems(checked))


def escape_command(line: str) -> str:
    """Return a line that the GitHub Actions runner cannot mistake for a command."""
    return _WORKFLOW_COMMAND.sub(r"\1\2 ", line)


def _command(path: str, problem: Problem) -> str:
    properties = {
        "file": path,
        "line": problem.line,
        "endLine": problem.end_line,
        "col": problem.column,
        "endColumn": problem.end_column,
        "title": problem.code,
    }
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{problem.severity.value} {written}::{_data(one_line(problem))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
