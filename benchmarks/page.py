"""From results to docs/performance.md and its picture; nothing is measured here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Results = dict[str, Any]

_PAGE = """\
# Performance

{about}

Start-up is most of a short run, so times are those of whole processes: CPU, user and system, of
the process and its children. Ours and the peer's run in turn, and a figure is the median of the
ratios; peers are pinned in `benchmarks/peers.txt`. `make bench` measures all of it and writes this
page from `benchmarks/results.json`; `make bench SCALE=small` is a try of a minute or two. No test
asserts a time.

## Beside others

| work | peer | before | now | target | |
| --- | --- | ---: | ---: | ---: | --- |
{rows}

"Before" is what it was when the targets were set. A row without a target is there to compare.

## What misses its target

{missed}

## Growth

![Time over size, both logarithmic](performance.svg)

| work | {sizes} |
| --- |{lines}
{growth}

Seconds of CPU, and in brackets the largest size of the process in MiB.
"""
# Why a target is missed, by the beginning of the work; written by hand.
_WHY = {
    "`validate`, 300": "Two thirds of it is reading: for each value an event of the parser and a "
    "node of the tree, both made in Python. Less would need another parser, or no tree.",
    "`validate`, 3 000": "As with 300 files.",
    "`history`": "Git itself, its output and Python's start take 4 of it. The rest is 0.15 ms a "
    "revision: a third for what is new in its text, a third to put it together with what is known, "
    "a third to judge the whole and compare it with the one before.",
    "`check` in process": "Of 305 ms the events are 78, the tree of 90 000 nodes 142, rules 70, "
    "and Pydantic 14. In one run with the commit of the targets it takes 0.83 of the time; the "
    "ratio hangs on how fast the events are that day.",
    "merge driver, one call, in ms": "Start-up is 75 ms of it.",
    "`blame`": "That a field was never changed is known only when every revision was read; where "
    "all changed lately, it stops early.",
    "`packs show`": "As with `blame`: since when a pack is there may be for the first revision to "
    "say.",
}


def page(results: Results) -> str:
    """Return the page."""
    rows = results["rows"]
    missed = [row for row in rows if is_missed(row)]
    sizes = sorted({size for points in results["growth"].values() for size, _, _ in points})
    return _PAGE.format(
        about=results["about"],
        rows="\n".join(map(_row, rows)),
        missed="\n".join(map(_why, missed)) or "Nothing.",
        sizes=" | ".join(map(_grouped, sizes)),
        lines=" ---: |" * len(sizes),
        growth="\n".join(_grown(name, points, sizes) for name, points in results["growth"].items()),
    )


def is_missed(row: Results) -> bool:
    """Return whether a row is beyond its target."""
    target, now = row["target"], row["now"]
    if target is None or now is None:
        return False
    return bool(now < target if row.get("more_is_better") else now > target)


def _row(row: Results) -> str:
    target = "" if row["target"] is None else f"{row['target']:g}"
    now = "not measured" if row["now"] is None else f"{row['now']:.3g}"
    mark = "missed" if is_missed(row) else ""
    return f"| {row['work']} | {row['against']} | {row['before']} | {now} | {target} | {mark} |"


def _why(row: Results) -> str:
    reason = next((why for start, why in _WHY.items() if row["work"].startswith(start)), "")
    return f"- {row['work']}: {row['now']:.3g}, the target is {row['target']:g}. {reason}".rstrip()


def _grown(name: str, points: Iterable[tuple[int, float, float]], sizes: list[int]) -> str:
    found = {size: f"{seconds:.2f} ({memory:.0f})" for size, seconds, memory in points}
    return f"| {name} | {' | '.join(found.get(size, '') for size in sizes)} |"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ") if number >= 10_000 else str(number)


def plot(results: Results, file: Path) -> None:
    """Draw the growth as SVG, the same for the same results."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "growth", "svg.fonttype": "none", "font.family": "sans-serif"}
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 4.5))
    for name, points in results["growth"].items():
        sizes, seconds, _ = zip(*points, strict=True)
        axes.plot(sizes, seconds, marker="o", markersize=4, label=name)
    axes.set(
        xscale="log", yscale="log", xlabel="packs, files or revisions", ylabel="seconds of CPU"
    )
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(frameon=False, fontsize=9)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None, "Creator": None})
    plt.close(figure)
