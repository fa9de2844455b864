"""A progress bar for long work at a terminal."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")

_DELAY = 0.5  # seconds before the bar appears


def with_progress(items: Iterable[Item], total: int) -> Iterator[Item]:
    """Yield the items, and show a progress bar on a terminal if the work takes long."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield from items
        return
    started, bar = time.monotonic(), None
    with ExitStack() as stack:
        for done, item in enumerate(items):
            if bar:
                bar.update(1)
            elif time.monotonic() - started > _DELAY:
                bar = stack.enter_context(click.progressbar(length=total, file=sys.stderr))
                bar.update(done)
            yield item
