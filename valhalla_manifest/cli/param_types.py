"""Words on the command line that the shell completes: of the manifest, of git, of the rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from valhalla_manifest.cli.invocation import Invocation, load_record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from valhalla_manifest.manifest.views import ManifestView

    Known = Mapping[str, str | None]  # each word, and what it means

PATH = click.Path()


class CompletableParam(click.ParamType):  # type: ignore[type-arg]  # click 8.2 has no argument here
    """A word of some that are known when they are asked for; the shell completes it, in any case.

    With ``separators`` it is a list, whose last part is completed: ``known`` is given what
    stands before that.
    """

    def __init__(self, name: str, known: Callable[[str], Known], separators: str = "") -> None:
        self.name = name
        self.known = known
        self.head = re.compile(rf".*[{separators}]" if separators else "")

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        """Return the words that begin with what is typed; none where they cannot be known."""
        from click.shell_completion import CompletionItem

        found = self.head.match(incomplete)
        head = found[0] if found else ""
        typed = incomplete.removeprefix(head).casefold()
        try:
            with ctx.scope(cleanup=False):  # where --manifest is remembered
                known = self.known(head)
        except Exception:  # noqa: BLE001  a shell that waits for words can do nothing with a reason
            return []
        return [
            CompletionItem(head + word, help=meaning)
            for word, meaning in known.items()
            if word.casefold().startswith(typed)
        ]


def choices_from_manifest(known: Callable[[ManifestView], Known]) -> Callable[[str], Known]:
    """Return what asks the manifest of this run."""
    return lambda _: known(load_record())


def _ids(manifest: ManifestView) -> Known:
    return {pack.id: pack.name for pack in manifest.packs}


def _fields(manifest: ManifestView) -> Known:
    from valhalla_manifest.report import values

    return dict.fromkeys(values.flat(manifest))


def _conditions(head: str) -> Known:
    from valhalla_manifest.manifest.gates import KINDS

    if head.startswith("installed:"):
        return _ids(load_record())
    return {kind.example.partition("H,I")[0]: None for kind in KINDS} if not head else {}


def _revisions(_: str) -> Known:
    from valhalla_manifest import git

    return dict.fromkeys(git.references(Invocation.current().manifests[0].path.parent))


def _codes(_: str) -> Known:
    from valhalla_manifest.validation.rules.registry import RULES

    return {rule.code: rule.summary for rule in RULES}


def values_of(key: str) -> CompletableParam:
    """Return completions of a key of packs: the values that packs of the manifest have."""

    def known(manifest: ManifestView) -> Known:
        return dict.fromkeys(filter(None, (pack.fields[key] for pack in manifest.packs)))

    return CompletableParam(key, choices_from_manifest(known))


PACK_ID = CompletableParam("id", choices_from_manifest(_ids))
PACK_IDS = CompletableParam("ids", choices_from_manifest(_ids), ",")
FIELD = CompletableParam("field", choices_from_manifest(_fields))
PACK_OR_FIELD = CompletableParam(
    "name", choices_from_manifest(lambda manifest: {**_ids(manifest), **_fields(manifest)})
)
CONDITION = CompletableParam("condition", _conditions, ":,")
REVISION = CompletableParam("revision", _revisions)
CODE = CompletableParam("code", _codes)
