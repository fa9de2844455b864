"""JSON Schema (draft-07) within limits, so that no schema can exhaust time or memory.

Nothing is fetched. Patterns run in linear time and have a size limit, and steps are counted.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonschema import Draft7Validator, FormatChecker, ValidationError, validators
from jsonschema import SchemaError as InvalidSchemaError
from referencing import Registry

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.document.problems import ManifestError, pointer
from valhalla_manifest.manifest.core import SchemaError, SchemaValidator
from valhalla_manifest.manifest.extensions import BY_NAME, DATA, keywords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from valhalla_manifest.document.source import Path

Schema = dict[str, Any]

# The steps for one manifest: a minimum, more for each of its characters, and a maximum.
_MIN_STEPS, _STEPS_PER_CHARACTER, _MAX_STEPS = 100_000, 20, 2_000_000

# Sizes of patterns, in units of about 65 bytes of memory. An element such as "." or "[^a]" matches
# many characters outside ASCII and needs more memory.
_SIZE_LIMIT, _PATTERN_SIZE, _HEAVY_SIZE = 100_000, 150, 20

# Escapes and classes that JavaScript, Python and Rust's regular expressions read alike.
_ESCAPE = re.compile(
    r"\\(?:[dDwWsSbBnrtfv]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^A-Za-z0-9<>])", re.DOTALL
)
_CLASS = re.compile(r"\[\^?(?:(?!&&|--|~~)[^\[\]])+\]")
_FOREIGN = re.compile(r"\\|\[|\]|\(\?(?!:)|[+*?}]\+")
_TOKEN = re.compile(
    rf"{_ESCAPE.pattern}|{_CLASS.pattern}|\{{\s*(?P<least>\d*)\s*,?\s*(?P<most>\d*)\s*\}}|.",
    re.DOTALL,
)
_HEAVY = re.compile(r"\.|\\[sDWSB]|\[\^|\[.*(?:\\[usDWS]|[^\0-\x7f])", re.DOTALL)
# In JavaScript, these classes contain only ASCII characters.
_ASCII = {"d": "[0-9]", "D": "[^0-9]", "w": "[0-9A-Za-z_]", "W": "[^0-9A-Za-z_]"}


class Violation(NamedTuple):
    """One violation of a schema: its path, the keyword with its value, and the value found.

    ``key`` is the key that is missing, or that is not one of the ``known`` keys.
    """

    path: Path
    keyword: str
    wanted: Any
    value: Any
    key: str | None
    known: tuple[str, ...]


class TooManyStepsError(Exception):
    """Raised when a value needs more steps than allowed."""


def violations(
    schema: Mapping[str, Any], values: Iterable[tuple[Path, Any]], size: int
) -> Iterator[Violation]:
    """Yield the violations in values, each given with its path, of a file with ``size`` characters.

    Raises ``TooManyStepsError`` if the check takes too long.
    """
    steps = min(_MIN_STEPS + _STEPS_PER_CHARACTER * size, _MAX_STEPS)
    validator = _validator(_without_booleans(schema), steps)
    for path, value in values:
        try:
            for error in validator.iter_errors(value):
                at, keyword = (*path, *error.absolute_path), str(error.validator)
                keys = (error.key, error.known) if isinstance(error, _KeyError) else (None, ())
                yield Violation(at, keyword, error.validator_value, error.instance, *keys)
        except RecursionError:
            raise TooManyStepsError from None


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raise ManifestError unless a schema is valid, and its patterns are portable and small."""
    try:
        # Checking the formats would try the patterns with Python's engine, which may never end.
        Draft7Validator.check_schema(schema, format_checker=FormatChecker(()))
    except InvalidSchemaError as error:
        path = pointer(tuple(error.absolute_path)) or "/"
        raise ManifestError(f"{path} is not valid in draft-07: {error.message[:200]}") from None
    except RecursionError:
        raise ManifestError("it is nested too deeply") from None
    patterns = dict.fromkeys(_patterns(schema))
    if sum(map(_pattern_size, patterns)) > _SIZE_LIMIT:
        raise ManifestError("its patterns are too large; use fewer patterns or smaller repetitions")
    for pattern in patterns:
        shown = escape_for_display(pattern)
        if _matcher(pattern) is None:
            raise ManifestError(
                f"the pattern {shown!r} cannot be matched in linear time: "
                "it is incomplete, too large, or uses look-around or back-references"
            )
        if _has_foreign_syntax(pattern):
            raise ManifestError(
                f"the pattern {shown!r} uses syntax that JavaScript or Python does not support "
                "or interprets differently; use simple escapes, classes and groups"
            )


def _has_foreign_syntax(pattern: str) -> bool:
    """Return whether a pattern means something else to JavaScript or Python."""
    # An escape or a class stands for one character here, so that its content is not searched.
    return bool(_FOREIGN.search(_CLASS.sub("a", _ESCAPE.sub("a", _simplify_end(pattern)))))


def _patterns(schema: Any) -> Iterator[str]:
    for key, value in keywords(schema):
        if key == "pattern" and isinstance(value, str):
            yield value
        elif key == "patternProperties" and isinstance(value, dict):
            yield from value


def _pattern_size(pattern: str) -> int:
    """Return the estimated size of a compiled pattern, with its repetitions written out."""
    groups: list[list[int]] = [[_PATTERN_SIZE]]
    for token in _TOKEN.finditer(pattern):
        if token[0] == "(":
            groups.append([0])
        elif token[0] == ")" and groups[1:]:
            inner = sum(groups.pop())
            groups[-1].append(inner)
        elif token["least"] or token["most"]:
            # A number of ten digits or more is too large anyway, unless it starts with zeros.
            groups[-1][-1] *= max(int(token[name][-9:] or 1) for name in ("least", "most"))
        else:
            groups[-1].append(_HEAVY_SIZE if _HEAVY.match(token[0]) else 1)
    return sum(map(sum, groups))


@lru_cache(maxsize=1024)
def _matcher(pattern: str) -> Callable[[object], bool] | None:
    """Return a search without backtracking, or None if the engine does not support the pattern."""
    try:
        matcher: Callable[[object], bool] = SchemaValidator(
            {"type": "str", "pattern": _translate(pattern), "strict": True}
        ).isinstance_python
    except SchemaError:
        return None
    return matcher


def _simplify_end(pattern: str) -> str:
    # The engine's $ matches only at the end of the value, so the guard (?!\n) is redundant.
    return pattern.replace("$(?!\\n)", "$")


def _translate(pattern: str) -> str:
    """Return a pattern for Rust's engine."""
    return re.sub(
        r"\\(.)",
        lambda escape: _ASCII.get(escape[1], escape[0]),
        _simplify_end(pattern),
        flags=re.DOTALL,
    )


def _matches(pattern: str, text: object) -> bool:
    matcher = _matcher(pattern)
    return matcher is not None and matcher(text)


class _KeyError(ValidationError):
    """A key that is missing, or that is not one of the known keys."""

    def __init__(self, key: str, known: Iterable[str] = ()) -> None:
        super().__init__(key)
        self.key = key
        self.known = tuple(known)


def _pattern(_: Any, pattern: str, instance: Any, __: Schema) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError("")


def _pattern_properties(
    validator: Any, parts: Schema, instance: Any, _: Schema
) -> Iterator[ValidationError]:
    for pattern, part in parts.items() if isinstance(instance, dict) else ():
        for key, value in instance.items():
            if _matches(pattern, key):
                yield from validator.descend(value, part, path=key)


def _required(_: Any, names: list[str], instance: Any, __: Schema) -> Iterator[ValidationError]:
    for name in names if isinstance(instance, dict) else ():
        if name not in instance:
            yield _KeyError(name)


def _dependencies(
    validator: Any, wanted: Schema, instance: Any, _: Schema
) -> Iterator[ValidationError]:
    for key, part in wanted.items() if isinstance(instance, dict) else ():
        if key in instance and isinstance(part, list):
            yield from (_KeyError(name) for name in part if name not in instance)
        elif key in instance:
            yield from validator.descend(instance, part, schema_path=key)


def _additional(
    validator: Any, allowed: Any, instance: Any, schema: Schema
) -> Iterator[ValidationError]:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key, value in instance.items() if isinstance(instance, dict) else ():
        if key in known or any(_matches(each, key) for each in patterns):
            continue
        if allowed == _NOTHING:
            yield _KeyError(key, known)
        else:
            yield from validator.descend(value, allowed, path=key)


def _multiple_of(_: Any, step: float, instance: Any, __: Schema) -> Iterator[ValidationError]:
    if isinstance(instance, (int, float)) and not isinstance(instance, bool):
        try:
            rest = Fraction(str(instance)) % Fraction(str(step))
        except ValueError:  # infinity or "not a number"
            rest = Fraction(1)
        if rest:
            yield ValidationError("")


def _property_names(
    validator: Any, names: Any, instance: Any, _: Schema
) -> Iterator[ValidationError]:
    any_of = names.get("anyOf", ()) if isinstance(names, dict) else ()
    enums = (each.get("enum", ()) for each in any_of if isinstance(each, dict))
    known = [name for enum in enums for name in enum if isinstance(name, str)]
    for key in instance if isinstance(instance, dict) else ():
        if not validator.evolve(schema=names).is_valid(key):
            yield _KeyError(key, known)


def _unique_items(_: Any, unique: Any, instance: Any, __: Schema) -> Iterator[ValidationError]:
    items = instance if unique is True and isinstance(instance, list) else []
    if len(set(map(_hashable, items))) < len(items):
        yield ValidationError("")


def _hashable(value: Any) -> Any:
    """Return a value that compares as JSON does: 1 equals 1.0, but not true."""
    if isinstance(value, list):
        return list, *map(_hashable, value)
    if isinstance(value, dict):
        return dict, frozenset((key, _hashable(part)) for key, part in value.items())
    return (bool, value) if isinstance(value, bool) else value


# jsonschema's functions for these keywords use Python's regular expressions, which may never end,
# compare each item with all others, fail for infinity, or give a key only as a part of a sentence.
_KEYWORDS = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "required": _required,
    "dependencies": _dependencies,
    "additionalProperties": _additional,
    "propertyNames": _property_names,
    "multipleOf": _multiple_of,
    "uniqueItems": _unique_items,
}
_DEEP_KEYWORDS = {_unique_items, *(Draft7Validator.VALIDATORS[name] for name in ("const", "enum"))}
_NOT_SCHEMAS = DATA | {"uniqueItems"}  # the keywords with a value that may be or contain true
_NOTHING: Schema = {"not": {}}  # the schema that matches no value
_VALUES_PER_STEP = 16  # characters or values that take as long as one step


def _weight(value: Any, *, deep: bool) -> int:
    """Return the number of characters or items of a value, with all inner ones if ``deep``."""
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, (list, dict)):
        return 1
    parts = value.values() if isinstance(value, dict) else value
    return sum(_weight(part, deep=True) for part in parts) if deep else len(value)


def _without_booleans(schema: Any, *, is_by_name: bool = False) -> Any:
    """Replace true and false with equal objects, because jsonschema loses their paths.

    With ``is_by_name``, the keys are names of properties or the like, not keywords.
    """
    if isinstance(schema, bool):
        return {} if schema else _NOTHING
    if isinstance(schema, list):
        return [_without_booleans(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value
        if key in _NOT_SCHEMAS and not is_by_name
        else _without_booleans(value, is_by_name=key in BY_NAME and not is_by_name)
        for key, value in schema.items()
    }


def _validator(schema: Mapping[str, Any], steps: int) -> Any:
    """Return a validator that counts its steps and can reach nothing outside the schema.

    A keyword takes more than one step for a long string, list or mapping.
    """
    left = steps

    def counted(keyword: Any, validator: Any, value: Any, instance: Any, part: Any) -> Any:
        nonlocal left
        left -= 1 + _weight(instance, deep=keyword in _DEEP_KEYWORDS) // _VALUES_PER_STEP
        if left < 0:
            raise TooManyStepsError
        return keyword(validator, value, instance, part)

    known = {**Draft7Validator.VALIDATORS, **_KEYWORDS}
    bounded = {name: partial(counted, keyword) for name, keyword in known.items()}
    extended = validators.extend(Draft7Validator, bounded)  # type: ignore[no-untyped-call]
    return extended(schema, registry=Registry())
