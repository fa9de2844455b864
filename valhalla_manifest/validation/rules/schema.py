"""VM2xx, the shape: what Pydantic says of the data, in the words of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.document.faults import fault_offset
from valhalla_manifest.document.fields import field_at, fields_at
from valhalla_manifest.document.problems import Finding, closest, pointer
from valhalla_manifest.document.scalars import describe, is_safe_plain
from valhalla_manifest.document.source import (
    MappingNode,
    Node,
    Path,
    ScalarNode,
    SequenceNode,
    Source,
)
from valhalla_manifest.manifest import compiled, formats
from valhalla_manifest.manifest.shape import errors
from valhalla_manifest.validation.rules.base import Rule, rule
from valhalla_manifest.validation.rules.semantics import (
    completion_time,
    replaced_but_not_deprecated,
)
from valhalla_manifest.validation.rules.subjects import Case, at_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator


@rule("VM201", "missing-key", Case)
def missing_key(case: Case) -> Iterator[Finding]:
    """A key that must be there is missing.

    The problem points at the first key of the mapping that lacks it.

    Bad:
        packs:
          - id: "H"
            name: Contract Lifecycle Engine
    Good:
        packs:
          - id: "H"
            name: Contract Lifecycle Engine
            status: installed
    """
    yield at_mapping(case, f'"{case.key}" is missing', f"add {case.key}")


@rule("VM202", "unknown-key", Case)
def unknown_key(case: Case) -> Iterator[Finding]:
    """A key that the format does not know.

    Most often it is mistyped. A team's own keys start with ``x-``.

    Bad:
        note: mistyped
    Good:
        notes: well typed
        x-note: a key of our own
    """
    key = _key(case) or case.node
    guess = _guess(case)
    hint = f'did you mean "{guess}"?' if guess else "a key of your own starts with x-"
    owner = "a pack" if len(case.path) > 1 else "the manifest"
    message = f'"{escape_for_display(case.key)}" is no key of {owner}'
    yield Finding(key.span, pointer(case.path), message, hint)


IN_WORDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "a string",
}


def _wanted(path: Path) -> str:
    """Return in words what the format asks for at a path."""
    if not path or fields_at(compiled.FIELDS, path):
        is_list = bool(path) and isinstance(path[-1], str)
        return IN_WORDS["array" if is_list else "object"]
    field = field_at(compiled.FIELDS, path)
    is_item = isinstance(path[-1], int)  # the lists within are of texts
    return IN_WORDS["string" if field is None or is_item else field.type]


@rule("VM203", "wrong-type", Case)
def wrong_type(case: Case) -> Iterator[Finding]:
    """A value is of another type than the format asks for.

    ``version: 1.10`` is the number 1.1; in quotes it is the text 1.10.

    Bad:
        version: 1.10
    Good:
        version: "1.10.0"
    """
    wanted = _wanted(case.path)
    node = case.node
    text = node.text if isinstance(node, ScalarNode) and not node.style else ""
    is_number = isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    found = f"the number {escape_for_display(text)}" if is_number and text else describe(node.value)
    if wanted == "a string" and text and node.value is not None:
        whole = formats.complete_partial_value(case.key, text)
        hint = f'write "{whole}"' if whole else f'quote it: "{escape_for_display(text)}"'
    elif wanted == "true or false":
        hint = "write true or false, without quotes"
    else:
        hint = _transformed(case, wanted)
    yield case.finding(f"{escape_for_display(case.key)} is {found}, not {wanted}", hint)


def _transformed(case: Case, wanted: str) -> str:
    """Say how to write what is there as the type that is wanted; nothing is made up."""
    node = case.node
    if case.source.text.startswith("{{", node.start):
        return "render it, or put it in quotes"
    if wanted == "a list" and isinstance(node, MappingNode):
        return "write its entries as items, each behind a -"
    if wanted == "a list" and isinstance(node, ScalarNode) and node.value not in (None, ""):
        return f'write ["{escape_for_display(node.text)}"]'
    if wanted == "a string" and isinstance(node, SequenceNode):
        return "write one text, | before its lines keeps them"
    return f"write {wanted}"


@rule("VM204", "value-not-allowed", Case)
def value_not_allowed(case: Case) -> Iterator[Finding]:
    """A value is none of those that the format allows.

    Bad:
        packs:
          - id: "H"
            name: Contract Lifecycle Engine
            status: instaled
    Good:
        packs:
          - id: "H"
            name: Contract Lifecycle Engine
            status: installed
    """
    expected = case.error["ctx"]["expected"].replace("'", "")
    guess = closest(str(case.node.value), expected.replace(" or ", ", ").split(", "))
    own = "; a further one goes into a key of your own, such as x-status"
    hint = f"write {expected}{own if case.key == 'status' else ''}"
    hint = f'did you mean "{guess}"?' if guess else hint
    yield case.finding(f"{case.key} is {escape_for_display(case.node.value)}, not {expected}", hint)


_FORMATS = {
    formats.SEMVER: ("a version of Semantic Versioning", "write three numbers and two dots"),
    formats.UTC_TIME: ("an RFC 3339 time in UTC", "write YYYY-MM-DDThh:mm:ssZ"),
    formats.PACK_ID: ("a pack id", "a letter first, then letters, digits and hyphens, 32 at most"),
    formats.SLUG: ("a slug", "lower-case letters, digits and single hyphens"),
    formats.ONE_LINE: ("one line", "remove the line break"),
    formats.ONE_LINE_NOT_BLANK: ("one line of text", "write a name, in one line"),
    formats.NOT_BLANK: ("a text", "write one paragraph"),
}


@rule("VM205", "wrong-format", Case)
def wrong_format(case: Case) -> Iterator[Finding]:
    """A text is not of the form that its key asks for.

    Versions follow Semantic Versioning 2.0.0, times RFC 3339 in UTC with whole seconds; ids
    are ASCII letters, digits and hyphens; names are one line and not blank.

    Bad:
        version: "1.2"
    Good:
        version: "1.2.0"
    """
    value = case.node.value
    if case.error["type"] == "no_such_time":
        yield case.finding(f"there is no such day as {escape_for_display(value[:10])}")
        return
    form, hint = _FORMATS[case.error["ctx"]["pattern"]]
    if isinstance(value, str) and not value.strip():
        hint = "write null" if case.key == "completed_at" else hint
        yield case.finding(f"{case.key} is blank", hint)
        return
    whole = formats.complete_partial_value(case.key, value)
    hint = f'write "{whole}"' if whole else hint
    yield case.finding(f"{case.key} is {escape_for_display(value)}, not {form}", hint)


@rule("VM206", "too-long", Case)
def too_long(case: Case) -> Iterator[Finding]:
    """A text is longer than its key allows: names 120 characters, summary 4000, notes 10000."""
    limit = case.error["ctx"]["max_length"]
    over = len(case.node.value) - limit
    yield case.finding(
        f"{case.key} is {limit + over} characters long, {limit} are allowed",
        f"shorten it by {over}",
    )


@rule("VM207", "newer-format", Source)
def newer_format(source: Source) -> Iterator[Finding]:
    """The manifest is of a newer format than this tool knows; nothing else is checked.

    Bad:
        schema_version: 2
    Good:
        schema_version: 1
    """
    node = source.find(("schema_version",))
    if node is not None and type(node.value) is int and node.value > 1:
        version = escape_for_display(node.value)
        message = f"schema_version {version} was written for a newer valhalla-manifest"
        yield Finding(node.span, pointer(node.path), message, "upgrade valhalla-manifest")


# Pydantic's types of errors → our rules. Any other is a value of the wrong type.
_RULE_OF: dict[str, Rule[Case]] = {
    "missing": missing_key,
    "literal_error": value_not_allowed,
    "enum": value_not_allowed,
    "string_pattern_mismatch": wrong_format,
    "no_such_time": wrong_format,
    "string_too_long": too_long,
    "completion_time_missing": completion_time,
    "completion_time_unexpected": completion_time,
    "replaced_but_not_deprecated": replaced_but_not_deprecated,
}


def cases(source: Source, settled: frozenset[str]) -> Iterator[tuple[Rule[Case], Case]]:
    """Yield what Pydantic refuses, but for the pointers where a problem is known already.

    In a damaged text, a key of the top that is missing or empty may be in the part that could
    not be read: nothing is said of it.
    """
    root = source.root
    if root is None:
        return
    refused = [_case(source, root, error) for error in errors(root.value)]
    mistyped = {_likely_path(case) for case in refused if _rule_of(case) is unknown_key}
    for case in refused:
        error, found = case.error, _rule_of(case)
        if found is missing_key and case.path in mistyped:
            continue  # the key that is there is the one that is missing
        known = pointer(case.path) in settled and not (found is unknown_key and _is_sound_key(case))
        lacking = error["type"] == "missing" or case.node.value is None
        hidden = source.damaged and lacking and _may_be_lost(case)
        merged = isinstance(case.node, MappingNode) and case.node.entry("<<") is not None
        if not (known or hidden or merged):
            yield found, case


def _may_be_lost(case: Case) -> bool:
    """Return whether a key that is missing may stand in the part that could not be read."""
    if len(case.path) == 1:
        return True
    following = (node.start for node in case.source.nodes.mappings if node.start > case.node.end)
    end = min(following, default=len(case.source.text))
    return any(case.node.start <= fault_offset(fault) <= end for fault in case.source.faults)


def _likely_path(case: Case) -> Path | None:
    """Return the path of the key that an unknown one is most likely meant to be."""
    guess = _guess(case)
    return (*case.path[:-1], guess) if guess else None


def _guess(case: Case) -> str | None:
    return closest(case.key, fields_at(compiled.FIELDS, case.path[:-1]))


def _key(case: Case) -> Node | None:
    """Return the key of the value, where it is in the text."""
    parent = case.source.find(case.path[:-1])
    entry = parent.entry(str(case.path[-1])) if isinstance(parent, MappingNode) else None
    return entry[0] if entry else None


def _is_sound_key(case: Case) -> bool:
    """Return whether a key itself is well written, so that what is settled is about its value."""
    key = _key(case)
    if not isinstance(key, ScalarNode) or key.anchor or key.tag:
        return False
    return bool(key.style) or is_safe_plain(key.text)


def _case(source: Source, root: Node, error: Any) -> Case:
    path: Path = error["loc"]
    return Case(source, path, source.find(path) or source.find(path[:-1]) or root, error)


def _rule_of(case: Case) -> Rule[Case]:
    error = case.error
    if error["type"] == "string_pattern_mismatch" and error["ctx"]["pattern"] == "^x-":
        return unknown_key
    if error["type"] in {"literal_error", "enum"} and not isinstance(case.node.value, (str, int)):
        return wrong_type
    return _RULE_OF.get(error["type"], wrong_type)
