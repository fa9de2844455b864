"""``get`` and ``require``: what release scripts read, and the gate that they stand behind."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import git, run
from tests.support import hostile
from valhalla_manifest import load


def test_one_value(manifest: Path) -> None:
    assert run("get", "version").out == "1.0.0\n"
    assert run("get", "backend_complete").out == "false\n"
    assert run("get", "packs.h.status", "PACKS.U.NAME").out == "installed\nFrontend API Map\n"
    assert run("get", "completed_at", "packs.H.owner").out == "\n\n"


def test_all_values(manifest: Path) -> None:
    raw = run("get").out.splitlines()
    assert raw[:4] == [
        "schema_version=1",
        "name=Valhalla backend",
        "version=1.0.0",
        "backend_complete=false",
    ]
    values = json.loads(run("get", "--format", "json").out)
    assert values["packs.W.status"] == "installed"
    assert values["backend_complete"] is False
    assert values["completed_at"] is None


def test_lists_and_team_keys_are_json(manifest: Path) -> None:
    manifest.write_text(manifest.read_text() + "x-team:\n  lead: Ada\n")
    run("packs", "set", "H", "--depends-on", "I,J")
    assert run("get", "packs.H.depends_on", "x-team").out == '["I", "J"]\n{"lead": "Ada"}\n'


@pytest.mark.parametrize(
    ("name", "guess"), [("versoin", "version"), ("packs.H.stat", "packs.H.status")]
)
def test_an_unknown_field(manifest: Path, name: str, guess: str) -> None:
    ran = run("get", name)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"error: there is no field '{name}'; did you mean \"{guess}\"?\n"


def test_a_shell_reads_every_value_intact_and_runs_none(manifest: Path) -> None:
    hostile.make(manifest)
    assignments = run("get", "--format", "env").out
    assert "MANIFEST_PACKS_H_STATUS='installed'\n" in assignments
    for name, value in (
        ("MANIFEST_NOTES", hostile.NOTES),
        ("MANIFEST_PACKS_H_NAME", hostile.NAME),
        ("MANIFEST_PACKS_H_OWNER", hostile.OWNER),
        ("MANIFEST_COMPLETED_AT", ""),
    ):
        script = f'{assignments}printf %s "${name}"'
        ran = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, check=True)
        assert ran.stdout.decode() == value
        assert ran.stderr == b""
    assert not Path("pwned").exists()


def outputs(text: str) -> dict[str, str]:
    """Read a GITHUB_OUTPUT file as the runner does: name<<delimiter, lines, delimiter."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, sign, delimiter = line.partition("<<")
        assert sign, line
        value = []
        for row in lines:
            if row == delimiter:
                break
            value.append(row)
        found[name] = "\n".join(value)
    return found


def test_a_workflow_reads_every_output_intact(
    manifest: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hostile.make(manifest)
    file = tmp_path / "output"
    file.write_text("before<<x\nkept\nx\n")
    monkeypatch.setenv("GITHUB_OUTPUT", str(file))
    ran = run("get", "--format", "github")
    assert (ran.code, ran.out) == (0, "")
    read = outputs(file.read_text())
    assert read["before"] == "kept"
    assert read["notes"] == hostile.NOTES
    assert read["packs_H_name"] == hostile.NAME
    assert read["packs_H_owner"] == hostile.OWNER
    assert len(read) == 1 + len(json.loads(run("get", "--format", "json").out))


def test_github_without_its_variable(manifest: Path) -> None:
    ran = run("get", "version", "--format", "github")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "GITHUB_OUTPUT is not set" in ran.err


def test_two_fields_of_one_name_are_refused(manifest: Path) -> None:
    manifest.write_text(manifest.read_text() + "x-a.b: 1\nx-a_b: 2\n")
    ran = run("get", "--format", "env")
    assert (ran.code, ran.out) == (2, "")
    assert "x-a.b and x-a_b would both be MANIFEST_X_A_B" in ran.err


HOLDS = [
    "no-pending",
    "installed:H",
    "installed:h, W",
    "version>=1.0.0",
    "version==1.0.0",
    "version<1.0.1-rc.1",
    "version!=2.0.0",
    "clean",
    "tag:v{version}",
    "tag:release",
]
FAILS = {
    "complete": "the backend is not complete",
    "installed:H,ZZ": "there is no pack ZZ",
    "installed:I,J": "I is deprecated",
    "version>1.0.0": "the version is 1.0.0",
    "version<=1.0.0-rc.1": "the version is 1.0.0",
    "tag:{version}": "the commit has no tag 1.0.0, but has release, v1.0.0",
}


@pytest.fixture
def tagged(repository: Path) -> Path:
    run("packs", "set", "I", "--status", "deprecated", "--commit")
    git("tag", "v1.0.0")
    git("tag", "-am", "a release", "release")
    return repository


@pytest.mark.parametrize("condition", HOLDS)
def test_a_condition_that_holds(tagged: Path, condition: str) -> None:
    ran = run("require", condition)
    assert (ran.code, ran.out) == (0, f"holds  {condition}\n")


@pytest.mark.parametrize(("condition", "reason"), FAILS.items())
def test_a_condition_that_does_not_hold(tagged: Path, condition: str, reason: str) -> None:
    ran = run("require", "no-pending", condition)
    assert (ran.code, ran.out) == (1, f"holds  no-pending\nfails  {condition}: {reason}\n")


def test_edits_and_pending_packs_close_the_gate(tagged: Path) -> None:
    run("packs", "add", "X", "--name", "Export")
    run("packs", "add", "Y", "--name", "Import")
    ran = run("require", "no-pending", "clean", "--format", "json")
    assert ran.code == 1
    assert json.loads(ran.out) == {
        "ok": False,
        "conditions": [
            {"condition": "no-pending", "holds": False, "reason": "X, Y are pending"},
            {
                "condition": "clean",
                "holds": False,
                "reason": "the manifest has uncommitted edits",
            },
        ],
    }
    assert run("require", "no-pending", "tag:v{version}", "--at", "v1.0.0").code == 0
    of_a_revision = run("require", "clean", "--at", "v1.0.0")
    assert of_a_revision.code == 2
    assert "cannot check clean with --at" in of_a_revision.err


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("compete", 'did you mean "complete"?'),
        ("version>=1.2", "'1.2' is not a version"),
        ("version=1.2.0", "is not a condition"),
        ("version", 'write "version>=1.2.0" in quotes, because the shell reads > as a redirection'),
        ("install:H", "installed:ID,ID"),
        ("installed:", "is not a condition"),
        ("tag:", "is not a condition"),
    ],
)
def test_what_is_no_condition(manifest: Path, condition: str, says: str) -> None:
    ran = run("require", condition)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert says in ran.err


def test_a_gate_without_git(manifest: Path) -> None:
    Path(".git").rmdir()
    assert run("require", "no-pending").code == 0
    assert run("require", "clean").code == 2
    assert load(manifest).version == "1.0.0"
