"""One manifest gets one verdict: whatever reads it, from wherever, and by whatever path."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.conftest import git, run
from tests.support.manifests import SMALL
from valhalla_manifest import ManifestError, load, open_manifest
from valhalla_manifest.http import create_router

# It is marked complete while a pack is pending: a warning, unless the settings make it an error.
QUESTIONABLE = SMALL.replace(
    "complete: false", 'complete: true\ncompleted_at: "2026-01-01T00:00:00Z"'
)
QUESTIONABLE = QUESTIONABLE.replace("status: installed", "status: pending")
TABLE = "[tool.valhalla-manifest]\n"
STRICT, LENIENT = f'{TABLE}error = ["VM306"]\n', f'{TABLE}ignore = ["VM306"]\n'
TYPED = f'{TABLE}extensions = "types.json"\n'
TYPES = '{"definitions": {"manifest": {"required": ["x-team"]}}}'
UNRELATED = '[project]\nname = "svc"\n'

# The settings of the service and of the repository around it, and whether the manifest is valid.
SETTINGS = [
    (None, None, True),
    (STRICT, None, False),
    (None, STRICT, False),
    (UNRELATED, STRICT, False),
    (LENIENT, STRICT, True),
    (STRICT, LENIENT, False),
    (TYPED, STRICT, False),
    (LENIENT, TYPED, True),
    (None, TYPED, False),
]
# The path that leads to the manifest, from the root of the repository.
PATHS = {
    "itself": "svc/manifest/system.yaml",
    "a linked file": "elsewhere/state.yaml",
    "a linked folder": "linked/manifest/system.yaml",
}
FOLDERS = ("repository", "repository/svc", "repository/elsewhere", "outside")


def succeeds(read: Callable[[], object]) -> bool:
    try:
        read()
    except ManifestError:
        return False
    return True


def edit(path: str) -> None:
    with open_manifest(path) as manifest:
        manifest.set_notes("Edited")


def get(path: str) -> bool:
    app = FastAPI()
    app.include_router(create_router(path))
    with TestClient(app) as client:
        return client.get("/system/status/").status_code == 200


def merge(path: str) -> bool:
    """Merge three copies, as git calls the driver: at the root, with the path of the real file."""
    here, real = Path.cwd(), Path(path).resolve()
    os.chdir(git("-C", str(real.parent), "rev-parse", "--show-toplevel").strip())
    try:
        for name in ("base", "ours", "theirs"):
            shutil.copyfile(real, name)
        real = real.relative_to(Path.cwd())
        return run("merge", "base", "ours", "theirs", "--path", real.as_posix()).code == 0
    finally:
        os.chdir(here)


def doctor(path: str) -> bool:
    first, *_ = json.loads(run("-m", path, "doctor", "--format", "json").out)["checks"]
    assert first["name"] == "manifest"
    return bool(first["ok"])


ENTRY_POINTS: dict[str, Callable[[str], bool]] = {
    "validate": lambda path: run("validate", path).code == 0,
    "validate --manifest": lambda path: run("-m", path, "validate").code == 0,
    "validate --against": lambda path: run("-m", path, "validate", "--against", "HEAD").code == 0,
    "status": lambda path: run("-m", path, "status").code == 0,
    "get": lambda path: run("-m", path, "get", "version").code == 0,
    "site": lambda path: run("-m", path, "site", "public").code == 0,
    "export": lambda path: run("-m", path, "export", "badge").code == 0,
    "doctor": doctor,
    "diff": lambda path: run("-m", path, "diff").code == 0,
    "an edit": lambda path: run("-m", path, "notes", "set", "Edited", "--dry-run").code == 0,
    "load()": lambda path: succeeds(lambda: load(path)),
    "open_manifest()": lambda path: succeeds(lambda: edit(path)),
    "GET": get,
    "the merge driver": merge,
}


@pytest.fixture(scope="module", params=SETTINGS, ids=range(len(SETTINGS)))
def verdict(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, bool]:
    """Return the folder above a repository, and whether its settings accept the manifest."""
    near, around, is_valid = request.param
    top = tmp_path_factory.mktemp("top")
    root = top / "repository"
    (root / "svc" / "manifest").mkdir(parents=True)
    (root / "elsewhere").mkdir()
    (top / "outside").mkdir()
    (root / "svc" / "manifest" / "system.yaml").write_text(QUESTIONABLE)
    (root / "elsewhere" / "state.yaml").symlink_to("../svc/manifest/system.yaml")
    (root / "linked").symlink_to("svc")
    # The settings next to a link are those of another file.
    (root / "elsewhere" / "pyproject.toml").write_text(STRICT if is_valid else LENIENT)
    for folder, settings in ((root / "svc", near), (root, around)):
        (folder / "types.json").write_text(TYPES)
        if settings:
            (folder / "pyproject.toml").write_text(settings)
    git("init", "-q", str(root))
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    git("-C", str(root), "add", "-A")
    git("-C", str(root), *who, "commit", "-qm", "first")
    return top, is_valid


@pytest.mark.parametrize(
    ("folder", "path"), [*product(FOLDERS, PATHS)], ids=lambda value: str(value).replace("/", "-")
)
def test_every_entry_point_gives_the_verdict_of_the_project_of_the_real_file(
    verdict: tuple[Path, bool], folder: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    top, is_valid = verdict
    monkeypatch.chdir(top / folder)
    name = str(top / "repository" / PATHS[path])
    if folder != "outside":
        name = os.path.relpath(name)
    verdicts = {entry: judge(name) for entry, judge in ENTRY_POINTS.items()}
    assert verdicts == dict.fromkeys(ENTRY_POINTS, is_valid)
    git("-C", str(top / "repository"), "checkout", "-q", ".")
