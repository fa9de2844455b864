"""The page on performance follows from its results, and each ratio from its figures."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import run
from tests.support.checking import check
from tests.support.manifests import REPOSITORY

FOLDER = REPOSITORY / "benchmarks"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.syspath_prepend(str(FOLDER))

    def module(name: str) -> ModuleType:
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return module


def test_the_page_is_what_follows_from_the_results(load) -> None:  # type: ignore[no-untyped-def]
    results = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))
    written = (REPOSITORY / "docs" / "performance.md").read_text(encoding="utf-8")
    assert load("page").page(results) == written


def test_what_is_beyond_its_target_is_marked(load) -> None:  # type: ignore[no-untyped-def]
    row = {"work": "w", "against": "p", "before": "1", "target": 2.0, "now": 2.1}
    faster = row | {"more_is_better": True}
    page = load("page")
    assert [page.is_missed(each) for each in (row, row | {"now": 1.9}, row | {"now": None})] == [
        True, False, False,
    ]  # fmt: skip
    assert [page.is_missed(each) for each in (faster, faster | {"now": 1.9})] == [False, True]
    text = page.page({"about": "Here.", "rows": [row, row | {"now": None}], "growth": {}})
    assert "| w | p | 1 | 2.1 | 2 | missed |" in text
    assert "| w | p | 1 | not measured | 2 |  |" in text
    assert "- w: 2.1 (target 2)." in text


def test_a_ratio_is_the_median_of_pairs(load) -> None:  # type: ignore[no-untyped-def]
    harness = load("harness")
    pairs = [(1.0, 2.0), (9.0, 2.0), (3.0, 2.0)]
    found = harness.summary([(harness.Cost(a, 10), harness.Cost(b, 20)) for a, b in pairs])
    assert (found.ours.seconds, found.peer.seconds, found.ratio) == (3.0, 2.0, 1.5)
    assert found.memory_ratio == 0.5


def test_a_cost_is_that_of_the_process_and_a_failure_is_none(load) -> None:  # type: ignore[no-untyped-def]
    harness = load("harness")
    big = harness.cost([sys.executable, "-c", "x = bytearray(200 << 20)"])
    assert 200 < big.memory < 400
    assert big.seconds > 0
    with pytest.raises(RuntimeError, match="failed"):
        harness.cost([sys.executable, "-c", "raise SystemExit(1)"])


def test_the_inputs_are_manifests_that_differ(load, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    inputs = load("inputs")
    assert len(check(inputs.manifest(100).encode()).view.packs) == 100
    texts = {Path(name).read_bytes() for name in inputs.files(tmp_path, 3)}
    assert len(texts) == 3
    assert not any(check(text).errors for text in texts)


def test_the_picture_is_the_same_for_the_same_results(load, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    results = {"growth": {"validate": [(1, 0.1, 20), (10, 0.2, 21)], "history": [(5, 1.0, 30)]}}
    page = load("page")
    pictures = []
    for name in ("a.svg", "b.svg"):
        page.plot(results, tmp_path / name)
        pictures.append((tmp_path / name).read_text())
    assert pictures[0] == pictures[1]
    assert ">validate</text>" in pictures[0]


@pytest.mark.parametrize("kind", ["tracked", "list", "merge", "unknown"])
def test_the_inputs_of_the_growth_rows_are_valid_under_their_settings(  # type: ignore[no-untyped-def]
    load, tmp_path: Path, kind: str
) -> None:
    load("inputs").SPECIAL[kind](tmp_path, 20)
    made = [path for path in tmp_path.iterdir() if path.is_file() and path.suffix != ".toml"]
    assert made
    assert run("validate", *map(str, made)).code == 0
