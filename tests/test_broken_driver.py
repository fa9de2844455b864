"""A registered merge driver that cannot start, or fails, loses no side: git merges the text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SOAK, git, run
from tests.support.manifests import FIRST, REPOSITORY
from tests.support.merging import replace_strings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="git runs the driver by sh")

OURS = replace_strings(("notes: System", "notes: Our"))
THEIRS = replace_strings(("completed_at: null", "# theirs\ncompleted_at: null"))
CONFLICTING = replace_strings(("notes: System", "notes: Their"))
MANIFEST = Path("manifest/system.yaml")
RUNS = f"exec env PYTHONPATH='{REPOSITORY}' '{sys.executable}' -m valhalla_manifest \"$@\""
NO_CLICK = (
    'import sys; sys.modules["click"] = None; from valhalla_manifest.__main__ import main; main()'
)
# How the tool on PATH fails.
FAILURES = {
    **{
        f"exit {code}": f"exit {code}"
        for code in (range(1, 256) if SOAK > 1 else (1, 2, 3, 42, 113, 125, 126, 127, 128, 255))
    },
    "killed": "kill -9 $$",
    "terminated": "kill -15 $$",
    "killed when done": f"({RUNS}); kill -9 $$",
    "without click": f"exec env PYTHONPATH='{REPOSITORY}' {sys.executable} -c '{NO_CLICK}' \"$@\"",
    "without the package": f"exec '{sys.executable}' -I -S -m valhalla_manifest \"$@\"",
    "out of memory": f"ulimit -v 60000; {RUNS}",
    "no room for files": f"ulimit -f 0; {RUNS}",
}


@pytest.fixture
def tool(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Return the program that the registered driver calls; it works."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "valhalla-manifest"
    program.write_text(f"#!/bin/sh\n{RUNS}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert run("git-setup").code == 0
    git("add", "-A")
    git("commit", "-qm", "merge field by field")
    return program


def merge(ours: str, theirs: str) -> subprocess.CompletedProcess[str]:
    git("switch", "-qc", "theirs")
    MANIFEST.write_text(theirs)
    git("commit", "-qam", "theirs")
    git("switch", "-q", "main")
    MANIFEST.write_text(ours)
    git("commit", "-qam", "ours")
    words = ("git", "merge", "--no-edit", "theirs")
    return subprocess.run(words, capture_output=True, text=True, check=False)


def holds(text: str, *parts: str) -> bool:
    return all(part in text for part in parts)


def test_the_driver_of_the_fixture_works(tool: Path) -> None:
    assert merge(OURS, THEIRS).returncode == 0
    assert holds(MANIFEST.read_text(), "notes: Our", "# theirs")


@pytest.mark.parametrize("theirs", [THEIRS, CONFLICTING], ids=["apart", "conflicting"])
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_no_side_is_lost(tool: Path, failure: str, theirs: str) -> None:
    tool.write_text(f"#!/bin/sh\n{failure}\n")
    ran = merge(OURS, theirs)
    part = "# theirs" if theirs == THEIRS else "notes: Their"
    text = MANIFEST.read_text()
    assert holds(text, "notes: Our", part)
    has_markers = "<<<<<<<" in text
    assert has_markers == (ran.returncode != 0)
    assert "packs:" in text
    assert text.count("  - id:") == FIRST.count("  - id:")


def test_a_missing_tool_loses_no_side(tool: Path) -> None:
    tool.unlink()
    merge(OURS, CONFLICTING)
    assert holds(MANIFEST.read_text(), "notes: Our", "notes: Their", "<<<<<<<")


def test_doctor_says_that_the_driver_cannot_start(tool: Path) -> None:
    assert "fix  merge driver" not in run("doctor").out
    tool.write_text("#!/bin/sh\nexit 127\n")
    ran = run("doctor")
    assert ran.code == 1
    (line,) = [line for line in ran.out.splitlines() if line.startswith("fix  merge driver")]
    assert "cannot start" in line
