"""``init``: from nothing, or from a running system, to a manifest that validates."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given

from tests.conftest import examples, run
from tests.support.manifests import FIRST
from tests.test_properties import manifests
from valhalla_manifest import __version__
from valhalla_manifest.manifest import starter
from valhalla_manifest.report.json import status
from valhalla_manifest.validation.check import check


def test_a_first_manifest_and_what_goes_with_it(folder: Path) -> None:
    ran = run("init")
    assert ran.code == 0
    assert ran.out.startswith("manifest/system.yaml written\nschemas/system.schema.json written\n")
    assert run("validate").code == 0
    assert run("schema", "check").code == 0
    assert run("version", "show").out == "1.0.0\n"
    assert run("summary").out.endswith("1.0.0, not complete, 0 packs\n")
    assert run("packs", "add", "H", "--name", "Engine").code == 0


def test_the_snippets_are_yaml(folder: Path) -> None:
    parts = re.split(r"^# .*:\n", run("init").out, flags=re.MULTILINE)[1:]
    assert [next(iter(yaml.safe_load(part))) for part in parts] == ["repos", "manifest", "manifest"]


def test_the_snippets_name_the_version_that_printed_them(folder: Path) -> None:
    for part in re.split(r"^# .*:\n", run("init").out, flags=re.MULTILINE)[1:]:
        assert f"valhalla-manifest=={__version__}" in part
        assert re.search(rf"(@|rev: )v{re.escape(__version__)}\b", part)  # by tag, without an index
        assert "{VERSION}" not in part


def test_a_manifest_that_is_there_is_not_touched(manifest: Path) -> None:
    ran = run("init")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "error: manifest/system.yaml is there already; nothing is changed\n"
    assert manifest.read_text() == FIRST


ORIGIN: dict[str, Any] = {
    "version": "1.0.0",
    "backend_complete": True,
    "packs": [
        {"id": "H", "name": "Engine", "status": "installed", "category": "professional"},
        {"id": "N", "name": "yes", "status": "installed", "category": None},
    ],
    "summary": "Valhalla: a platform.\nFor professional services.",
    "extra": {
        "notes": "Backend marked as complete",
        "updated_at": "2026-01-31T12:00:00+00:00",
        "completed_at": "2026-01-31T12:00:00+00:00",
    },
}


def test_a_running_system_moves_over_and_gives_its_status_back(folder: Path) -> None:
    Path("status.json").write_text(json.dumps(ORIGIN))
    assert run("init", "--from", "status.json").code == 0
    assert run("validate").code == 0
    found = json.loads(run("status", "--format", "json").out)
    found["extra"].pop("updated_at")
    expected = ORIGIN | {"extra": {k: v for k, v in ORIGIN["extra"].items() if k != "updated_at"}}
    assert found == expected


def test_from_standard_input(folder: Path) -> None:
    assert run("init", "--from", "-", stdin=json.dumps(ORIGIN)).code == 0
    assert run("packs", "show", "n", "--format", "json").code == 0


def test_keys_that_the_format_does_not_know_are_kept(folder: Path) -> None:
    more = ORIGIN | {"packs": [{**ORIGIN["packs"][0], "port": 80}]}
    more["extra"] = {**ORIGIN["extra"], "region": {"name": "eu"}}
    assert run("init", "--from", "-", stdin=json.dumps(more)).code == 0
    assert run("get", "packs.H.x-port", "x-region").out == '80\n{"name": "eu"}\n'


@given(manifests)
@examples(50)
def test_any_status_is_given_back(data: dict[str, Any]) -> None:
    before = status(check(json.dumps(data, ensure_ascii=False).encode()).record, None)
    checked = check(starter.from_status(json.dumps(before)).encode())
    assert checked.problems == ()
    assert status(checked.record, None) == before


@pytest.mark.parametrize(
    ("document", "code", "says"),
    [
        ("{", 2, "not JSON"),
        ("[]", 2, "there is no list of packs"),
        ('{"packs": [1]}', 2, "is not an object"),
        (
            '{"packs": [], "extra": {"completed_at": "soon"}}',
            2,
            "completed_at is 'soon', not a time",
        ),
        ('{"packs": []}', 1, "would not be valid"),
        (json.dumps(ORIGIN | {"version": "1"}), 1, "VM205"),
    ],
)
def test_what_cannot_be_taken_over(folder: Path, document: str, code: int, says: str) -> None:
    ran = run("init", "--from", "-", stdin=document)
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err
    assert list(folder.iterdir()) == [folder / ".git"]
