"""A test report in JUnit's XML, which nearly every CI service can show."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.report.annotations import NO_LIMIT, locate_problems, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from valhalla_manifest.document.problems import Problem
    from valhalla_manifest.validation.check import Checked


def report(checked: Mapping[str, Checked]) -> str:
    """Return a test report: a failed test for each problem, a passed one for each valid file."""
    suites = ET.Element("testsuites", name="valhalla-manifest")
    by_path: dict[str, list[Problem]] = {
        name: [] for name, found in checked.items() if found.revision is None
    }
    for path, problem in locate_problems(checked):
        by_path.setdefault(path, []).append(problem)
    for path, problems in by_path.items():
        _suite(suites, escape_for_display(path, NO_LIMIT), problems)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, "unicode") + "\n"


def _suite(suites: ET.Element, path: str, problems: list[Problem]) -> None:
    errors = sum(problem.is_error for problem in problems)
    tests = str(max(len(problems), 1))
    suite = ET.SubElement(
        suites, "testsuite", name=path, tests=tests, failures=str(errors), errors="0"
    )
    if not problems:
        ET.SubElement(suite, "testcase", classname=path, name="valid", time="0")
    for problem in problems:
        place = f"{path}:{problem.line}:{problem.column}"
        name = f"{problem.code} at {problem.line}:{problem.column}"
        case = ET.SubElement(suite, "testcase", classname=path, name=name, time="0")
        if problem.is_error:
            failure = ET.SubElement(case, "failure", message=one_line(problem), type=problem.code)
            failure.text = f"{place}: {one_line(problem)}"
        else:
            ET.SubElement(case, "system-out").text = f"{place}: warning: {one_line(problem)}"
