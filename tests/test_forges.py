"""Problems on the pages of forges: each form is read by its consumer, or held to its schema."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from junitparser import JUnitXml

from tests.conftest import git, run
from tests.support import hostile
from tests.support.manifests import FIRST, REPOSITORY

# Problems whose messages carry hostile texts, and a warning.
BAD = r"""schema_version: 1
version: "%0A::error::x, <b>"
backend_complete: false
summary: A platform.
"notes], <img src=x> `x` @all": yes
packs:
  - id: "H"
    name: "=cmd|' /C calc'!A0"
    status: "in\nstalled::set-output name=a::b"
  - id: "I"
    name: Another
    status: installed
    depends_on: ["ZZ"]
"""


@pytest.fixture
def bad(folder: Path) -> Path:
    path = folder / "bad, 100%: file.yaml"
    path.write_text(BAD)
    Path("pyproject.toml").write_text('[tool.valhalla-manifest]\nwarn = ["VM302"]\n')
    return path


def expected(path: Path) -> list[dict[str, Any]]:
    found = json.loads(run("validate", str(path), "--format", "json").out)
    problems: list[dict[str, Any]] = found["files"][0]["problems"]
    assert len(problems) == 5
    return problems


def test_github(bad: Path) -> None:
    ran = run("validate", bad.name, "--format", "github")
    assert ran.code == 1
    read = [command(line) for line in ran.out.splitlines()]
    assert [
        (each["kind"], each["file"], int(each["line"]), int(each["col"]), each["title"])
        for each in read
    ] == [
        (each["severity"], bad.name, each["line"], each["column"], each["code"])
        for each in expected(bad)
    ]
    for each, problem in zip(read, expected(bad), strict=True):
        assert each["message"].startswith(problem["message"])


def command(line: str) -> dict[str, str]:
    """Read a workflow command as the runner does."""
    match = re.fullmatch(r"::(error|warning) ([^:]*)::(.*)", line)
    assert match, line
    pairs = dict(pair.split("=", 1) for pair in match[2].split(","))
    message = unescaped(match[3], {"%0D": "\r", "%0A": "\n"})
    properties = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","}
    return {key: unescaped(value, properties) for key, value in pairs.items()} | {
        "kind": match[1],
        "message": message,
    }


def unescaped(text: str, known: dict[str, str]) -> str:
    for code, char in known.items():
        text = text.replace(code, char)
    return text.replace("%25", "%")


def test_gitlab(bad: Path) -> None:
    report = json.loads(run("validate", bad.name, "--format", "gitlab").out)
    assert [
        (
            each["check_name"],
            each["severity"],
            each["location"]["path"],
            each["location"]["lines"]["begin"],
        )
        for each in report
    ] == [
        (each["code"], "major" if each["severity"] == "error" else "minor", bad.name, each["line"])
        for each in expected(bad)
    ]
    assert len({each["fingerprint"] for each in report}) == len(report)
    assert all("\n" not in each["description"] for each in report)


def test_junit(bad: Path, manifest: Path) -> None:
    report = run("validate", bad.name, str(manifest), "--format", "junit").out
    parsed = JUnitXml.fromroot(JUnitXml.fromstring(report.encode())._elem)
    suites = {suite.name: suite for suite in parsed}
    cases = list(suites[bad.name])
    assert (suites[bad.name].tests, suites[bad.name].failures) == (5, 4)
    assert [case.is_passed for case in cases].count(True) == 1
    for case, problem in zip(cases, expected(bad), strict=True):
        assert case.name.startswith(problem["code"])
        if problem["severity"] == "error":
            assert case.result[0].message.startswith(problem["message"])
    (good,) = suites[str(manifest)]
    assert good.is_passed


def test_sarif(bad: Path) -> None:
    log = json.loads(run("validate", bad.name, "--format", "sarif").out)
    schema = json.loads(
        (REPOSITORY / "tests" / "data" / "sarif-2.1.0-rtm.5.schema.json").read_text()
    )
    jsonschema.Draft4Validator(schema).validate(log)
    (ran,) = log["runs"]
    rules = ran["tool"]["driver"]["rules"]
    assert [
        (
            each["ruleId"],
            each["level"],
            each["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for each in ran["results"]
    ] == [(each["code"], each["severity"], each["line"]) for each in expected(bad)]
    for result in ran["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert rules[result["ruleIndex"]]["help"]["markdown"]
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact == {"uri": "bad%2C%20100%25%3A%20file.yaml", "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize("form", ["gitlab", "sarif"])
def test_a_fingerprint_stays_when_lines_come_above(bad: Path, form: str) -> None:
    before = fingerprints(run("validate", bad.name, "--format", form).out)
    bad.write_text("# a line\n\n" + BAD)
    assert fingerprints(run("validate", bad.name, "--format", form).out) == before


def fingerprints(report: str) -> list[str]:
    return re.findall(r'"(?:fingerprint|valhallaManifest/v1)": "([0-9a-f]+)"', report)


@pytest.mark.parametrize("form", ["github", "gitlab", "junit", "sarif"])
def test_a_good_manifest_has_no_problems_in_any_form(manifest: Path, form: str) -> None:
    ran = run("validate", "--format", form)
    assert ran.code == 0
    assert "VM2" not in ran.out or form == "sarif"


def test_what_is_gone_is_at_the_file_of_the_new_state(repository: Path, manifest: Path) -> None:
    git("switch", "-qc", "topic")
    manifest.write_text(FIRST[: FIRST.index('  - id: "W"')])
    parted = git("rev-parse", "main")[:10]
    line = FIRST[: FIRST.index('"W"')].count("\n") + 1
    told = run("validate", "--against", "main", "--format", "github").out
    (gone,) = [each for each in map(command, told.splitlines()) if each["title"] == "VM402"]
    assert (gone["file"], gone["line"]) == ("manifest/system.yaml", "1")
    assert f"(line {line} of {parted}:manifest/system.yaml)" in gone["message"]


# --- job summary --------------------------------------------------------------------------------


@pytest.fixture
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    return file


def test_the_summary_tells_the_change_in_words(
    repository: Path, manifest: Path, summary: Path
) -> None:
    run("version", "bump", "minor")
    run("packs", "set", "W", "--status", "deprecated")
    assert run("validate", "--against", "main", "--summary").code == 0
    assert summary.read_text() == (
        "### Manifest: valid\n\nChanges:\n\n"
        "- version 1.0.0 → 1.1.0\n- pack W: status installed → deprecated\n"
    )


def test_the_summary_of_a_bad_manifest_is_only_text(bad: Path, summary: Path) -> None:
    run("validate", bad.name, "--summary")
    text = summary.read_text()
    assert text.startswith("### Manifest: 4 errors, 1 warning\n")
    rows = [line for line in text.splitlines() if "VM" in line]
    assert len(rows) == 5
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 4 for row in rows)
    assert not re.search(r"(?<!\\)<(?!!-- -->)", text)
    assert "@all" not in text


def test_a_summary_without_its_variable(manifest: Path) -> None:
    ran = run("validate", "--summary")
    assert ran.code == 2
    assert "GITHUB_STEP_SUMMARY is not set" in ran.err


def test_a_workflow_log_obeys_no_text_of_the_manifest(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile.make(manifest)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    reports = (["status"], ["notes", "show"], ["packs", "show", "h"], ["packs", "list"])
    for words in (*reports, ["status", "--format", "markdown"], ["incomplete", "--dry-run"]):
        for line in io.StringIO(run(*words).out):
            assert not line.lstrip().startswith("::"), line
            assert "##[" not in line
