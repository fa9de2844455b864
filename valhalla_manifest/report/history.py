"""History, changes and blame as text and as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.manifest.wording import describe_change, describe_value
from valhalla_manifest.report.markdown import escaped
from valhalla_manifest.report.text import NO_LIMIT, Style, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from valhalla_manifest.project.blame import Line
    from valhalla_manifest.project.history import ManifestHistory, ManifestRevision
    from valhalla_manifest.versioning.diff import Change


def text(found: ManifestHistory, chosen: list[ManifestRevision], style: Style) -> Iterator[str]:
    """Yield a paragraph for each revision."""
    if not chosen and not found.truncated:
        yield "nothing changed"
    for number, entry in enumerate(chosen):
        if number:
            yield ""
        commit = entry.commit
        when = commit.date[:10]
        yield f"{style.strong(commit.short)} {when} {escape_for_display(commit.author)}"
        yield f"  {escape_for_display(commit.subject, 100)}"
        yield from (f"    {line}" for line in describe_revision(entry, style))
    if found.truncated:
        if chosen:
            yield ""
        yield style.faint("older revisions are not in this shallow clone")


def describe_revision(entry: ManifestRevision, style: Style = Style()) -> Iterator[str]:  # noqa: B008  immutable
    """Yield the changes of a revision in words."""
    if entry.event.problem:
        yield style.error("not valid: ") + escape_for_display(entry.event.problem, NO_LIMIT)
    elif not entry.event.changes:
        yield style.faint("only comments or layout changed")
    elif _is_first(entry):
        yield _one_line(entry, "created")
    elif _is_last(entry):
        yield _one_line(entry, "removed")
    else:
        yield from map(describe_change, entry.event.changes)


def _is_first(entry: ManifestRevision) -> bool:
    return any(it.field == "schema_version" and it.before is None for it in entry.event.changes)


def _is_last(entry: ManifestRevision) -> bool:
    return any(it.field == "schema_version" and it.after is None for it in entry.event.changes)


def _one_line(entry: ManifestRevision, action: str) -> str:
    """Return one line for a revision that created or removed the manifest."""
    changes = entry.event.changes
    version = next((it.after or it.before for it in changes if it.field == "version"), "?")
    packs = sum(1 for it in changes if it.item and it.field is None)
    return f"manifest {action}: version {escape_for_display(version)}, {plural(packs, 'pack')}"


def markdown(found: ManifestHistory, chosen: list[ManifestRevision]) -> Iterator[str]:
    """Yield the revisions as a Markdown list."""
    for entry in chosen:
        commit = entry.commit
        who = f"(`{commit.short}`, {escaped(commit.author)})"
        yield f"- **{commit.date[:10]}** {escaped(commit.subject)} {who}"
        yield from (f"  - {escaped(line)}" for line in describe_revision(entry))
    if not chosen and not found.truncated:
        yield "Nothing changed."
    if found.truncated:
        if chosen:
            yield ""
        yield "Older revisions are not in this shallow clone."


def diff(before: str, after: str, changes: list[Change], *, markdown: bool) -> Iterator[str]:
    """Yield the changes between two revisions."""
    if markdown:
        yield f"Changes from {escaped(before)} to {escaped(after)}:" if changes else "No changes."
        if changes:
            yield ""
        yield from (f"- {escaped(describe_change(it))}" for it in changes)
    else:
        yield from map(describe_change, changes) if changes else ["no changes"]


def blame(lines: Iterable[Line], style: Style) -> Iterator[str]:
    """Yield a line for each field: commit, date, author and value."""
    for line in lines:
        name = f"packs.{line.item}.{line.field}" if line.item else line.field
        commit = line.commit
        if commit:
            who = escape_for_display(commit.author_name, 20)
            origin = f"{commit.short} {commit.date[:10]} {who:<20}"
        else:
            origin = f"{'older than the clone' if line.committed else 'not committed':<42}"
        rest = f" {name:<24} {describe_value(line.value)}"
        yield style.faint(origin) + rest[: max(style.width - len(origin), 1)]
