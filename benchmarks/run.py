"""Measure everything, and write benchmarks/results.json, docs/performance.md and its picture.

Usage: python benchmarks/run.py [small | page]; "page" writes the page from the last results.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import ROOT, Cost, compared, cost
from inputs import SPECIAL, files, manifest, repository
from page import page, plot
from rows import GIT_HISTORY, GROWTH, ROWS, SMALL, Row
from serving import rates

RESULTS = ROOT / "benchmarks" / "results.json"
PAGE, PICTURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "performance.svg"


class Inputs:
    """Makes each input once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[tuple[str, int], tuple[Path, dict[str, list[str]]]] = {}

    def of(self, kind: str, size: int) -> tuple[Path, dict[str, list[str]]]:
        """Return the folder to run in, and what stands for {file} and {files}."""
        if (kind, size) not in self.made:
            folder = self.folder / f"{kind}-{size}"
            folder.mkdir()
            words: dict[str, list[str]] = {}
            if kind == "packs":
                (folder / "m.yaml").write_text(manifest(size), encoding="utf-8")
                words["{file}"] = [str(folder / "m.yaml")]
            elif kind == "files":
                words["{files}"] = files(folder, size)
            elif kind == "revisions":
                repository(folder, size)
            else:
                words |= SPECIAL[kind](folder, size)
            self.made[kind, size] = folder, words
        return self.made[kind, size]


def filled(command: list[str], words: dict[str, list[str]]) -> list[str]:
    """Return a command with the paths of its input."""
    return [part for word in command for part in words.get(word, [word])]


def measured(row: Row, inputs: Inputs, most: dict[str, int]) -> dict[str, Any]:
    """Return a row with its figure; none where the peer is not installed."""
    size = min(row.size, most.get(row.kind, row.size))
    folder, words = inputs.of(row.kind, size)
    found = {"work": row.work, "against": row.against, "before": row.before,
             "target": row.target, "now": None}  # fmt: skip
    if Path(row.peer[0]).is_absolute() and not Path(row.peer[0]).exists():
        return found
    result = compared(filled(row.ours, words), filled(row.peer, words), row.rounds, folder)
    print(f"{row.work:<40} {row.against:<22} {result.ratio:6.2f}", flush=True)
    return found | {"now": round(result.ratio, 3), "ms": round(result.ours.seconds * 1000)}


def in_process(packs: int) -> tuple[float, float]:
    """Return how much slower a check and an edit are than bare events of the same text."""
    import gc

    from ruamel.yaml.cyaml import CParser

    from valhalla_manifest import open_manifest
    from valhalla_manifest.validation.check import check
    from valhalla_manifest.validation.rule_settings import RuleSettings

    text = manifest(packs)
    file = Path(tempfile.mkdtemp()) / "m.yaml"
    file.write_text(text, encoding="utf-8")
    gc.disable()

    def bare() -> None:
        next_event = CParser(text).get_event
        while next_event() is not None:
            pass

    def edit() -> None:
        with open_manifest(file, dry=True) as opened:
            opened.set_pack("P1", status="pending")

    def taken(work: Any) -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    works = (lambda: check(text.encode(), RuleSettings()), edit)
    ratios = [[taken(work) / taken(bare) for _ in range(5)] for work in works]
    gc.enable()
    shutil.rmtree(file.parent)
    return statistics.median(ratios[0]), statistics.median(ratios[1])


def special(inputs: Inputs, most: dict[str, int]) -> list[dict[str, Any]]:
    """Return the rows that are not two processes."""
    packs, revisions = most.get("packs", 10_000), most.get("revisions", 8000)
    few, _ = inputs.of("revisions", revisions // 8)
    many, _ = inputs.of("revisions", revisions)
    grown = [cost(GROWTH["history"][2], folder).memory for folder in (few, many)]
    merge = next(row for row in ROWS if row.work.startswith("merge driver"))
    _, words = inputs.of("packs", 16)
    calls = [cost(filled(merge.ours, words)).seconds * 1000 for _ in range(9)]
    served = {kind: [rates(kind, 2.0) for _ in range(3)] for kind in ("def", "async def")}
    checked, edited = in_process(packs)
    known = {"before": "", "more_is_better": False}
    rows = [
        known | {"work": f"`check` in process, {packs} packs", "against": "bare libyaml events",
                 "before": "4.0", "target": 1.3, "now": checked},
        known | {"work": f"one edit in process, {packs} packs", "against": "bare libyaml events",
                 "before": "9.5", "target": 5, "now": edited},
        known | {"work": "memory of `history`, eight times the revisions", "against": "itself",
                 "before": "quadratic", "target": 8, "now": grown[1] / grown[0]},
        known | {"work": "merge driver, one call, in ms", "against": "", "before": "91",
                 "target": 80, "now": statistics.median(calls)},
        *(
            known | {"work": "GET /system/status/, requests a second",
                     "against": f"bare FastAPI, {kind}", "more_is_better": True,
                     "before": "1.92" if kind == "def" else "",
                     "target": 1.6 if kind == "def" else None,
                     "now": statistics.median(one / other for one, other in pairs)}
            for kind, pairs in served.items()
        ),
    ]  # fmt: skip
    if Path(GIT_HISTORY[0]).exists():
        small, _ = inputs.of("revisions", min(revisions, 500))
        tool, ours = cost(GIT_HISTORY, small), cost(GROWTH["history"][2], small)
        rows.append(known | {"work": "`history`, 500 revisions", "against": "git-history",
                             "target": None, "now": ours.seconds / tool.seconds})  # fmt: skip
    for row in rows:
        print(f"{row['work']:<50} {row['now']:6.2f}")
    return rows


def growth(inputs: Inputs, most: dict[str, int]) -> dict[str, list[tuple[int, float, float]]]:
    """Return the time and memory of some work at each size."""
    found = {}
    for name, (kind, sizes, command) in GROWTH.items():
        points = []
        for size in (size for size in sizes if size <= most.get(kind, size)):
            folder, words = inputs.of(kind, size)
            costs = [cost(filled(command, words), folder) for _ in range(3)]
            middle = Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
            points.append((size, round(middle.seconds, 3), round(middle.memory)))
        found[name] = points
        print(f"{name}: {points}")
    return found


def main() -> None:
    """Measure, or only write the page."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    if word != "page":
        most = SMALL if word == "small" else {}
        with tempfile.TemporaryDirectory() as made:
            inputs = Inputs(Path(made))
            rows = [measured(row, inputs, most) for row in ROWS] + special(inputs, most)
            results = {"about": about(word), "rows": rows, "growth": growth(inputs, most)}
        if word == "small":
            print(page(results))
            return
        RESULTS.write_text(
            json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(page(results), encoding="utf-8")
    plot(results, PICTURE)


def about(scale: str) -> str:
    """Return where and when it was measured."""
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    system = f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores"
    note = (
        " On a small scale: the sizes in the table are not those of the targets." if scale else ""
    )
    return f"Measured on {day} with Python {platform.python_version()} on {system}.{note}"


if __name__ == "__main__":
    main()
