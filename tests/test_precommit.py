"""The hooks, run by the real pre-commit on a repository of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.manifests import FIRST, REPOSITORY

BIN = Path(sys.executable).parent


def hooks(file: str) -> list[dict[str, Any]]:
    content = yaml.safe_load((REPOSITORY / file).read_text(encoding="utf-8"))
    listed: list[dict[str, Any]] = content["repos"][0]["hooks"] if "repos" in content else content
    return listed


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository that uses the hooks; the tool is taken from where the tests run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path.parent / "pre-commit"))
    ours = [
        {key: value for key, value in hook.items() if key != "additional_dependencies"}
        | {"language": "system"}
        for hook in hooks(".pre-commit-hooks.yaml")
    ]
    config = {"repos": [{"repo": "local", "hooks": ours}]}
    Path(".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (tmp_path / "manifest").mkdir()
    Path("manifest/system.yaml").write_text(FIRST)
    git("init", "-q")
    subprocess.run([BIN / "valhalla-manifest", "schema", "export"], check=True, capture_output=True)
    git("add", "-A")
    return tmp_path


def git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True)


def pre_commit() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "pre-commit", "run", "--all-files", "--color", "never"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_good_manifest_passes_and_a_bad_one_is_refused_at_its_line(repository: Path) -> None:
    good = pre_commit()
    assert good.returncode == 0, good.stdout
    assert good.stdout.count("Passed") == 2
    Path("manifest/system.yaml").write_text(FIRST.replace('id: "N"', "id: N"))
    git("add", "-A")
    bad = pre_commit()
    assert bad.returncode == 1
    assert "manifest/system.yaml:39:9: error VM104" in bad.stdout


def test_this_repository_uses_the_same_hooks() -> None:
    offered = {hook["id"]: hook for hook in hooks(".pre-commit-hooks.yaml")}
    used = {hook["id"]: hook for hook in hooks(".pre-commit-config.yaml")}
    for name, hook in offered.items():
        assert used[name]["entry"] == f".venv/bin/{hook['entry']}"
        assert used[name]["files"] == hook["files"]
