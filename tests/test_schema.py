"""Pydantic decides; the JSON Schema and the prepared validator agree with it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.conftest import run
from tests.support.manifests import FIRST, REPOSITORY
from valhalla_manifest import Manifest
from valhalla_manifest.document.reader import read
from valhalla_manifest.manifest import shape
from valhalla_manifest.manifest.json_schema import exported, json_schema
from valhalla_manifest.manifest.model import Pack

VALIDATOR = jsonschema.Draft7Validator(json_schema())
GOOD: dict[str, Any] = {
    "schema_version": 1,
    "name": "Valhalla",
    "version": "1.0.0",
    "backend_complete": False,
    "completed_at": None,
    "notes": "n",
    "summary": "s",
    "packs": [
        {"id": "H", "name": "Engine", "status": "installed", "category": "professional"},
        {"id": "I", "name": "B", "status": "deprecated", "replaced_by": "H", "depends_on": ["H"]},
    ],
}
# Values that one key or another accepts, and many that none does.
values = st.sampled_from(
    [
        None, True, False, 0, 1, 2, 1.5, "", " ", "\n", "a\n", "a\nb", "x",
        "H", "h", "H\n", "ABCDE",
        "1.0.0", "1.0", "01.0.0", "1.0.0-rc.1", "1.0.0-01", "1.0.0+b\n", "1.0.0\n",
        "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z\n", "2026-01-01 00:00:00Z",
        "2026-13-01T00:00:00Z", "installed", "pending", "deprecated", "experimental",
        "professional", "Pro", "a-b", "a--b", "-a",
        "n" * 120, "n" * 121, "n" * 4001, "n" * 10_001, [], ["H"], ["h"], [1], {}, {"a": 1},
    ]
)  # fmt: skip
keys = st.sampled_from(
    sorted({"x-team", "X-team", "note", *Manifest.model_fields, *Pack.model_fields})
)
places = st.sampled_from([(), ("packs", 0), ("packs", 1)])


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Return the good document with a few values replaced, added or removed."""
    document = copy.deepcopy(GOOD)
    for _ in range(draw(st.integers(0, 3))):
        where: Any = document
        for step in draw(places):
            where = where[step] if isinstance(where, dict) or len(where) > 1 else {}
        key = draw(keys)
        if draw(st.booleans()) or key not in where:
            where[key] = draw(values)
        else:
            del where[key]
        if not isinstance(document.get("packs"), list):
            break
    return document


def by_pydantic(document: Any) -> list[tuple[Any, ...]]:
    try:
        Manifest.model_validate(document)
    except ValidationError as error:
        return [(e["loc"], _same_word(e["type"])) for e in error.errors()]
    return []


def _same_word(kind: str) -> str:
    """The prepared validator knows no classes, and so has other words for two types of errors."""
    return {"enum": "literal_error", "model_type": "model_attributes_type"}.get(kind, kind)


@given(documents())
@settings(max_examples=500)
def test_pydantic_and_the_json_schema_agree(document: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(document) == (by_pydantic(document) == []), document


@given(documents())
@settings(max_examples=300)
def test_the_prepared_validator_finds_what_the_models_find(document: dict[str, Any]) -> None:
    found = [(e["loc"], _same_word(e["type"])) for e in shape.errors(document)]
    assert found == by_pydantic(document)


# What no JSON Schema can say, and so only the tool checks. The page docs/rules.md has the rest.
ONLY_THE_TOOL = {
    "an id twice": {"packs": [GOOD["packs"][0], GOOD["packs"][0]]},
    "an unknown dependency": {
        "packs": [{"id": "H", "name": "E", "status": "installed", "depends_on": ["ZZ"]}]
    },
    "a day that no calendar has": {
        "backend_complete": True,
        "completed_at": "2026-02-30T00:00:00Z",
    },
    "a format with a point": {"schema_version": 1.0},
}


@pytest.mark.parametrize("change", ONLY_THE_TOOL.values(), ids=list(ONLY_THE_TOOL))
def test_what_only_the_tool_can_check_passes_the_schema(change: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(GOOD | change)


def test_the_schema_is_valid_draft_07_with_words_for_an_editor() -> None:
    schema = json_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    for part in (schema, schema["definitions"]["Pack"]):
        for name, value in part["properties"].items():
            assert value["description"], name
            assert value["examples"], name
    assert "default" not in json.dumps(schema)


def test_the_first_manifest_agrees_with_the_schema() -> None:
    root = read(FIRST).root
    assert root is not None
    assert list(VALIDATOR.iter_errors(root.value)) == []


def test_the_committed_schema_is_current() -> None:
    committed = REPOSITORY / "schemas" / "system.schema.json"
    assert committed.read_text(encoding="utf-8") == exported(), "run `make generate`"


def test_export_writes_the_schema_once(manifest: Path) -> None:
    assert run("schema", "export").out == "schemas/system.schema.json written\n"
    assert (manifest.parents[1] / "schemas" / "system.schema.json").read_text() == exported()
    assert run("schema", "export").out == "schemas/system.schema.json is current\n"
    assert run("schema", "export", "--check").code == 0
    assert run("schema", "check").code == 0


def test_export_to_standard_output() -> None:
    assert run("schema", "export", "-o", "-").out == exported()


def test_a_schema_that_has_drifted_is_refused(manifest: Path) -> None:
    run("schema", "export")
    place = manifest.parents[1] / "schemas" / "system.schema.json"
    place.write_text(place.read_text().replace("letters", "signs"))
    for command in (("schema", "export", "--check"), ("schema", "check")):
        ran = run(*command)
        assert ran.code == 1
        assert "has drifted from the models; run `valhalla-manifest schema export`" in ran.err


def test_a_schema_that_is_not_there_is_said_so(manifest: Path) -> None:
    ran = run("schema", "check")
    assert ran.code == 2
    assert "cannot read" in ran.err


def test_a_manifest_that_does_not_agree_is_refused(manifest: Path) -> None:
    run("schema", "export")
    manifest.write_text(FIRST.replace("status: installed", "status: gone", 1))
    ran = run("schema", "check")
    assert ran.code == 1
    assert "/packs/0/status" in ran.err
