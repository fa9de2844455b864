"""VM208, a team's own keys: what the extensions schema of a project asks of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.document.problems import Finding, Span, closest, pointer
from valhalla_manifest.document.scalars import describe
from valhalla_manifest.document.source import MappingNode, Source
from valhalla_manifest.manifest.formats import EXTENSION_PREFIX
from valhalla_manifest.validation.rules.base import rule
from valhalla_manifest.validation.rules.schema import IN_WORDS
from valhalla_manifest.validation.rules.subjects import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.document.source import Path
    from valhalla_manifest.manifest.extensions import Extensions
    from valhalla_manifest.validation.bounded_json_schema import Violation


class ExtensionSubject(NamedTuple):
    """A manifest, and what its project asks of the keys that begin with ``x-``."""

    source: Source
    extensions: Extensions


@rule("VM208", "own-key", ExtensionSubject, adjustable=True)
def extension_key(own: ExtensionSubject) -> Iterator[Finding]:
    """A team's own key is missing, or not as the project's extensions schema asks.

    `extensions` in `[tool.valhalla-manifest]` names that schema; without it, a key that begins
    with ``x-`` may hold anything.
    """
    from valhalla_manifest.validation.bounded_json_schema import TooManyStepsError, violations

    source = own.source
    try:
        for part, values in _parts(source).items():
            schema = own.extensions.schema(part)
            for violation in violations(schema, values, len(source.text)) if schema else ():
                if not (source.damaged and violation.keyword in _LACKING):
                    yield _finding(source, violation)
    except TooManyStepsError:
        message = "judging this manifest by the extensions schema takes too many steps"
        yield Finding(Span(0, 0), "", message, "let its definitions refer to each other less")


def _parts(source: Source) -> dict[str, list[tuple[Path, Any]]]:
    """Return the mappings that each part of the schema is about, with their paths."""
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
        message, hint = _in_words(violation)
        return Finding(span, pointer(violation.path), message, hint)
    key, where = escape_for_display(violation.key), pointer((*violation.path, violation.key))
    entries = node.entries if isinstance(node, MappingNode) else []
    if violation.keyword in _LACKING:
        beside = entries[0][0].span if entries else span
        return Finding(beside, where, f'"{key}" is missing', f"add {key}")
    at = next((name.span for name, _ in entries if name.value == violation.key), span)
    message = f'"{key}" is none of the keys that the extensions schema knows'
    return Finding(at, where, message, _way_on(violation))


def _way_on(violation: Violation) -> str:
    """Return what to do about a key that a schema does not know."""
    if violation.key and not violation.key.startswith(EXTENSION_PREFIX) and not violation.path[2:]:
        return f"let the extensions schema speak of keys that begin with {EXTENSION_PREFIX} alone"
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
    "multipleOf": "is {value}, no multiple of {wanted}",
    "minItems": "has fewer than {wanted} items",
    "maxItems": "has more than {wanted} items",
    "uniqueItems": "has an item twice",
    **dict.fromkeys(("false", "None"), "must not be there"),  # a schema that allows nothing
}
_OTHER = "is not as the extensions schema asks ({keyword})"
_LACKING = {"required", "dependencies"}


def _in_words(violation: Violation) -> tuple[str, str | None]:
    """Return what is wrong with a value, and the way out where there is one."""
    value, wanted = violation.value, violation.wanted
    listed = wanted if isinstance(wanted, list) else [wanted]
    choices = [IN_WORDS.get(str(each), str(each)) for each in listed]
    if violation.keyword != "type":
        choices = list(map(_shown, listed))
    sentence = _SENTENCES.get(violation.keyword, _OTHER).format(
        kind=describe(value),
        value=_shown(value),
        wanted=escape_for_display(" or ".join(choices), 200),
        keyword=violation.keyword,
    )
    return f"{_name(violation.path)} {sentence}", _way_out(violation, choices)


def _way_out(violation: Violation, choices: list[str]) -> str | None:
    value = violation.value
    guess = closest(str(value), choices) if violation.keyword == "enum" else None
    if guess:
        return f'did you mean "{guess}"?'
    if violation.keyword == "type" and "a string" in choices and isinstance(value, (int, float)):
        return f'quote it: "{_shown(value)}"'
    if violation.keyword in {"type", "enum", "const"}:
        return f"write {escape_for_display(' or '.join(choices), 200)}"
    return None


def _name(path: Path) -> str:
    return name_of(
        tuple(escape_for_display(step) if isinstance(step, str) else step for step in path)
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and (value.strip() != value or not value):  # else nobody sees it
        return escape_for_display(json.dumps(value, ensure_ascii=False))
    return escape_for_display(value) if isinstance(value, (str, int, float)) else describe(value)
