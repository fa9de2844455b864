"""VM4xx, the change: what may not happen from one revision to the next."""

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

    Who reads the version could take an old state for the newer one. Precedence is that of
    Semantic Versioning 2.0.0, so that 1.2.0-rc.1 comes before 1.2.0.
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
    """A pack was removed that was not deprecated before.

    Others may still use it. The problem points into the old manifest, at the pack that is gone.
    """
    present = packs_by_id(step.new)
    for name, pack in packs_by_id(step.old).items():
        if name not in present and pack.value["status"] not in LEAVING:
            message = f'pack "{pack.value["id"]}" was {pack.value["status"]} and is gone'
            node = pack.get("id") or pack
            yield _at(node, message, "deprecate it first, and remove it in a later change")


@rule("VM403", "id-reused", Transition, adjustable=True)
def id_reused(step: Transition) -> Iterator[Finding]:
    """An id now means another pack: its name changed, and all else that describes it.

    Whoever knows the pack by its id would use the wrong one. A pack may be renamed, or get
    another category, description and owner, but not all in one change.
    """
    for name, old, new in step.packs():
        before, after = old.value, new.value
        known = [key for key in _DESCRIBING if key in before or key in after]
        others = known and all(before.get(key) != after.get(key) for key in known)
        if before["name"] != after["name"] and others:
            message = f'id "{name}" was {before["name"]}, and is {after["name"]} now'
            yield _at(new.get("id") or new, message, "give the new pack an id of its own")


@rule("VM404", "status-step-backwards", Transition, adjustable=True)
def status_step_backwards(step: Transition) -> Iterator[Finding]:
    """A pack's status went back.

    Forwards is from pending to experimental to installed to deprecated; steps may be left out.
    """
    for name, old, new in step.packs():
        before, after = old.value["status"], new.value["status"]
        if STATUSES[after] < STATUSES[before]:
            message = f'pack "{name}" went back from {before} to {after}'
            yield _at(new.get("status") or new, message, f"write {before}")


@rule("VM405", "completion-rewritten", Transition, adjustable=True)
def completion_rewritten(step: Transition) -> Iterator[Finding]:
    """``completed_at`` changed while the backend stayed complete.

    It is the time when the backend became complete, and that does not change afterwards.
    """
    found, complete = step.both("completed_at"), step.both("backend_complete")
    if found and complete and complete[0].value is complete[1].value is True:
        old, new = found
        if old.value != new.value:
            message = f"completed_at changed from {old.value} although it stayed complete"
            yield _at(new, message, f'write "{old.value}"')


@rule("VM406", "no-new-version", Transition, severity=Severity.WARNING, adjustable=True)
def no_new_version(step: Transition) -> Iterator[Finding]:
    """Packs or the summary changed without a new version.

    Two states that differ should not be called by one version. This is a warning.
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
        message = f"{' and '.join(changed)} changed, the version did not"
        yield _at(found[1], message, "run `valhalla-manifest version bump patch`")


def _summary(source: Source) -> object:
    node = source.find(("summary",))
    return node and node.value


def _packs(source: Source) -> object:
    return {name: pack.value for name, pack in packs_by_id(source).items()}


@rule("VM407", "format-went-down", Transition, adjustable=True)
def format_went_down(step: Transition) -> Iterator[Finding]:
    """``schema_version`` is lower than it was.

    What only the newer format can say would be lost.
    """
    found = step.both("schema_version")
    if found and found[1].value < found[0].value:
        old, new = found
        message = f"schema_version went down from {old.value} to {new.value}"
        yield _at(new, message, f"write {old.value}")


@rule("VM408", "settings-weakened", SettingRelaxation, severity=Severity.WARNING, adjustable=True)
def settings_weakened(weakening: SettingRelaxation) -> Iterator[Finding]:
    """The settings of the project let pass what they refused: a change must not do so unseen.

    A rule is ignored or only warns now, a manifest is no longer named, or the extensions schema
    may allow more than it did. The change is judged by the settings that it found.
    """
    yield Finding(weakening.span, "", weakening.what, "say why, or leave it as it was")


@rule("VM409", "manifest-removed", RemovedManifest, adjustable=True)
def manifest_removed(_: RemovedManifest) -> Iterator[Finding]:
    """A manifest was removed, and no other manifest follows it.

    Consumers of the manifest would find nothing. A renamed manifest is recognised by its content,
    or by the settings if it is the only one before and after the change. The problem points to
    the earlier file.
    """
    message = "the manifest was removed and no other manifest follows it"
    yield Finding(Span(0, 0), "", message, "restore it, or name its new path in pyproject.toml")
