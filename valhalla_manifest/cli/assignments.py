"""``KEY=VALUE`` on the command line: a team's own keys, with values as YAML or JSON has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from valhalla_manifest.document.data import from_json
from valhalla_manifest.document.scalars import disagreement, is_exact, resolve
from valhalla_manifest.manifest.formats import EXTENSION_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_AS_JSON = ("[", "{", '"')


def split_ids_and_assignments(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the words that are no keys, and the keys with their values."""
    plain: list[str] = []
    pairs: list[str] = []
    for word in words:
        (pairs if "=" in word or word.startswith(EXTENSION_PREFIX) else plain).append(word)
    return plain, pairs


def parse_assignments(pairs: Iterable[str], elsewhere: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that are given to own keys.

    ``elsewhere`` tells for keys of the format how they are set instead.

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
        result[key] = parse_value(key, text)
    return result


def parse_value(key: str, text: str) -> Any:
    """Return what a text means: JSON behind a bracket, a brace or a quote, else a plain scalar.

    What readers of YAML take in different ways (``yes``, ``012``) is a text, and empty is empty.

    Raises:
        UsageError: it is null, no JSON, or a number that not every reader can hold.
    """
    if text.startswith(_AS_JSON):
        try:
            return from_json(text)
        except ValueError as error:
            raise click.UsageError(f"{key}: it begins like JSON, but: {error}.") from None
    if text == "" or disagreement(text):
        return text
    found = resolve(text)
    if found is None:
        raise click.UsageError(f"{key}: to remove it, write --clear {key}.")
    return text if isinstance(found, (int, float)) and not is_exact(found) else found


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
