"""From a rule to instants: the readable reference. One function per question, one case per form.

Days come first (:func:`span_of`), wall times next (:func:`resolve`), instants last (:func:`window`).
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from typing import TypeVar

import attrs

from periscolaire.calendar import (
    SCHOOL,
    CommuneCalendar,
    DayKind,
    OpenDays,
    Span,
    Weekday,
    add_months,
    block_of,
    complete_weeks,
    month_of,
    week_of,
    weekdays_in,
)
from periscolaire.catalogue._days import (
    Anchor,
    AnnualDate,
    CompleteWeek,
    DayExpr,
    DayOfMonth,
    DaysFrom,
    HoursFrom,
    MonthsFrom,
    NthIn,
    OnDate,
    SameDay,
    WeekdayFrom,
    WeekdayOfWeek,
    WeekOf,
    WeeksFrom,
)
from periscolaire.catalogue._limits import (
    Between,
    Bound,
    DateTable,
    Limit,
    Moment,
    Never,
    NoLimit,
    OnTheSpot,
    Point,
    Silent,
    WeekdayTable,
)
from periscolaire.catalogue._units import (
    EachBlock,
    EachDay,
    EachHoliday,
    EachMonth,
    EachPeriod,
    EachSchoolYear,
    EachWeek,
    ListedSpans,
    Unit,
)
from periscolaire.clock import END_OF_DAY
from periscolaire.frozen import FrozenMap

__all__ = ["Frame", "State", "Window", "Written", "resolve", "span_of", "unit_span", "window"]

_T = TypeVar("_T")
_DAY = dt.timedelta(days=1)
_WEEK = dt.timedelta(days=7)
_MINUTE = dt.timedelta(minutes=1)


@attrs.frozen
class Frame:
    """What a limit is resolved against: a service day, in its unit, on the commune's calendar.

    ``start`` is the hour of the service in minutes, ``events`` the dates of the anchors that the calendar does not
    know (``l'absence``, ``la facture``, …).
    """

    calendar: CommuneCalendar
    day: dt.date
    unit: Unit = attrs.field(factory=EachDay)
    open_days: OpenDays | None = None
    start: int | None = None
    events: FrozenMap[str, dt.date] = attrs.field(factory=FrozenMap)

    @property
    def base(self) -> dt.date | None:
        """The first day of the unit that holds the day: what ``le jour`` means."""
        span = unit_span(self.unit, self.day, self.calendar)
        return None if span is None else span.first


class State(enum.Enum):
    """What became of a limit."""

    WINDOW = "window"
    NEVER = "never"
    SILENT = "silent"
    ANCHOR_UNKNOWN = "anchor_unknown"  # an event without date, or no such holiday or unit


@attrs.frozen
class Written:
    """A close as people say it: the local day, the hour in minutes or the whole day, and whether it is inside."""

    day: dt.date
    minutes: int | None
    inclusive: bool


@attrs.frozen
class Window:
    """Instants in UTC, half-open: open iff ``opens <= at < closes``; ``None`` is no opening, or no end."""

    state: State
    opens: dt.datetime | None = None
    closes: dt.datetime | None = None
    written: Written | None = None

    def holds(self, at: dt.datetime) -> bool:
        """Whether ``at`` (UTC) is inside."""
        return (
            self.state is State.WINDOW
            and (self.opens is None or self.opens <= at)
            and (self.closes is None or at < self.closes)
        )


_NEVER = Window(State.NEVER)
_SILENT = Window(State.SILENT)
_UNKNOWN = Window(State.ANCHOR_UNKNOWN)
_ALWAYS = Window(State.WINDOW)


_KEPT = 50_000
#: Windows already found, by the identity of limit and calendar, which the memory keeps alive: neither ever changes.
_known: dict[tuple[int, int, dt.date, Unit, OpenDays | None, int | None], tuple[Limit, CommuneCalendar, Window]] = {}


def window(limit: Limit, frame: Frame) -> Window:
    """The instants between which ``limit`` is open for the day of ``frame``; remembered, as views ask again and again.

    :raises UnknownYearError: the calendar does not reach the days that the limit counts.
    """
    if frame.events:
        return _window(limit, frame)
    key = (id(limit), id(frame.calendar), frame.day, frame.unit, frame.open_days, frame.start)
    found = _known.get(key)
    if found is not None:
        return found[2]
    if len(_known) >= _KEPT:
        _known.clear()
    made = _window(limit, frame)
    _known[key] = (limit, frame.calendar, made)
    return made


def _window(limit: Limit, frame: Frame) -> Window:
    match limit:
        case Never():
            return _NEVER
        case NoLimit():
            return _ALWAYS
        case Silent():
            return _SILENT
        case OnTheSpot():
            return _between(Between(Point(SameDay()), Point(SameDay())), frame)
        case Between():
            return _between(limit, frame)
        case WeekdayTable():
            row = limit.row(Weekday(frame.day.weekday()))
            return _SILENT if row is None else window(row.limit, frame)
        case DateTable():
            for dates in limit.rows:
                if dates.days.first <= frame.day <= dates.days.last:
                    return _dated(dates.opens, dates.closes, frame)
            return _SILENT


def _between(limit: Between, frame: Frame) -> Window:
    opens = closes = None
    if limit.opens is not None:
        opening = resolve(limit.opens, frame)
        if opening is None:
            return _UNKNOWN
        opens = Moment(opening[0].first, opening[1])
    if limit.closes is not None:
        closing = resolve(limit.closes, frame)
        if closing is None:
            return _UNKNOWN
        closes = Moment(closing[0].last, closing[1], limit.closes.bound)
    return _dated(opens, closes, frame)


def _dated(opens: Moment | None, closes: Moment | None, frame: Frame) -> Window:
    calendar = frame.calendar
    return Window(
        State.WINDOW,
        None if opens is None else calendar.instant(opens.date, opens.minutes or 0),
        None if closes is None else _closing(closes, calendar),
        None if closes is None else Written(closes.date, closes.minutes, closes.bound is Bound.UNTIL),
    )


def _closing(moment: Moment, calendar: CommuneCalendar) -> dt.datetime:
    """An hour that is inside includes its whole minute; a day that is inside ends at 24:00 (LIMITS A1 to A3)."""
    inside = moment.bound is Bound.UNTIL
    if moment.minutes is None:
        return calendar.instant(moment.date, END_OF_DAY if inside else 0)
    closes = calendar.instant(moment.date, moment.minutes)
    return closes + _MINUTE if inside else closes


def resolve(point: Point, frame: Frame) -> tuple[Span, int | None] | None:
    """The day (a span, for a week) and wall time of a point, after its shift; ``None``: an anchor is not known."""
    if isinstance(point.day, HoursFrom):
        exact = _hours(point.day, frame)
        if exact is None:
            return None
        span: Span = Span.one(exact[0])
        minutes: int | None = exact[1]
    else:
        days = span_of(point.day, frame)
        if days is None:
            return None
        span, minutes = days, point.minutes
    if point.shift is None:
        return span, minutes
    shift, moved = point.shift, span.last
    if not frame.calendar.is_a(moved, shift.kind, frame.open_days):
        moved = frame.calendar.step(moved, 1 if shift.forward else -1, shift.kind, frame.open_days)
    return Span.one(moved), (minutes if shift.minutes is None else shift.minutes)


def span_of(expr: DayExpr, frame: Frame) -> Span | None:
    """The day or days that ``expr`` means in ``frame``; ``None``: an anchor is not known."""
    if isinstance(expr, OnDate):
        return Span.one(expr.date)
    base = _anchor(expr.anchor, frame)
    if base is None:
        return None
    calendar = frame.calendar
    match expr:
        case WeekOf(n=n, of_class=of_class):
            return week_of(_monday(base, n, of_class, calendar))
        case NthIn(what=CompleteWeek() as week):
            unit = _unit_at(expr.of, base, expr.n, calendar)
            return None if unit is None else _ranked(complete_weeks(unit, week.through), expr.rank)
        case NthIn():
            unit = _unit_at(expr.of, base, expr.n, calendar)
            found = None if unit is None else _nth(expr, unit, frame)
            return None if found is None else Span.one(found)
        case HoursFrom():
            exact = _hours(expr, frame)
            return None if exact is None else Span.one(exact[0])
        case SameDay():
            day = base
        case DaysFrom(n=n, kind=kind, clear=clear):
            step = calendar.step_clear if clear else calendar.step
            day = step(base, n, kind, frame.open_days)
        case WeeksFrom(n=n, of_class=of_class):
            day = _monday(base, n, of_class, calendar) + base.weekday() * _DAY
        case MonthsFrom(n=n):
            day = _day_of_month(base, n, base.day)
        case WeekdayFrom(weekday=weekday, n=n):
            day = _weekday_from(base, weekday, n)
        case WeekdayOfWeek(weekday=weekday, n=n, of_class=of_class):
            day = _monday(base, n, of_class, calendar) + int(weekday) * _DAY
        case DayOfMonth(day=wanted, n=n):
            day = _day_of_month(base, n, wanted)
        case AnnualDate(month=month, day=wanted):
            day = _annual(base, month, wanted)
    return Span.one(day)


def _anchor(anchor: Anchor, frame: Frame) -> dt.date | None:
    if anchor.is_event:
        return frame.events.get(anchor.name)
    calendar, base = frame.calendar, frame.base
    if base is None:
        return None
    span: Span | None
    match anchor.name:
        case "le jour":
            span = unit_span(frame.unit, frame.day, calendar)
        case "la semaine":
            span = unit_span(EachWeek(), base, calendar)
        case "le mois":
            # In a month that begins on another day, "the month" is that one.
            span = unit_span(frame.unit if isinstance(frame.unit, EachMonth) else EachMonth(), base, calendar)
        case "la période":
            span = unit_span(EachPeriod(), base, calendar)
        case "l'année scolaire":
            span = unit_span(EachSchoolYear(), base, calendar)
        case "les vacances":
            span = unit_span(EachHoliday(), base, calendar)
        case _:  # "les vacances précédentes"
            before = calendar.holiday_before(base)
            span = None if before is None else before.span
    if span is None:
        return None
    return span.last if anchor.end else span.first


def unit_span(unit: Unit, day: dt.date, calendar: CommuneCalendar) -> Span | None:
    """The unit that holds ``day``; ``None`` where there is none (a holiday on a class day, a gap in a list)."""
    match unit:
        case EachDay():
            return Span.one(day)
        case EachWeek():
            return week_of(day)
        case EachMonth(first_day=first_day):
            return month_of(day, first_day)
        case EachPeriod():
            return calendar.period(day)
        case EachHoliday():
            holiday = calendar.holiday(day)
            return None if holiday is None else holiday.span
        case EachBlock(weeks=weeks, since=since):
            return block_of(day, weeks, since)
        case EachSchoolYear():
            return calendar.school_year(day).span
        case ListedSpans(spans=spans):
            return next((span for span in spans if day in span), None)


def _unit_at(unit: Unit, day: dt.date, n: int, calendar: CommuneCalendar) -> Span | None:
    """The unit n units from the one that holds ``day``."""
    span = unit_span(unit, day, calendar)
    for _ in range(abs(n)):
        if span is None:
            return None
        span = _neighbour(unit, span, n > 0, calendar)
    return span


def _neighbour(unit: Unit, span: Span, forward: bool, calendar: CommuneCalendar) -> Span | None:
    match unit:
        case EachHoliday():
            holiday = calendar.holiday_after(span.last) if forward else calendar.holiday_before(span.first)
            return None if holiday is None else holiday.span
        case ListedSpans(spans=spans):
            place = spans.index(span) + (1 if forward else -1)
            return spans[place] if 0 <= place < len(spans) else None
        case EachPeriod():
            # Periods of class and holidays alternate: the previous period of a period of class is one of class.
            between = calendar.period(span.last + _DAY if forward else span.first - _DAY)
            return calendar.period(between.last + _DAY if forward else between.first - _DAY)
        case _:
            return unit_span(unit, span.last + _DAY if forward else span.first - _DAY, calendar)


def _monday(day: dt.date, n: int, of_class: bool, calendar: CommuneCalendar) -> dt.date:
    return calendar.step_week(day, n, SCHOOL if of_class else None)


def _day_of_month(day: dt.date, n: int, wanted: int) -> dt.date:
    """Day ``wanted`` of the n-th month from ``day``'s; the last day when -1 or when the month is shorter."""
    return add_months(day, n, 31 if wanted == -1 else wanted)


def _weekday_from(base: dt.date, weekday: Weekday, n: int) -> dt.date:
    if n < 0:
        back = (base.weekday() - weekday - 1) % 7 + 1
        return base - back * _DAY + (n + 1) * _WEEK
    ahead = (weekday - base.weekday() - 1) % 7 + 1
    return base + ahead * _DAY + (n - 1) * _WEEK


def _annual(base: dt.date, month: int, wanted: int) -> dt.date:
    first = base.replace(month=month, day=1)
    day = _day_of_month(first, 0, wanted)
    return day if day <= base else _day_of_month(first, -12, wanted)


def _nth(expr: NthIn, unit: Span, frame: Frame) -> dt.date | None:
    match expr.what:
        case Weekday() as weekday:
            return _ranked(weekdays_in(unit, weekday), expr.rank)
        case CompleteWeek():
            return None  # a span, not a day: see span_of
        case kind:
            return _ranked(frame.calendar.days(unit.first, unit.last, kind, frame.open_days), expr.rank)


def _ranked(items: Sequence[_T], rank: int) -> _T | None:
    index = rank - 1 if rank > 0 else rank
    return items[index] if -len(items) <= index < len(items) else None


def _hours(expr: HoursFrom, frame: Frame) -> tuple[dt.date, int] | None:
    """The local day and minute n hours from the anchor, on the wall clock."""
    base = _anchor(expr.anchor, frame)
    if base is None:
        return None
    forward = expr.n > 0
    if expr.from_service:
        if frame.start is None:
            return None
        minutes = frame.start
    elif expr.from_minutes is not None:
        minutes = expr.from_minutes
    else:
        minutes = END_OF_DAY if forward else 0
    if expr.kind is None:
        days, rest = divmod(minutes + expr.n * 60, END_OF_DAY)
        return base + days * _DAY, rest
    return _counted(base, minutes, expr.n * 60, expr.kind, frame)


def _counted(day: dt.date, minutes: int, left: int, kind: DayKind, frame: Frame) -> tuple[dt.date, int]:
    """Spend ``left`` minutes (negative: backward) from that wall time, on days of ``kind`` only."""
    calendar = frame.calendar
    if left < 0:
        room = minutes if calendar.is_a(day, kind, frame.open_days) else 0
        while room < -left:
            left += room
            day, room = calendar.step(day, -1, kind, frame.open_days), END_OF_DAY
            minutes = END_OF_DAY
        return _wall(day, minutes + left)
    room = END_OF_DAY - minutes if calendar.is_a(day, kind, frame.open_days) else 0
    while room < left:
        left -= room
        day, room, minutes = calendar.step(day, 1, kind, frame.open_days), END_OF_DAY, 0
    return _wall(day, minutes + left)


def _wall(day: dt.date, minutes: int) -> tuple[dt.date, int]:
    days, rest = divmod(minutes, END_OF_DAY)
    return day + days * _DAY, rest
