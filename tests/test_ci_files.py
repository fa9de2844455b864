"""The action, the templates and the workflows: linted, and their scripts run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import git, run
from tests.support.manifests import FIRST, REPOSITORY
from valhalla_manifest import __version__

BIN = Path(sys.executable).parent
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
SNIPPETS = REPOSITORY / "valhalla_manifest" / "manifest" / "snippets"


def lint(*words: str) -> None:
    ran = subprocess.run([BIN / words[0], *words[1:]], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.gitlab-ci", "templates/gitlab-ci.yml"),
        ("vendor.gitlab-ci", "valhalla_manifest/manifest/snippets/gitlab.yml"),
        *(("vendor.github-workflows", str(path.relative_to(REPOSITORY))) for path in WORKFLOWS),
    ],
)
def test_each_file_is_of_its_published_schema(schema: str, file: str) -> None:
    lint("check-jsonschema", "--builtin-schema", schema, str(REPOSITORY / file))


def test_the_snippet_is_a_job_of_a_workflow(tmp_path: Path) -> None:
    job = yaml.safe_load((SNIPPETS / "github.yml").read_text())
    file = tmp_path / "workflow.yml"
    file.write_text(yaml.safe_dump({"on": "push", "jobs": job}))
    lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(file))


def test_the_workflows_and_the_action_have_no_known_weakness() -> None:
    files = [*map(str, WORKFLOWS), str(REPOSITORY / "action.yml")]
    lint("zizmor", "--offline", "--no-progress", "--quiet", *files)


def test_every_action_of_others_is_pinned_to_a_commit() -> None:
    for path in WORKFLOWS:
        used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
        assert used
        assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", each) for each in used), path


def test_only_the_job_that_publishes_may_prove_who_it_is() -> None:
    workflow = yaml.safe_load((WORKFLOWS[0].parent / "release.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    check, publish = workflow["jobs"]["check"], workflow["jobs"]["publish"]
    assert check["permissions"] == {"contents": "read"}
    assert publish["needs"] == "check"
    assert publish["permissions"] == {"id-token": "write", "attestations": "write"}
    assert not [step for step in publish["steps"] if "run" in step]


def test_the_release_begins_with_all_tests_and_ends_unless_the_tag_is_the_version() -> None:
    workflow = yaml.safe_load((WORKFLOWS[0].parent / "release.yml").read_text(encoding="utf-8"))
    tests, release = [s["run"] for s in workflow["jobs"]["check"]["steps"] if "run" in s]
    assert tests == "bash .ci/run"
    script = release.replace(".venv/bin/python", shlex.quote(sys.executable))
    ran = bash(f"cd {shlex.quote(str(REPOSITORY))} && {script}", GITHUB_REF_NAME="v9.9.9")
    assert ran.returncode == 1
    assert ran.stderr == f"release-check: the tag is v9.9.9, but the version is {__version__}\n"


@pytest.fixture
def runner(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out what a runner gives to a step, with the tool installed; return the summary."""
    installed = tmp_path / "runner" / "valhalla-manifest"
    installed.mkdir(parents=True)
    (installed / "bin").symlink_to(BIN)
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path / "runner"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "summary"


def bash(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | variables
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def action_step() -> str:
    action: dict[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text())
    script: str = action["runs"]["steps"][-1]["run"]
    return script


def test_the_action_annotates_and_summarizes(runner: Path, manifest: Path) -> None:
    base = git("rev-parse", "HEAD").strip()
    manifest.write_text(FIRST.replace('"1.0.0"', '"0.9.0"'))
    ran = bash(action_step(), MANIFEST="", AGAINST=base, STRICT="false")
    assert ran.returncode == 1
    assert ran.stdout.startswith("::error file=manifest/system.yaml,line=4,")
    assert "- version 1.0.0 → 0.9.0" in runner.read_text()


def test_the_action_on_a_push(runner: Path, manifest: Path) -> None:
    assert bash(action_step(), MANIFEST="", AGAINST="", STRICT="true").returncode == 0
    named = bash(action_step(), MANIFEST="-no file", AGAINST="", STRICT="true")
    assert named.returncode == 1
    assert "file=-no file" in named.stdout


def test_the_action_takes_several_manifests(runner: Path, manifest: Path) -> None:
    Path("a/manifest").mkdir(parents=True)
    Path("a/manifest/system.yaml").write_text(FIRST.replace('id: "N"', "id: N"))
    several = "manifest/system.yaml\na\n"
    ran = bash(action_step(), MANIFEST=several, AGAINST="", STRICT="false")
    assert ran.returncode == 1
    assert ran.stdout.startswith("::error file=a/manifest/system.yaml,line=39,")


def test_the_snippet_of_github(runner: Path, manifest: Path) -> None:
    snippet = (SNIPPETS / "github.yml").read_text().replace(" {MANIFEST}", "")
    step = yaml.safe_load(snippet)["manifest"]["steps"][-1]
    assert bash(step["run"], BASE="").returncode == 0
    assert bash(step["run"], BASE="HEAD").returncode == 0
    assert bash(step["run"], BASE="nope").returncode == 2


def test_the_template_of_gitlab(runner: Path, manifest: Path) -> None:
    job = yaml.safe_load((REPOSITORY / "templates" / "gitlab-ci.yml").read_text())
    script = "\n".join(job[".valhalla-manifest"]["script"])
    assert bash(script).returncode == 0
    manifest.write_text(FIRST.replace('"1.0.0"', '"0.9.0"'))
    ran = bash(script, CI_MERGE_REQUEST_DIFF_BASE_SHA="HEAD")
    assert ran.returncode == 1
    assert "VM401" in Path("gl-code-quality-report.json").read_text()
    assert Path("manifest-junit.xml").read_text().startswith("<?xml")
    assert run("validate").code == 0
