"""How far long work is: shown on a terminal, once it takes a while, and nowhere else."""

from __future__ import annotations

import io
import itertools
import sys
import time
from typing import Any

import pytest

from valhalla_manifest.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each look at the clock find a second gone."""
    ticks = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))


@pytest.mark.usefixtures("clock")
def test_a_terminal_shows_how_far_long_work_is(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(progress.with_progress("abc", 3)) == ["a", "b", "c"]
    assert "%" in terminal.getvalue()


@pytest.mark.usefixtures("clock")
def test_a_pipe_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    assert list(progress.with_progress("abc", 3)) == ["a", "b", "c"]
    assert pipe.getvalue() == ""


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(progress.with_progress("abc", 3)) == ["a", "b", "c"]
    assert terminal.getvalue() == ""


@pytest.mark.usefixtures("clock")
def test_work_that_is_interrupted_leaves_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    going: Any = progress.with_progress("abcd", 4)
    for _ in range(3):
        next(going)
    going.close()
    assert terminal.getvalue().endswith(("\n", "\x1b[?25h"))
