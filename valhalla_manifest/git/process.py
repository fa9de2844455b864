"""Runs git: hardened, without a shell, and with each error as one sentence."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from pathlib import Path

Ended = subprocess.CompletedProcess[bytes]
# A repository or a user could otherwise choose a helper program or the form of the output.
_SETTINGS = (
    "core.fsmonitor=false",
    "core.quotePath=false",
    "i18n.logOutputEncoding=UTF-8",
    "log.follow=false",
    "log.showSignature=false",
)
_COMMAND = ("git", "--no-pager", *(word for setting in _SETTINGS for word in ("-c", setting)))
# These variables hold identities and settings. The other variables of git, which are set in a
# hook, would point git to another repository.
_KEPT = (
    *("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG_", "GIT_CEILING_DIRECTORIES", "GIT_SSH"),
    *("GIT_ASKPASS", "GIT_SSL_", "GIT_PROXY_", "GIT_ALLOW_PROTOCOL", "GIT_NO_LAZY_FETCH"),
)
_OURS = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
# In a partial clone, git fetches missing objects with programs that the repository can choose.
# So lazy fetching is off unless the user trusts the repository and sets the variable to 0.
_DEFAULTS = {"GIT_NO_LAZY_FETCH": "1"}
# Git's messages about an object that the clone does not have.
_MISSING_OBJECT = (
    "promisor remote", "unable to read", "Could not read", "could not read", "bad object",
    "missing object", "not a tree object",
)  # fmt: skip


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }
    return _DEFAULTS | kept | _OURS


class NotInstalledError(ManifestError):
    """Git is not installed."""


def run(folder: Path, *arguments: str, stdin: bytes | None = None) -> Ended:
    """Run git in a folder and return how it ended."""
    try:
        return subprocess.run(  # noqa: S603  There is no shell, and users' arguments come after -- only.
            [*_COMMAND, *arguments],
            cwd=folder,
            env=_environment(),
            input=stdin or b"",
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise NotInstalledError("git is not installed") from None
    except OSError as error:
        raise ManifestError(f"cannot run git: {error.strerror}") from None


def run_checked(folder: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    """Run git and return its output; if it fails, its first line of error is the message."""
    ended = run(folder, *arguments, stdin=stdin)
    if ended.returncode != 0:
        raise ManifestError(error_text(ended))
    return ended.stdout


def output(folder: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """Return the output of git as text."""
    return run_checked(folder, *arguments, stdin=stdin).decode(errors="replace")


def path_output(folder: Path, *arguments: str) -> str:
    """Return the path that git prints, which may hold any bytes."""
    return os.fsdecode(run_checked(folder, *arguments)).removesuffix("\n")


def error_text(ended: Ended) -> str:
    """Return git's error as a sentence, with a fix if an object is missing."""
    text = (ended.stderr or ended.stdout).decode(errors="replace").strip()
    lines = text.splitlines() or ["it failed without a message"]
    missing = [line for line in lines if any(text in line for text in _MISSING_OBJECT)]
    if missing:
        return missing_object_message(missing[-1].removeprefix("fatal: ").removeprefix("error: "))
    return "git: " + lines[0].removeprefix("fatal: ")


def missing_object_message(what: str) -> str:
    """Return the message for an object of the history that the clone does not have."""
    return (
        f"this clone does not have all of the history ({what}); run "
        "`git fetch --refetch --no-filter`, or in CI clone with fetch-depth: 0 and without a filter"
    )
