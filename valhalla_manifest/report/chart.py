"""The history as an SVG chart: packs by status, versions and completion over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from valhalla_manifest.manifest.compiled import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

_WIDTH, _HEIGHT = 760.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 748.0, 44.0, 228.0
_LAST_WIDTH = 30.0  # the minimum width of the last state
_LABEL_GAP = 56.0  # the minimum width for the label of a version
_STACK = tuple(STATUSES)  # from bottom to top: packs in use are at the bottom
_MAX_STEPS = 400  # more would be narrower than two pixels


@dataclass(frozen=True, slots=True)
class Point:
    """The state from a point in time until the next point."""

    time: datetime
    version: str
    complete: bool
    counts: dict[str, int]


def svg(points: Sequence[Point], end: datetime) -> str:
    """Return the chart of one or more points, which ends at the time ``end``."""
    return "\n".join(_Chart(points, max(end, points[-1].time)).parts())


class _Chart:
    def __init__(self, points: Sequence[Point], end: datetime) -> None:
        self.points = points
        self.start, self.end = points[0].time, end
        step = max(1, -(-len(points) // _MAX_STEPS))
        self.steps = [*points[::step][:-1], points[-1]] if len(points) > 1 else list(points)
        self.most = max(1, *(sum(point.counts.values()) for point in points))

    def parts(self) -> Iterator[str]:
        yield (
            f'<svg class="chart" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" '
            'aria-labelledby="chart-title chart-text">'
        )
        yield '<title id="chart-title">Packs by status over time</title>'
        yield f'<desc id="chart-text">{escape(self.description())}</desc>'
        yield from self.grid()
        yield from (self.area(at) for at in range(len(STATUSES)))
        yield from self.completion()
        yield from self.versions()
        yield "</svg>"

    def description(self) -> str:
        first, last = self.points[0], self.points[-1]
        now = ", ".join(f"{last.counts[name]} {name}" for name in STATUSES if last.counts[name])
        return (
            f"From {first.time:%Y-%m-%d} to {self.end:%Y-%m-%d}: version {first.version} to "
            f"{last.version}, {'complete' if last.complete else 'not complete'} at the end, "
            f"{now or 'no packs'}."
        )

    def x(self, time: datetime) -> float:
        whole = (self.end - self.start).total_seconds()
        share = (time - self.start).total_seconds() / whole if whole else 0.0
        return round(_LEFT + share * (_RIGHT - _LEFT - _LAST_WIDTH), 1)

    def y(self, number: int) -> float:
        return round(_BOTTOM - number / self.most * (_BOTTOM - _TOP), 1)

    def grid(self) -> Iterator[str]:
        for number in sorted({0, self.most // 2, self.most}):
            y = self.y(number)
            yield f'<line class="grid" x1="{_LEFT:g}" x2="{_RIGHT:g}" y1="{y:g}" y2="{y:g}"/>'
            yield f'<text x="{_LEFT - 6:g}" y="{y + 4:g}" text-anchor="end">{number}</text>'
        dates = ((self.start, "start", _LEFT), (self.end, "end", _RIGHT))
        for time, anchor, x in dates if self.end > self.start else dates[:1]:
            date = f"{time:%Y-%m-%d}"
            yield f'<text x="{x:g}" y="{_BOTTOM + 18:g}" text-anchor="{anchor}">{date}</text>'

    def area(self, at: int) -> str:
        """Return the area of one status, on top of the areas below it."""
        upper: list[str] = []
        lower: list[str] = []
        for number, point in enumerate(self.steps):
            below = sum(point.counts[name] for name in _STACK[:at])
            top = below + point.counts[_STACK[at]]
            last = number + 1 == len(self.steps)
            following = _RIGHT if last else self.x(self.steps[number + 1].time)
            for x in (self.x(point.time), following):
                upper.append(f"{x:g} {self.y(top):g}")
                lower.append(f"{x:g} {self.y(below):g}")
        outline = "L".join([*upper, *reversed(lower)])
        return f'<path class="area {_STACK[at]}" d="M{outline}Z"/>'

    def completion(self) -> Iterator[str]:
        """Yield a bar above the areas for each period in which the backend was complete."""
        since: datetime | None = None
        for point in self.points:
            if point.complete and since is None:
                since = point.time
            elif not point.complete and since is not None:
                yield self.bar(self.x(since), self.x(point.time))
                since = None
        if since is not None:
            yield self.bar(self.x(since), _RIGHT)

    def bar(self, start: float, end: float) -> str:
        width = max(end - start, 2.0)
        return (
            f'<rect class="done" x="{start:g}" y="{_TOP - 10:g}" width="{width:g}" height="4">'
            "<title>complete</title></rect>"
        )

    def versions(self) -> Iterator[str]:
        """Yield a mark for each change of the version, if there is room for its label."""
        free = -_LABEL_GAP
        previous = None
        for point in self.points:
            if point.version == previous:
                continue
            previous = point.version
            x, name = self.x(point.time), escape(point.version)
            if x - free < _LABEL_GAP:
                continue
            free = x
            anchor = "end" if x > _RIGHT - _LABEL_GAP else "start"
            yield (
                f'<line class="mark" x1="{x:g}" x2="{x:g}" y1="{_TOP - 16:g}" y2="{_BOTTOM:g}"/>'
            )
            shown = name if len(name) <= 12 else f"{name[:11]}…"  # noqa: PLR2004
            yield f'<text x="{x:g}" y="{_TOP - 20:g}" text-anchor="{anchor}">{shown}</text>'
