"""Parse ``KEY=VALUE`` arguments, which set extension keys to YAML scalars or JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from valhalla_manifest.document.data import from_json
from valhalla_manifest.document.scalars import disagreement, is_exact, resolve
from valhalla_manifest.manifest.formats import EXTENSION_PREFIX

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_JSON_STARTS = ("[", "{", '"')


def split_ids_and_assignments(arguments: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the pack ids and the assignments among some arguments."""
    ids: list[str] = []
    pairs: list[str] = []
    for argument in arguments:
        is_pair = "=" in argument or argument.startswith(EXTENSION_PREFIX)
        (pairs if is_pair else ids).append(argument)
    return ids, pairs


def parse_assignments(
    pairs: Iterable[str], alternatives: Mapping[str, str], strings: Collection[str] = ()
) -> dict[str, Any]:
    """Return the value of each extension key, and of the keys in ``strings`` as they are.

    ``alternatives`` says how each other key is set.
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
            values[key] = parse_value(key, text)
        else:
            hint = alternatives.get(
                key.replace("-", "_"), f"extension keys start with {EXTENSION_PREFIX}"
            )
            raise click.UsageError(f"cannot set {key!r}: {hint}")
    return values


def parse_value(key: str, text: str) -> Any:
    """Return the value of a string: JSON after ``[``, ``{`` or ``"``, else a plain YAML scalar.

    A scalar that YAML parsers read in different ways (``yes``, ``012``) stays a string.
    """
    if text.startswith(_JSON_STARTS):
        try:
            return from_json(text)
        except ValueError as error:
            raise click.UsageError(f"invalid JSON for {key}: {error}") from None
    if text == "" or disagreement(text):
        return text
    value = resolve(text)
    if value is None:
        raise click.UsageError(f"cannot set {key} to null; to remove it, write --clear {key}")
    return text if isinstance(value, (int, float)) and not is_exact(value) else value


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
