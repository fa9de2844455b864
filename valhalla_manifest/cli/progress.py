"""How far a long piece of work is, for who waits at a terminal."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Thing = TypeVar("Thing")

_PATIENCE = 0.5  # seconds; work that takes less shows nothing


def with_progress(things: Iterable[Thing], number: int) -> Iterator[Thing]:
    """Go through things, and show a bar on a terminal once that takes a while."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield from things
        return
    started, bar = time.monotonic(), None
    with ExitStack() as stack:
        for done, thing in enumerate(things):
            if bar:
                bar.update(1)
            elif time.monotonic() - started > _PATIENCE:
                bar = stack.enter_context(click.progressbar(length=number, file=sys.stderr))
                bar.update(done)
            yield thing
