"""How git is run: hardened, without a shell, and with its complaints in one sentence."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from pathlib import Path

Ended = subprocess.CompletedProcess[bytes]
# No pager, no helper programs that a repository could name, and nobody's taste in output.
_SETTINGS = (
    "core.fsmonitor=false",
    "core.quotePath=false",
    "i18n.logOutputEncoding=UTF-8",
    "log.follow=false",
    "log.showSignature=false",
)
_COMMAND = ("git", "--no-pager", *(word for setting in _SETTINGS for word in ("-c", setting)))
# Of git's own variables, those that say who and with which settings; the others would point git
# at another repository, as they do inside a hook.
_KEPT = (
    *("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG_", "GIT_CEILING_DIRECTORIES", "GIT_SSH"),
    *("GIT_ASKPASS", "GIT_SSL_", "GIT_PROXY_", "GIT_ALLOW_PROTOCOL", "GIT_NO_LAZY_FETCH"),
)
_OURS = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
# Where a partial clone lacks something, git would ask a remote, with the programs that the
# repository names: so only who sets the variable to 0, and trusts the repository, lets it.
_DEFAULTS = {"GIT_NO_LAZY_FETCH": "1"}
# What git says where an object is named that it does not have.
_LACKS = (
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
    """There is no git to run."""


def run(folder: Path, *arguments: str, stdin: bytes | None = None) -> Ended:
    """Run git in a folder and return how it ended."""
    try:
        return subprocess.run(  # noqa: S603  a list, no shell; users' words come after -- only
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


def output(folder: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """Run git and return what it prints."""
    ended = run(folder, *arguments, stdin=stdin)
    if ended.returncode != 0:
        raise ManifestError(error_text(ended))
    return ended.stdout.decode(errors="replace")


def path_output(folder: Path, *arguments: str) -> str:
    """Run git and return the path that it prints, whatever bytes are in it."""
    ended = run(folder, *arguments)
    if ended.returncode != 0:
        raise ManifestError(error_text(ended))
    return os.fsdecode(ended.stdout).removesuffix("\n")


def error_text(ended: Ended) -> str:
    """Return git's own first line of error, and what to do where an object is missing."""
    text = (ended.stderr or ended.stdout).decode(errors="replace").strip()
    lines = text.splitlines() or ["it failed without a word"]
    lacking = [line for line in lines if any(words in line for words in _LACKS)]
    if lacking:
        return missing_object_message(lacking[-1].removeprefix("fatal: ").removeprefix("error: "))
    return "git: " + lines[0].removeprefix("fatal: ")


def missing_object_message(what: str) -> str:
    """Return the sentence for an object that the history names and the clone does not have."""
    return (
        f"this clone does not have all of the history ({what}); run "
        "`git fetch --refetch --no-filter`, or in CI clone with fetch-depth: 0 and without a filter"
    )
