"""What the tests share: a manifest in a folder of its own, and the command line."""

from __future__ import annotations

import os
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

# `make soak` runs the same tests longer, and with other random examples each time.
SOAK = int(os.environ.get("SOAK", "1"))
settings.register_profile(
    "tests",
    deadline=None,  # a machine may be busy
    derandomize=SOAK == 1,
    # A fixture that starts the readers once, or gives an empty folder, may serve all examples; and
    # a generated manifest is large by nature.
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
    """Keep the machine's own settings out of the tests."""
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
    """Return the first manifest, in a project of its own."""
    path = folder / "manifest" / "system.yaml"
    path.parent.mkdir()
    path.write_bytes(FIRST.encode())
    return path


@pytest.fixture
def repository(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the manifest into a repository with one commit of a known time; return its root."""
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
    """Run git in the working directory, and return what it prints."""
    ran = subprocess.run(["git", *words], capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def examples(number: int) -> settings:
    """Return the setting for so many examples, more in a soak."""
    return settings(max_examples=number * SOAK)


@dataclass(frozen=True)
class Ran:
    """What a user saw of one command."""

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
def merged(repository: Path, manifest: Path) -> Path:
    """Return a repository in which the driver is registered, on main."""
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
    """Let a test run twice: as things are here, and with an ``os`` as Windows has it.

    What Windows lacks is taken away, and folders cannot be opened.
    """
    if request.param == "Windows":
        for name in WINDOWS_LACKS:
            monkeypatch.delattr(os, name, raising=False)
        real = os.open

        def files_alone(path: Any, *arguments: Any, **options: Any) -> int:
            if isinstance(path, (str, bytes, os.PathLike)) and Path(os.fsdecode(path)).is_dir():
                raise PermissionError(13, "Permission denied", path)
            return real(path, *arguments, **options)

        monkeypatch.setattr(os, "open", files_alone)
        # The lock of this system needs what was taken away; this one needs nothing.
        monkeypatch.setattr(filelock, "FileLock", filelock.SoftFileLock)
    return str(request.param)


@pytest.fixture
def posix(system: str) -> None:
    """Skip a test of what POSIX alone has: modes, extended attributes, folders that are flushed."""
    if system == "Windows":
        pytest.skip("Windows has no such thing")
