"""SARIF 2.1.0 (OASIS), the format of code scanning services."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from valhalla_manifest.report.annotations import one_line, with_fingerprints
from valhalla_manifest.report.json import pretty
from valhalla_manifest.report.rules import with_examples
from valhalla_manifest.validation.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from valhalla_manifest.document.problems import Problem
    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.validation.rules.base import AnyRule


_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def report(checked: Mapping[str, Checked]) -> str:
    """Return a SARIF 2.1.0 log."""
    index = {rule.code: at for at, rule in enumerate(RULES)}
    driver = {
        "name": "valhalla-manifest",
        "semanticVersion": version("valhalla-manifest"),
        "rules": [_rule(rule) for rule in RULES],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The working directory."}}},
        "results": [
            _result(path, problem, index[problem.code], fingerprint)
            for path, problem, fingerprint in with_fingerprints(checked)
        ],
    }
    reasons = [found.skipped_reason for found in checked.values() if found.skipped_reason]
    if reasons:
        notifications = [{"level": "warning", "message": {"text": reason}} for reason in reasons]
        run["invocations"] = [
            {"executionSuccessful": True, "toolExecutionNotifications": notifications}
        ]
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return pretty(log)


def _rule(rule: AnyRule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.explanation.partition("\nBad:")[0].strip()},
        "help": {"text": rule.explanation, "markdown": with_examples(rule.explanation)},
        "defaultConfiguration": {"level": rule.severity.value}
        | ({} if rule.enabled else {"enabled": False}),
    }


def _result(path: str, problem: Problem, index: int, fingerprint: str) -> dict[str, Any]:
    region = {
        "startLine": problem.line,
        "startColumn": problem.column,
        "endLine": problem.end_line,
        "endColumn": problem.end_column,
    }
    absolute = Path(path).is_absolute()
    artifact = {"uri": Path(path).as_uri() if absolute else quote(path)}
    return {
        "ruleId": problem.code,
        "ruleIndex": index,
        "level": problem.severity.value,
        "message": {"text": one_line(problem)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": artifact | ({} if absolute else {"uriBaseId": "%SRCROOT%"}),
                    "region": region,
                }
            }
        ],
        "partialFingerprints": {"valhallaManifest/v1": fingerprint},
    }
