"""Write docs/performance.md and its chart from measured results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Results = dict[str, Any]

_PAGE = """\
# Performance

{about}

Start-up dominates short runs, so the benchmarks measure whole processes: the CPU time (user and
system) of a process and its children. This tool and the other program run alternately, and each
figure is the median of the ratios. `benchmarks/peers.txt` pins the versions of the other programs.
`make bench` runs all benchmarks and writes this page from `benchmarks/results.json`;
`make bench SCALE=small` is a trial run of a minute or two. No test asserts a time.

## Comparison with other programs

| task | compared with | before | now | target | |
| --- | --- | ---: | ---: | ---: | --- |
{rows}

"Before" is the ratio when the targets were set. Rows without a target are for comparison only.

## Missed targets

{missed}

## Growth

![Time by size, both on logarithmic scales](performance.svg)

| task | {sizes} |
| --- |{lines}
{growth}

Each cell shows CPU seconds and, in brackets, the peak memory in MiB.
"""
# Reasons for missed targets, by the start of the task's name; written by hand.
_WHY = {
    "`validate`, 300": "Reading the files and checking their values take most of the time.",
    "`validate`, 3 000": "The reader and the rules share the time about equally.",
    "`validate --against`, 300": "Git reads each file's earlier content in a process.",
    "`status`, 300": "Git finds each file's last commit and its uncommitted edits in a few "
    "processes.",
    "`history`": "Git, its output and the start of Python account for 4. The rest checks each "
    "revision and compares it with the previous one.",
    "one edit in process": "Most of the time goes into reading the positions of all values.",
    "merge driver, one call, in ms": "Most of the time is start-up.",
    "`blame`": "It must read every revision to know that a field never changed. It stops early if "
    "all fields changed recently.",
    "`packs show`": "As with `blame`, finding when a pack was added may require reading back to "
    "the first revision.",
}


def page(results: Results) -> str:
    """Return the page as Markdown."""
    rows = results["rows"]
    missed = [row for row in rows if is_missed(row)]
    sizes = sorted({size for points in results["growth"].values() for size, _, _ in points})
    return _PAGE.format(
        about=results["about"],
        rows="\n".join(map(_row, rows)),
        missed="\n".join(map(_why, missed)) or "None.",
        sizes=" | ".join(map(_grouped, sizes)),
        lines=" ---: |" * len(sizes),
        growth="\n".join(_grown(name, points, sizes) for name, points in results["growth"].items()),
    )


def is_missed(row: Results) -> bool:
    """Return whether a row misses its target."""
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
    return f"- {row['work']}: {row['now']:.3g} (target {row['target']:g}). {reason}".rstrip()


def _grown(name: str, points: Iterable[tuple[int, float, float]], sizes: list[int]) -> str:
    found = {size: f"{seconds:.2f} ({memory:.0f})" for size, seconds, memory in points}
    return f"| {name} | {' | '.join(found.get(size, '') for size in sizes)} |"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ") if number >= 10_000 else str(number)


def plot(results: Results, file: Path) -> None:
    """Draw the growth as an SVG file that depends only on the results."""
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
