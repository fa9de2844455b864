"""Moving in: where a first manifest and its schema go, and an existing file taken over."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from valhalla_manifest.document.problems import ManifestError, Problem
from valhalla_manifest.document.source import MappingNode, Source, read
from valhalla_manifest.manifest import moving, starter
from valhalla_manifest.manifest.formats import OWN
from valhalla_manifest.project import files
from valhalla_manifest.validation.check import check
from valhalla_manifest.validation.fix import fixed

if TYPE_CHECKING:
    from pathlib import Path

    from valhalla_manifest.validation.policy import Policy


class Taken(NamedTuple):
    """The text of a manifest, and what was done to the file that it comes from."""

    text: str
    notes: list[str]


def require_inside(path: Path, start: Path) -> None:
    """Insist that a file is in the repository of the working directory, if that is in one.

    Raises:
        ManifestError: it is outside.
    """
    root = files.repository(start)
    if root and root.resolve() not in files.resolve(path).parents:
        raise ManifestError(f"{path} is outside of the repository {root}; nothing is written")


def modeline(schema: Path, manifest: Path) -> str:
    """Return how the first line of a manifest names its schema."""
    try:
        return os.path.relpath(schema, manifest.parent).replace(os.sep, "/")
    except ValueError:  # on another drive
        return schema.absolute().as_uri()


def take_over(origin: str, name: str, policy: Policy) -> Taken:
    """Return a file as a manifest: a status of the old service, or YAML or JSON of another shape.

    Raises:
        ManifestError: it cannot be read, or is not valid even so; the problems have its lines.
    """
    try:
        data = files.read(origin)
        text = data.decode()
    except UnicodeDecodeError:
        raise ManifestError(f"cannot take over {origin}: it is not UTF-8") from None
    except ManifestError as error:
        raise ManifestError(f"cannot take over {origin}: {error}") from None
    document = _json(text)
    if starter.is_status(document):
        return Taken(starter.from_status(text), [])
    source = read(text)
    if source.damaged or source.more_documents or not isinstance(source.root, MappingNode):
        found = check(data).errors
        raise ManifestError(f"{origin} is no mapping that could be taken over", problems=found)
    result = moving.moved(source, name)
    result = result._replace(text=fixed(result.text))
    checked = check(result.text.encode(), policy=policy)
    if checked.errors:
        problems = tuple(_in_origin(problem, source) for problem in checked.errors)
        raise ManifestError(f"{origin} would not be valid; mend it first", problems=problems)
    return Taken(result.text, result.notes)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _in_origin(problem: Problem, source: Source) -> Problem:
    """Return a problem of what a file became with the place in the file that it comes from."""
    steps = [int(step) if step.isdecimal() else step for step in problem.pointer.split("/")[1:]]
    first, rest = steps[:1], [_before(step) for step in steps[1:]]
    heads = [[_before(step)] for step in first]
    heads += [[name] for name, new in moving.OTHER_NAMES.items() if [new] == first]
    paths = ((*head, *rest[:length]) for length in range(len(rest), -1, -1) for head in heads)
    node = next((found for path in paths if (found := source.find(path))), source.root)
    start, end = (node.start, node.end) if node else (0, 0)
    (line, column), (end_line, end_column) = source.position(start), source.position(end)
    return replace(problem, line=line, column=column, end_line=end_line, end_column=end_column)


def _before(step: str | int) -> str | int:
    return step.removeprefix(OWN) if isinstance(step, str) else step
