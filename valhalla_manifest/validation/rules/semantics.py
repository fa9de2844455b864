"""VM3xx, the meaning: well-formed values that contradict each other.

These rules use every well-formed value, even of a pack that has a problem elsewhere, so that one
run reports all problems of a file.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import Finding, Guesses, Severity, pointer
from valhalla_manifest.manifest import formats
from valhalla_manifest.manifest.compiled import STATUSES
from valhalla_manifest.manifest.statuses import IN_USE, PLANNED
from valhalla_manifest.validation.rules.base import rule
from valhalla_manifest.validation.rules.subjects import Case, ParsedManifest, at_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.validation.rules.subjects import Reference


_CYCLE_LIMIT = 20  # packs; the message abbreviates longer cycles


@rule("VM301", "duplicate-pack-id", ParsedManifest)
def duplicate_pack_id(known: ParsedManifest) -> Iterator[Finding]:
    """Two packs have the same id.

    The problem points to the second pack and gives the line of the first. Upper and lower case
    make no difference.

    Bad:
        packs:
          - {id: "H", name: Engine, status: installed}
          - {id: "H", name: Another, status: installed}
    Good:
        packs:
          - {id: "H", name: Engine, status: installed}
          - {id: "I", name: Another, status: installed}
    """
    if len(known.by_id) == sum(1 for pack in known.packs if pack.id):
        return
    for pack in known.packs:
        first = known.by_id[formats.normalize_id(pack.id)] if pack.id else pack
        if first is not pack:
            path = ("packs", pack.place, "id")
            line, _ = known.source.position(known.span("packs", first.place, "id").start)
            spelled = "" if first.id == pack.id else f' as "{first.id}"'
            message = f'duplicate pack id "{pack.id}"; first used in line {line}{spelled}'
            hint = "give one of the packs another id"
            yield Finding(known.span(*path), pointer(path), message, hint)


@rule("VM302", "unknown-pack", ParsedManifest, adjustable=True)
def unknown_pack(known: ParsedManifest) -> Iterator[Finding]:
    """A reference, such as ``depends_on``, contains an id that no pack has.

    Bad:
        packs:
          - {id: "H", name: Engine, status: installed, depends_on: ["ZZ"]}
    Good:
        packs:
          - {id: "H", name: Engine, status: installed, depends_on: []}
    """
    if not known.linked or not known.all_ids_known:
        return
    guesses = cache(lambda: Guesses(each.id for each in known.packs if each.id))
    for pack in known.linked:
        for node in pack.references:
            if formats.normalize_id(node.value) not in known.by_id:
                guess = guesses().closest(node.value)
                hint = (
                    f'did you mean "{guess}"?' if guess else "use the id of a pack in this manifest"
                )
                yield Finding(
                    node.span, pointer(node.path), f'there is no pack "{node.value}"', hint
                )


@rule("VM309", "listed-twice", ParsedManifest, adjustable=True)
def listed_twice(known: ParsedManifest) -> Iterator[Finding]:
    """A list such as ``depends_on`` contains a pack twice.

    Bad:
        packs:
          - {id: "H", name: Engine, status: installed, depends_on: ["I", "I"]}
          - {id: "I", name: Another, status: installed}
    Good:
        packs:
          - {id: "H", name: Engine, status: installed, depends_on: ["I"]}
          - {id: "I", name: Another, status: installed}
    """
    for pack in known.linked:
        seen = set()
        for node in pack.references:
            reference = (node.key, formats.normalize_id(node.value))
            if reference in seen:
                message = f'{node.key} lists "{node.value}" twice'
                yield Finding(node.span, pointer(node.path), message, "remove one of them")
            seen.add(reference)


@rule("VM303", "dependency-cycle", ParsedManifest, adjustable=True)
def dependency_cycle(known: ParsedManifest) -> Iterator[Finding]:
    """Packs depend on each other in a cycle.

    The problem points to the dependency that closes the cycle.

    Bad:
        packs:
          - {id: "H", name: Engine, status: installed, depends_on: ["I"]}
          - {id: "I", name: Another, status: installed, depends_on: ["H"]}
    Good:
        packs:
          - {id: "H", name: Engine, status: installed, depends_on: ["I"]}
          - {id: "I", name: Another, status: installed}
    """
    done: set[str] = set()
    for start in known.by_id if known.linked else ():
        trail: dict[str, None] = {}  # a dict keeps the order and finds a name fast
        todo: list[tuple[str, Reference | None, bool]] = [(start, None, False)]
        while todo:
            name, node, leaving = todo.pop()
            if leaving:
                done.add(trail.popitem()[0])
            elif name in trail and node is not None:
                cycle = _describe_cycle([str(known.by_id[each].id) for each in (*trail, name)])
                message = f"dependency cycle: {cycle}"
                yield Finding(node.span, pointer(node.path), message, "remove one dependency")
            elif name not in done and name in known.by_id:
                trail[name] = None
                todo.append((name, None, True))
                needs = reversed(known.by_id[name].dependencies)
                todo += ((formats.normalize_id(need.value), need, False) for need in needs)


def _describe_cycle(trail: list[str]) -> str:
    """Return the part of a trail that leads from its last pack back to the same pack."""
    names = trail[trail.index(trail[-1]) :]
    if len(names) > _CYCLE_LIMIT:
        names = [*names[: _CYCLE_LIMIT - 2], "…", names[-1]]
    return " → ".join(names)


@rule("VM304", "dependency-not-installed", ParsedManifest, adjustable=True)
def dependency_not_installed(known: ParsedManifest) -> Iterator[Finding]:
    """An installed pack depends on a pack that is not installed.

    Bad:
        packs:
          - {id: "H", name: Engine, status: installed, depends_on: ["I"]}
          - {id: "I", name: Another, status: pending}
    Good:
        packs:
          - {id: "H", name: Engine, status: installed, depends_on: ["I"]}
          - {id: "I", name: Another, status: installed}
    """
    for pack in known.linked:
        for node in pack.dependencies if pack.status in IN_USE else ():
            need = known.by_id.get(formats.normalize_id(node.value))
            if need and need.status in STATUSES and need.status not in IN_USE:
                name = f'"{pack.id}"' if pack.id else "the pack"
                message = (
                    f'{name} is {pack.status}, but its dependency "{need.id}" is {need.status}'
                )
                yield Finding(node.span, pointer(node.path), message, f'install "{need.id}" first')


@rule("VM306", "complete-while-pending", ParsedManifest, severity=Severity.WARNING, adjustable=True)
def complete_while_pending(known: ParsedManifest) -> Iterator[Finding]:
    """The backend is marked complete while packs are pending.

    This is a warning, because `complete --force` allows it. Make it an error with
    `error = ["VM306"]`.

    Bad:
        backend_complete: true
        completed_at: "2026-01-31T12:00:00Z"
        packs:
          - {id: "H", name: Engine, status: pending}
    Good:
        backend_complete: true
        completed_at: "2026-01-31T12:00:00Z"
        packs:
          - {id: "H", name: Engine, status: installed}
    """
    if known.data.get("backend_complete") is not True:
        return
    pending = [pack.id or "?" for pack in known.packs if pack.status in PLANNED]
    if pending:
        packs = "packs are" if len(pending) > 1 else "pack is"
        message = f"marked complete, but {len(pending)} {packs} pending: {', '.join(pending)}"
        hint = "install them, or write backend_complete: false"
        yield Finding(known.span("backend_complete"), pointer(("backend_complete",)), message, hint)


@rule("VM307", "completed-in-the-future", ParsedManifest, adjustable=True)
def completed_in_the_future(known: ParsedManifest) -> Iterator[Finding]:
    """``completed_at`` is in the future, by more than five minutes.

    Bad:
        backend_complete: true
        completed_at: "9999-01-01T00:00:00Z"
    Good:
        backend_complete: true
        completed_at: "2026-01-31T12:00:00Z"
    """
    text = known.data.get("completed_at")
    if not isinstance(text, str) or not re.match(formats.UTC_TIME, text):
        return
    if text > formats.format_time(known.latest):
        message = f"completed_at {text} is in the future"
        yield Finding(
            known.span("completed_at"),
            pointer(("completed_at",)),
            message,
            "write the time when the backend became complete",
        )


@rule("VM305", "completion-time", Case)
def completion_time(case: Case) -> Iterator[Finding]:
    """``completed_at`` must be set if ``backend_complete`` is true, and only then.

    Bad:
        backend_complete: true
    Good:
        backend_complete: true
        completed_at: "2026-01-31T12:00:00Z"
    """
    if case.error["type"] == "completion_time_missing":
        message = "backend_complete is true, but completed_at is missing"
        hint = 'add completed_at: "…" with the time when the backend became complete'
        if case.node.path == case.path:
            yield case.finding("backend_complete is true, but completed_at is null", hint)
        else:
            yield at_mapping(case, message, hint)
    else:
        message = "completed_at is set, but backend_complete is false"
        yield case.finding(message, "write null, or backend_complete: true")


@rule("VM308", "replaced-but-not-deprecated", Case)
def replaced_but_not_deprecated(case: Case) -> Iterator[Finding]:
    """A pack that is not deprecated has ``replaced_by``.

    Bad:
        packs:
          - {id: "H", name: Engine, status: installed, replaced_by: "I"}
          - {id: "I", name: Engine Two, status: installed}
    Good:
        packs:
          - {id: "H", name: Engine, status: deprecated, replaced_by: "I"}
          - {id: "I", name: Engine Two, status: installed}
    """
    message = "replaced_by is set, but the pack is not deprecated"
    yield case.finding(message, "remove it, or write status: deprecated")
