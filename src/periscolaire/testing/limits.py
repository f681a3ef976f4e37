"""Limits for tests: Hypothesis strategies, and an oracle that walks over days and minutes.

The oracle shares the types of a rule with the engine, and the calendar's answer to « what kind of day is this? »;
no code that counts, shifts or compares. It is slow, and plain enough to be believed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import attrs
from hypothesis import strategies as st

from periscolaire.calendar import (
    BUSINESS,
    CALENDAR,
    OFFICE,
    OPEN,
    SCHOOL,
    WEEKDAY,
    WORKABLE,
    CommuneCalendar,
    DayKind,
    OpenDays,
    Span,
    Weekday,
)
from periscolaire.catalogue import (
    ANCHOR_DAY,
    Anchor,
    AnnualDate,
    Band,
    Between,
    Bound,
    CompleteWeek,
    Counter,
    DateRow,
    DateTable,
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
    Effect,
    Hours,
    HoursFrom,
    Limit,
    LimitRule,
    ListedSpans,
    Moment,
    MonthsFrom,
    Multiple,
    Never,
    NoLimit,
    NthIn,
    OnDate,
    OnTheSpot,
    OtherTariff,
    Per,
    Point,
    Replacement,
    Reset,
    SameDay,
    Scope,
    Shift,
    Silent,
    Surcharge,
    Tier,
    Unit,
    Verb,
    WeekdayFrom,
    WeekdayOfWeek,
    WeekdayRow,
    WeekdayTable,
    WeekOf,
    WeeksFrom,
)

__all__ = [
    "Case",
    "Unanswered",
    "day_exprs",
    "effects",
    "instants_near",
    "limits",
    "oracle_tier",
    "oracle_window",
    "points",
    "rules",
    "tiers",
    "units",
]

_DAY = dt.timedelta(days=1)
_MINUTE = dt.timedelta(minutes=1)

# Strategies

_KINDS = st.sampled_from((CALENDAR, WEEKDAY, WORKABLE, BUSINESS, SCHOOL, OPEN, OFFICE))
_WEEKDAYS = st.sampled_from(Weekday)
_MINUTES = st.one_of(st.sampled_from((7 * 60, 9 * 60 + 30, 10 * 60, 12 * 60, 23 * 60)), st.integers(1, 23 * 60 + 58))
_ANCHORS = st.one_of(
    st.just(ANCHOR_DAY),
    st.builds(Anchor, st.sampled_from(("la semaine", "le mois", "l'année scolaire")), st.booleans()),
    st.builds(Anchor, st.sampled_from(("les vacances précédentes", "l'absence", "la facture"))),
)
_SIGNED = st.integers(-6, 3).filter(bool)


def units() -> st.SearchStrategy[Unit]:
    """Units of every sort; those without a hole, so that every day has one."""
    return st.one_of(
        st.just(EachDay()),
        st.just(EachWeek()),
        st.builds(EachMonth, st.integers(1, 28)),
        st.just(EachPeriod()),
        st.just(EachSchoolYear()),
        st.builds(EachBlock, st.integers(1, 8), st.dates(dt.date(2024, 9, 1), dt.date(2025, 9, 1))),
    )


def day_exprs() -> st.SearchStrategy[DayExpr]:
    """Day expressions of every sort, before and after the day."""
    ranked = st.one_of(_WEEKDAYS, _KINDS, st.builds(CompleteWeek, st.sampled_from((Weekday.FRIDAY, Weekday.SUNDAY))))
    return st.one_of(
        st.builds(SameDay, _ANCHORS),
        st.builds(DaysFrom, _SIGNED, _KINDS, st.booleans(), _ANCHORS),
        st.builds(WeeksFrom, _SIGNED, st.booleans(), _ANCHORS),
        st.builds(MonthsFrom, st.integers(-3, 2).filter(bool), _ANCHORS),
        st.builds(
            HoursFrom,
            st.integers(-96, 72).filter(bool),
            st.none() | _KINDS,
            st.none() | _MINUTES,
            st.just(False),
            _ANCHORS,
        ),
        st.builds(HoursFrom, st.integers(-96, 72).filter(bool), st.none() | _KINDS, st.none(), st.booleans(), _ANCHORS),
        st.builds(WeekdayFrom, _WEEKDAYS, st.integers(-3, 2).filter(bool), _ANCHORS),
        st.builds(WeekdayOfWeek, _WEEKDAYS, st.integers(-3, 1), st.booleans(), _ANCHORS),
        st.builds(WeekOf, st.integers(-3, 1), st.booleans(), _ANCHORS),
        st.builds(DayOfMonth, st.just(-1) | st.integers(1, 31), st.integers(-2, 1), _ANCHORS),
        st.builds(
            NthIn,
            st.integers(-3, 3).filter(bool),
            ranked,
            st.sampled_from((EachMonth(), EachWeek(), EachSchoolYear(), EachMonth(11))),
            st.integers(-1, 1),
            _ANCHORS,
        ),
        st.builds(OnDate, st.dates(dt.date(2025, 1, 1), dt.date(2025, 12, 31))),
        st.builds(AnnualDate, st.integers(1, 12), st.integers(1, 28), _ANCHORS),
    )


def points() -> st.SearchStrategy[Point]:
    """Points with and without an hour, a bound and a shift."""
    shifts = st.none() | st.builds(Shift, _KINDS, st.booleans(), st.none() | _MINUTES)

    def point(day: DayExpr, minutes: int | None, bound: Bound, shift: Shift | None) -> Point:
        if isinstance(day, HoursFrom):
            return Point(day, shift=shift)
        return Point(day, minutes, bound, shift)

    return st.builds(point, day_exprs(), st.none() | _MINUTES, st.sampled_from(Bound), shifts)


def _opening(point: Point) -> Point:
    return Point(point.day, point.minutes, shift=point.shift)


def limits() -> st.SearchStrategy[Limit]:
    """Limits of every sort."""
    closing = st.builds(Between, st.none(), points())
    opening = st.builds(Between, points().map(_opening), st.none() | points())
    return st.one_of(
        st.sampled_from((Never(), NoLimit(), OnTheSpot(), Silent())),
        closing,
        closing,
        opening,
        _weekday_tables(),
        _date_tables(),
    )


def _weekday_tables() -> st.SearchStrategy[WeekdayTable]:
    limit = st.one_of(st.builds(Between, st.none(), points()), st.just(Never()), st.just(NoLimit()))

    def table(days: list[Weekday], cut: int, first: Between, second: Between) -> WeekdayTable:
        groups = [tuple(days[:cut]), tuple(days[cut:])]
        rows = [WeekdayRow(group, row) for group, row in zip(groups, (first, second), strict=True) if group]
        return WeekdayTable(tuple(rows))

    return st.builds(table, st.lists(_WEEKDAYS, min_size=1, max_size=7, unique=True), st.integers(0, 6), limit, limit)


def _date_tables() -> st.SearchStrategy[DateTable]:
    day = st.dates(dt.date(2025, 1, 1), dt.date(2026, 6, 1))

    def table(first: dt.date, length: int, opens: int, minutes: int | None, bound: Bound, ahead: int) -> DateTable:
        closing = Moment(first - ahead * _DAY, minutes, bound)
        return DateTable(
            (
                DateRow(Span(first, first + length * _DAY), None, closing),
                DateRow(
                    Span(first + (length + 1) * _DAY, first + (length + 9) * _DAY),
                    Moment(first - (ahead + opens) * _DAY, minutes),
                    closing,
                ),
            )
        )

    return st.builds(
        table,
        day,
        st.integers(0, 60),
        st.integers(1, 30),
        st.none() | _MINUTES,
        st.sampled_from(Bound),
        st.integers(0, 40),
    )


def effects() -> st.SearchStrategy[Effect]:
    """Effects with every verb, price form and scope."""
    amounts = st.decimals(Decimal("0.10"), Decimal(20), places=2)
    prices = st.one_of(
        st.builds(Surcharge, amounts),
        st.builds(Multiple, st.decimals(Decimal("1.5"), Decimal(4), places=1)),
        st.builds(OtherTariff, st.sampled_from(("tardif", "exceptionnel", "hors commune"))),
        st.builds(Replacement, amounts),
    )
    return st.one_of(
        st.builds(Effect, st.sampled_from(Verb)),
        st.builds(Effect, st.sampled_from((Verb.ACCEPT, Verb.REQUEST)), prices, st.sampled_from(Scope)),
        st.builds(Effect, st.just(Verb.ACCEPT), prices, st.just(Scope.DAY), st.none(), st.just(True)),
        st.just(Effect(Verb.DUE, share=Decimal("0.5"))),
    )


def _counters() -> st.SearchStrategy[Counter]:
    def counter(name: str, cuts: set[int], made: list[Effect], per: Per, reset: Reset) -> Counter:
        ranks = [1, *sorted(cuts)]
        return Counter(name, tuple(Band(rank, effect) for rank, effect in zip(ranks, made, strict=False)), per, reset)

    return st.builds(
        counter,
        st.sampled_from(("tardif", "imprévus de l'année")),
        st.sets(st.integers(2, 12), min_size=1, max_size=2),
        st.lists(effects(), min_size=3, max_size=3),
        st.sampled_from(Per),
        st.sampled_from(Reset),
    )


def tiers() -> st.SearchStrategy[Tier]:
    """Tiers that the compact notation can say (no condition, no name)."""
    hours = st.builds(
        Hours,
        st.integers(1, 600),
        st.integers(601, 1439),
        st.none() | st.frozensets(_WEEKDAYS, min_size=1),
        st.none(),
    )
    return st.one_of(
        st.builds(Tier, limits(), effects(), st.booleans(), st.none() | hours),
        st.builds(Tier, limits(), counter=_counters()),
    )


def rules() -> st.SearchStrategy[LimitRule]:
    """Rules of one to three tiers over every unit."""
    return st.builds(
        LimitRule, st.lists(tiers(), min_size=1, max_size=3).map(tuple), units(), reference=st.just("art. 4")
    )


def instants_near(instant: dt.datetime | None, day: dt.date) -> st.SearchStrategy[dt.datetime]:
    """Instants around ``instant``, to the second, and around the day when there is none."""
    centre = instant or dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)
    close = st.sampled_from((-3600, -61, -60, -59, -1, 0, 1, 30, 59, 60, 61, 3600))
    far = st.integers(-40 * 86400, 40 * 86400)
    return st.one_of(close, far).map(lambda seconds: centre + dt.timedelta(seconds=seconds))


# The oracle


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


def oracle_tier(rule: LimitRule, case: Case, at: dt.datetime, places_left: int | None) -> int | None:
    """The index of the first open tier at ``at``; ``None`` when all are shut.

    :raises Unanswered: the first tier that is not shut does not say.
    """
    now = at.astimezone(dt.UTC)
    earlier: dt.datetime | None = None
    for index, tier in enumerate(rule.tiers):
        window = oracle_window(tier.limit, attrs.evolve(case, unit=rule.unit))
        if window is None:
            continue
        opens, closes = window
        # "puis": a tier that does not say when it opens comes no sooner than the one before it.
        opens = earlier = earlier if opens is None else opens
        if (opens is not None and now < opens) or (closes is not None and now >= closes):
            continue
        if tier.hours is not None and not _in_hours(tier.hours, now, case):
            continue
        if tier.subject_to_places and places_left is None:
            raise Unanswered
        if tier.subject_to_places and places_left == 0:
            continue
        return index
    return None


def _in_hours(hours: Hours, now: dt.datetime, case: Case) -> bool:
    wall = now.astimezone(case.calendar.tz)
    minute = wall.hour * 60 + wall.minute
    right_day = hours.weekdays is None or Weekday(wall.weekday()) in hours.weekdays
    return right_day and minute in range(hours.start, hours.end)


def oracle_window(limit: Limit, case: Case) -> tuple[dt.datetime | None, dt.datetime | None] | None:
    """Opening and close in UTC, each ``None`` without end; ``None`` when it is never open.

    :raises Unanswered: the règlement is silent, or an anchor is not known.
    """
    match limit:
        case Never():
            return None
        case NoLimit():
            return None, None
        case Silent():
            raise Unanswered
        case OnTheSpot():
            first = _first(case)
            return _utc(_midnight(first), case), _utc(_midnight(first + _DAY), case)
        case WeekdayTable(rows=rows):
            for row in rows:
                if Weekday(case.day.weekday()) in row.weekdays:
                    return oracle_window(row.limit, case)
            raise Unanswered
        case DateTable(rows=dates):
            for listed in dates:
                if listed.days.first <= case.day <= listed.days.last:
                    opens = None if listed.opens is None else _open_moment(listed.opens, case)
                    return opens, None if listed.closes is None else _close_moment(listed.closes, case)
            raise Unanswered
        case Between(opens=opens_at, closes=closes_at):
            return (
                None if opens_at is None else _open_point(opens_at, case),
                None if closes_at is None else _close_point(closes_at, case),
            )


def _open_moment(moment: Moment, case: Case) -> dt.datetime:
    return _utc(_midnight(moment.date) + (moment.minutes or 0) * _MINUTE, case)


def _close_moment(moment: Moment, case: Case) -> dt.datetime:
    return _close(moment.date, moment.minutes, moment.bound, case)


def _open_point(point: Point, case: Case) -> dt.datetime:
    days, minutes = _point(point, case)
    return _utc(_midnight(days[0]) + (minutes or 0) * _MINUTE, case)


def _close_point(point: Point, case: Case) -> dt.datetime:
    days, minutes = _point(point, case)
    return _close(days[-1], minutes, point.bound, case)


def _close(day: dt.date, minutes: int | None, bound: Bound, case: Case) -> dt.datetime:
    if minutes is None:
        return _utc(_midnight(day + _DAY) if bound is Bound.UNTIL else _midnight(day), case)
    shut = _utc(_midnight(day) + minutes * _MINUTE, case)
    return shut + _MINUTE if bound is Bound.UNTIL else shut


def _point(point: Point, case: Case) -> tuple[list[dt.date], int | None]:
    if isinstance(point.day, HoursFrom):
        wall = _hours(point.day, case)
        days, minutes = [wall.date()], wall.hour * 60 + wall.minute
        found: int | None = minutes
    else:
        days, found = _days(point.day, case), point.minutes
    if point.shift is None:
        return days, found
    day = days[-1]
    while not case.is_a(day, point.shift.kind):
        day += _DAY if point.shift.forward else -_DAY
    return [day], found if point.shift.minutes is None else point.shift.minutes


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001  # a wall time, on purpose


def _utc(wall: dt.datetime, case: Case) -> dt.datetime:
    """The last instant at which the wall clock shows ``wall``, or the first at which it shows more."""
    tz = case.calendar.tz
    shown = []
    for quarters in range(-56, 57):
        instant = (wall - quarters * 15 * _MINUTE).replace(tzinfo=dt.UTC)
        if instant.astimezone(tz).replace(tzinfo=None) == wall:
            shown.append(instant)
    if shown:
        return max(shown)
    instant = (wall - dt.timedelta(hours=15)).replace(tzinfo=dt.UTC)
    while instant.astimezone(tz).replace(tzinfo=None) < wall:
        instant += _MINUTE
    return instant


def _first(case: Case) -> dt.date:
    return _unit_days(case.unit, case.day, case)[0]


def _anchor(anchor: Anchor, case: Case) -> dt.date:
    if anchor.is_event:
        if anchor.name not in case.events:
            raise Unanswered
        return case.events[anchor.name]
    base = _first(case)
    match anchor.name:
        case "le jour":
            days = _unit_days(case.unit, case.day, case)
        case "la semaine":
            days = _unit_days(EachWeek(), base, case)
        case "le mois":
            month = case.unit if isinstance(case.unit, EachMonth) else EachMonth()
            days = _unit_days(month, base, case)
        case "l'année scolaire":
            days = _unit_days(EachSchoolYear(), base, case)
        case "la période":
            days = _unit_days(EachPeriod(), base, case)
        case "les vacances":
            days = _unit_days(EachHoliday(), base, case)
        case _:
            day = base
            if case.calendar.holiday(day) is not None:
                while case.calendar.holiday(day) is not None:
                    day -= _DAY
            while case.calendar.holiday(day) is None:
                day -= _DAY
                if not case.calendar.knows(day):
                    raise Unanswered
            days = _unit_days(EachHoliday(), day, case)
    return days[-1] if anchor.end else days[0]


def _unit_days(unit: Unit, day: dt.date, case: Case) -> list[dt.date]:
    """All days of the unit that holds ``day``, found by walking out from it while the label stays."""
    label = _label(unit, day, case)
    if label is None and isinstance(unit, EachHoliday | ListedSpans):
        raise Unanswered
    days = [day]
    while _known(unit, days[0] - _DAY, case) and _label(unit, days[0] - _DAY, case) == label:
        days.insert(0, days[0] - _DAY)
    while _known(unit, days[-1] + _DAY, case) and _label(unit, days[-1] + _DAY, case) == label:
        days.append(days[-1] + _DAY)
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


def _days(expr: DayExpr, case: Case) -> list[dt.date]:
    if isinstance(expr, OnDate):
        return [expr.date]
    day = _anchor(expr.anchor, case)
    match expr:
        case SameDay():
            return [day]
        case DaysFrom(n=n, kind=kind, clear=clear):
            left = abs(n) + (1 if clear else 0)
            while left:
                day += _DAY if n > 0 else -_DAY
                if case.is_a(day, kind):
                    left -= 1
            return [day]
        case WeeksFrom(n=n, of_class=of_class):
            wanted = day.weekday()
            return [found for found in _week(day, n, of_class, case) if found.weekday() == wanted]
        case MonthsFrom(n=n):
            return [_day_in_month(day, n, day.day)]
        case HoursFrom():
            return [_hours(expr, case).date()]
        case WeekdayFrom(weekday=weekday, n=n):
            left = abs(n)
            while left:
                day += _DAY if n > 0 else -_DAY
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
                day -= _DAY
            return [day]


def _week(day: dt.date, n: int, of_class: bool, case: Case) -> list[dt.date]:
    while day.weekday() != 0:
        day -= _DAY
    left = abs(n)
    while left:
        day += dt.timedelta(weeks=1 if n > 0 else -1)
        if not of_class or any(case.is_a(day + i * _DAY, SCHOOL) for i in range(7)):
            left -= 1
    return [day + i * _DAY for i in range(7)]


def _day_in_month(day: dt.date, n: int, wanted: int) -> dt.date:
    left = abs(n)
    while left:
        month = day.month
        while day.month == month:
            day += _DAY if n > 0 else -_DAY
        left -= 1
    same = [day + i * _DAY for i in range(-31, 32) if (day + i * _DAY).month == day.month]
    return [found for found in same if found.day <= wanted][-1]


def _nth(expr: NthIn, day: dt.date, case: Case) -> list[dt.date]:
    days = _unit_days(expr.of, day, case)
    for _ in range(abs(expr.n)):
        beyond = days[-1] + _DAY if expr.n > 0 else days[0] - _DAY
        days = _unit_days(expr.of, beyond, case)
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


def _hours(expr: HoursFrom, case: Case) -> dt.datetime:
    """Spend the hours minute by minute on the wall clock."""
    start = _midnight(_anchor(expr.anchor, case))
    if expr.from_service:
        if case.start is None:
            raise Unanswered
        wall = start + case.start * _MINUTE
    elif expr.from_minutes is not None:
        wall = start + expr.from_minutes * _MINUTE
    else:
        wall = start if expr.n < 0 else start + _DAY
    if expr.kind is None:
        return wall + dt.timedelta(hours=expr.n)
    left, kinds = abs(expr.n) * 60, {}
    while left:
        if expr.n < 0:
            wall -= _MINUTE
        day = wall.date()
        if day not in kinds:
            kinds[day] = case.is_a(day, expr.kind)
        left -= kinds[day]
        if expr.n > 0:
            wall += _MINUTE
    return wall
