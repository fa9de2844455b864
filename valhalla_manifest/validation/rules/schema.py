"""VM2xx, the shape: Pydantic's errors, reported at their place in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from valhalla_manifest.document.characters import escape_for_display
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
from valhalla_manifest.document.syntax_errors import fault_offset
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
    """A required key is missing.

    The problem points to the first key of the mapping that should contain it.

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
    """A key is not part of the format.

    Usually the key is mistyped. Extension keys, for your own data, start with ``x-``.

    Bad:
        note: mistyped
    Good:
        notes: well typed
        x-note: an extension key
    """
    key = _key(case) or case.node
    guess = _guess(case)
    hint = f'did you mean "{guess}"?' if guess else "start extension keys with x-"
    owner = "a pack" if len(case.path) > 1 else "the manifest"
    message = f'"{escape_for_display(case.key)}" is not a key of {owner}'
    yield Finding(key.span, pointer(case.path), message, hint)


TYPE_NAMES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "object": "a mapping",
    "string": "a string",
}


def _expected_type(path: Path) -> str:
    """Return the name of the type that the format requires at a path."""
    if not path or fields_at(compiled.FIELDS, path):
        is_list = bool(path) and isinstance(path[-1], str)
        return TYPE_NAMES["array" if is_list else "object"]
    field = field_at(compiled.FIELDS, path)
    is_item = isinstance(path[-1], int)  # all inner lists are lists of strings
    return TYPE_NAMES["string" if field is None or is_item else field.type]


@rule("VM203", "wrong-type", Case)
def wrong_type(case: Case) -> Iterator[Finding]:
    """A value has the wrong type.

    ``version: 1.10`` is the number 1.1; in quotes it is the string 1.10.

    Bad:
        version: 1.10
    Good:
        version: "1.10.0"
    """
    wanted = _expected_type(case.path)
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
        hint = _conversion_hint(case, wanted)
    yield case.finding(f"{escape_for_display(case.key)} is {found}, not {wanted}", hint)


def _conversion_hint(case: Case, wanted: str) -> str:
    """Return how to write the present value as the wanted type, without inventing data."""
    node = case.node
    if case.source.text.startswith("{{", node.start):
        return "render the template, or put it in quotes"
    if wanted == "a list" and isinstance(node, MappingNode):
        return "write its entries as items, each after a -"
    if wanted == "a list" and isinstance(node, ScalarNode) and node.value not in (None, ""):
        return f'write ["{escape_for_display(node.text)}"]'
    if wanted == "a string" and isinstance(node, SequenceNode):
        return "write a single string; if it has several lines, start it with |"
    return f"write {wanted}"


@rule("VM204", "value-not-allowed", Case)
def value_not_allowed(case: Case) -> Iterator[Finding]:
    """A value is not one of the allowed values.

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
    own = ", or use an extension key such as x-status"
    hint = f"write {expected}{own if case.key == 'status' else ''}"
    hint = f'did you mean "{guess}"?' if guess else hint
    yield case.finding(f"{case.key} is {escape_for_display(case.node.value)}, not {expected}", hint)


_FORMATS = {
    formats.SEMVER: ("a version of Semantic Versioning", "write three numbers, such as 1.2.0"),
    formats.UTC_TIME: ("an RFC 3339 time in UTC", "write it as YYYY-MM-DDThh:mm:ssZ"),
    formats.PACK_ID: (
        "a pack id",
        "use up to 32 ASCII letters (a-z), digits and hyphens, a letter first",
    ),
    formats.SLUG: ("a slug", "use lower-case letters, digits and single hyphens"),
    formats.ONE_LINE: ("one line", "remove the line break"),
    formats.ONE_LINE_NOT_BLANK: ("one line of text", "write a name on one line"),
    formats.NOT_BLANK: ("a paragraph", "write one paragraph"),
}


@rule("VM205", "wrong-format", Case)
def wrong_format(case: Case) -> Iterator[Finding]:
    """A string does not have the format that its key requires.

    Versions follow Semantic Versioning 2.0.0, times RFC 3339 in UTC with whole seconds. Ids
    consist of ASCII letters, digits and hyphens. Names fit on one line and are not blank.

    Bad:
        version: "1.2"
    Good:
        version: "1.2.0"
    """
    value = case.node.value
    if case.error["type"] == "no_such_time":
        yield case.finding(
            f"{escape_for_display(value[:10])} does not exist", "write an existing date"
        )
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
    """A string is too long: a name may have 120 characters, the summary 4 000, notes 10 000."""
    limit = case.error["ctx"]["max_length"]
    over = len(case.node.value) - limit
    yield case.finding(
        f"{case.key} has {limit + over} characters, more than {limit}",
        f"shorten it by {over}",
    )


@rule("VM207", "newer-format", Source)
def newer_format(source: Source) -> Iterator[Finding]:
    """The manifest has a newer format than this tool supports; nothing else is checked.

    Bad:
        schema_version: 2
    Good:
        schema_version: 1
    """
    node = source.find(("schema_version",))
    if node is not None and type(node.value) is int and node.value > 1:
        version = escape_for_display(node.value)
        message = f"schema_version {version} needs a newer valhalla-manifest"
        yield Finding(node.span, pointer(node.path), message, "upgrade valhalla-manifest")


# Pydantic's error types and the rules that report them; all others are values of an invalid type.
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


def cases(source: Source, reported: frozenset[str]) -> Iterator[tuple[Rule[Case], Case]]:
    """Yield Pydantic's errors, except at the pointers in ``reported``, which have an error already.

    A missing or empty key of a damaged file may be in the part that could not be read, so it is
    not reported.
    """
    root = source.root
    if root is None:
        return
    refused = [_case(source, root, error) for error in errors(root.value)]
    mistyped = {_likely_path(case) for case in refused if _rule_of(case) is unknown_key}
    for case in refused:
        error, found = case.error, _rule_of(case)
        if found is missing_key and case.path in mistyped:
            continue  # VM202 already suggests this key
        known = pointer(case.path) in reported and not (
            found is unknown_key and _is_well_written_key(case)
        )
        lacking = error["type"] == "missing" or case.node.value is None
        hidden = source.damaged and lacking and _may_be_lost(case)
        merged = isinstance(case.node, MappingNode) and case.node.entry("<<") is not None
        if not (known or hidden or merged):
            yield found, case


def _may_be_lost(case: Case) -> bool:
    """Return whether a missing key may be in the part of the file that could not be read."""
    if len(case.path) == 1:
        return True
    following = (node.start for node in case.source.nodes.mappings if node.start > case.node.end)
    end = min(following, default=len(case.source.text))
    return any(case.node.start <= fault_offset(fault) <= end for fault in case.source.faults)


def _likely_path(case: Case) -> Path | None:
    """Return the path of the key that was probably meant instead of an unknown one."""
    guess = _guess(case)
    return (*case.path[:-1], guess) if guess else None


def _guess(case: Case) -> str | None:
    return closest(case.key, fields_at(compiled.FIELDS, case.path[:-1]))


def _key(case: Case) -> Node | None:
    """Return the key of the value, if the file contains it."""
    parent = case.source.find(case.path[:-1])
    entry = parent.entry(str(case.path[-1])) if isinstance(parent, MappingNode) else None
    return entry[0] if entry else None


def _is_well_written_key(case: Case) -> bool:
    """Return whether a key itself has no problem, so that any known problem concerns its value."""
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
