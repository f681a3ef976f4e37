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
        stretch = bisect_right(self._changes, day)
        try:
            return self._stretches[stretch]
        except KeyError:
            found = self._stretches[stretch] = self._read(day)
            return found

    def steady(self, first: dt.date, last: dt.date) -> bool:
        """Nothing changes from ``first`` to ``last``."""
        return bisect_right(self._changes, first) == bisect_right(self._changes, last)

    def cut(self, days: Sequence[dt.date]) -> list[range]:
        """The places of ``days`` (in order), stretch after stretch: inside of one nothing changes."""
        ends = [0, *[bisect_left(days, change) for change in self._changes], len(days)]
        return [range(begin, end) for begin, end in itertools.pairwise(ends) if begin < end]
