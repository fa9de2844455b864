"""Resolves plain scalars as YAML 1.2 does, and finds those that parsers read differently."""

from __future__ import annotations

import math
import re

JSON_SAFE_INTEGER = 2**53 - 1  # the largest that JavaScript holds exactly

Value = bool | int | float | str | None

_NULLS = {"", "~", "null", "Null", "NULL"}
_BOOLEANS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC_START = frozenset("+-.0123456789")
# These are compiled when a scalar needs them, because a manifest contains few numbers.
_INTEGER = r"[-+]?[0-9]+"
_BASED = r"0o[0-7]+|0x[0-9a-fA-F]+"
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_SPECIAL = r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"


def resolve(text: str) -> Value:
    """Return the value of a plain scalar under the core schema of YAML 1.2."""
    if text in _NULLS:
        return None
    if text[0] not in _NUMERIC_START:
        return _BOOLEANS.get(text, text)
    if _is_digits(text) or re.fullmatch(_INTEGER, text):
        return _integer(text)
    if re.fullmatch(_BASED, text):
        return int(text, 0)
    if re.fullmatch(_FLOAT, text):
        return float(text)
    if re.fullmatch(_SPECIAL, text):
        return float(text.lower().replace(".", ""))
    return text


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _integer(text: str) -> Value:
    try:
        return int(text)
    except ValueError:  # Python rejects thousands of digits; parsers return a float.
        return float(text)


_OLD = "YAML 1.1 parsers"
_A_FEW = "some parsers"

# All parsers read these as the same number. They disagree about other number-like scalars.
_SURE_NUMBER = (
    r"0|[-+]?[1-9][0-9]*|0x[0-9a-fA-F]+|[-+]?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?"
)
_WORDS = {"yes": "true", "on": "true", "no": "false", "off": "false"}
# The spellings that YAML 1.1 allows. A few parsers also accept any other mix of cases.
_OLD_WORDS = {"y": "true", "Y": "true", "n": "false", "N": "false"} | {
    spelled: reading
    for word, reading in _WORDS.items()
    for spelled in (word, word.capitalize(), word.upper())
}
_ANY_CASE_WORDS = _WORDS | {"true": "true", "false": "false", "null": "null"}
# The first pattern that matches gives the type that some parsers see, unlike YAML 1.2.
_DIFFERING = (
    (r"=|<<", "a special key", _OLD, 0),
    (r":.+", "a symbol", "Ruby", re.DOTALL),
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?", "a date", _OLD, 0),
    (r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?", "a base-60 number", _OLD, 0),
    (r"[-+]?0[0-7_]+", "an octal number", _OLD, 0),
    (r"[-+]?0[bBxX][0-9a-fA-F_]+|[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?", "a number", _OLD, 0),
    (r"[-+]?0[oO][0-7_]+", "a string", _OLD, 0),
    (r"[-+]?\.(?:inf|nan)", "a string", _A_FEW, re.IGNORECASE),
    (r"[-+]?(?:[0-9][0-9_,]*)?\.?[0-9_,]*", "a number", _A_FEW, 0),
    (r"[-+]?(?:[0-9][0-9_,]*)?\.?[0-9_,]*[eE][-+]?[0-9_]+", "a string", _A_FEW, 0),
    # Go ignores underscores anywhere in a number, and Ruby ignores commas.
    (r"[-+]?(?=[_,.]*[0-9])[0-9_,]*\.?[0-9_,]*(?:[eE][-+]?[0-9_,]+)?", "a number", _A_FEW, 0),
    (r"[-+]?0[_,]*[bBoOxX][-+0-9a-fA-F_,]+", "a number", _A_FEW, 0),
)
_WORD_START = frozenset("yYnNoOtTfF")
_DIFFERING_START = frozenset("+-.0123456789:=<") | _WORD_START
_LONGEST_WORD = 5
_NO_DIGITS = r"[-+.,]*"


def disagreement(text: str) -> str | None:
    """Return how parsers differ about a plain scalar, or None if all of them agree.

    The parsers are libyaml, PyYAML, ruamel.yaml, Go's yaml.v3, JavaScript's ``yaml`` and
    js-yaml, and Ruby's Psych.
    """
    if not text or text[0] not in _DIFFERING_START or text in _NULLS or text in _BOOLEANS:
        return None
    differing = _differing_word(text) if text[0] in _WORD_START else _differing_number(text)
    if differing is None:
        return None
    reading, readers = differing
    return f"{reading} to {readers}, {describe(resolve(text))} to others"


def _differing_word(text: str) -> tuple[str, str] | None:
    if len(text) > _LONGEST_WORD:
        return None
    if text in _OLD_WORDS:
        return _OLD_WORDS[text], _OLD
    reading = _ANY_CASE_WORDS.get(text.lower())
    return (reading, _A_FEW) if reading else None


def _differing_number(text: str) -> tuple[str, str] | None:
    if _is_digits(text) and text[0] != "0":
        return None
    if re.fullmatch(_SURE_NUMBER, text) or re.fullmatch(_NO_DIGITS, text):
        return None
    for pattern, reading, readers, flags in _DIFFERING:
        if re.fullmatch(pattern, text, re.ASCII | flags):
            return reading, readers
    return None


def format_number(value: float) -> str:
    """Return a float in a form that all parsers read alike; ``1e-05`` needs a decimal point."""
    text = repr(value)
    return text if "." in text else text.replace("e", ".0e")


def is_exact(number: float) -> bool:
    """Return whether a number is finite and keeps all its digits in every parser and in JSON."""
    if isinstance(number, int):
        return abs(number) <= JSON_SAFE_INTEGER
    return math.isfinite(number)


def is_safe_plain(text: str) -> bool:
    """Return whether all parsers read a string back unchanged if it is written without quotes."""
    return isinstance(resolve(text), str) and disagreement(text) is None


def describe(value: object) -> str:
    """Return the name of a value's type for a message: "a string", "the number 12"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    kinds: tuple[tuple[type, str], ...] = ((str, "a string"), (list, "a list"), (dict, "a mapping"))
    return next((words for kind, words in kinds if isinstance(value, kind)), "something else")
