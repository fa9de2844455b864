"""A new status and new keys are one change in model.py; `make generate` does the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.manifests import REPOSITORY, SMALL

# The names begin with zz, so that no real key or status is ever called the same.
STATUS = ('    EXPERIMENTAL = "experimental", 2\n', '    ZZ_RETIRED = "zz-retired", 5\n')
ENUM = '''class ZzTier(StrEnum):
    """Only a test has it."""

    GOLD = "gold"
    SILVER = "silver"


'''
FIELDS = """    zz_tier: Annotated[
        ZzTier | None, _OPTIONAL, Mark(column=True, label=True, describes=True)
    ] = Field(default=None, strict=False, description="Only a test has it.", examples=["gold"])
    zz_requires: Annotated[PackIds | None, _OPTIONAL, DEPENDENCY] = Field(
        default=None, description="What it needs.", examples=[["H"]]
    )
"""
SERVED = """
from fastapi import FastAPI
from fastapi.testclient import TestClient
from valhalla_manifest.http import create_router
app = FastAPI()
app.include_router(create_router("manifest/system.yaml"))
with TestClient(app) as client:
    print(client.get("/system/status/summary").json()["zz-retired_packs"])
    print(client.get("/system/status/packs/ZZ").json()["zz_tier"])
    shapes = client.get("/openapi.json").json()["components"]["schemas"]
    print("zz_tier" in shapes["PackResponse"]["properties"])
"""
MEANING = 'description="Only a test has it."'
DEPENDING = "Annotated[PackIds | None, _OPTIONAL, DEPENDENCY"
PACKS = """\
  - id: "I"
    name: Another
    status: zz-retired
    replaced_by: "H"
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
    model = copy / "valhalla_manifest" / "manifest" / "model.py"
    text = model.read_text(encoding="utf-8")
    for old, new in (
        (STATUS[0], "".join(STATUS)),
        ("class Mark(", f"{ENUM}class Mark("),
        ("    depends_on: Annotated[", f"{FIELDS}    depends_on: Annotated["),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    model.write_text(text, encoding="utf-8")
    made = python(copy, "scripts/compile_model.py")
    assert made.returncode == 0, made.stderr
    (copy / "manifest").mkdir()
    (copy / "manifest" / "system.yaml").write_text(SMALL, encoding="utf-8")
    python(copy, "-m", "valhalla_manifest", "schema", "export")
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

    new = ["--name", "Test", "--status", "zz-retired", "--zz-tier", "gold"]
    added = run("packs", "add", "ZZ", *new)
    assert (added.returncode, added.stderr) == (0, "")
    assert run("packs", "set", "ZZ", "--zz-tier", "silver").returncode == 0
    values = run("get", "packs.ZZ.zz_tier", "packs.ZZ.status").stdout.split()
    assert values == ["silver", "zz-retired"]
    assert run("validate").returncode == 0
    assert "1 zz-retired" in run("summary").stdout
    assert json.loads(run("summary", "--format", "json").stdout)["zz-retired_packs"] == 1
    assert python(grown, "-c", SERVED).stdout.split() == ["1", "silver", "True"]
    schema = json.loads((grown / "schemas" / "system.schema.json").read_text(encoding="utf-8"))
    assert schema["definitions"]["ZzTier"]["enum"] == ["gold", "silver"]
    assert "zz-retired" in schema["definitions"]["PackStatus"]["enum"]
    assert run("schema", "check").returncode == 0

    listed = run("packs", "list", "--zz-tier", "silver").stdout.splitlines()
    columns = listed[0].split()
    assert (columns[:2], columns[-2:]) == (["ZZ", "zz-retired"], ["silver", "Test"])
    assert "zz_tier" in run("packs", "show", "ZZ").stdout
    metrics = run("export", "prometheus").stdout
    assert 'manifest_packs{status="zz-retired"} 1' in metrics
    assert '{id="ZZ",name="Test",status="zz-retired",category="",' in metrics
    assert 'zz_tier="silver"} 1' in metrics
    page = run("status", "--format", "html").stdout
    assert '<th scope="col">Zz tier</th>' in page
    assert "<td>silver</td>" in page


def problems(grown: Path, name: str, text: str) -> list[tuple[str, str]]:
    """Return the codes of a manifest's problems, each with what is said."""
    (grown / name).write_text(text, encoding="utf-8")
    ran = python(grown, "-m", "valhalla_manifest", "validate", "--format", "json", name)
    (file,) = json.loads(ran.stdout)["files"]
    return [(problem["code"], problem["message"]) for problem in file["problems"]]


def test_a_value_that_is_none_of_the_new_ones_is_refused(grown: Path) -> None:
    told = problems(grown, "bad.yaml", SMALL + "    zz_tier: bronze\n")
    assert told == [("VM204", "zz_tier is bronze, not gold or silver")]


@pytest.mark.parametrize(
    ("requires", "packs", "told"),
    [
        ('["ZZ"]', PACKS, [("VM302", 'there is no pack "ZZ"')]),
        (
            '["I"]',
            PACKS,
            [("VM304", '"H" is installed, but its dependency "I" is zz-retired')],
        ),
        (
            '["I", "i"]',
            PACKS.replace("zz-retired\n    replaced_by", "installed\n    x-was"),
            [("VM309", 'zz_requires lists "i" twice')],
        ),
        (
            '["I"]',
            PACKS.replace("zz-retired\n    replaced_by: ", "installed\n    depends_on: ").replace(
                '"H"', '["H"]'
            ),
            [("VM303", "dependency cycle: H → I → H")],
        ),
    ],
)
def test_the_rules_follow_a_new_reference_and_a_new_status(
    grown: Path, requires: str, packs: str, told: list[tuple[str, str]]
) -> None:
    text = f"{SMALL}    zz_requires: {requires}\n{packs}"
    assert problems(grown, "references.yaml", text) == told


@pytest.mark.slow
def test_editing_follows_a_new_reference(grown: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return python(grown, "-m", "valhalla_manifest", "-m", "edited.yaml", *words)

    file = grown / "edited.yaml"
    file.write_text(f"{SMALL}{PACKS}", encoding="utf-8")
    assert run("packs", "set", "H", "--status", "pending", "--zz-requires", "i").returncode == 0
    assert 'zz_requires: ["I"]' in file.read_text(encoding="utf-8")  # as the registry spells it
    ran = run("packs", "remove", "I")
    assert (ran.returncode, ran.stderr) == (1, "error: H refers to I; remove the reference first\n")
    assert run("packs", "rename", "I", "J").returncode == 0
    assert 'zz_requires: ["J"]' in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((f"strict=False, {MEANING}", MEANING), "zz_tier: the model rejects the example"),
        ((f'{MEANING}, examples=["gold"]', MEANING), "zz_tier: write description=... and"),
        ((f"zz_requires: {DEPENDING}", f"zz_requires: {DEPENDING}, Mark(label=True)"),
         "zz_requires: a column or a label must be a string"),
    ],
)  # fmt: skip
def test_a_model_that_would_refuse_what_validate_accepts_is_not_compiled(
    grown: Path, change: tuple[str, str], said: str
) -> None:
    model = grown / "valhalla_manifest" / "manifest" / "model.py"
    good = model.read_text(encoding="utf-8")
    assert good.count(change[0]) == 1
    compiled = model.with_name("compiled.py").read_bytes()
    model.write_text(good.replace(*change), encoding="utf-8")
    try:
        ran = python(grown, "scripts/compile_model.py")
    finally:
        model.write_text(good, encoding="utf-8")
    assert ran.returncode == 1
    assert ran.stderr.startswith(said)
    assert model.with_name("compiled.py").read_bytes() == compiled
