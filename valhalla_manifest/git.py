"""The only module that runs git: hardened, and with git's troubles in one sentence each."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

from valhalla_manifest.problems import ManifestError

# No pager, no helper programs that a repository could name, no background work.
_COMMAND = (
    "git",
    "--no-pager",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=false",
    "-c",
    "log.showSignature=false",
)


class Commit(NamedTuple):
    """One commit: times are the committer's (RFC 3339), the author goes through the mailmap."""

    id: str
    author: str
    date: str
    subject: str


_FORMAT = "%H%x00%aN <%aE>%x00%cI%x00%s"


def _environment() -> dict[str, str]:
    """Return the environment without git's own variables, which would point git elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder and return how it ended.

    Raises:
        ManifestError: there is no git to run.
    """
    try:
        return subprocess.run(  # noqa: S603  a list, no shell; users' words come after -- only
            [*_COMMAND, *arguments],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise ManifestError("git is not installed") from None


def last_commit(path: Path) -> Commit | None:
    """Return the last commit that touched a file; None where there is no git or no commit."""
    try:
        log = run(path.parent, "log", "-1", "-z", f"--format={_FORMAT}", "--", path.name)
    except ManifestError:
        return None
    fields = log.stdout.decode(errors="replace").rstrip("\0\n").split("\0")
    return Commit(*fields) if log.returncode == 0 and len(fields) == len(Commit._fields) else None


def is_modified(path: Path) -> bool:
    """Return whether a tracked file differs from its last commit."""
    try:
        status = run(path.parent, "status", "--porcelain", "-z", "--", path.name)
    except ManifestError:
        return False
    return status.returncode == 0 and bool(status.stdout)
