"""A new status and a new key are one change in model.py; `make generate` does the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.manifests import FIRST, REPOSITORY

STATUS = ('    EXPERIMENTAL = "experimental", 2\n', '    RETIRED = "retired", 5\n')
TIER = '''class Tier(StrEnum):
    """How important a pack is."""

    GOLD = "gold"
    SILVER = "silver"


'''
FIELD = """    tier: Annotated[Tier | None, _OPTIONAL] = Field(
        default=None, strict=False, description="How important it is.", examples=["gold"]
    )
"""
SERVED = """
from fastapi import FastAPI
from fastapi.testclient import TestClient
from valhalla_manifest.http import create_router
app = FastAPI()
app.include_router(create_router("manifest/system.yaml"))
with TestClient(app) as client:
    print(client.get("/system/status/summary").json()["retired_packs"])
    print(client.get("/system/status/packs/ZZ").json()["tier"])
"""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project whose model alone was changed, and what follows was made."""
    copy = tmp_path_factory.mktemp("grown")
    for name in ("valhalla_manifest", "scripts", "schemas", "docs"):
        for file in (REPOSITORY / name).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                target = copy / file.relative_to(REPOSITORY)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read_bytes())
    (copy / "manifest").mkdir()
    (copy / "manifest" / "system.yaml").write_bytes(FIRST.encode())
    model = copy / "valhalla_manifest" / "manifest" / "model.py"
    text = model.read_text(encoding="utf-8")
    for old, new in (
        (STATUS[0], "".join(STATUS)),
        ("class Mark(", f"{TIER}class Mark("),
        ("    depends_on: Annotated[", f"{FIELD}    depends_on: Annotated["),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    model.write_text(text, encoding="utf-8")
    for made in (["scripts/compile_model.py"], ["-m", "valhalla_manifest", "schema", "export"]):
        python(copy, *made)
    return copy


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, on the code of the copy."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_every_part_knows_the_new_status_and_the_new_key(grown: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return python(grown, "-m", "valhalla_manifest", *words)

    added = run("packs", "add", "ZZ", "--name", "Test", "--status", "retired", "--tier", "gold")
    assert (added.returncode, added.stderr) == (0, "")
    assert run("packs", "set", "ZZ", "--tier", "silver").returncode == 0
    assert run("get", "packs.ZZ.tier", "packs.ZZ.status").stdout.split() == ["silver", "retired"]
    assert run("validate").returncode == 0
    assert "1 retired" in run("summary").stdout
    assert json.loads(run("summary", "--format", "json").stdout)["retired_packs"] == 1
    assert 'manifest_packs{status="retired"} 1' in run("export", "prometheus").stdout
    assert python(grown, "-c", SERVED).stdout.split() == ["1", "silver"]
    schema = json.loads((grown / "schemas" / "system.schema.json").read_text(encoding="utf-8"))
    assert schema["definitions"]["Tier"]["enum"] == ["gold", "silver"]
    assert "retired" in schema["definitions"]["PackStatus"]["enum"]
    assert run("schema", "check").returncode == 0


def test_a_value_that_is_none_of_the_new_ones_is_refused(grown: Path) -> None:
    file = grown / "bad.yaml"
    file.write_text(FIRST.replace("    status: installed\n", "    tier: bronze\n", 1))
    told = python(grown, "-m", "valhalla_manifest", "validate", "bad.yaml").stdout
    assert "tier is bronze, not gold or silver" in told
