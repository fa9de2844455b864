"""Where two lists differ, in time that does not grow with the square of their lengths."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Difference(NamedTuple):
    """A stretch of an old list, and the stretch of a new list that takes its place."""

    start: int
    end: int
    new_start: int
    new_end: int


def differences(old: list[Any], new: list[Any]) -> Iterator[Difference]:
    """Yield the stretches in which two lists differ, from the last to the first.

    An item keeps its place if it belongs to a longest sequence of items that both lists have in
    the same order. Of equal items, the n-th of one list is the n-th of the other.
    """
    places = {name: at for at, name in enumerate(_numbered(old))}
    pairs = [(places[name], at) for at, name in enumerate(_numbered(new)) if name in places]
    end, new_end = len(old), len(new)
    for place, new_place in [*reversed(_longest_increasing(pairs)), (-1, -1)]:
        if (place + 1, new_place + 1) != (end, new_end):
            yield Difference(place + 1, end, new_place + 1, new_end)
        end, new_end = place, new_place


def _numbered(values: list[Any]) -> list[tuple[str, int]]:
    """Return what each value is, and how many equal values stand before it."""
    seen: Counter[str] = Counter()
    result = []
    for value in map(repr, values):
        result.append((value, seen[value]))
        seen[value] += 1
    return result


def _longest_increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest sequence of pairs, in their order, whose first parts increase."""
    lowest: list[int] = []  # by length: the lowest place at which a sequence of it ends
    last: list[int] = []  # by length: the pair at which that sequence ends
    before: list[int] = []
    for number, (place, _) in enumerate(pairs):
        length = bisect_left(lowest, place)
        before.append(last[length - 1] if length else -1)
        lowest[length : length + 1] = [place]
        last[length : length + 1] = [number]
    result = []
    at = last[-1] if last else -1
    while at >= 0:
        result.append(pairs[at])
        at = before[at]
    return result[::-1]
