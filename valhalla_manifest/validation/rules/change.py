"""VM4xx, the change policy: changes between two revisions that need a second look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.document.problems import Finding, Severity, Span, pointer
from valhalla_manifest.manifest.compiled import FIELDS, STATUSES
from valhalla_manifest.manifest.statuses import LEAVING
from valhalla_manifest.validation.rules.base import rule
from valhalla_manifest.validation.rules.subjects import (
    RemovalTransition,
    RemovedManifest,
    SettingRelaxation,
    Transition,
    packs_by_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla_manifest.document.source import Node, Source

_DESCRIBING = [name for name, field in FIELDS["packs"].items() if field.describes]


def _at(node: Node, message: str, hint: str | None = None) -> Finding:
    return Finding(node.span, pointer(node.path), message, hint)


@rule("VM401", "version-went-down", Transition, adjustable=True)
def version_went_down(step: Transition) -> Iterator[Finding]:
    """The version is lower than it was.

    Consumers that compare versions would take the older state for the newer one. Versions are
    compared according to Semantic Versioning 2.0.0, so 1.2.0-rc.1 is lower than 1.2.0.
    """
    from semver import Version

    found = step.both("version")
    if found:
        old, new = found
        if Version.parse(new.value) < Version.parse(old.value):
            message = f"version went down from {old.value} to {new.value}"
            yield _at(new, message, f"write a version above {old.value}")


@rule("VM402", "removed-without-notice", RemovalTransition, adjustable=True)
def removed_without_notice(step: RemovalTransition) -> Iterator[Finding]:
    """A pack was removed without being deprecated first.

    Other systems may still use it. The problem points to the removed pack in the earlier manifest.
    """
    present = packs_by_id(step.new)
    for name, pack in packs_by_id(step.old).items():
        if name not in present and pack.value["status"] not in LEAVING:
            message = f'{pack.value["status"]} pack "{pack.value["id"]}" was removed'
            node = pack.get("id") or pack
            yield _at(node, message, "deprecate it first; remove it in a later change")


@rule("VM403", "id-reused", Transition, adjustable=True)
def id_reused(step: Transition) -> Iterator[Finding]:
    """A pack's name and all other keys that describe it changed, so its id means another pack.

    Users of the id would get a different pack. You can change the name of a pack, or its category,
    description and owner, but not all of them in one change.
    """
    for name, old, new in step.packs():
        before, after = old.value, new.value
        known = [key for key in _DESCRIBING if key in before or key in after]
        others = known and all(before.get(key) != after.get(key) for key in known)
        if before["name"] != after["name"] and others:
            message = f'id "{name}" changed its meaning from {before["name"]} to {after["name"]}'
            yield _at(new.get("id") or new, message, "give the new pack a new id")


@rule("VM404", "status-step-backwards", Transition, adjustable=True)
def status_step_backwards(step: Transition) -> Iterator[Finding]:
    """A pack's status moved backwards.

    The order is pending, experimental, installed, deprecated. A pack may skip a status.
    """
    for name, old, new in step.packs():
        before, after = old.value["status"], new.value["status"]
        if STATUSES[after] < STATUSES[before]:
            message = f'pack "{name}" moved back from {before} to {after}'
            yield _at(new.get("status") or new, message, f"write {before}")


@rule("VM405", "completion-rewritten", Transition, adjustable=True)
def completion_rewritten(step: Transition) -> Iterator[Finding]:
    """``completed_at`` changed while the backend stayed complete.

    It records when the backend became complete, which does not change later.
    """
    found, complete = step.both("completed_at"), step.both("backend_complete")
    if found and complete and complete[0].value is complete[1].value is True:
        old, new = found
        if old.value != new.value:
            message = f"completed_at changed from {old.value}, but the backend stayed complete"
            yield _at(new, message, f'write "{old.value}"')


@rule("VM406", "no-new-version", Transition, severity=Severity.WARNING, adjustable=True)
def no_new_version(step: Transition) -> Iterator[Finding]:
    """Packs or the summary changed without a new version.

    Two different states should not have the same version. This is a warning.
    """
    found = step.both("version")
    if not found or found[0].value != found[1].value:
        return
    changed = [
        name
        for name, value in (("summary", _summary), ("packs", _packs))
        if value(step.old) != value(step.new)
    ]
    if changed:
        message = f"{' and '.join(changed)} changed, but the version did not"
        yield _at(found[1], message, "run `valhalla-manifest version bump patch`")


def _summary(source: Source) -> object:
    node = source.find(("summary",))
    return node and node.value


def _packs(source: Source) -> object:
    return {name: pack.value for name, pack in packs_by_id(source).items()}


@rule("VM407", "format-went-down", Transition, adjustable=True)
def format_went_down(step: Transition) -> Iterator[Finding]:
    """``schema_version`` is lower than it was.

    Values that only the newer format supports would be lost.
    """
    found = step.both("schema_version")
    if found and found[1].value < found[0].value:
        old, new = found
        message = f"schema_version went down from {old.value} to {new.value}"
        yield _at(new, message, f"write {old.value}")


@rule("VM408", "settings-weakened", SettingRelaxation, severity=Severity.WARNING, adjustable=True)
def settings_weakened(relaxation: SettingRelaxation) -> Iterator[Finding]:
    """A change relaxes the project's settings, so problems that used to be reported no longer are.

    For example, a rule is now ignored or only a warning, or a manifest is not checked any more. A
    changed extension schema is always reported, because it may allow more. The severity comes from
    the earlier settings.
    """
    message = "explain it in the pull request, or revert it"
    yield Finding(relaxation.span, "", relaxation.what, message)


@rule("VM409", "manifest-removed", RemovedManifest, adjustable=True)
def manifest_removed(_: RemovedManifest) -> Iterator[Finding]:
    """A manifest was removed, and no other manifest follows it.

    Consumers of the manifest would find nothing. A renamed manifest is recognized by its content,
    or by the settings if it is the only one before and after the change. The problem points to
    the earlier file.
    """
    message = "the manifest was removed and no other manifest follows it"
    yield Finding(Span(0, 0), "", message, "restore it, or name its new path in pyproject.toml")
