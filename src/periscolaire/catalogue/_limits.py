"""Limits: a point in time, a window between two points, a table of windows, or one of the absent limits."""

from __future__ import annotations

import datetime as dt
import enum
import itertools
from typing import TypeAlias

import attrs

from periscolaire.calendar import DayKind, Span, Weekday
from periscolaire.catalogue._days import DayExpr, HoursFrom
from periscolaire.clock import END_OF_DAY
from periscolaire.errors import MisuseError

__all__ = [
    "Between",
    "Bound",
    "DateRow",
    "DateTable",
    "Hours",
    "Limit",
    "Moment",
    "Never",
    "NoLimit",
    "OnTheSpot",
    "Point",
    "Shift",
    "Silent",
    "WeekdayRow",
    "WeekdayTable",
    "until",
]


class Bound(enum.Enum):
    """Whether the hour or day that is written is still inside."""

    BEFORE = "avant"  # 10:00 closes at 10:00:00, the 18th when it begins
    UNTIL = "jusqu'à"  # 10:00 closes at 10:01:00 (whole minute), the 20th when it ends


@attrs.frozen
class Shift:
    """What to do when the day of a limit is not of a kind: take the next or previous one that is.

    The wall time of the point is kept unless ``minutes`` states another (LIMITS A10).
    """

    kind: DayKind
    forward: bool = False
    minutes: int | None = None


@attrs.frozen
class Point:
    """A day, and a wall time in minutes since midnight or ``None`` for the whole day.

    ``bound`` left out takes the reading of French règlements: an hour is excluded ("10 h" closes at 10:00:00), a day
    is included ("la veille" closes when that day ends), LIMITS A1 to A3. Midnight that ends a day is the whole day.
    """

    day: DayExpr
    minutes: int | None = None
    bound: Bound = attrs.field(default=None)  # filled in below
    shift: Shift | None = None

    def __attrs_post_init__(self) -> None:
        if self.minutes is not None and not 0 <= self.minutes < END_OF_DAY:
            raise MisuseError(f"{self.minutes} minutes: expected 0 to 1439; midnight is the whole day")
        if isinstance(self.day, HoursFrom):
            if self.minutes is not None or self.bound not in (None, Bound.BEFORE):
                raise MisuseError("a number of hours is exact: it takes neither a wall time nor a bound")
            object.__setattr__(self, "bound", Bound.BEFORE)
        elif self.bound is None:
            object.__setattr__(self, "bound", Bound.UNTIL if self.minutes is None else Bound.BEFORE)


@attrs.frozen
class Hours:
    """Opening hours of a channel: requests count only from ``start`` to ``end`` minutes, on some days.

    The hour of ``end`` is excluded. ``weekdays`` and ``kind`` restrict the days (``lun-ven``, ``les jours ouvrés``).
    """

    start: int
    end: int
    weekdays: frozenset[Weekday] | None = None
    kind: DayKind | None = None

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.start < self.end <= END_OF_DAY:
            raise MisuseError(f"opening hours from {self.start} to {self.end}: expected start before end")


@attrs.frozen
class Never:
    """``jamais``: this is not possible at any time."""


@attrs.frozen
class NoLimit:
    """``sans limite``: at any time (an action on a day already past is refused all the same)."""


@attrs.frozen
class OnTheSpot:
    """``sur place``: on the service day only, at the door; nothing is booked before."""


@attrs.frozen
class Silent:
    """``non dit``: the règlement says nothing; the engine answers ``demande`` (LIMITS A12)."""


@attrs.frozen
class Between:
    """Open from ``opens`` (always, if none) until ``closes`` (no end, if none)."""

    opens: Point | None = None
    closes: Point | None = None

    def __attrs_post_init__(self) -> None:
        if self.opens is None and self.closes is None:
            raise MisuseError("a window has an opening or a close; without either say NoLimit")


@attrs.frozen
class Moment:
    """A point of a date list: a date, and a wall time or the whole day."""

    date: dt.date
    minutes: int | None = None
    bound: Bound = attrs.field(default=None)  # filled in below

    def __attrs_post_init__(self) -> None:
        if self.minutes is not None and not 0 <= self.minutes < END_OF_DAY:
            raise MisuseError(f"{self.minutes} minutes: expected 0 to 1439; midnight is the whole day")
        if self.bound is None:
            object.__setattr__(self, "bound", Bound.UNTIL if self.minutes is None else Bound.BEFORE)


@attrs.frozen
class DateRow:
    """Service days from ``days.first`` to ``days.last`` may be booked from ``opens`` until ``closes``."""

    days: Span
    opens: Moment | None = None
    closes: Moment | None = None


@attrs.frozen
class DateTable:
    """Windows listed by the commune, period by period or month by month; a day in no row is ``non dit``."""

    rows: tuple[DateRow, ...]

    def __attrs_post_init__(self) -> None:
        ordered = sorted(self.rows, key=lambda row: row.days.first)
        if not ordered or any(a.days.last >= b.days.first for a, b in itertools.pairwise(ordered)):
            raise MisuseError("a date table has at least one row, and no service day in two rows")


@attrs.frozen
class WeekdayRow:
    """Service on one of ``weekdays``: this limit."""

    weekdays: tuple[Weekday, ...]
    limit: Between | Never | NoLimit


@attrs.frozen
class WeekdayTable:
    """The table that town halls print (``lundi ← jeudi 12:00``); a weekday in no row is ``non dit``."""

    rows: tuple[WeekdayRow, ...]

    def __attrs_post_init__(self) -> None:
        days = [weekday for row in self.rows for weekday in row.weekdays]
        if not days or len(set(days)) != len(days):
            raise MisuseError("a weekday table has at least one row, and no weekday in two rows")

    def row(self, weekday: Weekday) -> WeekdayRow | None:
        """The row of that weekday."""
        return next((row for row in self.rows if weekday in row.weekdays), None)


Limit: TypeAlias = Never | NoLimit | OnTheSpot | Silent | Between | DateTable | WeekdayTable


def until(day: DayExpr, minutes: int | None = None, bound: Bound | None = None, shift: Shift | None = None) -> Between:
    """The window that only closes, at that point."""
    return Between(closes=Point(day, minutes, bound, shift))  # type: ignore[arg-type]  # None takes the default reading
