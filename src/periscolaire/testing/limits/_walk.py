"""What the oracle is asked about, and its walk: the wall clock, anchors, units, days of a kind, weeks, hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs

from periscolaire.calendar import (
    SCHOOL,
    CommuneCalendar,
    DayKind,
    OpenDays,
    Weekday,
)
from periscolaire.catalogue import (
    Anchor,
    AnnualDate,
    CompleteWeek,
    DayExpr,
    DayOfMonth,
    DaysFrom,
    EachBlock,
    EachDay,
    EachHoliday,
    EachMonth,
    EachPeriod,
    EachSchoolYear,
    EachWeek,
    HoursFrom,
    ListedSpans,
    MonthsFrom,
    NthIn,
    OnDate,
    SameDay,
    Unit,
    WeekdayFrom,
    WeekdayOfWeek,
    WeekOf,
    WeeksFrom,
)

__all__ = ["Case", "Unanswered"]

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


class Unanswered(Exception):  # a reading of the rule, not an error
    """The rule does not say: an anchor is not known, or the règlement is silent."""


@attrs.frozen
class Case:
    """The service day and what surrounds it."""

    calendar: CommuneCalendar
    day: dt.date
    open_days: OpenDays
    unit: Unit = attrs.field(factory=EachDay)
    start: int | None = None
    events: Mapping[str, dt.date] = attrs.field(factory=dict)

    def is_a(self, day: dt.date, kind: DayKind) -> bool:
        """The calendar's own answer."""
        return self.calendar.is_a(day, kind, self.open_days)


def midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001  # a wall time, on purpose


def to_utc(wall: dt.datetime, case: Case) -> dt.datetime:
    """The last instant at which the wall clock shows ``wall``, or the first at which it shows more."""
    tz = case.calendar.tz
    shown = []
    for quarters in range(-56, 57):
        instant = (wall - quarters * 15 * MINUTE).replace(tzinfo=dt.UTC)
        if instant.astimezone(tz).replace(tzinfo=None) == wall:
            shown.append(instant)
    if shown:
        return max(shown)
    instant = (wall - dt.timedelta(hours=15)).replace(tzinfo=dt.UTC)
    while instant.astimezone(tz).replace(tzinfo=None) < wall:
        instant += MINUTE
    return instant


def first_day_of(case: Case) -> dt.date:
    return unit_days(case.unit, case.day, case)[0]


def anchor_day(anchor: Anchor, case: Case) -> dt.date:
    if anchor.is_event:
        if anchor.name not in case.events:
            raise Unanswered
        return case.events[anchor.name]
    base = first_day_of(case)
    match anchor.name:
        case "le jour":
            days = unit_days(case.unit, case.day, case)
        case "la semaine":
            days = unit_days(EachWeek(), base, case)
        case "le mois":
            month = case.unit if isinstance(case.unit, EachMonth) else EachMonth()
            days = unit_days(month, base, case)
        case "l'année scolaire":
            days = unit_days(EachSchoolYear(), base, case)
        case "la période":
            days = unit_days(EachPeriod(), base, case)
        case "les vacances":
            days = unit_days(EachHoliday(), base, case)
        case _:
            day = base
            if case.calendar.holiday(day) is not None:
                while case.calendar.holiday(day) is not None:
                    day -= DAY
            while case.calendar.holiday(day) is None:
                day -= DAY
                if not case.calendar.knows(day):
                    raise Unanswered
            days = unit_days(EachHoliday(), day, case)
    return days[-1] if anchor.end else days[0]


def unit_days(unit: Unit, day: dt.date, case: Case) -> list[dt.date]:
    """All days of the unit that holds ``day``, found by walking out from it while the label stays."""
    label = _label(unit, day, case)
    if label is None and isinstance(unit, EachHoliday | ListedSpans):
        raise Unanswered
    days = [day]
    while _known(unit, days[0] - DAY, case) and _label(unit, days[0] - DAY, case) == label:
        days.insert(0, days[0] - DAY)
    while _known(unit, days[-1] + DAY, case) and _label(unit, days[-1] + DAY, case) == label:
        days.append(days[-1] + DAY)
    return days


def _known(unit: Unit, day: dt.date, case: Case) -> bool:
    needs = isinstance(unit, EachPeriod | EachHoliday | EachSchoolYear)
    return not needs or case.calendar.knows(day)


def _label(unit: Unit, day: dt.date, case: Case) -> object:
    """A name that two days share when they lie in the same unit (and touch)."""
    match unit:
        case EachDay():
            return day
        case EachWeek():
            return day.isocalendar()[:2]
        case EachMonth(first_day=first_day):
            before = day.day < first_day
            return (day.year * 12 + day.month) - (1 if before else 0)
        case EachBlock(weeks=weeks, since=since):
            block, walked = 0, since
            length = dt.timedelta(weeks=weeks)
            while walked + length <= day:
                walked, block = walked + length, block + 1
            while walked > day:
                walked, block = walked - length, block - 1
            return block
        case EachPeriod() | EachHoliday():
            holiday = case.calendar.holiday(day)
            return None if holiday is None else holiday.first_day_off
        case EachSchoolYear():
            return case.calendar.school_year(day).label
        case ListedSpans(spans=spans):
            for span in spans:
                if span.first <= day <= span.last:
                    return span
            return None


def days_of(expr: DayExpr, case: Case) -> list[dt.date]:
    if isinstance(expr, OnDate):
        return [expr.date]
    day = anchor_day(expr.anchor, case)
    match expr:
        case SameDay():
            return [day]
        case DaysFrom(n=n, kind=kind, clear=clear):
            left = abs(n) + (1 if clear else 0)
            while left:
                day += DAY if n > 0 else -DAY
                if case.is_a(day, kind):
                    left -= 1
            return [day]
        case WeeksFrom(n=n, of_class=of_class):
            wanted = day.weekday()
            return [found for found in _week(day, n, of_class, case) if found.weekday() == wanted]
        case MonthsFrom(n=n):
            return [_day_in_month(day, n, day.day)]
        case HoursFrom():
            return [hours_before(expr, case).date()]
        case WeekdayFrom(weekday=weekday, n=n):
            left = abs(n)
            while left:
                day += DAY if n > 0 else -DAY
                if day.weekday() == weekday:
                    left -= 1
            return [day]
        case WeekdayOfWeek(weekday=weekday, n=n, of_class=of_class):
            return [found for found in _week(day, n, of_class, case) if found.weekday() == weekday]
        case WeekOf(n=n, of_class=of_class):
            return _week(day, n, of_class, case)
        case DayOfMonth(day=wanted, n=n):
            return [_day_in_month(day, n, 31 if wanted == -1 else wanted)]
        case NthIn():
            return _nth(expr, day, case)
        case AnnualDate(month=month, day=wanted):
            while (day.month, day.day) != (month, wanted):
                day -= DAY
            return [day]


def _week(day: dt.date, n: int, of_class: bool, case: Case) -> list[dt.date]:
    while day.weekday() != 0:
        day -= DAY
    left = abs(n)
    while left:
        day += dt.timedelta(weeks=1 if n > 0 else -1)
        if not of_class or any(case.is_a(day + i * DAY, SCHOOL) for i in range(7)):
            left -= 1
    return [day + i * DAY for i in range(7)]


def _day_in_month(day: dt.date, n: int, wanted: int) -> dt.date:
    left = abs(n)
    while left:
        month = day.month
        while day.month == month:
            day += DAY if n > 0 else -DAY
        left -= 1
    same = [day + i * DAY for i in range(-31, 32) if (day + i * DAY).month == day.month]
    return [found for found in same if found.day <= wanted][-1]


def _nth(expr: NthIn, day: dt.date, case: Case) -> list[dt.date]:
    days = unit_days(expr.of, day, case)
    for _ in range(abs(expr.n)):
        beyond = days[-1] + DAY if expr.n > 0 else days[0] - DAY
        days = unit_days(expr.of, beyond, case)
    match expr.what:
        case CompleteWeek(through=through):
            length = int(through) + 1
            found = [days[i : i + length] for i in range(len(days)) if days[i].weekday() == 0]
            found = [week for week in found if len(week) == length]
        case Weekday() as weekday:
            found = [[inside] for inside in days if inside.weekday() == weekday]
        case kind:
            found = [[inside] for inside in days if case.is_a(inside, kind)]
    place = expr.rank - 1 if expr.rank > 0 else len(found) + expr.rank
    if not 0 <= place < len(found):
        raise Unanswered
    return found[place]


def hours_before(expr: HoursFrom, case: Case) -> dt.datetime:
    """Spend the hours minute by minute on the wall clock."""
    start = midnight(anchor_day(expr.anchor, case))
    if expr.from_service:
        if case.start is None:
            raise Unanswered
        wall = start + case.start * MINUTE
    elif expr.from_minutes is not None:
        wall = start + expr.from_minutes * MINUTE
    else:
        wall = start if expr.n < 0 else start + DAY
    if expr.kind is None:
        return wall + dt.timedelta(hours=expr.n)
    left, kinds = abs(expr.n) * 60, {}
    while left:
        if expr.n < 0:
            wall -= MINUTE
        day = wall.date()
        if day not in kinds:
            kinds[day] = case.is_a(day, expr.kind)
        left -= kinds[day]
        if expr.n > 0:
            wall += MINUTE
    return wall
