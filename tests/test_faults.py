"""Faults while editing, as a user's process meets them: nothing is lost, nothing left behind."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import SOAK, run
from tests.support.checking import check
from tests.support.faulty import FAULTS
from tests.support.manifests import FIRST, REPOSITORY
from valhalla_manifest import ManifestError, load, open_manifest

NEW = FIRST.replace('"1.0.0"', '"1.1.0"')
# Eight processes that make 25 edits each in a soak, fewer at every change.
NAMES, EDITS = ("ABCDEFGH", 25) if SOAK > 1 else ("ABCD", 6)
EDIT = ("version", "set", "1.1.0")
ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="mounts and owners are the superuser's")


def process(*words: str, module: str = "valhalla_manifest") -> subprocess.CompletedProcess[str]:
    """Run a user's process in the working directory."""
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )


def left_behind(manifest: Path) -> list[str]:
    return sorted(path.name for path in manifest.parent.iterdir() if path != manifest)


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "flush of the folder"])
def test_a_call_that_fails_leaves_the_old_file(manifest: Path, fault: str) -> None:
    manifest.chmod(0o640)
    ran = process(fault, *EDIT, module="tests.support.faulty")
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1), ran.stderr
    assert left_behind(manifest) == []
    if fault == "an editor saves":
        assert "changed by another program; nothing was written" in ran.stderr
        assert manifest.read_text() == FIRST.replace("initialized", "saved by an editor")
    elif fault == "the manifest goes":
        assert not manifest.exists()
    else:
        assert "cannot write" in ran.stderr
        assert manifest.read_text() == FIRST
        assert stat.S_IMODE(manifest.stat().st_mode) == 0o640


def test_a_folder_that_cannot_be_flushed_is_said_to_be_changed(manifest: Path) -> None:
    ran = process("flush of the folder", *EDIT, module="tests.support.faulty")
    assert ran.returncode == 2
    assert "was changed, but might not survive a power cut" in ran.stderr
    assert manifest.read_text() == NEW
    assert left_behind(manifest) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_a_kill_at_any_line_leaves_the_old_file_or_the_new_one(manifest: Path, part: int) -> None:
    """At every line that reads, locks, writes and renames: a quarter of them in each test."""
    killed, seen = 0, set()
    for line in range(1 + part, 1_000, 4):
        manifest.write_text(FIRST)
        manifest.chmod(0o640)
        ran = process(f"kill:{line}", *EDIT, module="tests.support.faulty")
        seen.add(manifest.read_text())
        assert stat.S_IMODE(manifest.stat().st_mode) == 0o640
        if ran.returncode == 0:
            break
        assert ran.returncode == -signal.SIGKILL
        killed += 1
    assert killed >= 10
    assert seen == {FIRST, NEW}
    assert run("version", "set", "1.2.0").code == 0
    assert left_behind(manifest) == []
    assert check(manifest.read_bytes()).problems == ()


@pytest.mark.slow
def test_kills_at_random_moments(manifest: Path) -> None:
    """From outside, at any moment of the whole process; hundreds of them in a soak."""
    rng = random.Random(None if SOAK > 1 else 1)
    for _ in range(15 * SOAK):
        manifest.write_text(FIRST)
        editing = subprocess.Popen(
            [sys.executable, "-m", "valhalla_manifest", *EDIT], stdout=subprocess.DEVNULL
        )
        with suppress(subprocess.TimeoutExpired):
            editing.wait(rng.uniform(0.0, 0.2))
        editing.kill()
        editing.wait()
        assert manifest.read_text() in {FIRST, NEW}
    assert run("version", "set", "1.2.0").code == 0
    assert left_behind(manifest) == []


def test_edits_of_many_processes_all_take_effect(manifest: Path) -> None:
    script = (
        "import sys\nfrom valhalla_manifest import open_manifest\n"
        f"for number in range({EDITS}):\n"
        f"    with open_manifest({str(manifest)!r}) as editing:\n"
        "        editing.add_pack(sys.argv[1] + chr(65 + number), 'Made by many')\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, name]) for name in NAMES]
    assert [one.wait() for one in running] == [0] * len(NAMES)
    assert len(load(manifest).packs) == 16 + EDITS * len(NAMES)
    assert left_behind(manifest) == []


def test_a_hard_link_keeps_the_old_text_and_the_name_gets_the_new_one(manifest: Path) -> None:
    other = manifest.parents[1] / "backup.yaml"
    other.hardlink_to(manifest)
    assert process(*EDIT).returncode == 0
    assert (manifest.read_text(), other.read_text()) == (NEW, FIRST)


def test_a_clock_that_goes_back_loses_nothing(manifest: Path) -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with open_manifest(manifest, now=noon) as editing:
        editing.complete()
    complete = manifest.read_text()
    before = noon.replace(hour=10)
    with (
        pytest.raises(ManifestError, match="is not valid; nothing was changed") as refused,
        open_manifest(manifest, now=before) as editing,
    ):
        editing.set_notes("earlier")
    assert [problem.code for problem in refused.value.problems] == ["VM307"]
    assert manifest.read_text() == complete
    with open_manifest(manifest, now=noon) as editing:
        editing.complete()
    assert load(manifest).completed_at == "2026-11-24T12:00:00Z"


# --- disks and owners ---------------------------------------------------------------------------


@pytest.fixture
def disk(folder: Path) -> Iterator[Path]:
    """Put the manifest on a disk of 64 KiB; return the manifest."""
    place = folder / "manifest"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        manifest = place / "system.yaml"
        manifest.write_text(FIRST)
        yield manifest
    finally:
        subprocess.run(["umount", place], check=True)


def fill(folder: Path) -> None:
    """Use up the last byte of the disk."""
    with pytest.raises(OSError, match="No space"), (folder / "ballast").open("wb", 0) as file:
        while True:
            file.write(b"x" * 512)


@needs_root
def test_a_full_disk(disk: Path) -> None:
    fill(disk.parent)
    ran = process("notes", "set", "n" * 9_000)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "no space left on device" in ran.stderr
    assert disk.read_text() == FIRST
    assert left_behind(disk) == ["ballast"]
    (disk.parent / "ballast").unlink()
    assert process(*EDIT).returncode == 0
    assert disk.read_text() == NEW


@needs_root
def test_a_read_only_disk(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", disk.parent], check=True)
    ran = process(*EDIT)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "read-only file system" in ran.stderr
    assert process("status").returncode == 0
    assert disk.read_text() == FIRST


@needs_root
def test_the_owner_is_kept(manifest: Path) -> None:
    os.chown(manifest, 1234, 2345)
    manifest.chmod(0o664)
    assert process(*EDIT).returncode == 0
    found = manifest.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (1234, 2345, 0o664)


@pytest.mark.skipif(ROOT, reason="the superuser may write everywhere")
def test_a_folder_that_may_not_be_written(manifest: Path) -> None:
    manifest.parent.chmod(0o555)
    try:
        ran = process(*EDIT)
    finally:
        manifest.parent.chmod(0o755)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "permission denied" in ran.stderr
    assert manifest.read_text() == FIRST
