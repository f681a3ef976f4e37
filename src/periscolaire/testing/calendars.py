"""Hypothesis strategies for calendars: communes of every territory, their days, open days, telling instants.

Strategies give values of the public API of :mod:`periscolaire.calendar`; a calendar is made once per setting and
shared, so that its tables are warm.
"""

from __future__ import annotations

import datetime as dt
import functools
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from periscolaire.calendar import (
    KINDS,
    OPEN,
    TERRITORIES,
    TIMEZONES,
    AllYear,
    AnyOf,
    BridgeDays,
    But,
    ClassDays,
    CommuneCalendar,
    Dates,
    DayEffect,
    DayEvent,
    DayKind,
    HolidayDays,
    Months,
    Only,
    OpenDays,
    PublicHolidays,
    SchoolWeek,
    Season,
    Span,
    TermDays,
    Weekday,
    YearlySpan,
    commune_calendar,
)
from periscolaire.clock import zone

__all__ = [
    "calendars",
    "clock_changes",
    "days",
    "events",
    "instants",
    "instants_near",
    "kinds",
    "known_days",
    "named_calendar",
    "open_days",
    "school_weeks",
    "spans",
    "timezones",
    "weekday_sets",
]

_PLACES: tuple[tuple[str, str | None], ...] = (
    *(("Métropole", letter) for letter in "ABC"),
    *((known.name, None) for known in TERRITORIES if known.zone is not None),
)
_EARLIEST, _LATEST = dt.date(2015, 1, 1), dt.date(2029, 12, 31)


def weekday_sets(min_size: int = 1) -> st.SearchStrategy[frozenset[Weekday]]:
    """Sets of weekdays."""
    return st.frozensets(st.sampled_from(Weekday), min_size=min_size)


@st.composite
def school_weeks(draw: st.DrawFn) -> SchoolWeek:
    """Weeks of schools: mostly the real ones (4 days, 4.5 days with Wednesday or Saturday), sometimes any."""
    usual = ("mercredi matin", "samedi matin", None, "mercredi")
    if draw(st.booleans()):
        fifth = draw(st.sampled_from(usual))
        words = ["lundi", "mardi", "jeudi", "vendredi", *([fifth] if fifth else [])]
        return SchoolWeek.parse(words)
    days = draw(weekday_sets())
    mornings = draw(st.frozensets(st.sampled_from(sorted(days))))
    return SchoolWeek(days - mornings, mornings)


@functools.lru_cache(maxsize=64)
def named_calendar(place: str, letter: str | None = None, week: SchoolWeek | None = None) -> CommuneCalendar:
    """The calendar of a territory (of zone ``letter`` in metropolitan France), made once."""
    return commune_calendar(territory=place, zone=letter, week=week)


@functools.cache
def calendars(*, any_week: bool = True) -> st.SearchStrategy[CommuneCalendar]:
    """Calendars of communes of every zone and territory; four-day weeks only unless ``any_week``."""
    weeks = school_weeks() if any_week else st.just(SchoolWeek())
    return st.builds(lambda place, week: named_calendar(*place, week), st.sampled_from(_PLACES), weeks)


def days(first: dt.date = _EARLIEST, last: dt.date = _LATEST) -> st.SearchStrategy[dt.date]:
    """Civil days, by default of the years about which something is known."""
    return st.dates(first, last)


def known_days(calendar: CommuneCalendar, margin: int = 0) -> st.SearchStrategy[dt.date]:
    """Days that ``calendar`` knows, at least ``margin`` days away from its ends."""
    away = dt.timedelta(days=margin)
    return st.dates(calendar.first_known + away, calendar.last_known - away)


@st.composite
def spans(draw: st.DrawFn, max_days: int = 120) -> Span:
    """Spans of at most ``max_days`` days."""
    first = draw(days(last=_LATEST - dt.timedelta(days=max_days)))
    return Span(first, first + dt.timedelta(days=draw(st.integers(0, max_days - 1))))


def kinds(*, of_product: bool = False) -> st.SearchStrategy[DayKind]:
    """The common kinds of day; ``d'ouverture``, which needs open days, only if ``of_product``."""
    return st.sampled_from([kind for kind in KINDS if of_product or kind != OPEN])


@functools.cache
def events() -> st.SearchStrategy[DayEvent]:
    """Closures, strikes, make-up days … that concern the whole commune."""
    return st.builds(
        DayEvent, spans(max_days=5), st.sampled_from(DayEffect), st.sampled_from(["", "grève", "neige", "kermesse"])
    )


_NAMES = ("Toussaint", "Noël", "Hiver", "Printemps", "Carnaval", "Pâques", "Fête du village")
_DAYS_OF_YEAR = st.tuples(st.integers(1, 12), st.integers(1, 28))


@functools.cache
def _holiday_days() -> st.SearchStrategy[OpenDays]:
    seasons = st.frozensets(st.sampled_from([Season.SHORT_HOLIDAYS, Season.SUMMER]), min_size=1)
    weeks = st.frozensets(st.sampled_from([1, 2, 3, 4, 5, -1, -2]), max_size=3)
    by_season = st.builds(
        HolidayDays, seasons=seasons, weekdays=weekday_sets(), weeks=weeks, public_holidays=st.booleans()
    )
    named = st.lists(st.sampled_from(_NAMES), min_size=1, max_size=2, unique=True).map(tuple)
    return by_season | st.builds(HolidayDays, names=named, weekdays=weekday_sets(), weeks=weeks)


@functools.cache
def open_days(max_leaves: int = 4) -> st.SearchStrategy[OpenDays]:
    """Open days of every form, nested."""
    leaves: st.SearchStrategy[OpenDays] = st.one_of(
        st.builds(ClassDays, st.none() | weekday_sets(), st.none() | st.booleans()),
        st.builds(TermDays, weekday_sets(), st.booleans()),
        st.builds(AllYear, weekday_sets(), st.booleans()),
        _holiday_days(),
        st.just(BridgeDays()),
        st.just(PublicHolidays()),
        st.builds(Months, st.frozensets(st.integers(1, 12), min_size=1, max_size=3)),
        st.builds(Dates, spans(max_days=60)),
        st.builds(YearlySpan, _DAYS_OF_YEAR, _DAYS_OF_YEAR),
    )

    def nested(inner: st.SearchStrategy[OpenDays]) -> st.SearchStrategy[OpenDays]:
        return st.one_of(
            st.builds(AnyOf, st.lists(inner, min_size=2, max_size=3).map(tuple)),
            st.builds(But, inner, inner),
            st.builds(Only, inner, inner),
        )

    return st.recursive(leaves, nested, max_leaves=max_leaves)


# Instants

_TWO_DAYS = dt.timedelta(days=2)


@functools.cache
def timezones() -> st.SearchStrategy[ZoneInfo]:
    """Every legal time of the Republic."""
    return st.sampled_from(TIMEZONES).map(zone)


@functools.cache
def clock_changes(name: str) -> tuple[dt.datetime, ...]:
    """The UTC instants, from 2015 to 2029, at which the clocks of a time zone change, found by halving."""
    tz = zone(name)
    found: list[dt.datetime] = []
    low = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)
    while low < dt.datetime(2030, 1, 1, tzinfo=dt.UTC):
        high = low + dt.timedelta(days=7)
        if low.astimezone(tz).utcoffset() != high.astimezone(tz).utcoffset():
            start, end = low, high
            while end - start > dt.timedelta(minutes=1):
                middle = start + dt.timedelta(minutes=(end - start) // dt.timedelta(minutes=2))
                if middle.astimezone(tz).utcoffset() == low.astimezone(tz).utcoffset():
                    start = middle
                else:
                    end = middle
            found.append(end)
        low = high
    return tuple(found)


def instants_near(instant: dt.datetime, within: dt.timedelta = dt.timedelta(hours=3)) -> st.SearchStrategy[dt.datetime]:
    """Instants around ``instant``, in any legal time: itself, a microsecond, second, minute away, or anything near."""
    telling = [
        dt.timedelta(),
        *(sign * step for sign in (-1, 1) for step in (
            dt.timedelta(microseconds=1), dt.timedelta(seconds=1), dt.timedelta(seconds=59), dt.timedelta(minutes=1),
            dt.timedelta(hours=1), dt.timedelta(days=1),
        )),
    ]  # fmt: skip
    offsets = st.sampled_from(telling) | st.timedeltas(-within, within)
    utc = instant.astimezone(dt.UTC)
    return st.builds(lambda offset, tz: (utc + offset).astimezone(tz), offsets, timezones() | st.just(dt.UTC))


@st.composite
def instants(draw: st.DrawFn, calendar: CommuneCalendar) -> dt.datetime:
    """Instants in the known years of ``calendar``: near its midnights, its clock changes, or anywhere."""
    wall_times = st.builds(calendar.instant, known_days(calendar, margin=2), st.integers(0, 1440))
    changes = [
        change for change in clock_changes(calendar.timezone) if calendar.knows(calendar.today(change) - _TWO_DAYS)
    ]
    return draw(instants_near(draw(wall_times | st.sampled_from(changes) if changes else wall_times)))
