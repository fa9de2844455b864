"""Runs Git without a shell, with safe settings, and reports each error in one sentence."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import ManifestError

if TYPE_CHECKING:
    from collections.abc import Container
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
# These variables hold identities and settings, or point to the objects of a push that a hook is
# about to accept. Git's other variables, which are set in a hook, would point Git to another
# repository.
_KEPT = (
    *("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG_", "GIT_CEILING_DIRECTORIES", "GIT_SSH"),
    *("GIT_ASKPASS", "GIT_SSL_", "GIT_PROXY_", "GIT_ALLOW_PROTOCOL", "GIT_NO_LAZY_FETCH"),
    *("GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"),
)
_OURS = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
# In a partial clone, Git fetches missing objects with programs that the repository can choose.
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


class GitFailedError(ManifestError):
    """Git gave no answer: Git reported an error, was killed, or its output was cut off."""


def run(folder: Path, *arguments: str, stdin: bytes | None = None) -> Ended:
    """Run Git in a folder and return the result; ``ask`` accepts only an answer."""
    try:
        # There is no shell, and users' arguments come after -- only.
        with subprocess.Popen(  # noqa: S603
            [*_COMMAND, *arguments],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                out, err = process.communicate(stdin or b"")
            except KeyboardInterrupt:
                # A killed Git process leaves its locks behind, so let Git end by itself.
                with suppress(OSError, ValueError):
                    process.communicate()
                raise
    except FileNotFoundError:
        raise NotInstalledError("Git is not installed") from None
    except OSError as error:
        raise ManifestError(f"cannot run Git: {error.strerror}") from None
    return Ended(process.args, process.returncode, out, err)


def ask(
    folder: Path,
    *arguments: str,
    stdin: bytes | None = None,
    answers: Container[int] = (0,),
    is_text: bool = True,
) -> Ended:
    """Run Git and return the result, if its exit code answers the question.

    ``answers`` are the exit codes that answer it. Text ends with a line break or a NUL.

    Raises:
        GitFailedError: If the exit code does not answer the question.
    """
    ended = run(folder, *arguments, stdin=stdin)
    if ended.returncode not in answers:
        raise GitFailedError(error_text(ended))
    if is_text and ended.stdout and not ended.stdout.endswith((b"\n", b"\0")):
        raise GitFailedError(f"git {arguments[0]}: its output was cut off")
    return ended


def output(folder: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """Return Git's output as text."""
    return ask(folder, *arguments, stdin=stdin).stdout.decode(errors="replace")


def path_output(folder: Path, *arguments: str) -> str:
    """Return the path that Git prints, which may hold any bytes."""
    return os.fsdecode(ask(folder, *arguments).stdout).removesuffix("\n")


def error_lines(ended: Ended) -> list[str]:
    """Return everything that Git and its hooks printed about an error."""
    text = (ended.stderr or ended.stdout).decode(errors="replace").strip()
    signal = f"it was ended by signal {-ended.returncode}"
    silent = signal if ended.returncode < 0 else "it failed without a message"
    return text.splitlines() or [silent]


def error_text(ended: Ended) -> str:
    """Return Git's error as a sentence, with a fix if an object is missing."""
    lines = error_lines(ended)
    missing = [line for line in lines if any(text in line for text in _MISSING_OBJECT)]
    if missing:
        return missing_object_message(missing[-1].removeprefix("fatal: ").removeprefix("error: "))
    return "git: " + lines[0].removeprefix("fatal: ")


def missing_object_message(what: str) -> str:
    """Return the message for an object that is missing from the clone."""
    return (
        f"this clone does not have all of the history ({what}); run "
        "`git fetch --refetch --no-filter`, or in CI clone with fetch-depth: 0 and without a filter"
    )
