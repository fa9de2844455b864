"""The progress bar appears on a terminal if work takes long, and nowhere else."""

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
    """Let each call of the clock return a second more."""
    ticks = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))


@pytest.mark.usefixtures("clock")
def test_a_terminal_shows_the_progress_of_long_work(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_interrupted_work_ends_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    items: Any = progress.with_progress("abcd", 4)
    for _ in range(3):
        next(items)
    items.close()
    assert terminal.getvalue().endswith(("\n", "\x1b[?25h"))
