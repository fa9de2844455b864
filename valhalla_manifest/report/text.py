"""Reports as text, without any character that could control a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import east_asian_width

from valhalla_manifest.document.characters import escape_for_display
from valhalla_manifest.manifest.compiled import STATUSES
from valhalla_manifest.manifest.formats import parse_time
from valhalla_manifest.manifest.views import COLUMNS
from valhalla_manifest.manifest.wording import describe_value
from valhalla_manifest.project.last_change import (
    Committed,
    Edited,
    NotCommitted,
    OlderThanClone,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from valhalla_manifest.document.problems import Problem
    from valhalla_manifest.git import Commit
    from valhalla_manifest.manifest.gates import ConditionResult
    from valhalla_manifest.manifest.views import ManifestView, PackView
    from valhalla_manifest.project.blame import Line
    from valhalla_manifest.project.doctor import CheckResult
    from valhalla_manifest.project.last_change import LastChange, ManifestState
    from valhalla_manifest.validation.check import Checked

NO_LIMIT = 10_000


class Style(NamedTuple):
    """Functions that color a string, or return it unchanged, and the width of the terminal."""

    strong: Callable[[str], str] = str
    error: Callable[[str], str] = str
    warning: Callable[[str], str] = str
    good: Callable[[str], str] = str
    faint: Callable[[str], str] = str
    width: int = NO_LIMIT


# --- problems -----------------------------------------------------------------------------------


def problem_line(path: str, problem: Problem, style: Style) -> str:
    """Return one problem on one line, in the usual form of compilers."""
    paint = style.error if problem.is_error else style.warning
    name = escape_for_display(path, NO_LIMIT)
    # A file that cannot be read has no lines.
    at = "" if problem.code == "VM001" else f"{problem.line}:{problem.column}:"
    place = style.strong(f"{name}:{at}")
    return f"{place} {paint(problem.severity.value)} {problem.code}: {problem.message}"


def problems(path: str, checked: Checked, style: Style) -> Iterator[str]:
    """Yield all problems of a file, each with the affected line."""
    text_lines = checked.source.text.splitlines() if "\r" in checked.source.text else None
    lines = text_lines or checked.source.text.split("\n")
    for problem in checked.problems:
        yield problem_line(path, problem, style)
        if problem.line <= len(lines) and checked.source.text:
            yield from _excerpt(lines[problem.line - 1], problem, style)
        elif problem.hint:
            yield f"  {problem.hint}"


def _excerpt(line: str, problem: Problem, style: Style) -> Iterator[str]:
    """Yield the line of a problem, and below it a mark and the hint."""
    number = f"{problem.line:>5}"
    column = problem.column - 1
    first = max(0, column - 60) if len(line) > 100 else 0  # noqa: PLR2004  long lines are shortened
    before, rest = _visible(line[first:column]), _visible(line[column : first + 100])
    same_line = problem.end_line == problem.line
    length = max(problem.end_column - problem.column, 1) if same_line else 1
    mark = "^" * min(_columns(_visible(line[column : column + length])) or 1, 40)
    yield f"{style.faint(number + ' |')} {before}{rest}".rstrip()
    hint = f" {problem.hint}" if problem.hint else ""
    yield f"{style.faint(' ' * 5 + ' |')} {' ' * _columns(before)}{style.good(mark)}{hint}"


def _visible(text: str) -> str:
    return escape_for_display(text, NO_LIMIT)


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def tally(problems: Iterable[Problem]) -> str:
    """Return the number of errors and warnings, such as "2 errors, 1 warning"."""
    counts = Counter(problem.severity.value for problem in problems)
    return ", ".join(plural(counts[name], name) for name in ("error", "warning") if counts[name])


def plural(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 pack" or "16 packs"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


# --- state --------------------------------------------------------------------------------------


def status(manifest: ManifestView, last: LastChange, style: Style) -> Iterator[str]:
    """Yield the status report."""
    name = escape_for_display(manifest.name or "version", style.width)
    yield f"{style.strong(f'{name} {manifest.version}')}, {_completion(manifest, style)}"
    yield ""
    yield from _table(manifest.packs, style)
    yield ""
    yield from _labelled("notes", paragraphs(manifest.notes or "none"), style)
    for key, content in manifest.extension_keys.items():
        yield from _labelled(f"{escape_for_display(key)} ", [describe_value(content)], style)
    yield from _labelled("last change", last_change(last), style)


def _completion(manifest: ManifestView, style: Style) -> str:
    paint = style.good if manifest.completed_at else style.warning
    return paint(completion(manifest))


def completion(manifest: ManifestView) -> str:
    """Return whether the backend is complete and, if so, since when."""
    if not manifest.completed_at:
        return "not complete"
    return f"complete since {parse_time(manifest.completed_at):%Y-%m-%d %H:%M} UTC"


def _table(packs: Iterable[PackView], style: Style) -> Iterator[str]:
    """Yield the number of packs by category and status, with a column for each status in use."""
    statuses, rows = counts_by_category(packs)
    if not rows:
        yield "no packs"
        return
    first = max(len("packs"), *(len(label) for label, _ in rows))
    header = "".join(f"  {name:>12}" for name in statuses)
    yield style.faint(f"{'packs':<{first}}{header}")
    for label, numbers in rows:
        yield f"{label:<{first}}" + "".join(f"  {number or '-':>12}" for number in numbers)


def counts_by_category(
    packs: Iterable[PackView],
) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """Return the statuses in use, and the number of packs of each status by category.

    If there are several categories, the last row has the sums. Without categories, that is
    the only row.
    """
    packs = list(packs)
    rest = "other" if any(pack.category for pack in packs) else "all packs"
    counts = Counter((pack.category or rest, pack.status) for pack in packs)
    statuses = [name for name in STATUSES if any(status == name for _, status in counts)]
    categories = list(dict.fromkeys(category for category, _ in counts))
    rows = [
        (escape_for_display(category, 30), [counts[category, name] for name in statuses])
        for category in categories
    ]
    if len(rows) > 1:
        columns = zip(*(numbers for _, numbers in rows), strict=True)
        rows.append(("all packs", [sum(column) for column in columns]))
    return statuses, rows


def last_change(last: LastChange) -> Iterator[str]:
    """Yield the time and author of the last change, and whether there are uncommitted edits."""
    match last:
        case Committed(commit):
            yield from _by(commit)
        case Edited(commit):
            yield from _by(commit) if commit else (_OLDER,)
            yield "uncommitted edits"
        case NotCommitted(time):
            yield f"{time:%Y-%m-%d %H:%M} UTC, not committed"
        case OlderThanClone():
            yield _OLDER
        case Unknown(reason):
            yield f"unknown: {escape_for_display(reason)}" if reason else "unknown"


_OLDER = "unknown, older than this shallow clone"


def _by(commit: Commit) -> Iterator[str]:
    when = f"{commit.date[:16].replace('T', ' ')}{_offset(commit.date)}"
    yield f"{when} by {escape_for_display(commit.author)}"
    yield f"{commit.short} {escape_for_display(commit.subject, 72)}"


def _offset(date: str) -> str:
    return " UTC" if date.endswith(("Z", "+00:00")) else f" {date[-6:]}"


def paragraphs(text: str) -> list[str]:
    """Return the lines of a string, each safe to print."""
    return [escape_for_display(line, NO_LIMIT) for line in text.rstrip("\n").split("\n")]


def _labelled(label: str, lines: Iterable[str], style: Style, width: int = 13) -> Iterator[str]:
    """Yield lines next to a label, wrapped to the width of the terminal."""
    from textwrap import wrap

    room = max(style.width - width, 20)
    wrapped = [part for line in lines for part in (wrap(line, room) or [""])]
    for number, line in enumerate(wrapped):
        yield (style.faint(f"{label:<{width}}") if number == 0 else " " * width) + line


def summary(manifest: ManifestView, style: Style) -> str:
    """Return one line for a prompt or a log."""
    counts = Counter(pack.status for pack in manifest.packs)
    found = [f"{counts[name]} {name}" for name in STATUSES if counts[name]]
    state = style.good("complete") if manifest.backend_complete else style.warning("not complete")
    packs = f"{plural(len(manifest.packs), 'pack')}"
    details = f": {', '.join(found)}" if found else ""
    name = escape_for_display(manifest.name or "version")
    return f"{name} {manifest.version}, {state}, {packs}{details}"


def health(found: Iterable[CheckResult], style: Style) -> Iterator[str]:
    """Yield a line for each check, and under it the fix if there is one."""
    for each in found:
        mark = style.good("ok ") if each.ok else style.error("fix")
        yield f"{mark}  {each.name:<12}  {escape_for_display(each.message, NO_LIMIT)}"
        if each.fix:
            yield f"{'':<17}  {escape_for_display(each.fix, NO_LIMIT)}"


def states(found: Iterable[ManifestState], style: Style) -> Iterator[str]:
    """Yield a line for each of several manifests."""
    for state in found:
        problem = f"{style.error('not valid')}, {escape_for_display(state.problem, NO_LIMIT)}"
        description = summary(state.record, style) if state.record else problem
        yield f"{style.strong(escape_for_display(state.name, NO_LIMIT))}: {description}"


def pack_table(packs: Iterable[PackView], style: Style) -> Iterator[str]:
    """Yield one line for each pack."""
    rows = [
        (
            pack.id,
            pack.status,
            *(escape_for_display(pack.fields[key] or "-", 24) for key in COLUMNS),
            escape_for_display(pack.name, NO_LIMIT),
        )
        for pack in packs
    ]
    if not rows:
        yield "no packs"
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for row in rows:
        cells = [f"{text:<{width}}" for text, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[-1]])[: style.width]


def pack(found: PackView, lines: Iterable[Line], style: Style) -> Iterator[str]:
    """Yield all keys of a pack and, from its blame ``lines``, its age."""
    yield style.strong(f"{found.id}  {escape_for_display(found.name, NO_LIMIT)}")
    fields = {key: found.present[key] for key in found.present if key not in ("id", "name")}
    since = {line.field: _since(line) for line in lines}
    for name, content in fields.items():
        text = content if isinstance(content, str) else describe_value(content)
        known = f" ({since['status']})" if name == "status" and since else ""
        yield from _labelled(name, paragraphs(text + known), style)
    if since:
        yield from _labelled("in registry", [since["id"]], style)


def _since(line: Line) -> str:
    if line.commit:
        return f"since {line.version}, {line.commit.date[:10]}, {line.commit.short}"
    return "since before this shallow clone" if line.committed else "not committed"


def conditions(results: Iterable[ConditionResult], style: Style) -> Iterator[str]:
    """Yield a line for each condition, with the reason if it is not met."""
    for result in results:
        if result.holds:
            yield f"{style.good('holds')}  {escape_for_display(result.condition)}"
        else:
            reason = escape_for_display(result.reason, NO_LIMIT)
            yield f"{style.error('fails')}  {escape_for_display(result.condition)}: {reason}"


# --- changes ------------------------------------------------------------------------------------


def diff(path: str, before: str, after: str, style: Style) -> Iterator[str]:
    """Yield a unified diff, safe to print."""
    from difflib import unified_diff

    paint = {"+": style.good, "-": style.error, "@": style.faint}
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    for at, line in enumerate(unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm="")):
        yield paint.get(line[:1], str)(escape_for_display(line.rstrip("\r\n"), NO_LIMIT))
        is_content = at > 1 and line[:1] in " +-"  # the first two lines are the file names
        if is_content and not line.endswith("\n"):
            yield "\\ No newline at end of file"
