"""Parse ``KEY=VALUE`` arguments, which set extension keys to YAML scalars or JSON values."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from valhalla_manifest.cli.invocation import Invocation
from valhalla_manifest.document import scalars
from valhalla_manifest.document.data import parse_json
from valhalla_manifest.document.scalars import disagreement, is_exact, resolve
from valhalla_manifest.manifest.formats import EXTENSION_PREFIX

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from valhalla_manifest.project.manifest_file import ManifestFile

_JSON_STARTS = ("[", "{", '"')
_NUMBERS = {"number", "integer"}
# A decimal number without redundant zeros or a plus sign.
_PLAIN_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.(?:0|[0-9]*[1-9])")


def split_ids_and_assignments(arguments: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the pack ids and the assignments among some arguments."""
    ids: list[str] = []
    pairs: list[str] = []
    for argument in arguments:
        is_pair = "=" in argument or argument.startswith(EXTENSION_PREFIX)
        (pairs if is_pair else ids).append(argument)
    return ids, pairs


def parse_assignments(
    pairs: Iterable[str],
    alternatives: Mapping[str, str],
    part: str = "manifest",
    *,
    file: ManifestFile | None = None,
    strings: Collection[str] = (),
) -> dict[str, Any]:
    """Return the extension keys' values for the manifest or a pack, and those of ``strings``.

    ``alternatives`` names the command that sets each other key. The types come from the extension
    schema of ``file``, by default this run's manifest.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise click.UsageError(f"no value for {key}; write {key}=VALUE")
        if key in values:
            raise click.UsageError(f"duplicate key {key}; set it once")
        if key in strings:
            values[key] = text
        elif key.startswith(EXTENSION_PREFIX):
            is_ambiguous = not text.startswith(_JSON_STARTS) and (
                disagreement(text) or type(resolve(text)) in (int, float)
            )
            types = _read_types(part, key, file) if is_ambiguous else set()
            values[key] = parse_value(key, text, types)
        else:
            hint = alternatives.get(
                key.replace("-", "_"), f"extension keys start with {EXTENSION_PREFIX}"
            )
            raise click.UsageError(f"cannot set {key!r}: {hint}")
    return values


def _read_types(part: str, key: str, file: ManifestFile | None) -> set[str]:
    """Return the types that the extension schema allows for a key, if any."""
    extensions = (file or Invocation.current().manifest).rule_settings.extensions
    schema = extensions.schema(part) if extensions else None
    definition = schema["definitions"][schema["$ref"].rpartition("/")[2]] if schema else None
    properties = definition.get("properties", {}) if isinstance(definition, dict) else {}
    types = properties[key].get("type") if isinstance(properties.get(key), dict) else None
    return set(types) if isinstance(types, list) else {types} if types else set()


def parse_value(key: str, text: str, types: set[str]) -> Any:
    """Parse a string as JSON if it starts with ``[``, ``{`` or ``"``, otherwise as a YAML scalar.

    The value is a number if it is spelled like that number, or if ``types`` allows a number but no
    string. A scalar that YAML parsers read in different ways (``yes``, ``012``) stays a string.
    """
    if text.startswith(_JSON_STARTS):
        try:
            return parse_json(text)
        except ValueError as error:
            raise click.UsageError(f"invalid JSON for {key}: {error}") from None
    value = resolve(text) if text else text
    if value is None:
        raise click.UsageError(f"cannot set {key} to null; to remove it, write --clear {key}")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return text if disagreement(text) else value
    if not is_exact(value) or types == {"string"}:
        return text
    spellings = _list_spellings(value, text)
    if text in spellings or (types & _NUMBERS and "string" not in types):
        return value
    if not types:
        hint = f"write {key}={spellings[0]} for the number"
        click.echo(f'{key} is the string "{text}"; {hint}', err=True)
    return text


def _list_spellings(number: float, text: str) -> list[str]:
    """Return the spellings of a number, with ``text`` if it keeps all digits of the number."""
    if isinstance(number, int):
        return [str(number)]
    is_plain = _PLAIN_DECIMAL.fullmatch(text) and Decimal(text) == Decimal(repr(number))
    return [scalars.format_number(number), *([text] if is_plain else [])]


def require_disjoint(values: Iterable[str], cleared: Iterable[str]) -> None:
    """Raise an error if a key is both set and removed."""
    for key in set(values).intersection(cleared):
        raise click.UsageError(f"cannot both set and remove {key}")


class KeyToClear(click.ParamType):  # type: ignore[type-arg]  # click 8.2 has no argument here
    """A key that can be removed: an optional key or an extension key."""

    name = "key"

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = [key.replace("_", "-") for key in keys]

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the key as the manifest spells it."""
        if value.startswith(EXTENSION_PREFIX):
            return value
        if value.replace("_", "-") not in self.keys:
            self.fail(
                f"{value!r} is not one of {', '.join(self.keys)}, {EXTENSION_PREFIX}…", param, ctx
            )
        return value.replace("-", "_")

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        """Return the keys that start with the incomplete word."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(key) for key in self.keys if key.startswith(incomplete)]
