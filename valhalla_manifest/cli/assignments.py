"""``KEY=VALUE`` on the command line: a team's own keys, with values as YAML or JSON has them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.document import scalars
from valhalla_manifest.document.data import from_json
from valhalla_manifest.document.scalars import disagreement, is_exact, resolve
from valhalla_manifest.manifest.formats import EXTENSION_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from valhalla_manifest.project.manifest_file import ManifestFile

_AS_JSON = ("[", "{", '"')
_NUMBERS = {"number", "integer"}
# Digits as arithmetic writes them: no zero too many, no sign that says nothing.
_USUAL_DIGITS = re.compile(r"-?(?:0|[1-9][0-9]*)\.(?:0|[0-9]*[1-9])")


def split_ids_and_assignments(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the words that are no keys, and the keys with their values."""
    plain: list[str] = []
    pairs: list[str] = []
    for word in words:
        (pairs if "=" in word or word.startswith(EXTENSION_PREFIX) else plain).append(word)
    return plain, pairs


def parse_assignments(
    pairs: Iterable[str],
    elsewhere: Mapping[str, str],
    part: str = "manifest",
    file: ManifestFile | None = None,
) -> dict[str, Any]:
    """Return the values that are given to extension keys of the manifest or of a pack.

    ``elsewhere`` says how keys of the format are set instead. The extension schema of ``file``
    decides about types; by default it is the manifest of this run.

    Raises:
        UsageError: a key is none of a team's own or stands twice, or a value is no JSON.
    """
    result: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise click.UsageError(f"{key} has no value; write {key}=VALUE.")
        if not key.startswith(EXTENSION_PREFIX):
            way = elsewhere.get(
                key.replace("-", "_"), f"keys of your own begin with {EXTENSION_PREFIX}"
            )
            raise click.UsageError(f"{key!r} is no key of your own; {way}.")
        if key in result:
            raise click.UsageError(f"{key} is given twice.")
        is_open = not text.startswith(_AS_JSON) and (disagreement(text) or _is_number(text))
        types = _types(part, key, file) if is_open else set()
        result[key] = parse_value(key, text, types)
    return result


def _types(part: str, key: str, file: ManifestFile | None) -> set[str]:
    """Return the types that an extension schema gives a key; none where it says nothing."""
    own = (file or Invocation.current().manifest).rule_settings.extensions
    schema = own.schema(part) if own else None
    definition = schema["definitions"][schema["$ref"].rpartition("/")[2]] if schema else None
    properties = definition.get("properties", {}) if isinstance(definition, dict) else {}
    found = properties[key].get("type") if isinstance(properties.get(key), dict) else None
    return set(found) if isinstance(found, list) else {found} if found else set()


def _is_number(text: str) -> bool:
    return type(resolve(text)) in (int, float)


def parse_value(key: str, text: str, types: set[str]) -> Any:
    """Return what a word means: JSON behind a bracket, a brace or a quote, else a plain scalar.

    A word is a number if it is spelled as that number is, or if the types of the key allow a
    number and no string. Words that YAML parsers take in different ways (``yes``, ``012``) are
    strings, and empty is empty.

    Raises:
        UsageError: it is null, no JSON, or a number that not every reader can hold.
    """
    if text.startswith(_AS_JSON):
        try:
            return from_json(text)
        except ValueError as error:
            raise click.UsageError(f"{key}: it begins like JSON, but: {error}.") from None
    found = resolve(text) if text else text
    if found is None:
        raise click.UsageError(f"{key}: to remove it, write --clear {key}.")
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return text if disagreement(text) else found
    if not is_exact(found) or types == {"string"}:
        return text
    spellings = _spellings(found, text)
    if text in spellings or (types & _NUMBERS and "string" not in types):
        return found
    if not types:
        way = f"write {key}={spellings[0]} for the number"
        click.echo(f'{key} is the string "{text}"; {way}', err=True)
    return text


def _spellings(number: float, text: str) -> list[str]:
    """Return how a number is spelled: also with the digits of a text, if none of them is lost."""
    if isinstance(number, int):
        return [str(number)]
    is_usual = _USUAL_DIGITS.fullmatch(text) and Decimal(text) == Decimal(repr(number))
    return [scalars.number(number), *([text] if is_usual else [])]


def require_disjoint(given: Iterable[str], cleared: Iterable[str]) -> None:
    """Insist that no key is both set and removed.

    Raises:
        UsageError: one is.
    """
    for key in set(given).intersection(cleared):
        raise click.UsageError(f"{key} cannot be both set and removed.")


class KeyToClear(click.ParamType):  # type: ignore[type-arg]  # click 8.2 has no argument here
    """A key that may be removed: one of some, or any of a team's own."""

    name = "key"

    def __init__(self, known: Iterable[str]) -> None:
        self.known = [name.replace("_", "-") for name in known]

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the key as the manifest spells it."""
        value = value if value.startswith(EXTENSION_PREFIX) else value.replace("_", "-")
        if not value.startswith(EXTENSION_PREFIX) and value not in self.known:
            self.fail(
                f"{value!r} is not one of {', '.join(self.known)}, {EXTENSION_PREFIX}…", param, ctx
            )
        return value if value.startswith(EXTENSION_PREFIX) else value.replace("-", "_")

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        """Return the keys that begin with what is typed."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in self.known if name.startswith(incomplete)]
