"""Compares two lists in less than quadratic time, which ``difflib`` does not guarantee."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Difference(NamedTuple):
    """A slice of an old list, and the slice of a new list that replaces it."""

    start: int
    end: int
    new_start: int
    new_end: int


def differences(old: list[Any], new: list[Any]) -> Iterator[Difference]:
    """Yield the slices in which two lists differ, from the last to the first.

    The items outside these slices are a longest sequence that both lists have in the same order.
    The n-th of several equal items in one list matches the n-th in the other.
    """
    places = {name: at for at, name in enumerate(_count_repeats(old))}
    pairs = [(places[name], at) for at, name in enumerate(_count_repeats(new)) if name in places]
    end, new_end = len(old), len(new)
    for place, new_place in [*reversed(_longest_increasing(pairs)), (-1, -1)]:
        if (place + 1, new_place + 1) != (end, new_end):
            yield Difference(place + 1, end, new_place + 1, new_end)
        end, new_end = place, new_place


def _count_repeats(values: list[Any]) -> list[tuple[str, int]]:
    """Return each value, as a string, with the number of equal values before it."""
    seen: Counter[str] = Counter()
    result = []
    for value in map(repr, values):
        result.append((value, seen[value]))
        seen[value] += 1
    return result


def _longest_increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest sequence of pairs, in their order, whose first parts increase."""
    lowest: list[int] = []  # for each length, the lowest place at which a sequence can end
    last: list[int] = []  # for each length, the pair at which that sequence ends
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
