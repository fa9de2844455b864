"""Shared fixtures and helpers: a manifest in an empty project, and the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings

from tests.support.manifests import FIRST
from valhalla_manifest.cli import cli

# `make soak` runs the same tests with more examples, which differ from run to run.
SOAK = int(os.environ.get("SOAK", "1"))
settings.register_profile(
    "tests",
    deadline=None,  # The machine may be busy.
    derandomize=SOAK == 1,
    # All examples may share an empty folder and the running parsers, and a generated manifest is
    # always large.
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
settings.load_profile("tests")

NOW = datetime(2026, 11, 24, 10, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of the machine out of the tests."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "VALHALLA_")) or name in {"NO_COLOR", "FORCE_COLOR"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty working directory that is the root of a project."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def manifest(folder: Path) -> Path:
    """Return the path of the first manifest, in an empty project."""
    path = folder / "manifest" / "system.yaml"
    path.parent.mkdir()
    path.write_bytes(FIRST.encode())
    return path


@pytest.fixture
def repository(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the root of a repository with one commit of the manifest, at a known time."""
    folder = manifest.parents[1]
    (folder / ".git").rmdir()
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada Lovelace")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.com")
        monkeypatch.setenv(f"GIT_{role}_DATE", "2026-11-24T12:00:00+02:00")
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "manifest: first")
    return folder


def git(*words: str) -> str:
    """Run Git in the working directory, and return its output."""
    ran = subprocess.run(["git", *words], capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def examples(number: int) -> settings:
    """Return settings for a number of examples, which `make soak` multiplies."""
    return settings(max_examples=number * SOAK)


@dataclass(frozen=True)
class Ran:
    """The exit code and the output of one command."""

    code: int
    out: str
    err: str


def run(*arguments: str, stdin: str | bytes | None = None) -> Ran:
    """Run the command line as a user does."""
    result: Result = CliRunner().invoke(cli, arguments, input=stdin, prog_name="valhalla-manifest")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def manifest_with_driver(repository: Path, manifest: Path) -> Path:
    """Return the manifest of a repository in which the merge driver is registered."""
    assert run("git-setup").code == 0
    git("add", "-A")
    git("commit", "-qm", "merge field by field")
    return manifest


WINDOWS_LACKS = (
    *("O_CLOEXEC", "O_NONBLOCK", "O_DIRECTORY", "O_NOFOLLOW"),
    *("fchmod", "fchown", "chown", "getuid", "geteuid", "killpg", "setsid"),
    *("getxattr", "setxattr", "listxattr"),
)


@pytest.fixture(params=["this system", "Windows"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test twice: on this system, and with an ``os`` module like that of Windows.

    The functions that Windows lacks are removed, and folders cannot be opened.
    """
    if request.param == "Windows":
        for name in WINDOWS_LACKS:
            monkeypatch.delattr(os, name, raising=False)
        real = os.open

        def open_file(path: Any, *arguments: Any, **options: Any) -> int:
            if isinstance(path, (str, bytes, os.PathLike)) and Path(os.fsdecode(path)).is_dir():
                raise PermissionError(13, "Permission denied", path)
            return real(path, *arguments, **options)

        monkeypatch.setattr(os, "open", open_file)
        monkeypatch.setattr(shutil, "_use_fd_functions", False)
        # The default lock needs some of the removed functions, and the soft lock does not.
        monkeypatch.setattr(filelock, "FileLock", filelock.SoftFileLock)
    return str(request.param)


@pytest.fixture
def posix(system: str) -> None:
    """Skip a test of features of POSIX: modes, extended attributes, flushed folders."""
    if system == "Windows":
        pytest.skip("Windows does not have this")
