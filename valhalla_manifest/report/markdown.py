"""Reports as Markdown, for pull requests and job summaries, with all values escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.manifest.wording import describe_change, describe_value
from valhalla_manifest.report.annotations import locate_problems
from valhalla_manifest.report.text import (
    NO_LIMIT,
    completion,
    counts_by_category,
    last_change,
    plural,
    tally,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from valhalla_manifest.manifest.views import ManifestView
    from valhalla_manifest.project.last_change import LastChange, ManifestState
    from valhalla_manifest.validation.check import Checked
    from valhalla_manifest.versioning.diff import Change

_MARKUP = re.compile(r"[\\`*_\[\]<>|~&]|(?<=[Ww]{3})\.|:(?=//)")
_AT_THE_START = re.compile(r"^(\s*)([-+=#])|^(\s*\d+)([.)])(?=\s|$)")
_MENTION = re.compile(r"([@#])(?=\w)")


def escaped(text: str) -> str:
    """Return a string that Markdown shows unchanged: no markup, link or mention."""
    safe = _MARKUP.sub(r"\\\g<0>", escape_for_display(text, NO_LIMIT))
    return _MENTION.sub(r"\1<!-- -->", _AT_THE_START.sub(r"\1\3\\\2\4", safe))


def status(manifest: ManifestView, last: LastChange) -> Iterator[str]:
    """Yield the status report."""
    yield f"## {escaped(manifest.name or 'Backend')} {escaped(manifest.version)}"
    yield ""
    yield f"**{completion(manifest).capitalize()}**, {plural(len(manifest.packs), 'pack')}."
    yield ""
    yield from _table(manifest)
    yield from (f"> {escaped(line)}  " for line in (manifest.notes or "").splitlines())
    yield ""
    for key, content in manifest.extension_keys.items():
        yield f"- {escaped(key)}: {escaped(describe_value(content))}"
    if manifest.extension_keys:
        yield ""
    yield f"Last change: {escaped(', '.join(last_change(last)))}"


def _table(manifest: ManifestView) -> Iterator[str]:
    statuses, rows = counts_by_category(manifest.packs)
    if rows:
        yield f"| packs | {' | '.join(statuses)} |"
        yield "| --- |" + " ---: |" * len(statuses)
        for label, numbers in rows:
            yield f"| {escaped(label)} | {' | '.join(map(str, numbers))} |"
        yield ""


def states(found: Iterable[ManifestState]) -> Iterator[str]:
    """Yield a row for each of several manifests."""
    yield "| manifest | version | state | packs |"
    yield "| --- | --- | --- | ---: |"
    for state in found:
        cells = ("", f"not valid, {state.problem}", "")
        if state.record:
            record = state.record
            cells = (record.version, completion(record), str(len(record.packs)))
        yield f"| {' | '.join(map(escaped, (state.name, *cells)))} |"


def validation(checked: Mapping[str, Checked], changes: list[Change]) -> Iterator[str]:
    """Yield the summary of a check: the problems, and the changes in words."""
    problems = list(locate_problems(checked))
    title = tally(problem for _, problem in problems) or "valid"
    yield f"### Manifest: {title}"
    yield ""
    if problems:
        yield "| place | rule | problem |"
        yield "| --- | --- | --- |"
        for path, problem in problems:
            hint = f"; {problem.hint}" if problem.hint else ""
            place = f"{path}:{problem.line}:{problem.column}"
            yield f"| {escaped(place)} | {problem.code} | {escaped(problem.message + hint)} |"
        yield ""
    for found in checked.values():
        if found.skipped_reason:
            yield escaped(found.skipped_reason)
            yield ""
    if changes:
        yield "Changes:"
        yield ""
        yield from (f"- {escaped(describe_change(it))}" for it in changes)
