"""Strategies: units, points, limits, effects, tiers, rules, and the instants around them."""

from __future__ import annotations

import datetime as dt
import functools
from decimal import Decimal

from hypothesis import strategies as st

from periscolaire.calendar import (
    BUSINESS,
    CALENDAR,
    OFFICE,
    OPEN,
    SCHOOL,
    WEEKDAY,
    WORKABLE,
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
    EachMonth,
    EachPeriod,
    EachSchoolYear,
    EachWeek,
    Effect,
    Hours,
    HoursFrom,
    Limit,
    LimitRule,
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
from periscolaire.testing.limits._walk import DAY

__all__ = ["day_exprs", "effects", "instants_near", "limits", "points", "rules", "tiers", "units"]


_KINDS = st.sampled_from((CALENDAR, WEEKDAY, WORKABLE, BUSINESS, SCHOOL, OPEN, OFFICE))
_WEEKDAYS = st.sampled_from(Weekday)
_MINUTES = st.one_of(st.sampled_from((7 * 60, 9 * 60 + 30, 10 * 60, 12 * 60, 23 * 60)), st.integers(1, 23 * 60 + 58))
_ANCHORS = st.one_of(
    st.just(ANCHOR_DAY),
    st.builds(Anchor, st.sampled_from(("la semaine", "le mois", "l'année scolaire")), st.booleans()),
    st.builds(Anchor, st.sampled_from(("les vacances précédentes", "l'absence", "la facture"))),
)
_SIGNED = st.integers(-6, 3).filter(bool)


@functools.cache
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


@functools.cache
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


@functools.cache
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


@functools.cache
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


@functools.cache
def _weekday_tables() -> st.SearchStrategy[WeekdayTable]:
    limit = st.one_of(st.builds(Between, st.none(), points()), st.just(Never()), st.just(NoLimit()))

    def table(days: list[Weekday], cut: int, first: Between, second: Between) -> WeekdayTable:
        groups = [tuple(days[:cut]), tuple(days[cut:])]
        rows = [WeekdayRow(group, row) for group, row in zip(groups, (first, second), strict=True) if group]
        return WeekdayTable(tuple(rows))

    return st.builds(table, st.lists(_WEEKDAYS, min_size=1, max_size=7, unique=True), st.integers(0, 6), limit, limit)


@functools.cache
def _date_tables() -> st.SearchStrategy[DateTable]:
    day = st.dates(dt.date(2025, 1, 1), dt.date(2026, 6, 1))

    def table(first: dt.date, length: int, opens: int, minutes: int | None, bound: Bound, ahead: int) -> DateTable:
        closing = Moment(first - ahead * DAY, minutes, bound)
        return DateTable(
            (
                DateRow(Span(first, first + length * DAY), None, closing),
                DateRow(
                    Span(first + (length + 1) * DAY, first + (length + 9) * DAY),
                    Moment(first - (ahead + opens) * DAY, minutes),
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


@functools.cache
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


@functools.cache
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


@functools.cache
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


@functools.cache
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
