"""What changed, when and by whom: as text and as Markdown."""

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
    """Yield the revisions, a paragraph each."""
    if not chosen:
        yield "nothing changed"
    for number, entry in enumerate(chosen):
        if number:
            yield ""
        commit = entry.commit
        when = commit.date[:10]
        yield f"{style.strong(commit.short)} {when} {escape_for_display(commit.author)}"
        yield f"  {escape_for_display(commit.subject, 100)}"
        yield from (f"    {line}" for line in lines_of(entry, style))
    if found.truncated:
        yield ""
        yield style.faint("older revisions are not in this shallow clone")


def lines_of(entry: ManifestRevision, style: Style = Style()) -> Iterator[str]:  # noqa: B008  immutable
    """Yield what a revision changed, in words."""
    if entry.event.problem:
        yield style.error("not valid: ") + escape_for_display(entry.event.problem, NO_LIMIT)
    elif not entry.event.changes:
        yield style.faint("only the text changed")
    elif _is_first(entry):
        yield _beginning(entry)
    elif _is_last(entry):
        yield _end(entry)
    else:
        yield from map(describe_change, entry.event.changes)


def _is_first(entry: ManifestRevision) -> bool:
    return any(it.field == "schema_version" and it.before is None for it in entry.event.changes)


def _is_last(entry: ManifestRevision) -> bool:
    return any(it.field == "schema_version" and it.after is None for it in entry.event.changes)


def _end(entry: ManifestRevision) -> str:
    """Return one line for the revision that removed the file."""
    version = next((it.before for it in entry.event.changes if it.field == "version"), "?")
    packs = sum(1 for it in entry.event.changes if it.item and it.field is None)
    return (
        f"the manifest is removed: version {escape_for_display(version)}, {plural(packs, 'pack')}"
    )


def _beginning(entry: ManifestRevision) -> str:
    """Return one line for the revision that brought everything."""
    version = next((it.after for it in entry.event.changes if it.field == "version"), "?")
    packs = sum(1 for it in entry.event.changes if it.item and it.field is None)
    return f"the manifest begins: version {escape_for_display(version)}, {plural(packs, 'pack')}"


def markdown(found: ManifestHistory, chosen: list[ManifestRevision]) -> Iterator[str]:
    """Yield the revisions as a list in Markdown."""
    for entry in chosen:
        commit = entry.commit
        who = f"(`{commit.short}`, {escaped(commit.author)})"
        yield f"- **{commit.date[:10]}** {escaped(commit.subject)} {who}"
        yield from (f"  - {escaped(line)}" for line in lines_of(entry))
    if not chosen:
        yield "Nothing changed."
    if found.truncated:
        yield ""
        yield "Older revisions are not in this shallow clone."


def diff(before: str, after: str, changes: list[Change], *, markdown: bool) -> Iterator[str]:
    """Yield the changes between two states."""
    if markdown:
        yield f"Changes from {escaped(before)} to {escaped(after)}:" if changes else "No changes."
        if changes:
            yield ""
        yield from (f"- {escaped(describe_change(it))}" for it in changes)
    else:
        yield from map(describe_change, changes) if changes else ["no changes"]


def blame(lines: Iterable[Line], style: Style) -> Iterator[str]:
    """Yield a line for each field: the commit, the day, who, and the value."""
    for line in lines:
        name = f"{line.item}.{line.field}" if line.item else line.field
        commit = line.commit
        if commit:
            who = escape_for_display(commit.author_name, 20)
            origin = f"{commit.short} {commit.date[:10]} {who:<20}"
        else:
            origin = f"{'older than the clone' if line.committed else 'not committed':<42}"
        rest = f" {name:<18} {describe_value(line.value)}"
        yield style.faint(origin) + rest[: max(style.width - len(origin), 1)]
