"""What a règlement says of the commune's calendar: settings, from which the calendar itself is built once."""

from __future__ import annotations

import datetime as dt
import functools

import attrs

from periscolaire.calendar import (
    MONDAY_TO_FRIDAY,
    AllYear,
    CommuneCalendar,
    DayEvent,
    HolidayPeriod,
    OpenDays,
    SchoolWeek,
    Weekday,
    commune_calendar,
)
from periscolaire.frozen import FrozenMap

__all__ = ["CalendarSettings"]


def _monday_to_friday() -> OpenDays:
    return AllYear(MONDAY_TO_FRIDAY)


@attrs.frozen
class CalendarSettings:
    """The commune's own part of its calendar; the official years and public holidays are added by :attr:`calendar`.

    One of ``zone``, ``academie`` and ``territory`` says which school holidays apply. ``local_holidays`` are days that
    count as public holidays here: a date, or the name of a customary one (``vendredi saint``); ``worked_holidays``
    are public holidays that are worked here.
    ``periods`` are school holidays that the library does not know yet.
    """

    zone: str | None = None
    academie: str | None = None
    territory: str | None = None
    timezone: str | None = None
    week: SchoolWeek = attrs.field(factory=SchoolWeek)
    school_weeks: FrozenMap[str, SchoolWeek] = attrs.field(factory=FrozenMap)
    office_days: OpenDays = attrs.field(factory=_monday_to_friday)
    business_days: frozenset[Weekday] = MONDAY_TO_FRIDAY
    local_holidays: tuple[str | dt.date, ...] = ()
    worked_holidays: tuple[str | dt.date, ...] = ()
    own_kinds: FrozenMap[str, OpenDays] = attrs.field(factory=FrozenMap)
    events: tuple[DayEvent, ...] = ()
    periods: tuple[HolidayPeriod, ...] = ()

    @property
    def calendar(self) -> CommuneCalendar:
        """The commune's calendar; the same object for equal settings.

        :raises MisuseError: the zone, academy or territory is unknown, or more than one is given.
        """
        return _calendar(self)


@functools.lru_cache(maxsize=64)
def _calendar(settings: CalendarSettings) -> CommuneCalendar:
    named = [day for day in settings.local_holidays if isinstance(day, str)]
    dated = [day for day in settings.local_holidays if isinstance(day, dt.date)]
    return commune_calendar(
        zone=settings.zone,
        academie=settings.academie,
        territory=settings.territory,
        timezone=settings.timezone,
        week=settings.week,
        weeks=settings.school_weeks,
        periods=settings.periods,
        customary_holidays=named,
        extra_public_holidays=dated,
        not_public_holidays=settings.worked_holidays,
        events=settings.events,
        office_days=settings.office_days,
        business_days=settings.business_days,
        own_kinds=settings.own_kinds,
    )
