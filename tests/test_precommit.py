"""The hooks, run by the real pre-commit and by prek on a repository that takes them by tag."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import git
from tests.support.manifests import FIRST, REPOSITORY

BIN = Path(sys.executable).parent
OFFERED = ".pre-commit-hooks.yaml"
# What the hooks need is not installed but taken from where the tests run.
HERE = {"language": "system", "additional_dependencies": []}


def hooks(file: str) -> list[dict[str, Any]]:
    content = yaml.safe_load((REPOSITORY / file).read_text(encoding="utf-8"))
    listed: list[dict[str, Any]] = content["repos"][0]["hooks"] if "repos" in content else content
    return listed


@pytest.fixture
def ours(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Return a repository that offers the hooks at the tag v0.1.0."""
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path_factory.mktemp("pre-commit")))
    monkeypatch.setenv("PREK_HOME", str(tmp_path_factory.mktemp("prek")))
    folder = tmp_path_factory.mktemp("ours")
    (folder / OFFERED).write_bytes((REPOSITORY / OFFERED).read_bytes())
    git("init", "-q", str(folder))
    git("-C", str(folder), "add", "-A")
    git("-C", str(folder), "commit", "-qm", "hooks")
    git("-C", str(folder), "tag", "v0.1.0")
    return folder


def use(ours: Path, **settings: dict[str, Any]) -> None:
    """Write the configuration that has all hooks, each with the settings of its user."""
    used = [
        {"id": hook["id"], **HERE, **settings.get(hook["id"].rpartition("-")[2], {})}
        for hook in hooks(OFFERED)
    ]
    config = {"repos": [{"repo": str(ours), "rev": "v0.1.0", "hooks": used}]}
    Path(".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    git("add", "-A")


def pre_commit(*options: str, runner: str = "pre-commit") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / runner, "run", "--color", "never", *options],
        capture_output=True,
        text=True,
        check=False,
    )


def export_schema(*options: str) -> None:
    words = [str(BIN / "valhalla-manifest"), *options, "schema", "export"]
    subprocess.run(words, check=True, capture_output=True)


@pytest.mark.parametrize("runner", ["pre-commit", "prek"])
def test_a_good_manifest_passes_and_a_bad_one_is_refused_at_its_line(
    runner: str, ours: Path
) -> None:
    export_schema()
    use(ours)
    good = pre_commit("--all-files", runner=runner)
    assert good.returncode == 0, good.stdout
    assert good.stdout.count("Passed") == 2
    Path("manifest/system.yaml").write_text(FIRST.replace('id: "N"', "id: N"))
    git("add", "-A")
    bad = pre_commit(runner=runner)
    assert bad.returncode == 1
    assert "manifest/system.yaml:39:9: error VM104" in bad.stdout


def test_a_manifest_may_be_at_any_path(ours: Path) -> None:
    Path("deploy").mkdir()
    Path("manifest/system.yaml").rename("deploy/state.yaml")
    export_schema("-m", "deploy/state.yaml")
    at = {"files": r"^deploy/state\.yaml$"}
    use(ours, validate=at, check=at | {"args": ["-m", "deploy/state.yaml"]}, change=at)
    good = pre_commit("--all-files")
    assert good.stdout.count("Passed") == 2, good.stdout
    Path("deploy/state.yaml").write_text(FIRST.replace('id: "N"', "id: 1"))
    git("add", "-A")
    bad = pre_commit()
    assert bad.stdout.count("Failed") == 2, bad.stdout
    assert "deploy/state.yaml:39:9: error" in bad.stdout


@pytest.mark.slow
@pytest.mark.parametrize("args", [{}, {"args": ["--against", "origin/main"]}])
def test_a_push_is_refused_where_its_change_is_not_allowed(
    ours: Path, args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    origin = str(tmp_path_factory.mktemp("origin"))
    use(ours, change=args)
    git("commit", "-qm", "use the hooks")
    git("init", "-q", "--bare", "-b", "main", origin)
    git("remote", "add", "origin", origin)
    git("push", "-q", "origin", "main")
    if not args:
        git("remote", "set-head", "origin", "main")  # as in any clone
    git("switch", "-qc", "back")
    Path("manifest/system.yaml").write_text(FIRST.replace('"1.0.0"', '"0.9.0"'))
    git("commit", "-qam", "go back")
    assert "check the changes" not in pre_commit("--all-files").stdout  # only on push
    subprocess.run([BIN / "pre-commit", "install", "-t", "pre-push"], check=True)
    words = ["git", "push", "origin", "back"]
    pushed = subprocess.run(words, capture_output=True, text=True, check=False)
    assert pushed.returncode == 1
    assert "VM401" in pushed.stdout + pushed.stderr
    by_hand = pre_commit("--hook-stage", "manual", "--all-files")
    assert "VM401" in by_hand.stdout


def test_this_repository_uses_the_same_hooks() -> None:
    used = {hook["id"]: hook for hook in hooks(".pre-commit-config.yaml")}
    for hook in hooks(OFFERED):
        same = {key: hook[key] for key in hook.keys() & {"args", "files", "name", "stages"}}
        assert same.items() <= used[hook["id"]].items()
        assert used[hook["id"]]["entry"] == f".venv/bin/{hook['entry']}"
