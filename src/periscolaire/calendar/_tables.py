"""Tables of a calendar: every known day looked at once, and counting among the days of a kind in constant time."""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import attrs

from periscolaire.calendar._events import DayEffect, DayEvent
from periscolaire.calendar._open_days import DayView
from periscolaire.calendar._periods import HolidayPeriod, PeriodKind
from periscolaire.calendar._spans import Span, monday_of
from periscolaire.calendar._weekdays import SchoolWeek, Weekday

__all__ = ["Cache", "DayTable", "days_off", "views"]

_NO_WEEK = (0, 0)
_WEEKDAYS = tuple(Weekday)


class Cache:
    """What a frozen calendar has already computed: no part of its value (equality, hash, copies, pickles)."""

    __slots__ = ("focused", "periods", "tables", "views")

    def __init__(self) -> None:
        self.views: tuple[DayView, ...] | None = None
        self.tables: dict[Any, DayTable] = {}
        self.focused: dict[Any, Any] = {}
        self.periods: Any = None

    def __reduce__(self) -> tuple[type[Cache], tuple[()]]:
        return Cache, ()

    def __copy__(self) -> Cache:
        return Cache()

    def __deepcopy__(self, memo: object) -> Cache:
        return Cache()


@attrs.frozen(eq=False)
class DayTable:
    """The days of one kind inside the known span, with the number of them before each day."""

    start: int  # ordinal of the first known day
    days: tuple[dt.date, ...]
    before: Sequence[int]  # per known day; one more entry than known days
    held: bytes  # 1 where the day is of the kind

    @classmethod
    def build(cls, known: Span, holds: Iterable[bool]) -> DayTable:
        start = known.first.toordinal()
        days: list[dt.date] = []
        before = array("l", [0])
        held = bytearray()
        for offset, yes in enumerate(holds):
            if yes:
                days.append(dt.date.fromordinal(start + offset))
            held.append(yes)
            before.append(len(days))
        return cls(start, tuple(days), before, bytes(held))

    def contains(self, day: dt.date) -> bool:
        """Whether ``day``, which is known, is of the kind."""
        return bool(self.held[day.toordinal() - self.start])

    def step(self, day: dt.date, n: int) -> dt.date | None:
        """The n-th day of the kind after (or before) ``day``, itself never counted; ``None`` past the known days."""
        offset = day.toordinal() - self.start
        index = self.before[offset] + n if n < 0 else self.before[offset + 1] + n - 1
        return self.days[index] if 0 <= index < len(self.days) else None

    def between(self, first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
        """The days of the kind from ``first`` to ``last``, both known."""
        return self.days[self.before[first.toordinal() - self.start] : self.before[last.toordinal() + 1 - self.start]]


def days_off(period: HolidayPeriod, week: SchoolWeek) -> Span | None:
    """The days off that ``period`` gives a school of that week; ``None`` while its end is not published.

    Holidays begin after class on the official day: a school that works on Saturdays still works on a departure
    Saturday.
    """
    first, last = period.first_day_off, period.last_day_off
    if first == period.after_class_of and Weekday.of(first) in week.class_days:
        first += dt.timedelta(days=1)
    return None if last is None or first > last else Span(first, last)


def views(
    known: Span,
    week: SchoolWeek,
    holidays: Iterable[HolidayPeriod],
    is_public: Callable[[dt.date], bool],
    events: Iterable[DayEvent],
) -> tuple[DayView, ...]:
    """One :class:`DayView` per known day; ``events`` are those that concern who is looking."""
    vacation: dict[int, tuple[HolidayPeriod, Span]] = {}
    off: set[int] = set()
    for period in holidays:
        if (span := days_off(period, week)) is None:
            continue
        for day in span:
            if period.kind is PeriodKind.HOLIDAYS:
                vacation[day.toordinal()] = (period, span)
            else:
                off.add(day.toordinal())
    forced = _forced(events)
    found: list[DayView] = []
    for day in known:
        ordinal = day.toordinal()
        weekday = _WEEKDAYS[day.weekday()]
        holiday, span = vacation.get(ordinal, (None, None))
        public = is_public(day)
        term = holiday is None and ordinal not in off
        held = term and not public and weekday in week.class_days
        match forced.get(ordinal):
            case True:
                term = held = True
            case False:
                term = held = False
        found.append(
            DayView(
                day,
                weekday,
                holiday,
                _NO_WEEK if span is None else _week_rank(day, span),
                term,
                ordinal in off,
                public,
                held,
                held and weekday in week.mornings,
            )
        )
    return tuple(found)


def _forced(events: Iterable[DayEvent]) -> dict[int, bool]:
    """Days on which an event says that class is held, or is not; the later event wins."""
    forced: dict[int, bool] = {}
    for event in events:
        if event.effect is DayEffect.CLASS_HELD:
            forced.update((day.toordinal(), True) for day in event.span)
        elif event.effect in (DayEffect.NO_CLASS, DayEffect.ALL_CLOSED):
            forced.update((day.toordinal(), False) for day in event.span)
    return forced


def _week_rank(day: dt.date, span: Span) -> tuple[int, int]:
    first_monday = monday_of(span.first + dt.timedelta(days=6))
    monday = monday_of(day)
    if monday < first_monday:
        return _NO_WEEK
    return (monday - first_monday).days // 7 + 1, -((monday_of(span.last) - monday).days // 7) - 1
