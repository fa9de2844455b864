"""VM208, extension keys: whether they match the extension schema of the project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.document.problems import Finding, Span, closest, pointer
from valhalla_manifest.document.scalars import describe
from valhalla_manifest.document.source import MappingNode, Source
from valhalla_manifest.manifest.formats import EXTENSION_PREFIX
from valhalla_manifest.validation.rules.base import rule
from valhalla_manifest.validation.rules.schema import TYPE_NAMES
from valhalla_manifest.validation.rules.subjects import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.document.source import Path
    from valhalla_manifest.manifest.extensions import Extensions
    from valhalla_manifest.validation.bounded_json_schema import Violation


class ExtensionSubject(NamedTuple):
    """A manifest, and the extension schema of its project."""

    source: Source
    extensions: Extensions


@rule("VM208", "extension-key", ExtensionSubject, adjustable=True)
def extension_key(subject: ExtensionSubject) -> Iterator[Finding]:
    """An extension key is missing, or does not match the project's extension schema.

    `extensions` in `[tool.valhalla-manifest]` is the path of that schema. Without it, a key that
    begins with ``x-`` may have any value.
    """
    from valhalla_manifest.validation.bounded_json_schema import TooManyStepsError, violations

    source = subject.source
    try:
        for part, values in _parts(source).items():
            schema = subject.extensions.schema(part)
            for violation in violations(schema, values, len(source.text)) if schema else ():
                if not (source.damaged and violation.keyword in _MISSING):
                    yield _finding(source, violation)
    except TooManyStepsError:
        message = "checking this manifest against the extension schema takes too many steps"
        yield Finding(Span(0, 0), "", message, "use fewer references between its definitions")


def _parts(source: Source) -> dict[str, list[tuple[Path, Any]]]:
    """Return the values that each part of the schema describes, with their paths."""
    data: Any = source.data
    listed = data.get("packs") if isinstance(data, dict) else None
    packs = enumerate(listed) if isinstance(listed, list) else ()
    found: dict[str, list[tuple[Path, Any]]] = {
        "manifest": [((), data)],
        "pack": [(("packs", index), pack) for index, pack in packs],
    }
    return {
        part: [(path, value) for path, value in values if isinstance(value, dict)]
        for part, values in found.items()
    }


def _finding(source: Source, violation: Violation) -> Finding:
    node = source.nearest(violation.path)
    span = node.span if node else Span(0, 0)
    if violation.key is None:
        message, hint = _describe_violation(violation)
        return Finding(span, pointer(violation.path), message, hint)
    key, at = escape_for_display(violation.key), pointer((*violation.path, violation.key))
    entries = node.entries if isinstance(node, MappingNode) else []
    if violation.keyword in _MISSING:
        first_key = entries[0][0].span if entries else span
        return Finding(first_key, at, f'"{key}" is missing', f"add {key}")
    key_span = next((name.span for name, _ in entries if name.value == violation.key), span)
    message = f'"{key}" is not in the extension schema'
    return Finding(key_span, at, message, _unknown_key_hint(violation))


def _unknown_key_hint(violation: Violation) -> str:
    """Return the hint for a key that the schema does not define."""
    if violation.key and not violation.key.startswith(EXTENSION_PREFIX) and not violation.path[2:]:
        return f"restrict the extension schema to keys that begin with {EXTENSION_PREFIX}"
    guess = closest(violation.key or "", violation.known)
    return f'did you mean "{escape_for_display(guess)}"?' if guess else "remove it"


_SENTENCES = {
    "type": "is {kind}, not {wanted}",
    "enum": "is {value}, not {wanted}",
    "const": "is {value}, not {wanted}",
    "pattern": "is {value}, which does not match {wanted}",
    "minLength": "is shorter than {wanted} characters",
    "maxLength": "is longer than {wanted} characters",
    "minimum": "is {value}, below {wanted}",
    "maximum": "is {value}, above {wanted}",
    "exclusiveMinimum": "is {value}, not above {wanted}",
    "exclusiveMaximum": "is {value}, not below {wanted}",
    "multipleOf": "is {value}, not a multiple of {wanted}",
    "minItems": "has fewer than {wanted} items",
    "maxItems": "has more than {wanted} items",
    "uniqueItems": "has duplicate items",
    "not": "is not allowed",
}
_OTHER = "does not match the extension schema ({keyword})"
_MISSING = {"required", "dependencies"}


def _describe_violation(violation: Violation) -> tuple[str, str | None]:
    """Return the message and, if there is one, the hint for an invalid value."""
    value, wanted = violation.value, violation.wanted
    listed = wanted if isinstance(wanted, list) else [wanted]
    choices = [TYPE_NAMES.get(str(each), str(each)) for each in listed]
    if violation.keyword != "type":
        choices = list(map(_show_value, listed))
    sentence = _SENTENCES.get(violation.keyword, _OTHER).format(
        kind=describe(value),
        value=_show_value(value),
        wanted=escape_for_display(" or ".join(choices), 200),
        keyword=violation.keyword,
    )
    return f"{_name(violation.path)} {sentence}", _value_hint(violation, choices)


def _value_hint(violation: Violation, choices: list[str]) -> str | None:
    value = violation.value
    guess = closest(str(value), choices) if violation.keyword == "enum" else None
    if guess:
        return f'did you mean "{guess}"?'
    if violation.keyword == "type" and "a string" in choices and isinstance(value, (int, float)):
        return f'quote it: "{_show_value(value)}"'
    if violation.keyword in {"type", "enum", "const"}:
        return f"write {escape_for_display(' or '.join(choices), 200)}"
    return None


def _name(path: Path) -> str:
    return name_of(
        tuple(escape_for_display(step) if isinstance(step, str) else step for step in path)
    )


def _show_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and (value.strip() != value or not value):  # quotes show the spaces
        return escape_for_display(json.dumps(value, ensure_ascii=False))
    return escape_for_display(value) if isinstance(value, (str, int, float)) else describe(value)
