"""JSON Schema (draft-07) within bounds: whatever a schema says, judging a value by it ends.

Nothing is fetched, regular expressions run in linear time, and the steps are counted.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonschema import Draft7Validator, FormatChecker, ValidationError, validators
from jsonschema import SchemaError as NoSchemaError
from referencing import Registry

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.document.problems import ManifestError, pointer
from valhalla_manifest.manifest.core import SchemaError, SchemaValidator
from valhalla_manifest.manifest.extensions import keywords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from valhalla_manifest.document.source import Path

Schema = dict[str, Any]

# Keywords that are looked at for one manifest: at least, for each of its characters, at most.
_FEWEST, _EACH, _MOST = 100_000, 20, 2_000_000


# Escapes and classes that JavaScript, Python and the engine here take for the same.
_ESCAPE = re.compile(
    r"\\(?:[dDwWsSbBnrtfv]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^A-Za-z0-9<>])", re.DOTALL
)
_CLASS = re.compile(r"\[\^?(?:(?!&&|--|~~)[^\[\]])+\]")
_FOREIGN = re.compile(r"\\|\[|\]|\(\?(?!:)|[+*?}]\+")
# To JavaScript these are ASCII.
_ASCII = {"d": "[0-9]", "D": "[^0-9]", "w": "[0-9A-Za-z_]", "W": "[^0-9A-Za-z_]"}


class Violation(NamedTuple):
    """One thing that is not as a schema asks: where, by which keyword, and what it wants.

    ``key`` is the key that is missing, or that is none of those ``known``.
    """

    path: Path
    keyword: str
    wanted: Any
    value: Any
    key: str | None
    known: tuple[str, ...]


class TooManyStepsError(Exception):
    """The schema would take too long on this value."""


def violations(
    schema: Mapping[str, Any], values: Iterable[tuple[Path, Any]], size: int
) -> Iterator[Violation]:
    """Yield what is wrong with values, each given with its path.

    ``size`` is that of the text which they stand in, in characters.

    Raises:
        TooManyStepsError: the schema takes too long.
    """
    validator = _validator(schema, min(_FEWEST + _EACH * size, _MOST))
    for path, value in values:
        try:
            for error in validator.iter_errors(value):
                where, keyword = (*path, *error.absolute_path), str(error.validator)
                about = (error.key, error.known) if isinstance(error, _KeyError) else (None, ())
                yield Violation(where, keyword, error.validator_value, error.instance, *about)
        except RecursionError:
            raise TooManyStepsError from None


def check_schema(schema: Mapping[str, Any]) -> None:
    """Insist that a schema can be judged by.

    Raises:
        ManifestError: it is no draft-07 schema, or has a regular expression that could take for
            ever.
    """
    try:
        # Without the check of formats, which tries patterns by an engine that may never end.
        Draft7Validator.check_schema(schema, format_checker=FormatChecker(()))
    except NoSchemaError as error:
        path = pointer(tuple(error.absolute_path))
        raise ManifestError(f"{path or '/'} is no draft-07 schema: {error.message[:200]}") from None
    except RecursionError:
        raise ManifestError("it is nested too deep") from None
    for pattern in _patterns(schema):
        shown = escape_for_display(pattern)
        if _matcher(pattern) is None:
            raise ManifestError(
                f"the pattern {shown!r} cannot be matched in linear time: "
                "it is not whole, too large, or has look-around or back-references"
            )
        if _FOREIGN.search(_CLASS.sub("a", _ESCAPE.sub("a", _with_plain_end(pattern)))):
            raise ManifestError(
                f"the pattern {shown!r} has what JavaScript or Python lacks or takes otherwise; "
                "write plain escapes, classes and groups"
            )


def _patterns(schema: Any) -> Iterator[str]:
    for key, value in keywords(schema):
        if key == "pattern" and isinstance(value, str):
            yield value
        elif key == "patternProperties" and isinstance(value, dict):
            yield from value


@cache
def _matcher(pattern: str) -> Callable[[object], bool] | None:
    """Return a search by an engine that never backtracks; None for what it cannot do."""
    try:
        found: Callable[[object], bool] = SchemaValidator(
            {"type": "str", "pattern": _for_the_engine(pattern), "strict": True}
        ).isinstance_python
    except SchemaError:
        return None
    return found


def _with_plain_end(pattern: str) -> str:
    # To the engine $ is the very end, as it is for what is excluded here behind it.
    return pattern.replace("$(?!\\n)", "$")


def _for_the_engine(pattern: str) -> str:
    return re.sub(
        r"\\(.)",
        lambda escape: _ASCII.get(escape[1], escape[0]),
        _with_plain_end(pattern),
        flags=re.DOTALL,
    )


def _matches(pattern: str, text: object) -> bool:
    matcher = _matcher(pattern)
    return matcher is not None and matcher(text)


class _KeyError(ValidationError):
    """What is wrong with a key: it is missing, or none of those that are known."""

    def __init__(self, key: str, known: Iterable[str] = ()) -> None:
        super().__init__(key)
        self.key = key
        self.known = tuple(known)


def _pattern(_: Any, pattern: str, instance: Any, __: Schema) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError("")


def _of_key(validator: Any, key: str | int, value: Any, part: Any) -> Iterator[ValidationError]:
    if part is False:  # of which the library forgets the path
        yield ValidationError("", validator="false", path=(key,), instance=value)
    else:
        yield from validator.descend(value, part, path=key)


def _properties(
    validator: Any, parts: Schema, instance: Any, _: Schema
) -> Iterator[ValidationError]:
    for key, part in parts.items() if isinstance(instance, dict) else ():
        if key in instance:
            yield from _of_key(validator, key, instance[key], part)


def _pattern_properties(
    validator: Any, parts: Schema, instance: Any, _: Schema
) -> Iterator[ValidationError]:
    for pattern, part in parts.items() if isinstance(instance, dict) else ():
        for key, value in instance.items():
            if _matches(pattern, key):
                yield from _of_key(validator, key, value, part)


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
        if allowed is False:
            yield _KeyError(key, known)
        else:
            yield from validator.descend(value, allowed, path=key)


def _items(validator: Any, parts: Any, instance: Any, _: Schema) -> Iterator[ValidationError]:
    for at, value in enumerate(instance if isinstance(instance, list) else ()):
        if not isinstance(parts, list) or at < len(parts):
            part = parts[at] if isinstance(parts, list) else parts
            yield from _of_key(validator, at, value, part)


def _additional_items(
    validator: Any, part: Any, instance: Any, schema: Schema
) -> Iterator[ValidationError]:
    first = schema.get("items")
    if isinstance(first, list) and isinstance(instance, list):
        for at in range(len(first), len(instance)):
            yield from _of_key(validator, at, instance[at], part)


def _multiple_of(_: Any, step: float, instance: Any, __: Schema) -> Iterator[ValidationError]:
    if isinstance(instance, (int, float)) and not isinstance(instance, bool):
        try:
            rest = Fraction(str(instance)) % Fraction(str(step))
        except ValueError:  # infinity, or no number
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
    """Return what is equal for the same data alone: 1 and 1.0, but not 1 and true."""
    if isinstance(value, list):
        return list, *map(_hashable, value)
    if isinstance(value, dict):
        return dict, frozenset((key, _hashable(part)) for key, part in value.items())
    return (bool, value) if isinstance(value, bool) else value


# The library's own take regular expressions that may never end, compare each item with each, or
# put a key into a sentence alone.
_KEYWORDS = {
    "pattern": _pattern,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "required": _required,
    "dependencies": _dependencies,
    "additionalProperties": _additional,
    "propertyNames": _property_names,
    "items": _items,
    "additionalItems": _additional_items,
    "multipleOf": _multiple_of,
    "uniqueItems": _unique_items,
}
_OF_THE_WHOLE = {_unique_items, *(Draft7Validator.VALIDATORS[name] for name in ("const", "enum"))}
_QUICK = 16  # characters or values that take as long as a step


def _weight(value: Any, *, whole: bool) -> int:
    """Return how much there is to look at, in what a value holds too where the whole counts."""
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, (list, dict)):
        return 1
    parts = value.values() if isinstance(value, dict) else value
    return sum(_weight(part, whole=True) for part in parts) if whole else len(value)


def _validator(schema: Mapping[str, Any], steps: int) -> Any:
    """Return a validator that counts its steps and can reach nothing but the schema.

    A keyword that looks at all of a long text, list or mapping has more than one.
    """
    left = steps

    def counted(keyword: Any, validator: Any, value: Any, instance: Any, part: Any) -> Any:
        nonlocal left
        left -= 1 + _weight(instance, whole=keyword in _OF_THE_WHOLE) // _QUICK
        if left < 0:
            raise TooManyStepsError
        return keyword(validator, value, instance, part)

    known = {**Draft7Validator.VALIDATORS, **_KEYWORDS}
    bounded = {name: partial(counted, keyword) for name, keyword in known.items()}
    extended = validators.extend(Draft7Validator, bounded)  # type: ignore[no-untyped-call]
    return extended(schema, registry=Registry())
