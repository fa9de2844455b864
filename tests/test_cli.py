"""The command line: exit codes, clear errors for bad input, and help whose examples run."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.conftest import run
from tests.support.manifests import FIRST, SMALL
from valhalla_manifest import load
from valhalla_manifest.cli import cli

pytestmark = pytest.mark.usefixtures("system")  # on this system, and as on Windows


def commands(group: click.Group, *path: str) -> list[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += commands(command, *path, name)
    return found


def example(path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the arguments of the example in the help of a command."""
    found = re.search(r"Example:\n\s+(.*)", run(*path, "--help").out)
    assert found, "no example"
    words = shlex.split(found[1])
    while "=" in words[0]:
        monkeypatch.setenv(*words.pop(0).split("=", 1))
    assert words[0] == "valhalla-manifest"
    return words[1:]


ALL = commands(cli)


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_the_help_of_every_command_has_an_example_that_runs(
    repository: Path, monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...], command: click.Command
) -> None:
    run("schema", "export")
    ran = run(*example(path, monkeypatch))
    # In a new repository, doctor reports a missing setup.
    assert ran.code == (1 if path == ("doctor",) else 0), ran.err


@pytest.mark.parametrize("command", [cli, *(command for _, command in ALL)])
def test_the_help_of_a_command_and_of_each_option_is_a_sentence(command: click.Command) -> None:
    texts = [option.help for option in command.params if isinstance(option, click.Option)]
    for text in (command.get_short_help_str(1000), *texts):
        assert text
        assert text.endswith(".")
        assert text[0].isupper() or text.startswith("pending:")


ORDER = ["--dry-run", "--commit", "--format", "--at", "--manifest", "--color", "--debug"]


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_shared_options_come_last_in_the_same_order(
    path: tuple[str, ...], command: click.Command
) -> None:
    names = [option.opts[-1] for option in command.params if isinstance(option, click.Option)]
    shared = [name for name in names if name in ORDER]
    assert shared == [name for name in ORDER if name in shared]
    rest = names[names.index(shared[0]) :] if shared else []
    assert set(rest) - set(shared) <= {"--all", "--message", "-m"}  # Only edits have these.


BAD_INPUT = {
    "no such command": (["statsu"], 2, "did you mean 'status'?"),
    "no such option": (["status", "--nope"], 2, "no such option"),
    "no such format": (["status", "--format", "xml"], 2, "'xml' is not one of"),
    "no manifest here": (["-m", "gone.yaml", "status"], 2, "cannot read gone.yaml"),
    "no such rule": (["rules", "VM999"], 2, "there is no rule"),
    "no such pack": (["packs", "show", "ZZ"], 2, "there is no pack 'ZZ'"),
    "no such pack to edit": (["packs", "set", "ZZ", "--name", "x"], 2, "there is no pack 'ZZ'"),
    "no such pack to remove": (["packs", "remove", "ZZ"], 2, "there is no pack 'ZZ'"),
    "nothing to set": (["packs", "set", "H"], 2, "nothing to change; add an option"),
    "an existing pack": (["packs", "add", "h", "--name", "x"], 2, "pack H already exists"),
    "an unknown status": (["packs", "list", "--status", "gone"], 2, "'gone' is not one of"),
    "an invalid id": (["packs", "add", "h_1", "--name", "x"], 1, "VM205"),
    "an invalid version": (["version", "set", "1.2"], 2, "write three numbers"),
    "a lower version": (["version", "set", "0.9.0"], 1, "use --force"),
    "a lower version with complete": (["complete", "--version", "0.9.0"], 1, "use --force"),
    "an unknown part of a version": (["version", "bump", "tiny"], 2, "'tiny' is not one of"),
    "notes too long": (["notes", "set", "n" * 10_001], 1, "VM206"),
    "notes with a control": (["notes", "set", "a\x07b"], 1, "/notes: U+0007 (a control"),
    "notes with a bidirectional mark": (["notes", "set", "a\u202eb"], 1, "U+202E (right-to-left"),
    "an edit of standard input": (["-m", "-", "incomplete"], 2, "name a file"),
    "a fix of standard input": (["validate", "--fix", "-"], 2, "name a file"),
    "a missing schema": (["schema", "export", "--check"], 2, "cannot read"),
}


@pytest.mark.parametrize(("words", "code", "says"), BAD_INPUT.values(), ids=list(BAD_INPUT))
def test_bad_input_is_reported_and_changes_nothing(
    manifest: Path, words: list[str], code: int, says: str
) -> None:
    ran = run(*words)
    assert ran.code == code
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert manifest.read_text() == FIRST


USAGE_ERRORS = {
    "a command": (["statsu"], "no such command 'statsu'; did you mean 'status'?", ""),
    "an option of the tool": (["--nope"], "no such option", ""),
    "an option": (["packs", "set", "H", "--nam", "x"], "did you mean --name", "packs set"),
    "a format": (["summary", "--format", "xml"], "invalid value for '--format': 'xml'", "summary"),
    "a missing argument": (["packs", "show"], "missing argument 'ID'", "packs show"),
    "a missing choice": (["export"], "; choose from badge, ", "export"),
    "a surplus argument": (["diff", "a", "b", "c"], "got unexpected extra argument", "diff"),
    "options that exclude each other": (
        ["incomplete", "--dry-run", "--commit"],
        "--dry-run and --commit cannot be used together",
        "incomplete",
    ),
    "an option that requires another": (["incomplete", "--all"], "--all requires", "incomplete"),
}


@pytest.mark.parametrize(("words", "says", "command"), USAGE_ERRORS.values(), ids=USAGE_ERRORS)
def test_wrong_usage_is_reported_like_every_other_error(
    manifest: Path, words: list[str], says: str, command: str
) -> None:
    ran = run(*words)
    error, hint = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    assert error.startswith("error: ")
    assert error[7].islower() or error[7] == "-"
    assert not error.endswith(".")
    assert says in error
    assert hint == f"  try `{' '.join(['valhalla-manifest', *command.split(), '--help'])}`"


NEED_NO_MANIFEST = {("rules",), ("schema", "export"), ("completion",)}
LEAVES = [path for path, command in ALL if not isinstance(command, click.Group)]


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_on_a_broken_manifest_ends_without_a_traceback(
    manifest: Path, monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...]
) -> None:
    manifest.write_bytes(b"\xff\xfe\x00 not: [a manifest")
    words = list(path) if path == ("init",) else example(path, monkeypatch)
    ran = run(*words)
    if path in NEED_NO_MANIFEST:
        assert ran.code == 0
    elif ran.code == 2:  # Some commands read Git or the schema file first.
        assert re.search("Git repository|system.schema.json|no commit", ran.err)
    else:
        assert ran.code == 1, f"{path} accepts a broken manifest; see NEED_NO_MANIFEST"
    assert "--help" not in ran.err  # The manifest is refused, not the usage.
    assert "Traceback" not in ran.err + ran.out


def test_without_a_manifest_the_error_suggests_an_option(folder: Path) -> None:
    ran = run("status")
    assert ran.code == 2
    assert ran.err == (
        "error: there is no manifest/system.yaml here or above; name one with --manifest PATH\n"
    )


def test_the_nearest_manifest_is_found_from_a_subfolder(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = manifest.parents[1] / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert run("version", "show").out == "1.0.0\n"


def test_the_search_ends_at_the_root_of_the_repository(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = manifest.parents[1] / "other"
    (other / ".git").mkdir(parents=True)
    monkeypatch.chdir(other)
    assert run("status").code == 2


def test_the_option_precedes_the_variable_and_the_variable_precedes_pyproject(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in "234":
        Path(f"{number}.yaml").write_text(SMALL.replace("1.0.0", f"{number}.0.0"))
    Path("pyproject.toml").write_text('[tool.valhalla-manifest]\nmanifest = "2.yaml"\n')
    assert run("version", "show").out == "2.0.0\n"
    monkeypatch.setenv("VALHALLA_MANIFEST", "3.yaml")
    assert run("version", "show").out == "3.0.0\n"
    assert run("version", "show", "-m", "4.yaml").out == "4.0.0\n"
    assert run("-m", "4.yaml", "version", "show").out == "4.0.0\n"


def test_read_commands_accept_standard_input(folder: Path) -> None:
    assert run("-m", "-", "version", "show", stdin=SMALL).out == "1.0.0\n"
    assert run("validate", "-", stdin=SMALL).out == "- is valid\n"
    status = json.loads(run("-m", "-", "status", "--format", "json", stdin=SMALL).out)
    assert status["extra"]["updated_at"] is None


def test_validate_prints_json(manifest: Path) -> None:
    manifest.write_text(FIRST.replace('id: "N"', "id: N"))
    ran = run("validate", "--format", "json")
    assert ran.code == 1
    assert json.loads(ran.out) == {
        "ok": False,
        "files": [
            {
                "path": "manifest/system.yaml",
                "problems": [
                    {
                        "code": "VM104",
                        "severity": "error",
                        "message": "plain N is false to YAML 1.1 parsers, a string to others",
                        "pointer": "/packs/6/id",
                        "line": 39,
                        "column": 9,
                        "end_line": 39,
                        "end_column": 10,
                        "hint": 'quote it: "N"',
                    }
                ],
            }
        ],
    }


def test_validate_checks_many_files_in_one_run(folder: Path) -> None:
    for name in "abc":
        Path(f"{name}.yaml").write_text(SMALL)
    assert run("validate", "a.yaml", "b.yaml", "c.yaml").out == "3 manifests are valid\n"
    Path("b.yaml").write_text(SMALL.replace("installed", "gone"))
    ran = run("validate", "a.yaml", "b.yaml", "c.yaml")
    assert (ran.code, ran.err) == (1, "1 error in 1 file\n")
    assert ran.out.startswith("b.yaml:8:13: error VM204")


def test_fix_fixes_what_is_safe_and_reports_the_rest(folder: Path) -> None:
    path = folder / "m.yaml"
    path.write_text(
        SMALL.replace('"H"', "N  # ours")
        .replace("false", "no")
        .replace("Engine", "2026-01-01")
        .replace("status: installed", "status: gone")
        + "    depends_on: [Y, on]\n"
    )
    ran = run("validate", "--fix", "m.yaml")
    assert ran.code == 1
    assert ran.err.startswith("m.yaml: fixed\n")
    assert [line.split()[2] for line in ran.out.splitlines() if "VM" in line] == [
        "VM204:",
        "VM302:",
        "VM302:",
    ]
    assert path.read_text() == (
        SMALL.replace('"H"', '"N"  # ours')
        .replace("Engine", '"2026-01-01"')
        .replace("status: installed", "status: gone")
        + '    depends_on: ["Y", "on"]\n'
    )


def test_fix_changes_a_layout_that_other_parsers_reject(folder: Path) -> None:
    bad = SMALL + 'x-a: [\n  "b \nc",\n]\t# list\nx-d: "e"# f\nx-g: [-]\n'
    (folder / "m.yaml").write_text(bad)
    ran = run("validate", "--fix", "m.yaml")
    assert (ran.code, ran.out) == (0, "m.yaml is valid\n")
    assert (folder / "m.yaml").read_text() == (
        SMALL + 'x-a: [\n  "b\n c",\n ] # list\nx-d: "e" # f\nx-g: ["-"]\n'
    )


def test_fix_does_not_touch_a_valid_file(manifest: Path) -> None:
    before = manifest.stat()
    assert run("validate", "--fix").code == 0
    assert manifest.stat().st_mtime_ns == before.st_mtime_ns
    assert manifest.stat().st_ino == before.st_ino


def test_complete_is_refused_while_packs_are_pending(manifest: Path) -> None:
    assert run("packs", "set", "U", "--status", "pending").code == 0
    ran = run("complete")
    assert (ran.code, ran.err) == (1, "error: U is pending; install first, or use --force\n")
    assert load(manifest).backend_complete is False


def test_an_edit_prints_the_warnings_that_it_causes(manifest: Path) -> None:
    run("complete", "--version", "1.1.0")
    ran = run("packs", "add", "X", "--name", "Export Engine")
    assert (ran.code, ran.out) == (0, "pack X added: Export Engine, pending\n")
    assert ran.err == (
        "warning VM306: marked complete, but 1 pack is pending: X "
        "(install them, or write backend_complete: false)\n"
    )
    assert run("packs", "set", "H", "--owner", "ops").err == ""


def test_force_allows_pending_packs_unless_the_project_makes_them_an_error(
    manifest: Path,
) -> None:
    run("packs", "set", "U", "--status", "pending")
    settings = Path("pyproject.toml")
    settings.write_text('[tool.valhalla-manifest]\nerror = ["VM306"]\n')
    assert "VM306" in run("complete", "--force").err
    settings.unlink()
    assert run("complete", "--force").code == 0
    assert run("validate").code == 0
    assert run("validate", "--strict").code == 1


@pytest.mark.parametrize(
    ("start", "part", "expected"),
    [
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "pre", "1.2.4-rc.1"),
        ("1.3.0-rc.1", "pre", "1.3.0-rc.2"),
        ("1.3.0-rc.2", "minor", "1.3.0"),
    ],
)
def test_bump_raises_one_part_of_the_version(
    manifest: Path, start: str, part: str, expected: str
) -> None:
    run("version", "set", start)
    assert run("version", "bump", part).code == 0
    assert load(manifest).version == expected


def test_a_new_pack_goes_after_the_last_of_its_category(manifest: Path) -> None:
    assert run("packs", "add", "x", "--name", "New", "--category", "professional").code == 0
    assert run("packs", "add", "Y", "--name", "Other", "--category", "tools").code == 0
    assert [pack.id for pack in load(manifest).packs] == [*"HIJKLMNOPQRxSTUVWY"]


def test_a_pack_that_others_need_is_not_removed(manifest: Path) -> None:
    run("packs", "set", "I", "--depends-on", "h,J")
    assert load(manifest).packs[1].depends_on == ("H", "J")
    ran = run("packs", "remove", "H")
    assert (ran.code, ran.err) == (1, "error: I refers to H; remove the reference first\n")
    assert run("packs", "set", "I", "--clear", "depends-on").code == 0
    assert run("packs", "remove", "H").code == 0


def test_a_removed_pack_takes_its_comments_and_leaves_the_headings(folder: Path) -> None:
    head = SMALL.partition("  - id")[0]
    text = """\
  # The engines

  # only for H
  - id: "H"
    name: Engine
    status: installed
    # more on H
  # Others
  - id: "I"
    name: Another
    status: installed
  - id: "J"
    name: Third
    status: installed
"""
    Path("m.yaml").write_text(head + text)
    assert run("-m", "m.yaml", "packs", "remove", "H").code == 0
    assert Path("m.yaml").read_text() == (
        head + "  # The engines\n\n" + text[text.index("  # Others") :]
    )
    assert run("-m", "m.yaml", "packs", "remove", "I").code == 0
    assert "# Others" in Path("m.yaml").read_text()
    assert run("-m", "m.yaml", "packs", "remove", "J").code == 0
    assert Path("m.yaml").read_text().endswith("packs: []\n  # The engines\n\n")


def test_a_first_pack_makes_a_list(folder: Path) -> None:
    head = SMALL.partition("packs:")[0]
    Path("m.yaml").write_text(head + "packs: [] # none yet\n")
    assert run("-m", "m.yaml", "packs", "add", "n", "--name", "First: one").code == 0
    assert Path("m.yaml").read_text() == (
        head + 'packs: # none yet\n  - id: "n"\n    name: "First: one"\n    status: pending\n'
    )


def test_an_edit_shows_what_changed(manifest: Path) -> None:
    assert run("version", "bump", "minor").out == "version 1.0.0 → 1.1.0\n"
    assert run("version", "set", "1.1.0").out == "nothing to change\n"
    ran = run("packs", "set", "n", "--status", "deprecated", "--format", "json")
    assert json.loads(ran.out) == {
        "changed": True,
        "changes": [{"pack": "N", "field": "status", "before": "installed", "after": "deprecated"}],
    }


def test_dry_run_writes_nothing(manifest: Path) -> None:
    ran = run("version", "bump", "minor", "--dry-run")
    assert '-version: "1.0.0"\n+version: "1.1.0"\n' in ran.out
    assert manifest.read_text() == FIRST


def test_notes_edit_opens_the_editor(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = manifest.parents[1] / "editor.sh"
    script.write_text('#!/bin/sh\nprintf "one\\ntwo\\n" > "$1"\n')
    script.chmod(0o755)
    monkeypatch.setenv("EDITOR", shlex.quote(str(script)))
    monkeypatch.delenv("VISUAL", raising=False)
    assert run("notes", "edit").code == 0
    assert load(manifest).notes == "one\ntwo"
    assert "notes: |-\n  one\n  two\n" in manifest.read_text()
    assert run("notes", "show").out == "one\ntwo\n"


def test_an_editor_that_fails_changes_nothing(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "false")
    ran = run("notes", "edit")
    assert ran.code == 2
    assert manifest.read_text() == FIRST


def test_color_follows_the_option_and_the_environment(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in run("status").out
    assert "\x1b[" in run("status", "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run("status").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("status").out


def test_escapes_from_the_manifest_never_reach_the_terminal(manifest: Path) -> None:
    Path("pyproject.toml").write_text('[tool.valhalla-manifest]\nwarn = ["VM101", "VM102"]\n')
    manifest.write_text(FIRST.replace("System metadata initialized.", r'"\e[31mred\u202e"'))
    for command in (
        ["status"],
        ["notes", "show"],
        ["validate"],
        ["notes", "set", "x", "--dry-run"],
    ):
        ran = run(*command)
        assert ran.code == 0
        assert "\x1b" not in ran.out + ran.err
        assert "\u202e" not in ran.out


def test_the_module_runs_and_accepts_a_closed_pipe(manifest: Path) -> None:
    tool = [sys.executable, "-m", "valhalla_manifest"]
    shown = subprocess.run([*tool, "version", "show"], capture_output=True, text=True, check=True)
    assert shown.stdout == "1.0.0\n"
    many = " ".join(["manifest/system.yaml"] * 5)
    piped = f"{shlex.join(tool)} rules VM104 | true; {shlex.join(tool)} validate {many}"
    ran = subprocess.run(piped, shell=True, capture_output=True, text=True, check=True)
    assert ran.stderr == ""


def test_the_version_option() -> None:
    assert re.fullmatch(r"valhalla-manifest \d+\.\d+\.\d+\n", run("--version").out)
