"""The oracle: windows, and the first tier whose window is open."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.calendar import (
    Weekday,
)
from periscolaire.catalogue import (
    Between,
    Bound,
    DateTable,
    Hours,
    HoursFrom,
    Limit,
    LimitRule,
    Moment,
    Never,
    NoLimit,
    OnTheSpot,
    Point,
    Silent,
    WeekdayTable,
)
from periscolaire.testing.limits._walk import (
    DAY,
    MINUTE,
    Case,
    Unanswered,
    days_of,
    first_day_of,
    hours_before,
    midnight,
    to_utc,
)

__all__ = ["oracle_tier", "oracle_window"]


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
            first = first_day_of(case)
            return to_utc(midnight(first), case), to_utc(midnight(first + DAY), case)
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
    return to_utc(midnight(moment.date) + (moment.minutes or 0) * MINUTE, case)


def _close_moment(moment: Moment, case: Case) -> dt.datetime:
    return _close(moment.date, moment.minutes, moment.bound, case)


def _open_point(point: Point, case: Case) -> dt.datetime:
    days, minutes = _point(point, case)
    return to_utc(midnight(days[0]) + (minutes or 0) * MINUTE, case)


def _close_point(point: Point, case: Case) -> dt.datetime:
    days, minutes = _point(point, case)
    return _close(days[-1], minutes, point.bound, case)


def _close(day: dt.date, minutes: int | None, bound: Bound, case: Case) -> dt.datetime:
    if minutes is None:
        return to_utc(midnight(day + DAY) if bound is Bound.UNTIL else midnight(day), case)
    shut = to_utc(midnight(day) + minutes * MINUTE, case)
    return shut + MINUTE if bound is Bound.UNTIL else shut


def _point(point: Point, case: Case) -> tuple[list[dt.date], int | None]:
    if isinstance(point.day, HoursFrom):
        wall = hours_before(point.day, case)
        days, minutes = [wall.date()], wall.hour * 60 + wall.minute
        found: int | None = minutes
    else:
        days, found = days_of(point.day, case), point.minutes
    if point.shift is None:
        return days, found
    day = days[-1]
    while not case.is_a(day, point.shift.kind):
        day += DAY if point.shift.forward else -DAY
    return [day], found if point.shift.minutes is None else point.shift.minutes
