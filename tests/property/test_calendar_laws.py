"""Laws of the calendar, over communes of every territory."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Callable

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from periscolaire.calendar import (
    BUSINESS,
    CALENDAR,
    OPEN,
    SCHOOL,
    WEEKDAY,
    WORKABLE,
    AllYear,
    CommuneCalendar,
    DayEffect,
    DayEvent,
    DayKind,
    OpenDays,
    Span,
    TermDays,
    block_of,
    complete_weeks,
    monday_of,
    month_of,
    parse_open_days,
    print_open_days,
    week_label,
    week_of,
)
from periscolaire.errors import UnknownYearError
from periscolaire.testing import calendars as some

DAY = dt.timedelta(days=1)


@st.composite
def calendar_and_day(draw: st.DrawFn, margin: int = 120) -> tuple[CommuneCalendar, dt.date]:
    calendar = draw(some.calendars())
    return calendar, draw(some.known_days(calendar, margin))


def walk(calendar: CommuneCalendar, day: dt.date, n: int, kind: DayKind, days: OpenDays | None) -> dt.date:
    """Counting as people do, one day after the other."""
    step = DAY if n > 0 else -DAY
    left = abs(n)
    while left:
        day += step
        left -= calendar.is_a(day, kind, days)
    return day


@given(calendar_and_day(), some.kinds(of_product=True), some.open_days(), st.integers(-12, 12))
def test_step_is_what_walking_day_by_day_gives(
    where: tuple[CommuneCalendar, dt.date], kind: DayKind, days: OpenDays, n: int
) -> None:
    calendar, day = where
    try:
        expected = walk(calendar, day, n, kind, days)
    except UnknownYearError:
        with pytest.raises(UnknownYearError):
            calendar.step(day, n, kind, days)
    else:
        assert calendar.step(day, n, kind, days) == expected


@given(calendar_and_day(), some.kinds(), st.integers(1, 12))
def test_forward_then_backward_returns_to_a_day_of_the_kind(
    where: tuple[CommuneCalendar, dt.date], kind: DayKind, n: int
) -> None:
    calendar, day = where
    start = calendar.on_or_before(day, kind)
    assert calendar.is_a(start, kind)
    assert calendar.step(calendar.step(start, n, kind), -n, kind) == start


@given(calendar_and_day(), st.integers(1, 12))
def test_a_kind_with_more_days_never_gives_an_earlier_day(where: tuple[CommuneCalendar, dt.date], n: int) -> None:
    calendar, day = where
    back = [calendar.step(day, -n, kind) for kind in (CALENDAR, WORKABLE, BUSINESS)]
    assert back == sorted(back, reverse=True)
    assert calendar.step(day, -n, WEEKDAY) >= calendar.step(day, -n, BUSINESS)
    ahead = [calendar.step(day, n, kind) for kind in (CALENDAR, WORKABLE, BUSINESS)]
    assert ahead == sorted(ahead)


@given(calendar_and_day(), some.kinds(), st.integers(1, 6))
def test_clear_days_leave_whole_days_between(where: tuple[CommuneCalendar, dt.date], kind: DayKind, n: int) -> None:
    calendar, day = where
    before = calendar.step_clear(day, -n, kind)
    assert len(calendar.days(before + DAY, day - DAY, kind)) == n
    after = calendar.step_clear(day, n, kind)
    assert len(calendar.days(day + DAY, after - DAY, kind)) == n


@given(calendar_and_day(), some.open_days(), st.integers(0, 60))
def test_days_lists_exactly_the_days_of_the_kind(
    where: tuple[CommuneCalendar, dt.date], days: OpenDays, length: int
) -> None:
    calendar, first = where
    span = Span(first, first + length * DAY)
    assert calendar.days(span.first, span.last, OPEN, days) == tuple(day for day in span if calendar.is_open(days, day))


@given(some.open_days(), st.booleans())
def test_open_days_read_as_they_are_printed(days: OpenDays, term: bool) -> None:
    text = print_open_days(days, term=term)
    read = parse_open_days(text, term=term)
    assert read == days


@given(calendar_and_day(margin=0))
def test_periods_cover_the_known_days_without_hole_or_overlap(where: tuple[CommuneCalendar, dt.date]) -> None:
    calendar, day = where
    span = calendar.period(day)
    assert day in span
    assert calendar.period(span.first) == calendar.period(span.last) == span
    if span.last < calendar.last_known:
        assert calendar.period(span.last + DAY).first == span.last + DAY
    holiday = calendar.holiday(day)
    if holiday is not None:
        assert calendar.days_off(holiday) == span


@given(calendar_and_day(margin=0))
def test_a_school_year_holds_its_day_and_follows_the_one_before(where: tuple[CommuneCalendar, dt.date]) -> None:
    calendar, day = where
    year = calendar.school_year(day)
    assert day in year.span
    assert year.last_class_day in year.span
    if year.first_day > calendar.first_known:
        assert calendar.school_year(year.first_day - DAY).last_day == year.first_day - DAY


@given(calendar_and_day(margin=0))
def test_the_holidays_before_and_after_frame_the_day(where: tuple[CommuneCalendar, dt.date]) -> None:
    calendar, day = where
    before, after = calendar.holiday_before(day), calendar.holiday_after(day)
    if before is not None:
        span = calendar.days_off(before)
        assert span is not None
        assert span.last < day
    if after is not None:
        coming = calendar.days_off(after)
        assert (coming.first if coming else after.first_day_off) > day
    if before is not None and after is not None:
        inside = [
            period
            for period in calendar.holidays
            if period.kind is before.kind and before.first_day_off < period.first_day_off < after.first_day_off
        ]
        assert inside == ([calendar.holiday(day)] if calendar.holiday(day) else [])


@given(calendar_and_day(), st.integers(-6, 6))
def test_weeks_of_class_are_the_weeks_that_hold_a_class_day(where: tuple[CommuneCalendar, dt.date], n: int) -> None:
    calendar, day = where
    monday = calendar.step_week(day, n, SCHOOL)
    assert monday.weekday() == 0
    if n:
        assert calendar.week_has(monday, SCHOOL)
        first, last = sorted([monday_of(day), monday])
        between = [first + 7 * i * DAY for i in range(1, (last - first).days // 7)]
        assert sum(calendar.week_has(week, SCHOOL) for week in between) == abs(n) - 1


@given(some.days())
def test_week_labels_agree_with_the_iso_calendar(day: dt.date) -> None:
    label = week_label(day)
    monday = week_of(day).first
    assert label == f"Semaine {day.isocalendar().week} du {monday:%d/%m/%Y} au {monday + 4 * DAY:%d/%m/%Y}"
    assert dt.date.fromisocalendar(day.isocalendar().year, day.isocalendar().week, 1) == monday


@given(some.days(), st.integers(1, 28), st.integers(1, 9), some.days())
def test_months_and_blocks_part_the_days(day: dt.date, from_day: int, weeks: int, since: dt.date) -> None:
    parts: tuple[Callable[[dt.date], Span], ...] = (
        lambda of: month_of(of, from_day),
        lambda of: block_of(of, weeks, since),
    )
    for part in parts:
        span = part(day)
        assert day in span
        assert part(span.first) == part(span.last) == span
        assert part(span.last + DAY).first == span.last + DAY
    assert month_of(day, from_day).first.day == from_day
    assert (block_of(day, weeks, since).first - since).days % (7 * weeks) == 0


@given(some.spans())
def test_complete_weeks_lie_inside_and_none_is_missed(span: Span) -> None:
    found = complete_weeks(span)
    assert all(week.first.weekday() == 0 and len(week) == 7 and week.within(span) == week for week in found)
    assert [week.first for week in found] == [day for day in span if day.weekday() == 0 and day + 6 * DAY <= span.last]


@given(some.calendars(), some.events())
def test_events_decide_their_days_and_no_other(calendar: CommuneCalendar, event: DayEvent) -> None:
    assume(calendar.knows(event.span.first - DAY) and calendar.knows(event.span.last + DAY))
    changed = attrs.evolve(calendar, events=(event,))
    every = AllYear(public_holidays=True)
    for day in Span(event.span.first - DAY, event.span.last + DAY):
        if day not in event.span:
            assert changed.is_a(day, SCHOOL) == calendar.is_a(day, SCHOOL)
            assert changed.is_open(every, day)
            continue
        match event.effect:
            case DayEffect.CLOSED | DayEffect.OUTING | DayEffect.ALL_CLOSED:
                assert not changed.is_open(every, day)
            case DayEffect.OPENED:
                assert changed.is_open(TermDays(frozenset()), day)
            case DayEffect.NO_CLASS:
                assert not changed.is_a(day, SCHOOL)
            case DayEffect.CLASS_HELD:
                assert changed.is_a(day, SCHOOL)
            case _:
                assert changed.is_a(day, SCHOOL) == calendar.is_a(day, SCHOOL)


@given(calendar_and_day(), some.open_days())
def test_a_calendar_survives_pickling_without_its_tables(
    where: tuple[CommuneCalendar, dt.date], days: OpenDays
) -> None:
    calendar, day = where
    copy = pickle.loads(pickle.dumps(calendar))
    assert copy == calendar
    assert hash(copy) == hash(calendar)
    assert copy.is_open(days, day) == calendar.is_open(days, day)


@given(calendar_and_day(margin=0))
def test_an_instant_is_local_to_the_commune(where: tuple[CommuneCalendar, dt.date]) -> None:
    calendar, day = where
    assert calendar.today(calendar.instant(day, 0)) == day
    assert calendar.today(calendar.instant(day, 720)) == day
    assert calendar.today(calendar.instant(day, 1440) - dt.timedelta(microseconds=1)) == day
