"""Writing: atomic, with the lock held, and never over what someone else wrote."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from tests.conftest import run
from tests.support.manifests import FIRST, SMALL
from valhalla_manifest import ManifestError, load, open_manifest
from valhalla_manifest.project import files
from valhalla_manifest.validation.rules.file import SIZE_LIMIT

pytestmark = pytest.mark.usefixtures("system")  # here, and as on Windows


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("posix")
def test_the_mode_is_kept(manifest: Path) -> None:
    manifest.chmod(0o640)
    assert run("version", "set", "1.1.0").code == 0
    assert stat.S_IMODE(manifest.stat().st_mode) == 0o640


def test_a_symlink_stays_one(manifest: Path) -> None:
    link = manifest.parents[1] / "link.yaml"
    link.symlink_to(manifest)
    assert run("-m", "link.yaml", "version", "set", "1.1.0").code == 0
    assert link.is_symlink()
    assert load(manifest).version == "1.1.0"


def test_nothing_but_the_manifest_is_left(manifest: Path) -> None:
    assert run("version", "set", "1.1.0").code == 0
    assert leftovers(manifest.parent) == ["system.yaml"]


def test_what_a_crash_left_is_removed_by_the_next_edit(manifest: Path) -> None:
    left = manifest.parent / ".system.yaml.valhalla-manifest-abcd1234.tmp"
    left.write_text("half of a mani")
    assert run("version", "set", "1.1.0", "--dry-run").code == 0
    assert left.exists()
    assert run("version", "set", "1.1.0").code == 0
    assert leftovers(manifest.parent) == ["system.yaml"]


@pytest.mark.parametrize(
    "name", [".system.yaml.mine.tmp", ".system.yaml.valhalla-manifest-notes.md.tmp"]
)
def test_a_file_of_the_user_is_never_taken_for_a_leftover(manifest: Path, name: str) -> None:
    (manifest.parent / name).write_text("mine")
    assert run("version", "set", "1.1.0").code == 0
    assert (manifest.parent / name).read_text() == "mine"


def test_a_dry_run_waits_for_nobody_and_touches_nothing(manifest: Path) -> None:
    before = manifest.parent.stat().st_mtime_ns
    with files.lock(manifest):
        ran = run("version", "set", "1.1.0", "--dry-run")
    assert (ran.code, '+version: "1.1.0"' in ran.out) == (0, True)
    assert manifest.parent.stat().st_mtime_ns == before
    assert manifest.read_text() == FIRST


def test_a_read_only_manifest_is_not_edited(manifest: Path) -> None:
    manifest.chmod(0o444)
    ran = run("version", "set", "1.1.0")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "system.yaml is read-only; run `chmod u+w` first" in ran.err
    assert manifest.read_text() == FIRST
    assert leftovers(manifest.parent) == ["system.yaml"]


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes are read on Linux")
@pytest.mark.usefixtures("posix")
def test_extended_attributes_are_kept(manifest: Path) -> None:
    try:
        os.setxattr(manifest, "user.origin", b"here")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    assert run("version", "set", "1.1.0").code == 0
    assert os.getxattr(manifest, "user.origin") == b"here"


def test_an_editor_that_saved_in_between_wins(manifest: Path) -> None:
    theirs = FIRST.replace("initialized", "written by an editor")
    with (
        pytest.raises(ManifestError, match="changed by another program"),
        open_manifest(manifest) as editing,
    ):
        editing.set_version("1.1.0")
        manifest.write_text(theirs)
    assert manifest.read_text() == theirs
    assert leftovers(manifest.parent) == ["system.yaml"]


def test_an_exception_in_the_block_writes_nothing(manifest: Path) -> None:
    with pytest.raises(KeyError), open_manifest(manifest) as editing:
        editing.set_version("1.1.0")
        raise KeyError
    assert manifest.read_text() == FIRST


def test_a_failing_rename_leaves_the_old_file(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    ran = run("version", "set", "1.1.0")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "no space left on device" in ran.err
    assert manifest.read_text() == FIRST
    assert leftovers(manifest.parent) == ["system.yaml"]


def test_two_edits_at_once_both_take_effect(manifest: Path) -> None:
    inside, done = threading.Event(), threading.Event()

    def other() -> None:
        inside.wait()
        with open_manifest(manifest) as editing:
            editing.set_notes("from the other")
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with open_manifest(manifest) as editing:
        inside.set()
        editing.set_version("1.1.0")
    thread.join()
    assert done.is_set()
    state = load(manifest)
    assert (state.version, state.notes) == ("1.1.0", "from the other")


@pytest.mark.usefixtures("posix")
def test_a_lock_that_is_not_given_back_ends_in_one_line(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LOCK_PATIENCE", -1.0)
    with files.lock(manifest):
        ran = run("version", "set", "1.1.0")
    assert ran.code == 2
    assert "is locked by another edit" in ran.err


def test_what_would_not_be_valid_is_not_written(manifest: Path) -> None:
    ran = run("packs", "add", "X", "--name", " ")
    assert ran.code == 1
    assert "would not be valid; nothing was changed" in ran.err
    assert "VM205" in ran.err
    assert manifest.read_text() == FIRST


def test_a_manifest_with_an_error_elsewhere_is_not_edited(manifest: Path) -> None:
    broken = FIRST.replace("status: installed", "status: gone", 1)
    manifest.write_text(broken)
    ran = run("version", "set", "1.1.0")
    assert ran.code == 1
    line = broken[: broken.index("status: gone")].count("\n") + 1
    assert f"  {line}:13 VM204: status is gone" in ran.err
    assert manifest.read_text() == broken


def test_an_edit_that_only_takes_problems_away_is_made_and_the_others_are_reported(
    manifest: Path,
) -> None:
    broken = FIRST.replace("status: installed", "status: gone")
    manifest.write_text(broken)
    lines = [at for at, line in enumerate(broken.splitlines(), 1) if "status: gone" in line]
    ran = run("packs", "set", "H", "--status", "pending")
    assert (ran.code, ran.out) == (0, "pack H: status gone → pending\n")
    assert manifest.read_text() == broken.replace("status: gone", "status: pending", 1)
    told = ran.err.splitlines()
    assert [line.partition(": VM204")[0] for line in told] == [
        f"manifest/system.yaml:{line}:13" for line in lines[1:]
    ]
    # Equal problems are reported each at its own place.
    ran = run("version", "set", "1.1.0")
    assert ran.code == 1
    assert [f"  {line}:13 VM204" in ran.err for line in lines[1:4]] == [True] * 3
    ran = run("packs", "set", "I", "--status", "pending", "--depends-on", "nobody")
    assert (ran.code, "would not be valid" in ran.err) == (1, True)


def test_an_edit_leaves_what_parsers_read_differently_to_a_person(manifest: Path) -> None:
    broken = FIRST.replace("status: installed", "status: gone", 1) + "x-a: yes\n"
    manifest.write_text(broken)
    assert run("packs", "set", "H", "--status", "installed").code == 1
    assert manifest.read_text() == broken


def test_an_edit_may_repair_the_error(manifest: Path) -> None:
    manifest.write_text(FIRST.replace("status: installed", "status: gone", 1))
    assert run("packs", "set", "H", "--status", "installed").code == 0
    assert manifest.read_text() == FIRST


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "no such file or directory"),
        (os.mkfifo, "it is a pipe, not a file"),
        (lambda path: path.symlink_to(path), "too many levels of symbolic links"),
    ],
    ids=["missing", "pipe", "loop"],
)
def test_what_is_no_file_is_one_problem(folder: Path, make: object, reason: str) -> None:
    path = folder / "m.yaml"
    assert callable(make)
    make(path)
    ran = run("validate", "m.yaml")
    assert ran.code == 1
    assert ran.out == f"m.yaml: error VM001: {reason}\n"
    reading = run("-m", "m.yaml", "status")
    assert (reading.code, reading.err) == (2, f"error: cannot read m.yaml: {reason}\n")
    assert run("-m", "m.yaml", "incomplete").code == 2


def test_a_folder_is_not_read_as_a_manifest(folder: Path) -> None:
    Path("m.yaml").mkdir()
    reason = "it is a folder, not a file"
    checking = run("-m", "m.yaml", "validate")
    assert (checking.code, checking.out) == (1, f"m.yaml: error VM001: {reason}\n")
    reading = run("-m", "m.yaml", "status")
    assert (reading.code, reading.err) == (2, f"error: cannot read m.yaml: {reason}\n")


def test_a_file_that_is_too_large_is_not_parsed(folder: Path) -> None:
    with (folder / "m.yaml").open("wb") as file:
        file.write(SMALL.encode())
        file.truncate(SIZE_LIMIT + 10)
    assert "VM002: the file is larger than 16 MiB" in run("validate", "m.yaml").out


def test_an_edit_of_what_is_not_yaml_names_the_line(manifest: Path) -> None:
    broken = manifest.read_text() + 'owner: "never closed\n'
    manifest.write_text(broken)
    ran = run("notes", "set", "x")
    assert (ran.code, ran.out) == (1, "")
    line = broken.count("\n")
    assert ran.err == (
        "error: manifest/system.yaml is not valid\n"
        f"  {line}:8 VM004: this quote is never closed (close the quote)\n"
    )
    assert manifest.read_text() == broken
