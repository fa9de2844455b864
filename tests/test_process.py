"""The process of the command line ends fast, flushes its output and reports internal errors."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from platform import platform, python_implementation, python_version

import pytest

from tests.support.manifests import SMALL
from valhalla_manifest import __version__

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
STREAMS: dict[str, dict[str, str]] = {"buffered": {}, "unbuffered": {"PYTHONUNBUFFERED": "1"}}

# An installed command is a script that calls ``main``.
SCRIPT = """\
import atexit, sys
from valhalla_manifest.__main__ import main
atexit.register(print, "at the end")
sys.argv[0] = "valhalla-manifest"
sys.exit(main())
"""
UNBROKEN = SCRIPT.replace('atexit.register(print, "at the end")\n', "")


def run(*options: str, script: str = SCRIPT) -> subprocess.CompletedProcess[str]:
    Path("script.py").write_text(script)
    Path("good.yaml").write_text(SMALL)
    command = [sys.executable, *options, "validate", "good.yaml"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_pipe_receives_the_output_and_that_of_exit_handlers() -> None:
    ran = run("script.py")
    assert (ran.returncode, ran.stdout, ran.stderr) == (
        0,
        "good.yaml is valid\nat the end\n",
        "",
    )


def test_main_returns_to_a_profiler() -> None:
    ran = run("-m", "cProfile", "script.py")
    assert "good.yaml is valid" in ran.stdout
    assert "function calls" in ran.stdout


def test_a_closed_pipe_causes_no_error_message() -> None:
    Path("script.py").write_text(SCRIPT.replace('atexit.register(print, "at the end")\n', ""))
    with subprocess.Popen(
        [sys.executable, "script.py", "--version"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""


@needs_full
@pytest.mark.parametrize("words", [["--version"], ["validate", "good.yaml"]], ids=" ".join)
@pytest.mark.parametrize("variables", STREAMS.values(), ids=STREAMS)
def test_output_that_cannot_be_written_at_the_end_is_reported(
    words: list[str], variables: dict[str, str]
) -> None:
    Path("good.yaml").write_text(SMALL)
    Path("script.py").write_text(UNBROKEN)
    with FULL.open("w") as out:
        ran = subprocess.run(
            [sys.executable, "script.py", *words],
            env=os.environ | {"PYTHONUNBUFFERED": ""} | variables,
            stdout=out, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    message = "error: cannot write the output: no space left on device\n"
    assert (ran.returncode, ran.stderr) == (2, message)


@needs_full
def test_output_that_stays_in_a_buffer_until_the_end_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "")
    silent = "import valhalla_manifest.cli as it\nit.cli = lambda **_: None\n"
    Path("script.py").write_text(silent + SCRIPT)
    with FULL.open("w") as out:
        ran = subprocess.run(
            [sys.executable, "script.py"],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    message = "error: cannot write the output: no space left on device\n"
    assert (ran.returncode, ran.stderr) == (2, message)


@needs_full
@pytest.mark.parametrize("variables", STREAMS.values(), ids=STREAMS)
def test_an_error_that_cannot_be_printed_keeps_the_exit_code(variables: dict[str, str]) -> None:
    with FULL.open("w") as err:
        ran = subprocess.run(
            [sys.executable, "-m", "valhalla_manifest", "validate", "missing.yaml", "--nonsense"],
            env=os.environ | {"PYTHONUNBUFFERED": ""} | variables,
            stdout=subprocess.PIPE, stderr=err, text=True, check=False,
        )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, "")


# Each line breaks one step of a run before SCRIPT starts it.
FAULTS = {
    "a command": "import valhalla_manifest.project.manifest_file as it\nit.check = None\n",
    "an import of a command": "import sys\nsys.modules['valhalla_manifest.cli.validate'] = None\n",
    "the first import": "import sys\nsys.modules['valhalla_manifest.cli'] = None\n",
    "the library of the options": "import sys\nsys.modules['click'] = None\n",
    "the parser of the options": "import click\nclick.Context.scope = None\n",
    "the start": "import valhalla_manifest.__main__ as it\nit._open_streams = None\n",
    "an error of several lines": (
        "import valhalla_manifest.project.manifest_file as it\n"
        "def fail(*_, **__): raise RuntimeError('one\\ntwo\\x1b[31m')\n"
        "it.check = fail\n"
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_an_internal_error_is_one_line_with_the_version_and_exits_with_3(fault: str) -> None:
    ran = run("script.py", script=fault + UNBROKEN)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith(f"error: internal error in valhalla-manifest {__version__}: ")
    assert ran.stderr.endswith("; please report it with the output of --debug\n")
    assert ran.stderr.count("\n") == 1
    assert "\x1b" not in ran.stderr


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_an_internal_error_with_debug_is_ready_to_paste(fault: str) -> None:
    ran = run("script.py", "--debug", script=fault + UNBROKEN)
    assert (ran.returncode, ran.stdout) == (3, "")
    trace, _, versions = ran.stderr.partition("\n\n")
    assert trace.startswith("Traceback (most recent call last):\n")
    tool, python, dependencies = versions.splitlines()
    assert tool == f"valhalla-manifest {__version__}"
    assert python == f"{python_implementation()} {python_version()}, {platform()}"
    assert f"click {version('click')}, " in dependencies
    assert f"pydantic {version('pydantic')}, " in dependencies


def test_an_internal_error_while_the_shell_completes_prints_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("_VALHALLA_MANIFEST_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "valhalla-manifest v")
    monkeypatch.setenv("COMP_CWORD", "1")
    ran = run("script.py", script=FAULTS["the parser of the options"] + UNBROKEN)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "", "")


def test_pydantic_can_be_imported_after_its_core_was_loaded_alone() -> None:
    after = SCRIPT.replace("print, ", "exec, ").replace(
        '"at the end"', '"import pydantic_core.core_schema, pydantic; print(pydantic.VERSION)"'
    )
    ran = run("script.py", script=after)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.count("\n") == 2


def test_a_pydantic_core_with_another_layout_is_imported_as_a_package() -> None:
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
