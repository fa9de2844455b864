"""Parameter types whose values the shell can complete from the manifest, Git or the rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from valhalla_manifest.cli.invocation import Invocation, load_view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from valhalla_manifest.manifest.views import ManifestView

    Choices = Mapping[str, str | None]  # from a value to its help

PATH = click.Path()


class CompletableParam(click.ParamType):  # type: ignore[type-arg]  # click 8.2 has no argument here
    """A parameter that accepts any value, and completes known ones without regard to case.

    With ``separators`` the value is a list: only its last part is completed, and ``get_choices``
    receives the parts before it.
    """

    def __init__(
        self, name: str, get_choices: Callable[[str], Choices], separators: str = ""
    ) -> None:
        self.name = name
        self.get_choices = get_choices
        self.head = re.compile(rf".*[{separators}]" if separators else "")

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        """Return the choices that start with the incomplete word; none if they cannot be read."""
        from click.shell_completion import CompletionItem

        match = self.head.match(incomplete)
        head = match[0] if match else ""
        prefix = incomplete.removeprefix(head).casefold()
        try:
            # The context holds the value of --manifest.
            with ctx.scope(cleanup=False):
                choices = self.get_choices(head)
        except Exception:  # noqa: BLE001  a shell that completes a word cannot show an error
            return []
        return [
            CompletionItem(head + value, help=description)
            for value, description in choices.items()
            if value.casefold().startswith(prefix)
        ]


def choices_from_manifest(
    get_choices: Callable[[ManifestView], Choices],
) -> Callable[[str], Choices]:
    """Return a callback that reads the choices from the manifest of this run."""
    return lambda _: get_choices(load_view())


def _ids(manifest: ManifestView) -> Choices:
    return {pack.id: pack.name for pack in manifest.packs}


def _fields(manifest: ManifestView) -> Choices:
    from valhalla_manifest.report import values

    return dict.fromkeys(values.flatten(manifest))


def _conditions(head: str) -> Choices:
    from valhalla_manifest.manifest.gates import KINDS

    if head.startswith("installed:"):
        return _ids(load_view())
    return {kind.example.partition("ID,ID")[0]: None for kind in KINDS} if not head else {}


def _revisions(_: str) -> Choices:
    from valhalla_manifest import git

    return dict.fromkeys(git.list_references(Invocation.current().manifests[0].path.parent))


def _codes(_: str) -> Choices:
    from valhalla_manifest.validation.rules.registry import RULES

    return {rule.code: rule.summary for rule in RULES}


def values_of(key: str) -> CompletableParam:
    """Return a parameter type that completes the values that packs have for a key."""

    def get_choices(manifest: ManifestView) -> Choices:
        return dict.fromkeys(filter(None, (pack.fields[key] for pack in manifest.packs)))

    return CompletableParam(key, choices_from_manifest(get_choices))


PACK_ID = CompletableParam("id", choices_from_manifest(_ids))
PACK_IDS = CompletableParam("ids", choices_from_manifest(_ids), ",")
FIELD = CompletableParam("field", choices_from_manifest(_fields))
PACK_OR_FIELD = CompletableParam(
    "name", choices_from_manifest(lambda manifest: {**_ids(manifest), **_fields(manifest)})
)
CONDITION = CompletableParam("condition", _conditions, ":,")
REVISION = CompletableParam("revision", _revisions)
CODE = CompletableParam("code", _codes)
