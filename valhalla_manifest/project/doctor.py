"""What is set up in a project and what is not: a list of checks, each with what mends it."""

from __future__ import annotations

import json
import os
import re
import shlex
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest import git
from valhalla_manifest.document.problems import ManifestError
from valhalla_manifest.project import files, loading, merge_setup, schema_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from valhalla_manifest.project.config import Config

_TOOL = "valhalla-manifest"
_CI_FILES = (".github/workflows/*.y*ml", ".gitlab-ci.yml", "azure-pipelines.yml", "Jenkinsfile")
_PATIENCE = 10.0  # seconds that an endpoint may take
_WHERE = "is the service running, and does the address end in /system/status?"
_DIFFERING = "deploy this state, or take over the other one"
_MOST = 16 << 20  # bytes that an answer may have


class Subject(NamedTuple):
    """What is looked at: the manifests with their settings and schemas, and an address."""

    manifests: Mapping[str, Config]
    schema_of: Callable[[str], Path]
    url: str | None

    @property
    def root(self) -> Path:
        """The root of the repository, or the working directory where there is none."""
        first = files.resolve(next(iter(self.manifests))).parent
        return files.repository(first) or files.working_directory()


class Finding(NamedTuple):
    """What one check found: whether it is well, in words, and what to run or do where it is not."""

    name: str
    well: bool
    said: str
    mend: str | None = None


def _manifests(subject: Subject) -> Iterator[Finding]:
    for path, config in subject.manifests.items():
        checked = loading.check_file(path, config.policy)
        if checked.errors:
            said = f"{path} is not valid: {loading.first_problem(checked)}"
            yield Finding("manifest", False, said, f"{_TOOL} validate {_quoted(path)}")
        else:
            yield Finding("manifest", True, f"{path} is valid")


def _schema(subject: Subject) -> Iterator[Finding]:
    places = {subject.schema_of(path): config for path, config in subject.manifests.items()}
    for place, config in places.items():
        shown = files.from_root(str(place))
        try:
            schema_file.require_current(place, config.policy.extensions)
        except ManifestError:
            state = "has drifted" if place.exists() else "is missing"
            mend = f"{_TOOL} schema export -o {_quoted(os.path.relpath(place))}"
            yield Finding("schema", False, f"{shown} {state}", mend)
        else:
            yield Finding("schema", True, f"{shown} is current")


def _extensions(subject: Subject) -> Iterator[Finding]:
    used = dict.fromkeys(config.extensions for config in subject.manifests.values())
    for path in filter(None, used):  # what cannot be judged by ends every command
        shown = files.from_root(str(path))
        yield Finding("extensions", True, f"{shown} types keys of your own")


def _committed(subject: Subject) -> Iterator[Finding]:
    for path in subject.manifests:
        found = git.find(files.resolve(path))
        if not isinstance(found, git.Place):
            yield Finding("git", False, found.sentence, "git init")
        elif git.is_unborn(found) or git.read(found, "HEAD") is None:
            mend = f"git add {_quoted(path)}; git commit"
            yield Finding("git", False, f"{path} is not committed", mend)
        else:
            edits = ", with edits that are not committed" if git.is_modified(found) else ""
            yield Finding("git", True, f"{path} is committed{edits}")


def _hooks(subject: Subject) -> Iterator[Finding]:
    settings = subject.root / ".pre-commit-config.yaml"
    if not _mentions(settings):
        mend = f"add what {_TOOL} init --snippets prints to {settings.name}"
        yield Finding("hooks", False, f"{settings.name} does not name the tool", mend)
    elif not _has_hook(subject.root):
        said = "pre-commit is not installed in this clone"
        yield Finding("hooks", False, said, "pre-commit install")
    else:
        yield Finding("hooks", True, f"pre-commit is installed, and {settings.name} names the tool")


def _has_hook(root: Path) -> bool:
    found = git.find(root / "manifest")
    return isinstance(found, git.Place) and (git.hooks(found) / "pre-commit").is_file()


def _merge_driver(subject: Subject) -> Iterator[Finding]:
    paths = {path: files.resolve(path) for path in subject.manifests}
    tracked = {path: at for path, at in paths.items() if isinstance(git.find(at), git.Place)}
    without = [path for path, at in tracked.items() if not merge_setup.is_set_up(at)]
    if without:
        said = f"{_listed(without)} merged line by line in this clone"
        yield Finding("merge driver", False, said, f"{_TOOL} git-setup")
    elif tracked and not merge_setup.is_shared(next(iter(tracked.values()))):
        said = ".gitattributes is not committed: other clones merge line by line"
        yield Finding("merge driver", False, said, "git add .gitattributes; git commit")
    elif tracked:  # that there is no repository is told above
        yield Finding("merge driver", True, f"{_listed([*tracked])} merged field by field")


def _quoted(path: str) -> str:
    return shlex.quote(path) if os.name != "nt" else path


def _listed(paths: list[str]) -> str:
    """Return paths as the subject of a sentence, the first of many."""
    if len(paths) == 1:
        return f"{paths[0]} is"
    return f"{paths[0]} and {len(paths) - 1} more are"


def _ci(subject: Subject) -> Iterator[Finding]:
    found = [file for pattern in _CI_FILES for file in subject.root.glob(pattern)]
    with_tool = [file for file in found if _mentions(file)]
    if with_tool:
        yield Finding("ci", True, f"{files.from_root(str(with_tool[0]))} names the tool")
    else:
        mend = f"add a job that {_TOOL} init --snippets prints"
        yield Finding("ci", False, "no file of a pipeline names the tool", mend)


def _mentions(file: Path) -> bool:
    try:
        return _TOOL.encode() in file.read_bytes()
    except OSError:
        return False


def _endpoints(subject: Subject, documents: Callable[[str], dict[str, bytes]]) -> list[Finding]:
    """Compare what the endpoints answer with the first manifest."""
    if subject.url is None:
        return []
    base = subject.url.rstrip("/")
    if not re.match(r"https?://", base):
        raise ManifestError(f"{subject.url} is no address of HTTP; write http://host/system/status")
    try:
        answers = documents(next(iter(subject.manifests)))
    except ManifestError:  # that it is not valid is told above
        return []
    found = []
    for path, expected in answers.items():
        answer, why = _answer(f"{base}/{path}")
        if why and not path:  # the others would not tell more
            return [Finding("endpoint", False, f"{base}/: {why}", _WHERE)]
        if why or _of_the_file(answer) != _of_the_file(json.loads(expected)):
            said = f"{base}/{path} answers otherwise than the file{why and f': {why}'}"
            found.append(Finding("endpoint", False, said, _DIFFERING))
    said = f"{base}/ answers as the file, {len(answers)} documents"
    return found or [Finding("endpoint", True, said)]


def _answer(address: str) -> tuple[Any, str]:
    """Return the document at an address, and why there is none."""
    from http.client import HTTPException
    from urllib.error import URLError
    from urllib.request import urlopen

    try:
        with urlopen(address, timeout=_PATIENCE) as response:  # noqa: S310  HTTP alone, see above
            return json.loads(response.read(_MOST)), ""
    except (URLError, OSError, HTTPException) as error:
        return None, str(getattr(error, "reason", "") or error) or "no answer"
    except (ValueError, RecursionError):
        return None, "it answers with no JSON"


def _of_the_file(document: Any) -> Any:
    """Return a document without what is not in the file: when it changed last."""
    extra = document.get("extra") if isinstance(document, dict) else None
    if isinstance(extra, dict):
        return {**document, "extra": {**extra, "updated_at": None}}
    return document


CHECKS = (_manifests, _schema, _extensions, _committed, _hooks, _merge_driver, _ci)


def examine(subject: Subject, documents: Callable[[str], dict[str, bytes]]) -> list[Finding]:
    """Return what each check found; ``documents`` gives what the endpoints should answer.

    Raises:
        ManifestError: git does not tell, or the address is none.
    """
    checks = (*CHECKS, partial(_endpoints, documents=documents))
    return [finding for check in checks for finding in check(subject)]
