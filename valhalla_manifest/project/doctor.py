"""Checks of a project's setup, each with a fix."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.project import files, merge_setup, schema_file
from valhalla_manifest.project.manifest_file import first_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from valhalla_manifest.project.manifest_file import ManifestFile

    Manifests = Sequence[ManifestFile]

_TOOL = "valhalla-manifest"
_GIT_FIX = "install Git, or run `git status` here and do what it says"
_CI_FILES = (".github/workflows/*.y*ml", ".gitlab-ci.yml", "azure-pipelines.yml", "Jenkinsfile")


class CheckResult(NamedTuple):
    """The result of one check: whether it passed, a message, and a fix if it failed."""

    name: str
    ok: bool
    message: str
    fix: str | None = None


def _manifests(manifests: Manifests) -> Iterator[CheckResult]:
    for file in manifests:
        checked = file.check()
        if checked.errors:
            message = f"{file} is not valid: {first_problem(checked)}"
            yield CheckResult("manifest", False, message, f"{_TOOL} validate {_quoted(file.name)}")
        else:
            yield CheckResult("manifest", True, f"{file} is valid")


def _schema(manifests: Manifests) -> Iterator[CheckResult]:
    for place, file in {file.schema: file for file in manifests}.items():
        shown = files.from_root(place)
        try:
            schema_file.require_current(place, file.rule_settings.extensions)
        except ManifestError:
            state = "has drifted" if place.exists() else "is missing"
            fix = f"{_TOOL} schema export -o {_quoted(os.path.relpath(place))}"
            yield CheckResult("schema", False, f"{shown} {state}", fix)
        else:
            yield CheckResult("schema", True, f"{shown} is current")


def _extensions(manifests: Manifests) -> Iterator[CheckResult]:
    used = dict.fromkeys(file.project.extensions for file in manifests)
    for path in filter(None, used):  # One that cannot be used ends every command.
        yield CheckResult("extensions", True, f"{files.from_root(path)} checks extension keys")


def _committed(manifests: Manifests) -> Iterator[CheckResult]:
    for file in manifests:
        place = file.location
        if isinstance(place, git.NoRepository):
            yield CheckResult("git", False, place.sentence, "git init")
        elif isinstance(place, git.GitUnavailable):
            yield CheckResult("git", False, place.sentence, _GIT_FIX)
        elif git.is_unborn(place) or git.read(place, "HEAD") is None:
            fix = f"git add {_quoted(file.name)}; git commit"
            yield CheckResult("git", False, f"{file} is not committed", fix)
        else:
            edits = ", with uncommitted edits" if git.is_modified(place) else ""
            yield CheckResult("git", True, f"{file} is committed{edits}")


def _hooks(manifests: Manifests) -> Iterator[CheckResult]:
    settings = _root(manifests) / ".pre-commit-config.yaml"
    if not _mentions(settings):
        fix = f"add the snippet of {_TOOL} init --snippets to {settings.name}"
        yield CheckResult("hooks", False, f"{settings.name} does not name the tool", fix)
    elif not _has_hook(manifests[0]):
        message = "pre-commit is not installed in this clone"
        yield CheckResult("hooks", False, message, "pre-commit install")
    else:
        yield CheckResult(
            "hooks", True, f"pre-commit is installed, and {settings.name} names the tool"
        )


def _has_hook(file: ManifestFile) -> bool:
    place = file.location
    return isinstance(place, git.Place) and (git.find_hooks_folder(place) / "pre-commit").is_file()


def _root(manifests: Manifests) -> Path:
    """Return the repository's root, or the working directory if there is no repository."""
    return files.repository(manifests[0].path.parent) or files.working_directory()


def _merge_driver(manifests: Manifests) -> Iterator[CheckResult]:
    tracked = [file for file in manifests if isinstance(file.location, git.Place)]
    without = [file.name for file in tracked if not merge_setup.is_set_up(file)]
    if without:
        message = f"{_listed(without)} merged line by line in this clone"
        yield CheckResult("merge driver", False, message, f"{_TOOL} git-setup")
    elif tracked and not merge_setup.is_shared(tracked[0]):
        message = ".gitattributes is not committed: other clones merge line by line"
        yield CheckResult("merge driver", False, message, "git add .gitattributes; git commit")
    elif tracked and (reason := merge_setup.find_start_error(tracked[0])):
        message = f"the registered driver cannot start: {reason}"
        yield CheckResult("merge driver", False, message, f"{_TOOL} git-setup")
    elif tracked:  # The check of Git reports a missing repository.
        names = [file.name for file in tracked]
        yield CheckResult("merge driver", True, f"{_listed(names)} merged field by field")


def _quoted(path: str) -> str:
    return shlex.quote(path) if os.name != "nt" else path


def _listed(paths: list[str]) -> str:
    """Return the subject of a sentence for one or more paths."""
    if len(paths) == 1:
        return f"{paths[0]} is"
    return f"{paths[0]} and {len(paths) - 1} more are"


def _ci(manifests: Manifests) -> Iterator[CheckResult]:
    pipelines = [file for pattern in _CI_FILES for file in _root(manifests).glob(pattern)]
    with_tool = [file for file in pipelines if _mentions(file)]
    if with_tool:
        yield CheckResult("ci", True, f"{files.from_root(with_tool[0])} names the tool")
    else:
        fix = f"add a job of {_TOOL} init --snippets"
        yield CheckResult("ci", False, "no pipeline file names the tool", fix)


def _mentions(file: Path) -> bool:
    try:
        return _TOOL.encode() in file.read_bytes()
    except OSError:
        return False


CHECKS = (_manifests, _schema, _extensions, _committed, _hooks, _merge_driver, _ci)


def examine(manifests: Manifests) -> list[CheckResult]:
    """Return the result of each check of a project."""
    return [result for check in CHECKS for result in check(manifests)]
