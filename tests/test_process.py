"""How a process of the command line ends: at once, and with nothing left undone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.manifests import SMALL

# What an installed command is: a script that calls ``main``.
SCRIPT = """\
import atexit, sys
from valhalla_manifest.__main__ import main
atexit.register(print, "at the end")
sys.argv[0] = "valhalla-manifest"
sys.exit(main())
"""


def run(*options: str, script: str = SCRIPT) -> subprocess.CompletedProcess[str]:
    Path("script.py").write_text(script)
    Path("good.yaml").write_text(SMALL)
    command = [sys.executable, *options, "validate", "good.yaml"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_output_and_what_was_registered_for_the_end_come_out_of_a_pipe() -> None:
    ran = run("script.py")
    assert (ran.returncode, ran.stdout, ran.stderr) == (
        0,
        "good.yaml is valid\nat the end\n",
        "",
    )


def test_a_profiler_and_whoever_else_waits_for_the_end_of_main_gets_it() -> None:
    ran = run("-m", "cProfile", "script.py")
    assert "good.yaml is valid" in ran.stdout
    assert "function calls" in ran.stdout


def test_a_reader_that_stops_early_ends_it_without_a_word() -> None:
    Path("script.py").write_text(SCRIPT.replace('atexit.register(print, "at the end")\n', ""))
    with subprocess.Popen(
        [sys.executable, "script.py", "--version"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""


def test_output_that_cannot_be_written_at_the_end_is_still_told() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no disk that is always full")
    Path("script.py").write_text(SCRIPT)
    with full.open("w") as out:
        ran = subprocess.run(
            [sys.executable, "script.py", "--version"],
            stdout=out, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert ran.returncode != 0
    assert ran.stderr


def test_a_failure_of_the_tool_shows_its_traceback_with_debug() -> None:
    broken = "import valhalla_manifest.project.manifest_file as it\nit.check = None\n" + SCRIPT
    ran = run("script.py", "--debug", script=broken)
    assert ran.returncode == 1
    assert "TypeError" in ran.stderr.splitlines()[-1]


def test_pydantic_is_whole_for_who_needs_it_after_the_shape_was_checked() -> None:
    after = SCRIPT.replace("print, ", "exec, ").replace(
        '"at the end"', '"import pydantic_core.core_schema, pydantic; print(pydantic.VERSION)"'
    )
    ran = run("script.py", script=after)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.count("\n") == 2


def test_a_pydantic_core_of_another_layout_is_imported_as_a_whole() -> None:
    hidden = 'import sys\nsys.modules["pydantic_core._pydantic_core"] = None\n'
    code = "from valhalla_manifest.manifest import core\n"
    other = hidden + "import types\nwhole = types.ModuleType('pydantic_core')\n"
    other += "whole.PydanticCustomError = whole.SchemaError = whole.SchemaValidator = int\n"
    other += "whole.ValidationError = str\nsys.modules['pydantic_core'] = whole\n"
    ran = subprocess.run(
        [sys.executable, "-c", other + code + "print(core.ValidationError)"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("<class 'str'>\n", "")
