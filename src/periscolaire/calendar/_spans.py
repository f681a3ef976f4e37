"""Spans of days, and the weeks, months and blocks that contain a day."""

from __future__ import annotations

import calendar as _calendar
import datetime as dt
from collections.abc import Iterator

import attrs

from periscolaire.calendar._weekdays import Weekday
from periscolaire.errors import MisuseError

__all__ = [
    "Span",
    "add_months",
    "block_of",
    "complete_weeks",
    "monday_of",
    "month_of",
    "week_label",
    "week_of",
    "weekdays_in",
]

_DAY = dt.timedelta(days=1)
_WEEK = dt.timedelta(days=7)


@attrs.frozen(order=True)
class Span:
    """Days from ``first`` to ``last``, both included, as people say them."""

    first: dt.date
    last: dt.date

    def __attrs_post_init__(self) -> None:
        if self.last < self.first:
            raise MisuseError(f"span from {self.first} to {self.last}: the last day comes before the first")

    @classmethod
    def one(cls, day: dt.date) -> Span:
        """The span of a single day."""
        return cls(day, day)

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[dt.date]:
        for ordinal in range(self.first.toordinal(), self.last.toordinal() + 1):
            yield dt.date.fromordinal(ordinal)

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share a day."""
        return self.first <= other.last and other.first <= self.last

    def within(self, other: Span) -> Span | None:
        """The days of this span that are also in ``other``; ``None`` when there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Span(first, last) if first <= last else None


def monday_of(day: dt.date) -> dt.date:
    """The Monday of the ISO week of ``day``."""
    return day - day.weekday() * _DAY


def week_of(day: dt.date) -> Span:
    """The ISO week (Monday to Sunday) of ``day``."""
    monday = monday_of(day)
    return Span(monday, monday + 6 * _DAY)


def add_months(day: dt.date, months: int, day_of_month: int | None = None) -> dt.date:
    """The same day of the month ``months`` later or, if that month is too short, its last day (CPC 641).

    ``day_of_month`` asks for another day of that month (31 is always its last).
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    wanted = day.day if day_of_month is None else day_of_month
    return dt.date(year, month + 1, min(wanted, _calendar.monthrange(year, month + 1)[1]))


def month_of(day: dt.date, from_day: int = 1) -> Span:
    """The month of ``day``; with ``from_day`` the month that runs from that day to the eve of the next one.

    :raises MisuseError: ``from_day`` is not between 1 and 28 (no month has a hole).
    """
    if not 1 <= from_day <= 28:
        raise MisuseError(f"a month from day {from_day}: expected 1 to 28")
    first = day.replace(day=from_day)
    if day < first:
        first = add_months(first, -1)
    return Span(first, add_months(first, 1) - _DAY)


def block_of(day: dt.date, weeks: int, since: dt.date) -> Span:
    """The block of ``weeks`` weeks that contains ``day``, blocks being counted from ``since``, both ways.

    :raises MisuseError: ``weeks`` is below 1.
    """
    if weeks < 1:
        raise MisuseError(f"a block of {weeks} weeks: expected at least 1")
    index = (day - since).days // (7 * weeks)
    first = since + index * weeks * _WEEK
    return Span(first, first + weeks * _WEEK - _DAY)


def complete_weeks(span: Span, last: Weekday = Weekday.SUNDAY) -> tuple[Span, ...]:
    """The weeks, Monday to ``last``, that lie whole inside ``span``, in order."""
    monday = monday_of(span.first + 6 * _DAY)  # the first Monday of the span
    found: list[Span] = []
    while (end := monday + int(last) * _DAY) <= span.last:
        found.append(Span(monday, end))
        monday += _WEEK
    return tuple(found)


def weekdays_in(span: Span, weekday: Weekday) -> tuple[dt.date, ...]:
    """Every such weekday of ``span``, in order."""
    day = span.first + (int(weekday) - span.first.weekday()) % 7 * _DAY
    found: list[dt.date] = []
    while day <= span.last:
        found.append(day)
        day += _WEEK
    return tuple(found)


def week_label(day: dt.date, last: Weekday = Weekday.FRIDAY) -> str:
    """``"Semaine 3 du 14/01/2019 au 18/01/2019"``: the ISO week of ``day``, shown from Monday to ``last``."""
    monday = monday_of(day)
    end = monday + int(last) * _DAY
    return f"Semaine {monday.isocalendar().week} du {monday:%d/%m/%Y} au {end:%d/%m/%Y}"
