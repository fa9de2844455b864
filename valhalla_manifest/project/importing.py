"""The first manifest of a project: a new text, or an existing file that is imported."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document.edit import Replace, apply, apply_to_source
from valhalla_manifest.document.problems import ManifestError, Problem, pointer_steps
from valhalla_manifest.document.reader import read
from valhalla_manifest.document.source import MappingNode, ScalarNode, Source
from valhalla_manifest.manifest import compiled, conversion, operations, starter
from valhalla_manifest.project import files, schema_file
from valhalla_manifest.validation.check import check
from valhalla_manifest.validation.fix import fix_text
from valhalla_manifest.validation.rule_settings import RuleSettings
from valhalla_manifest.validation.rules.subjects import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from valhalla_manifest.document.edit import Edit
    from valhalla_manifest.manifest.conversion import Converted
    from valhalla_manifest.project.manifest_file import ManifestFile

_FIRST_FIXABLE = "VM104"  # Lower codes are problems that ``fix_text`` cannot fix.


class Imported(NamedTuple):
    """The text of a manifest, and a note for each conversion of the file that it comes from."""

    text: str
    notes: list[str]


def require_inside(file: ManifestFile, start: Path) -> None:
    """Raise ManifestError if a file is outside the repository that a folder is in."""
    root = files.repository(start)
    if root and files.resolve(root) not in file.path.parents:
        raise ManifestError(f"{file} is outside of the repository {root}; nothing was written")


def require_new(file: ManifestFile) -> None:
    """Raise ManifestError if the manifest exists already."""
    if file.path.exists() or Path(file.name).is_symlink():
        raise ManifestError(f"{file} exists already; nothing was changed", refused=True)


def create(file: ManifestFile, text: str) -> bool:
    """Write a new manifest and its schema, or neither; return whether the schema changed."""
    require_new(file)
    checked = check(text.encode(), file.rule_settings)
    if checked.errors:
        raise ManifestError(f"{file} would not be valid", problems=checked.errors, written=False)
    with files.folders_created(file.path):
        try:
            files.write(file.path, text.encode())
            return schema_file.write(file.schema, file.rule_settings.extensions)
        except ManifestError as error:
            left = _undo_unless_whole(file)
            cause = error.cause if isinstance(error, files.NotFlushedError) else error.message
            raise ManifestError(f"{cause}; {left}") from None
        except KeyboardInterrupt:
            _undo_unless_whole(file)
            raise


def _undo_unless_whole(file: ManifestFile) -> str:
    """Remove a new manifest without its schema; return what is left of both files."""
    try:
        if not file.path.exists():
            return "nothing was written"
        schema_file.require_current(file.schema, file.rule_settings.extensions)
    except ManifestError:
        pass
    else:
        return f"{file} and its schema were written"
    try:
        file.path.unlink()
    except OSError as error:
        reason = files.os_error_text(error)
        return f"{file} was written and cannot be removed: {reason}"
    return "nothing was written"


def write_first(
    file: ManifestFile, origin: str | None, name: str, values: Mapping[str, Any]
) -> Imported:
    """Return the text of a first manifest, new or imported from a file, with some values set."""
    edits = operations.set_values(values, ())
    schema = _schema_reference(file)
    if origin is None:
        text = apply(starter.write_manifest(starter.first_values(name)), edits, compiled.FIELDS)
        return Imported(starter.with_modeline(text, schema), [])
    result = _import(origin, name, edits, file.rule_settings)
    text = starter.with_modeline(result.text, schema)
    is_other = starter.names_schema(result.text) and text != result.text
    note = [f"the schema that its comment names is {schema} now"] if is_other else []
    return Imported(text, [*result.notes, *note])


def _schema_reference(file: ManifestFile) -> str:
    """Return the path or URI by which the first line of a manifest names its schema."""
    try:
        path = os.path.relpath(file.schema, file.path.parent).replace(os.sep, "/")
    except ValueError:  # The schema is on another drive.
        return file.schema.absolute().as_uri()
    return re.sub(r"[\x00-\x1f\x7f]", lambda char: f"%{ord(char[0]):02X}", path)


def _import(origin: str, name: str, edits: Iterable[Edit], rules: RuleSettings) -> Imported:
    """Return the manifest that a file becomes; problems have the lines of the file."""
    try:
        converted = _convert(files.read(origin).decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        raise ManifestError(f"cannot import {origin}: it is not UTF-8") from None
    except ManifestError as error:
        message = f"cannot import {origin}: {error.message}"
        raise ManifestError(message, problems=error.problems, refused=error.refused) from None
    fixed = read(fix_text(converted.text))
    text = _with_values(fixed, edits, origin)
    errors = check(text.encode(), rules).errors
    source = converted.origin
    if errors:
        problems = (
            tuple(_move_to_origin(problem, source) for problem in errors) if source else errors
        )
        message = f"{origin} would not be valid; fix it first"
        raise ManifestError(message, problems=problems, written=source is not None)
    fixes = _describe_fixes(read(converted.text), fixed, source) if source else ()
    return Imported(text, [*converted.notes, *fixes])


def _convert(text: str, name: str) -> Converted:
    document = conversion.read_json(text)
    if conversion.is_legacy_status(document):
        return conversion.convert_legacy_status(document)
    source = read(text if document is None else conversion.with_whole_characters(text))
    source = source if document is None else conversion.with_sure_numbers(source)
    if source.more_documents:
        raise ManifestError("it holds more than one document; split it first")
    errors = check(source.whole.encode(), RuleSettings()).errors
    problems = tuple(problem for problem in errors if problem.code < _FIRST_FIXABLE)
    if problems:
        raise ManifestError("fix it first", problems=problems)
    if not isinstance(source.root, MappingNode):
        raise ManifestError("it is not a mapping")
    return conversion.convert_mapping(source, name)


def _with_values(source: Source, edits: Iterable[Edit], origin: str) -> str:
    """Return the text with values set, none of which may replace another value of the file."""
    for edit in edits:
        key = str(edit.path[0])
        if isinstance(edit, Replace) and source.data.get(key) not in (None, edit.value):
            raise ManifestError(
                f"{origin} already contains {key}; remove {key} from the command", refused=True
            )
    return apply_to_source(source, edits, compiled.FIELDS).whole


def _describe_fixes(before: Source, after: Source, origin: Source) -> Iterator[str]:
    """Yield a note for each value that the fixes rewrote, with its line in the original."""
    for old, new in zip(before.nodes.all, after.nodes.all, strict=True):
        if not isinstance(old, ScalarNode) or not isinstance(new, ScalarNode):
            continue
        if (old.text, old.style) != (new.text, new.style):
            line, _ = origin.position(conversion.find_origin(old.path, origin).start)
            value = f'"{new.value}"' if isinstance(new.value, str) else str(new.value).lower()
            yield f"line {line}: {name_of(old.path)} is {value} now"


def _move_to_origin(problem: Problem, origin: Source) -> Problem:
    """Return a problem of the converted text with its place in the original."""
    span = conversion.find_origin(pointer_steps(problem.pointer), origin)
    (line, column), (end_line, end_column) = origin.position(span.start), origin.position(span.end)
    return replace(problem, line=line, column=column, end_line=end_line, end_column=end_column)
