"""On which days a product runs: a closed union, read and printed by :mod:`._open_notation`.

Public holidays are left out unless the part says otherwise; a closure or an exceptional opening is no part of this:
it is a :class:`~periscolaire.calendar.DayEvent` of the calendar.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeAlias

import attrs

from periscolaire.calendar._periods import HolidayPeriod, Season
from periscolaire.calendar._spans import Span
from periscolaire.calendar._territories import plain
from periscolaire.calendar._weekdays import MONDAY_TO_FRIDAY, WHOLE_WEEK, Weekday
from periscolaire.errors import MisuseError

__all__ = [
    "AllYear",
    "AnyOf",
    "BridgeDays",
    "But",
    "ClassDays",
    "Dates",
    "DayView",
    "HolidayDays",
    "Months",
    "Only",
    "OpenDays",
    "PublicHolidays",
    "TermDays",
    "YearlySpan",
]

_SEASONS = frozenset({Season.SHORT_HOLIDAYS, Season.SUMMER})
_WEEKS = frozenset({-2, -1, *range(1, 10)})

#: Holidays known by name, as they are written after « vacances de », by their :func:`plain` form.
HOLIDAY_NAMES = {
    plain(name): name
    for name in (
        "Toussaint", "Noël", "Hiver", "Printemps", "Carnaval", "Pâques", "Février", "Mai", "Septembre", "Novembre",
        "1ère période", "2ème période", "3ème période", "4ème période", "Hiver austral", "Été austral",
    )
}  # fmt: skip


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(HOLIDAY_NAMES.get(plain(name), name.strip()) for name in names)


@attrs.frozen
class DayView:
    """What a part of :data:`OpenDays` may look at, for one day of one school's calendar.

    ``term``: outside holidays, bridges and days off. ``bridge``: a bridge or single day off of the official calendar.
    ``holiday_week``: rank of the week in its holidays, from the first Monday on (0 before it), and from the end
    (-1 is the last).
    """

    day: dt.date
    weekday: Weekday
    holiday: HolidayPeriod | None
    holiday_week: tuple[int, int]
    term: bool
    bridge: bool
    public_holiday: bool
    class_held: bool
    half_day: bool


@attrs.frozen(cache_hash=True)
class ClassDays:
    """Days on which class is held, of these ``weekdays`` (``None``: all); ``half``: only whole or only half days."""

    weekdays: frozenset[Weekday] | None = None
    half: bool | None = None

    def holds(self, view: DayView) -> bool:
        return (
            view.class_held
            and (self.weekdays is None or view.weekday in self.weekdays)
            and (self.half is None or view.half_day is self.half)
        )


@attrs.frozen(cache_hash=True)
class TermDays:
    """These weekdays of the school term (outside holidays, bridges, days off), class held or not: « mercredis »."""

    weekdays: frozenset[Weekday] = MONDAY_TO_FRIDAY
    public_holidays: bool = False

    def holds(self, view: DayView) -> bool:
        return view.term and view.weekday in self.weekdays and (self.public_holidays or not view.public_holiday)


@attrs.frozen(cache_hash=True)
class HolidayDays:
    """These weekdays of the school holidays.

    ``seasons`` chooses short holidays, summer or both; ``names`` (words such as « Noël »; then both seasons) keeps the
    periods whose name holds one of them; ``weeks`` keeps their first (1), second … or last (-1, -2) weeks, counted by
    Mondays.
    """

    seasons: frozenset[Season] = _SEASONS
    names: tuple[str, ...] = attrs.field(default=(), converter=_names)
    weekdays: frozenset[Weekday] = MONDAY_TO_FRIDAY
    weeks: frozenset[int] = frozenset()
    public_holidays: bool = False

    def __attrs_post_init__(self) -> None:
        if not self.seasons or not self.seasons <= _SEASONS:
            raise MisuseError("holiday days: the seasons are short holidays, summer or both")
        if self.names and self.seasons != _SEASONS:
            raise MisuseError("holiday days: names or one season, not both")
        if any(not name or "«" in name or "»" in name for name in self.names):
            raise MisuseError(f"holiday days: names {self.names}: expected words without « »")
        if not self.weeks <= _WEEKS:
            raise MisuseError(f"holiday days: weeks {sorted(self.weeks)}: expected 1 to 9, -1 (last) or -2")

    def holds(self, view: DayView) -> bool:
        return (
            view.holiday is not None
            and not view.class_held
            and view.weekday in self.weekdays
            and view.holiday.season in self.seasons
            and (self.public_holidays or not view.public_holiday)
            and (not self.names or any(plain(name) in plain(view.holiday.name) for name in self.names))
            and (not self.weeks or not self.weeks.isdisjoint(view.holiday_week))
        )


@attrs.frozen(cache_hash=True)
class AllYear:
    """These weekdays all the year round, holidays included."""

    weekdays: frozenset[Weekday] = WHOLE_WEEK
    public_holidays: bool = False

    def holds(self, view: DayView) -> bool:
        return view.weekday in self.weekdays and (self.public_holidays or not view.public_holiday)


@attrs.frozen(cache_hash=True)
class BridgeDays:
    """Bridges and single days off of the official calendar, Monday to Friday, that are no public holidays."""

    def holds(self, view: DayView) -> bool:
        return view.bridge and not view.public_holiday and view.weekday in MONDAY_TO_FRIDAY


@attrs.frozen(cache_hash=True)
class PublicHolidays:
    """Runs on the public holidays of the territory, and on no other day."""

    def holds(self, view: DayView) -> bool:
        return view.public_holiday


@attrs.frozen(cache_hash=True)
class Months:
    """Every day of these months (1 to 12)."""

    months: frozenset[int]

    def __attrs_post_init__(self) -> None:
        if not self.months or not self.months <= frozenset(range(1, 13)):
            raise MisuseError(f"months {sorted(self.months)}: expected some of 1 to 12")

    def holds(self, view: DayView) -> bool:
        return view.day.month in self.months


@attrs.frozen(cache_hash=True)
class Dates:
    """Every day of this span of dates."""

    span: Span

    def holds(self, view: DayView) -> bool:
        return view.day in self.span


@attrs.frozen(cache_hash=True)
class YearlySpan:
    """Every day of each year from (month, day) ``first`` to ``last``; may pass New Year's Eve."""

    first: tuple[int, int]
    last: tuple[int, int]

    def __attrs_post_init__(self) -> None:
        for month, day in (self.first, self.last):
            try:
                dt.date(2024, month, day)  # a leap year: 29 February is a day of the year
            except ValueError:
                raise MisuseError(f"{day}/{month}: no such day of the year") from None

    def holds(self, view: DayView) -> bool:
        here = (view.day.month, view.day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@attrs.frozen(cache_hash=True)
class AnyOf:
    """Days of at least one of ``parts``."""

    parts: tuple[OpenDays, ...]

    def __attrs_post_init__(self) -> None:
        if len(self.parts) < 2:
            raise MisuseError("a union of open days needs at least two parts")

    def holds(self, view: DayView) -> bool:
        return any(part.holds(view) for part in self.parts)


@attrs.frozen(cache_hash=True)
class But:
    """Days of ``base`` that are not in ``excluded``: « vacances sauf vacances de Noël »."""

    base: OpenDays
    excluded: OpenDays

    def holds(self, view: DayView) -> bool:
        return self.base.holds(view) and not self.excluded.holds(view)


@attrs.frozen(cache_hash=True)
class Only:
    """Days of ``base`` that are also in ``limit``: « été en juillet »."""

    base: OpenDays
    limit: OpenDays

    def holds(self, view: DayView) -> bool:
        return self.base.holds(view) and self.limit.holds(view)


OpenDays: TypeAlias = (
    ClassDays
    | TermDays
    | HolidayDays
    | AllYear
    | BridgeDays
    | PublicHolidays
    | Months
    | Dates
    | YearlySpan
    | AnyOf
    | But
    | Only
)
