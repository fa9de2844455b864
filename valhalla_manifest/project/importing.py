"""Moving in: where a first manifest and its schema go, and an existing file taken over."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document.data import from_json
from valhalla_manifest.document.edit import Replace, apply, edited
from valhalla_manifest.document.problems import ManifestError, Problem, Span, steps
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import MappingNode, ScalarNode, SequenceNode, Source
from valhalla_manifest.manifest import compiled, conversion, operations, starter
from valhalla_manifest.manifest.formats import EXTENSION_PREFIX
from valhalla_manifest.project import files
from valhalla_manifest.validation.check import check
from valhalla_manifest.validation.fix import fix_text
from valhalla_manifest.validation.rule_settings import RuleSettings
from valhalla_manifest.validation.rules.subjects import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path as FilePath

    from valhalla_manifest.document.edit import Edit
    from valhalla_manifest.document.source import Node
    from valhalla_manifest.project.manifest_file import ManifestFile

_TWICE = "VM103"
_OF_THE_FORMAT = "VM2"  # codes from here on ask for a manifest


class Imported(NamedTuple):
    """The text of a manifest, and what was done to the file that it comes from."""

    text: str
    notes: list[str]


def require_inside(file: ManifestFile, start: FilePath) -> None:
    """Insist that a file is in the repository of the working directory, if that is in one.

    Raises:
        ManifestError: it is outside.
    """
    root = files.repository(start)
    if root and files.resolve(root) not in file.path.parents:
        raise ManifestError(f"{file} is outside of the repository {root}; nothing is written")


def modeline(schema: FilePath, manifest: FilePath) -> str:
    """Return how the first line of a manifest names its schema."""
    try:
        path = os.path.relpath(schema, manifest.parent).replace(os.sep, "/")
        return re.sub(r"[\x00-\x1f\x7f]", lambda char: f"%{ord(char[0]):02X}", path)
    except ValueError:  # on another drive
        return schema.absolute().as_uri()


def first_text(
    file: ManifestFile, origin: str | None, name: str, given: Mapping[str, Any]
) -> Imported:
    """Return the text of a first manifest, from a file or from nothing, with values that are given.

    ``name`` is the default for the manifest's name.

    Raises:
        ManifestError: the file cannot be taken over.
    """
    edits = operations.set_values(given, ())
    schema = modeline(file.schema, file.path)
    if origin is None:
        text = apply(starter.first(name), edits, compiled.FIELDS)
        return Imported(starter.with_modeline(text, schema), [])
    taken = _taken_over(origin, name, edits, file.rule_settings)
    text = starter.with_modeline(taken.text, schema)
    is_other = starter.names_schema(taken.text) and text != taken.text
    note = [f"the schema that its comment names is {schema} now"] if is_other else []
    return Imported(text, [*taken.notes, *note])


def _taken_over(origin: str, name: str, edits: Iterable[Edit], rules: RuleSettings) -> Imported:
    """Return a file as a manifest: a status of the old service, or YAML or JSON of another shape.

    Raises:
        ManifestError: it cannot be read, or is not valid even so; the problems have its lines.
    """
    try:
        text = files.read(origin).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ManifestError(f"cannot take over {origin}: it is not UTF-8") from None
    except ManifestError as error:
        raise ManifestError(f"cannot take over {origin}: {error}") from None
    document = _json(text)
    try:
        if starter.is_legacy_status(document):
            text, notes = starter.from_legacy_status(document)
            return Imported(_with(read(text), edits, origin), notes)
        source = read(text if document is None else conversion.with_whole_characters(text))
        source = source if document is None else conversion.with_sure_numbers(source)
        _require_mapping(source)
        result = conversion.convert(source, name)
    except ManifestError as error:
        raise ManifestError(
            f"cannot take over {origin}: {error.message}",
            problems=error.problems,
            refused=error.refused,
        ) from None
    mended = read(fix_text(result.text))
    whole = _with(mended, edits, origin)
    checked = check(whole.encode(), rules)
    if checked.errors:
        problems = tuple(_in_origin(problem, source) for problem in checked.errors)
        raise ManifestError(f"{origin} would not be valid; mend it first", problems=problems)
    return Imported(whole, [*result.notes, *_mended(read(result.text), mended, source)])


def _with(source: Source, edits: Iterable[Edit], origin: str) -> str:
    """Return a text with values that are given; none takes the place of one that the file has."""
    for edit in edits:
        key = str(edit.path[0])
        if isinstance(edit, Replace) and source.data.get(key) not in (None, edit.value):
            raise ManifestError(f"{origin} has {key} already; leave it out", refused=True)
    return edited(source, edits, compiled.FIELDS).whole


def _require_mapping(source: Source) -> None:
    if source.damaged:
        errors = check(source.whole.encode(), RuleSettings()).errors
        problems = tuple(problem for problem in errors if problem.code < _OF_THE_FORMAT)
        raise ManifestError("it cannot be read; mend it first", problems=problems)
    if any(len(each.value) < len(each.entries) for each in source.nodes.mappings):
        twice = tuple(
            found
            for found in check(source.whole.encode(), RuleSettings()).errors
            if found.code == _TWICE
        )
        raise ManifestError("a key stands twice; mend it first", problems=twice)
    if source.more_documents:
        raise ManifestError("it holds more than one document; take one of them")
    if not isinstance(source.root, MappingNode):
        raise ManifestError("it is no mapping")


def _mended(before: Source, after: Source, origin: Source) -> Iterator[str]:
    """Yield which values are written otherwise, for they were no texts and must be, or the like."""
    changed = (
        (old, new)
        for old, new in zip(before.nodes.all, after.nodes.all, strict=True)
        if isinstance(old, ScalarNode) and isinstance(new, ScalarNode)
        if (old.text, old.style) != (new.text, new.style)
    )
    for old, new in changed:
        line, _ = origin.position(_origin(old.path, origin).start)
        shown = f'"{new.value}"' if isinstance(new.value, str) else str(new.value).lower()
        yield f"line {line}: {name_of(old.path)} is {shown} now"


def _json(text: str) -> Any:
    try:
        return from_json(text)
    except ValueError:
        return None


def _in_origin(problem: Problem, source: Source) -> Problem:
    """Return a problem of what a file became with the place in the file that it comes from."""
    span = _origin(steps(problem.pointer), source)
    (line, column), (end_line, end_column) = source.position(span.start), source.position(span.end)
    return replace(problem, line=line, column=column, end_line=end_line, end_column=end_column)


def _origin(path: Iterable[str | int], source: Source) -> Span:
    """Return where what has a path now comes from: its value there, or what that stood in."""
    node = source.root
    for step in map(str, path):
        part = _part(node, step, at_top=node is source.root)
        if part is None:
            break
        node = part
    return node.span if node else Span(0, 0)


def _part(node: Node | None, step: str, *, at_top: bool) -> Node | None:
    if isinstance(node, SequenceNode):
        return node.items[int(step)] if step.isdecimal() and int(step) < len(node.items) else None
    others = [old for old, new in conversion.OTHER_NAMES.items() if at_top and new == step]
    names = (step, step.removeprefix(EXTENSION_PREFIX), *others)
    entries = map(node.get, names) if isinstance(node, MappingNode) else ()
    return next((found for found in entries if found), None)
