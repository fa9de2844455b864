"""What goes wrong around the tool ends in one clear line; an edit that took effect says so."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import run
from tests.support.manifests import FIRST
from valhalla_manifest import ManifestError, PackStatus, load, open_manifest

FULL = Path("/dev/full")
needs_shell = pytest.mark.skipif(os.name == "nt", reason="the redirections are those of sh")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def streams(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test run with streams that keep what they get, and with streams that do not."""
    monkeypatch.setenv("PYTHONUNBUFFERED", request.param)


def shell(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a line of sh, in which `tool` is the tool."""
    line = command.replace("tool", f"{sys.executable} -m valhalla_manifest", 1)
    return subprocess.run(
        ["sh", "-c", line],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_what_an_encoding_lacks_is_shown_as_an_escape(manifest: Path) -> None:
    ran = shell("tool version bump patch", PYTHONIOENCODING="latin-1")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "version 1.0.0 \\u2192 1.0.1\n", "")


@needs_full
def test_a_report_that_cannot_be_written(streams: None, manifest: Path) -> None:
    ran = shell("tool status > /dev/full")
    assert ran.returncode == 2
    assert ran.stderr == "error: cannot write the output: no space left on device\n"


@needs_full
@pytest.mark.parametrize("words", ["--help", "--version", "status --help"])
def test_help_that_cannot_be_written(streams: None, folder: Path, words: str) -> None:
    ran = shell(f"tool {words} > /dev/full")
    assert ran.returncode == 2
    assert ran.stderr == "error: cannot write the output: no space left on device\n"


@needs_full
def test_an_edit_whose_report_cannot_be_written_says_that_it_took_effect(
    streams: None, manifest: Path
) -> None:
    ran = shell("tool version bump patch > /dev/full")
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("error: the edit took effect; cannot print the report: ")
    assert load(manifest).version == "1.0.1"


@needs_shell
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(streams: None, manifest: Path, closed: str) -> None:
    assert shell(f"tool version bump patch {closed}").returncode == 0
    assert load(manifest).version == "1.0.1"
    assert shell(f"tool status {closed}").returncode == 0


@needs_shell
def test_standard_input_that_is_closed(manifest: Path) -> None:
    ran = shell("tool validate - <&-")
    assert (ran.returncode, ran.stdout.splitlines()[0]) == (
        1,
        "-: error VM001: standard input is closed",
    )


SETTINGS = {
    "a number for the table": ("[tool]\nvalhalla-manifest = 1\n", "must be a table"),
    "a list of lists": ('[tool.valhalla-manifest]\nignore = [["VM104"]]\n', "there is no rule"),
    "a number for a path": ("[tool.valhalla-manifest]\nmanifest = 3\n", "must be a string"),
    "20 000 brackets": ("[tool.valhalla-manifest]\nx = " + "[" * 20_000, "not TOML"),
}


@pytest.mark.parametrize(("text", "says"), SETTINGS.values(), ids=SETTINGS)
def test_settings_of_a_wrong_form(manifest: Path, text: str, says: str) -> None:
    Path("pyproject.toml").write_text(text)
    ran = run("validate")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert says in ran.err
    assert "internal" not in ran.err


LONG = f"1.0.{'9' * 5_000}"


def test_a_version_of_thousands_of_digits_is_refused_everywhere(manifest: Path) -> None:
    for words in (["version", "set", LONG], ["require", f"version>={LONG}"]):
        ran = run(*words)
        assert (ran.code, ran.err) == (
            2,
            "error: the version has more than 255 characters; shorten it\n",
        )
    manifest.write_text(FIRST.replace("1.0.0", LONG, 1))
    assert "VM206: version has 5004 characters" in run("validate").out
    assert run("version", "set", "1.2.3").code == 0
    assert load(manifest).version == "1.2.3"


@pytest.mark.skipif(os.name == "nt", reason="a link needs a privilege there")
def test_links_in_a_circle(folder: Path) -> None:
    Path("loop.yaml").symlink_to("loop.yaml")
    for words in (["status"], ["version", "bump", "patch"]):
        ran = run("-m", "loop.yaml", *words)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "cannot read loop.yaml" in ran.err


@pytest.mark.skipif(os.name == "nt", reason="a folder in use cannot be removed there")
@pytest.mark.parametrize("words", ["status", "history", "init", "schema check", "site x"])
def test_a_working_directory_that_is_gone(manifest: Path, words: str) -> None:
    ran = shell(f"mkdir gone; cd gone; rmdir ../gone; tool {words}")
    assert ran.returncode == 2
    assert ran.stderr == ("error: the working directory was removed; change to an existing one\n")


EDITORS = {
    "removes the file": ('rm "$1"', 2, "the editor removed the file; nothing was changed"),
    "saves what is not UTF-8": ("printf '\\377' > \"$1\"", 2, "is not UTF-8; it was kept in "),
    "saves what is not allowed": (
        "printf 'a\\007b' > \"$1\"",
        1,
        "/notes: U+0007 (a control character) is not allowed in a manifest; remove it; "
        "your text was kept in ",
    ),
}


@needs_shell
@pytest.mark.parametrize(("script", "code", "says"), EDITORS.values(), ids=EDITORS)
def test_an_editor_that(
    manifest: Path, monkeypatch: pytest.MonkeyPatch, script: str, code: int, says: str
) -> None:
    editor = Path("editor").absolute()
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", shlex.quote(str(editor)))
    monkeypatch.delenv("VISUAL", raising=False)
    ran = run("notes", "edit")
    assert (ran.code, manifest.read_text()) == (code, FIRST)
    assert says in ran.err
    if "kept in" in says:
        kept = Path(ran.err.strip().rpartition("kept in ")[2])
        assert kept.read_bytes() in {b"\xff", b"a\x07b"}
        kept.unlink()


def test_an_interrupt_while_modules_are_imported_ends_without_a_traceback(manifest: Path) -> None:
    code = (
        "import sys, builtins, valhalla_manifest.__main__ as process\n"
        "real = builtins.__import__\n"
        "def stopped(name, *rest):\n"
        "    if name == 'valhalla_manifest.cli': raise KeyboardInterrupt\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = stopped\n"
        "process.main()\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"")


def test_python_callers_give_enums_tuples_and_nested_values(manifest: Path) -> None:
    links = [{"to": "a", "tags": ("x", "y")}, {"to": "b"}]
    with open_manifest(manifest) as editor:
        editor.set_pack("H", status=PackStatus.EXPERIMENTAL, depends_on=("I",))
        editor.add_pack("ZZ", "Last", status=PackStatus.PENDING, **{"x-links": links})
    state = load(manifest)
    packs = {pack.id: pack for pack in state.packs}
    assert packs["H"].status is PackStatus.EXPERIMENTAL
    assert packs["H"].depends_on == ("I",)
    assert packs["ZZ"].model_extra == {"x-links": [{"to": "a", "tags": ["x", "y"]}, {"to": "b"}]}


@pytest.mark.parametrize("value", [{1, 2}, object(), float("nan"), {1: "a"}, b"bytes"])
def test_a_value_that_no_manifest_can_hold_is_named(manifest: Path, value: Any) -> None:
    fields = {"x-new": value}
    with (
        pytest.raises(ManifestError, match="to a manifest; use a string"),
        open_manifest(manifest) as editor,
    ):
        editor.set_pack("H", **fields)
    assert manifest.read_text() == FIRST
