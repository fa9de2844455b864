"""How git is run: hardened, without a shell, and with its complaints in one sentence."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from pathlib import Path

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
_KEPT = ("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG_", "GIT_CEILING_DIRECTORIES", "GIT_SSH")
_OURS = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",  # no network, even where a partial clone lacks something
}


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }
    return kept | _OURS


def run(
    folder: Path, *arguments: str, stdin: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder and return how it ended.

    Raises:
        ManifestError: there is no git to run, or the folder is not there.
    """
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
        raise ManifestError("git is not installed") from None
    except OSError as error:
        raise ManifestError(f"cannot run git: {error.strerror}") from None


def output(folder: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """Run git and return what it prints.

    Raises:
        ManifestError: git says no; the message is its first line.
    """
    ended = run(folder, *arguments, stdin=stdin)
    if ended.returncode != 0:
        raise ManifestError(error_text(ended))
    return ended.stdout.decode(errors="replace")


def error_text(ended: subprocess.CompletedProcess[bytes]) -> str:
    """Return git's own first line of error_text."""
    text = (ended.stderr or ended.stdout).decode(errors="replace").strip()
    return "git: " + (text.splitlines() or ["it failed without a word"])[0].removeprefix("fatal: ")
