"""What changes on a few known days only: each stretch of days is read once."""

from __future__ import annotations

import datetime as dt
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

__all__ = ["Timeline"]

T = TypeVar("T")


class Timeline(Generic[T]):
    """``changes`` are the days from which something may hold otherwise; ``read`` tells what holds on a day."""

    __slots__ = ("_changes", "_read", "_stretches")

    def __init__(self, changes: Iterable[dt.date], read: Callable[[dt.date], T]) -> None:
        self._changes = sorted(set(changes))
        self._read = read
        self._stretches: dict[int, T] = {}

    def on(self, day: dt.date) -> T:
        """What holds on that day."""
        return self._held(bisect_right(self._changes, day), day)

    def cut(self, days: Sequence[dt.date]) -> list[tuple[T, range]]:
        """What holds over ``days`` (in order): each time with the places of the days on which nothing changes."""
        changes = self._changes
        begin = bisect_right(changes, days[0])
        if begin == len(changes) or days[-1] < changes[begin]:
            return [(self._held(begin, days[0]), range(len(days)))]
        ends = [0, *[bisect_left(days, change) for change in changes[begin:]], len(days)]
        places = [range(start, end) for start, end in itertools.pairwise(ends) if start < end]
        return [(self.on(days[some[0]]), some) for some in places]

    def _held(self, stretch: int, day: dt.date) -> T:
        try:
            return self._stretches[stretch]
        except KeyError:
            found = self._stretches[stretch] = self._read(day)
            return found
