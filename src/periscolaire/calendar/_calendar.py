"""The calendar of a commune, as one frozen value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sized
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from periscolaire import clock
from periscolaire.calendar._events import DayEffect, DayEvent, Focus
from periscolaire.calendar._kinds import BUSINESS, CALENDAR, OFFICE, OPEN, SCHOOL, WEEKDAY, WORKABLE, DayKind, kind_of
from periscolaire.calendar._open_days import AllYear, ClassDays, DayView, OpenDays
from periscolaire.calendar._periods import HolidayPeriod, PeriodKind, SchoolYear, Season
from periscolaire.calendar._spans import Span, monday_of, week_label
from periscolaire.calendar._tables import Cache, DayTable, days_off, views
from periscolaire.calendar._weekdays import MONDAY_TO_FRIDAY, MONDAY_TO_SATURDAY, SchoolWeek, Weekday
from periscolaire.errors import MisuseError, UnknownYearError
from periscolaire.frozen import FrozenMap
from periscolaire.reasons import Description

__all__ = ["CommuneCalendar"]

_DAY = dt.timedelta(days=1)
_WEEK = dt.timedelta(days=7)
_CLOSING = frozenset({DayEffect.CLOSED, DayEffect.OUTING, DayEffect.ALL_CLOSED})
_ENDLESS = frozenset({CALENDAR, WEEKDAY})
_EVENT_CODES = {
    DayEffect.CLOSED: "calendar.event.closed",
    DayEffect.OPENED: "calendar.event.opened",
    DayEffect.NO_CLASS: "calendar.event.no_class",
    DayEffect.CLASS_HELD: "calendar.event.class_held",
    DayEffect.OUTING: "calendar.event.outing",
    DayEffect.ALL_CLOSED: "calendar.event.all_closed",
    DayEffect.OFFICE_CLOSED: "calendar.event.office_closed",
    DayEffect.OFFICE_OPEN: "calendar.event.office_open",
}


def _monday_to_friday() -> OpenDays:
    return AllYear(MONDAY_TO_FRIDAY)


def _how_many(held: Sized) -> str:
    return f"<{len(held)}>"


@attrs.frozen(cache_hash=True)
class CommuneCalendar:
    """All that a commune's days are: official periods and public holidays, frozen, and what the commune adds.

    Build it with :func:`~periscolaire.calendar.commune_calendar`. Everything it answers lies between ``first_known``
    and ``last_known`` (both included); outside, :class:`~periscolaire.errors.UnknownYearError`: nothing is guessed.

    ``zone`` is that of the school holidays (``A``, ``B``, ``C``, ``Corse``, ``Guadeloupe`` …), ``territory`` the one
    whose public holidays apply, ``timezone`` an IANA name. ``weeks`` holds the week of each school that differs from
    ``week``. ``business_days`` are the weekdays on which the organiser works (« ouvré »), ``office_days`` those on
    which its counter is open. ``own_kinds`` maps the commune's own kinds of day to the days they hold.
    """

    zone: str
    territory: str
    timezone: str
    first_known: dt.date
    last_known: dt.date
    # Hundreds of days: how many is all that a repr needs to say of them.
    holidays: tuple[HolidayPeriod, ...] = attrs.field(repr=_how_many)
    school_years: tuple[SchoolYear, ...] = attrs.field(repr=_how_many)
    public_holidays: FrozenMap[dt.date, str] = attrs.field(repr=_how_many)
    week: SchoolWeek = attrs.field(factory=SchoolWeek)
    weeks: FrozenMap[str, SchoolWeek] = attrs.field(factory=FrozenMap)
    events: tuple[DayEvent, ...] = ()
    office_days: OpenDays = attrs.field(factory=_monday_to_friday)
    business_days: frozenset[Weekday] = MONDAY_TO_FRIDAY
    own_kinds: FrozenMap[str, OpenDays] = attrs.field(factory=FrozenMap)
    focus: Focus = attrs.field(factory=Focus)
    _cache: Cache = attrs.field(init=False, factory=Cache, eq=False, repr=False)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # Notebooks and Hypothesis print the fields one by one, unless told that the repr will do.
        printer.text(repr(self))

    # Time

    @property
    def tz(self) -> ZoneInfo:
        """The time zone of the commune."""
        return clock.zone(self.timezone)

    def instant(self, day: dt.date, minutes: int) -> dt.datetime:
        """The UTC instant at which the commune's clocks show ``minutes`` since the midnight that begins ``day``."""
        return clock.instant(day, minutes, self.tz)

    def local(self, at: dt.datetime) -> dt.datetime:
        """The same instant, expressed in the commune's time.

        :raises MisuseError: ``at`` is naive.
        """
        return clock.require_aware(at).astimezone(self.tz)

    def today(self, at: dt.datetime) -> dt.date:
        """The civil day in the commune at that instant."""
        return self.local(at).date()

    # Whose days

    def for_school(self, school: str | None) -> CommuneCalendar:
        """The calendar of that school: its week, its events."""
        return self.focused(attrs.evolve(self.focus, school=school))

    def for_product(self, product: str | None, site: str | None = None) -> CommuneCalendar:
        """The calendar of that product (and site): its events, the school being kept."""
        return self.focused(attrs.evolve(self.focus, product=product, site=site))

    def focused(self, focus: Focus) -> CommuneCalendar:
        """The calendar as that product, site, school and class see it; always the same object for one focus."""
        if focus == self.focus:
            return self
        # Every focus of one calendar shares one register, so that focusing there and back gives the same object.
        register = self._cache.focused
        register.setdefault(self.focus, self)
        found: CommuneCalendar | None = register.get(focus)
        if found is None:
            found = attrs.evolve(self, focus=focus)
            found._cache.focused = register
            register[focus] = found
        return found

    @property
    def school_week(self) -> SchoolWeek:
        """The week of the school in focus, or of the commune."""
        school = self.focus.school
        return self.week if school is None else self.weeks.get(school, self.week)

    # Kinds of day

    @property
    def known(self) -> Span:
        """The days about which the calendar answers."""
        return Span(self.first_known, self.last_known)

    def knows(self, day: dt.date) -> bool:
        """Whether ``day`` lies in the known years."""
        return self.first_known <= day <= self.last_known

    def view(self, day: dt.date) -> DayView:
        """All that the calendar says of ``day``.

        :raises UnknownYearError: ``day`` is outside the known years.
        """
        self._require(day)
        return self._views()[day.toordinal() - self.first_known.toordinal()]

    def kind(self, word: str) -> DayKind:
        """The kind that a French word names, the commune's own kinds included.

        :raises NotationError: no such kind.
        """
        return kind_of(word, self.own_kinds)

    def is_a(self, day: dt.date, kind: DayKind, open_days: OpenDays | None = None) -> bool:
        """Whether ``day`` is of that kind; ``open_days`` tells the kind ``OPEN`` on which days the product runs.

        :raises UnknownYearError: ``day`` is outside the known years (never for ``CALENDAR`` and ``WEEKDAY``).
        """
        if kind in _ENDLESS:
            return kind == CALENDAR or day.weekday() < 5
        self._require(day)
        return self._table(kind, open_days).contains(day)

    def is_open(self, open_days: OpenDays, day: dt.date) -> bool:
        """Whether a product of those days runs on ``day``, closures and openings in focus included.

        :raises UnknownYearError: ``day`` is outside the known years.
        """
        return self.is_a(day, OPEN, open_days)

    def days(
        self, first: dt.date, last: dt.date, kind: DayKind = OPEN, open_days: OpenDays | None = None
    ) -> tuple[dt.date, ...]:
        """The days of that kind from ``first`` to ``last``, both included.

        :raises UnknownYearError: one of the ends is outside the known years (never for endless kinds).
        """
        if last < first:
            return ()
        if kind in _ENDLESS:
            return tuple(day for day in Span(first, last) if self.is_a(day, kind))
        self._require(first)
        self._require(last)
        return self._table(kind, open_days).between(first, last)

    def step(self, day: dt.date, n: int, kind: DayKind = CALENDAR, open_days: OpenDays | None = None) -> dt.date:
        """The n-th day of the kind after ``day`` (before it when ``n`` is negative).

        ``day`` itself is never counted and its own kind plays no part (LIMITS A4); ``n = 0`` is ``day``.

        :raises UnknownYearError: the count leaves the known years (never for ``CALENDAR`` and ``WEEKDAY``).
        """
        if n == 0:
            return day
        if kind == CALENDAR:
            return day + n * _DAY
        if kind == WEEKDAY:
            return _step_weekdays(day, n)
        self._require(day)
        found = self._table(kind, open_days).step(day, n)
        if found is None:
            raise self._unknown(f"no {abs(n)} days « {kind} » {'before' if n < 0 else 'after'} {day}")
        return found

    def step_clear(self, day: dt.date, n: int, kind: DayKind = CALENDAR, open_days: OpenDays | None = None) -> dt.date:
        """The day that leaves ``n`` whole days of the kind between itself and ``day`` (« jours francs »).

        Neither the day of the act nor that of the term counts (CGCT L2121-11; LIMITS A4): one more day than
        :meth:`step`.

        :raises MisuseError: ``n`` is zero, which has no direction.
        """
        if n == 0:
            raise MisuseError("clear days: expected at least one, before (negative) or after")
        return self.step(day, n - 1 if n < 0 else n + 1, kind, open_days)

    def on_or_before(self, day: dt.date, kind: DayKind, open_days: OpenDays | None = None) -> dt.date:
        """``day`` if it is of the kind, else the last one before it."""
        return day if self.is_a(day, kind, open_days) else self.step(day, -1, kind, open_days)

    # Weeks

    def week_has(self, day: dt.date, kind: DayKind, open_days: OpenDays | None = None) -> bool:
        """Whether the ISO week of ``day`` holds at least one day of the kind."""
        monday = monday_of(day)
        if kind in _ENDLESS:
            return True
        inside = Span(monday, monday + 6 * _DAY).within(self.known)
        if inside is None:
            raise self._unknown(f"{day} is outside the known years")
        return bool(self._table(kind, open_days).between(inside.first, inside.last))

    def step_week(
        self, day: dt.date, n: int, kind: DayKind | None = None, open_days: OpenDays | None = None
    ) -> dt.date:
        """The Monday of the n-th ISO week after (before, if negative) that of ``day``.

        With a kind, only the weeks that hold at least one day of it count (« semaine de classe précédente »);
        ``n = 0`` is the week of ``day`` itself.

        :raises UnknownYearError: the count leaves the known years (only with a kind).
        """
        monday = monday_of(day)
        if kind is None or kind in _ENDLESS or n == 0:
            return monday + n * _WEEK
        for _ in range(abs(n)):
            # The nearest day of the kind outside this week lies in the nearest week that counts.
            edge = monday if n < 0 else monday + 6 * _DAY
            monday = monday_of(self.step(edge, -1 if n < 0 else 1, kind, open_days))
        return monday

    def week_label(self, day: dt.date) -> str:
        """``"Semaine 3 du 14/01/2019 au 18/01/2019"``, the label of the week of ``day``."""
        return week_label(day)

    # School years and periods

    def school_year(self, day: dt.date) -> SchoolYear:
        """The school year of ``day``; the summer belongs to the year that it closes.

        :raises UnknownYearError: ``day`` is outside the known years.
        """
        self._require(day)
        for year in self.school_years:
            if day <= year.last_day:
                return year
        raise self._unknown(f"{day} lies after the last known school year")

    def public_holiday(self, day: dt.date) -> str | None:
        """The name of the public holiday on ``day``, if any.

        :raises UnknownYearError: ``day`` is outside the known years.
        """
        self._require(day)
        return self.public_holidays.get(day)

    def week_holidays(self, day: dt.date) -> frozenset[Weekday]:
        """Which days of the week of ``day`` are public holidays, as far as they are known."""
        monday = monday_of(day)
        return frozenset(weekday for weekday in Weekday if monday + weekday * _DAY in self.public_holidays)

    def holiday(self, day: dt.date) -> HolidayPeriod | None:
        """The school holidays in which ``day`` lies; bridges and single days off are none.

        :raises UnknownYearError: ``day`` is outside the known years.
        """
        return self.view(day).holiday

    def days_off(self, period: HolidayPeriod) -> Span | None:
        """The days off that ``period`` gives the school in focus (one day less if it works on departure Saturday)."""
        return days_off(period, self.school_week)

    def holiday_before(self, day: dt.date) -> HolidayPeriod | None:
        """The last school holidays that ended before ``day``; ``None`` when no known one did."""
        self._require(day)
        ended = [period for period, span in self._vacations() if span is not None and span.last < day]
        return ended[-1] if ended else None

    def holiday_after(self, day: dt.date) -> HolidayPeriod | None:
        """The first school holidays that begin after ``day`` (their end may not be published yet)."""
        self._require(day)
        return next(
            (period for period, span in self._vacations() if (span.first if span else period.first_day_off) > day), None
        )

    def period(self, day: dt.date) -> Span:
        """The stretch of term between two holidays in which ``day`` lies, or the holidays themselves.

        These spans follow one another without hole or overlap over the known years.

        :raises UnknownYearError: ``day`` is outside the known years.
        """
        self._require(day)
        first = self.first_known
        for _, span in self._vacations():
            if span is None:
                continue
            if day < span.first:
                return Span(first, span.first - _DAY)
            if day <= span.last:
                return span
            first = span.last + _DAY
        return Span(first, self.last_known)

    def season(self, day: dt.date) -> Season:
        """The part of the year in which ``day`` lies.

        :raises UnknownYearError: ``day`` is outside the known years.
        """
        view = self.view(day)
        if view.holiday is not None and not view.class_held:
            return view.holiday.season
        if view.weekday is Weekday.WEDNESDAY and not view.class_held:
            return Season.WEDNESDAY
        return Season.TERM

    def events_on(self, day: dt.date) -> tuple[DayEvent, ...]:
        """The events of ``day`` that concern who is looking, in the order of the calendar."""
        return tuple(event for event in self.events if day in event.span and event.concerns(self.focus))

    def describe(self, day: dt.date) -> tuple[Description, ...]:
        """All that makes ``day`` what it is, for people: public holiday, holidays, bridge, events, class or not.

        :raises UnknownYearError: ``day`` is outside the known years.
        """
        view = self.view(day)
        found: list[Description] = []
        if (name := self.public_holidays.get(day)) is not None:
            found.append(Description.of("calendar.public_holiday", name=name))
        if view.holiday is not None:
            found.append(Description.of("calendar.holidays", name=view.holiday.name))
        elif view.bridge:
            found.append(Description.of("calendar.bridge"))
        found += [
            Description.of(_EVENT_CODES[event.effect], label=event.label or None) for event in self.events_on(day)
        ]
        if view.class_held:
            found.append(Description.of("calendar.class_morning" if view.half_day else "calendar.class_day"))
        elif not found:
            found.append(Description.of("calendar.weekend" if view.weekday >= 5 else "calendar.no_class"))
        return tuple(found)

    # Inside

    def _require(self, day: dt.date) -> None:
        if not self.first_known <= day <= self.last_known:
            raise self._unknown(f"{day} is outside the known years")

    def _unknown(self, what: str) -> UnknownYearError:
        return UnknownYearError(
            f"{what}: the calendar of {self.zone} is known from {self.first_known} to {self.last_known}. "
            "Load more: read the Ministry's file fr-en-calendrier-scolaire (read_ministry_csv, read_ministry_json) "
            "and give its periods to commune_calendar(periods=…), or state them in the rules file under "
            "[[calendrier.vacances]]."
        )

    def _views(self) -> tuple[DayView, ...]:
        cache = self._cache
        if cache.views is None:
            mine = [event for event in self.events if event.concerns(self.focus)]
            cache.views = views(self.known, self.school_week, self.holidays, self.public_holidays.__contains__, mine)
        return cache.views

    def _vacations(self) -> tuple[tuple[HolidayPeriod, Span | None], ...]:
        found: tuple[tuple[HolidayPeriod, Span | None], ...] | None = self._cache.periods
        if found is None:
            periods = (period for period in self.holidays if period.kind is PeriodKind.HOLIDAYS)
            found = tuple((period, days_off(period, self.school_week)) for period in periods)
            self._cache.periods = found
        return found

    def _table(self, kind: DayKind, open_days: OpenDays | None) -> DayTable:
        key = (kind, open_days) if kind == OPEN else kind
        table = self._cache.tables.get(key)
        if table is None:
            table = self._cache.tables[key] = self._build(kind, open_days)
        return table

    def _build(self, kind: DayKind, open_days: OpenDays | None) -> DayTable:
        overruled: dict[dt.date, bool] = {}
        if kind == OPEN:
            if open_days is None:
                raise MisuseError("days « d'ouverture » are those of a product: give its open_days")
            base = open_days
            overruled = self._overruled(_CLOSING, DayEffect.OPENED)
        elif kind == OFFICE:
            base = self.office_days
            overruled = self._overruled(
                frozenset({DayEffect.OFFICE_CLOSED, DayEffect.ALL_CLOSED}), DayEffect.OFFICE_OPEN
            )
        elif kind == SCHOOL:
            base = ClassDays()
        elif kind == WORKABLE:
            base = AllYear(MONDAY_TO_SATURDAY)
        elif kind == BUSINESS:
            base = AllYear(self.business_days)
        elif kind in self.own_kinds:
            base = self.own_kinds[kind]
        else:
            own = ", ".join(self.own_kinds) or "none"
            raise MisuseError(f"day kind {kind!r}: neither a common kind nor one of the commune's own ({own})")
        return DayTable.build(
            self.known,
            (overruled[view.day] if view.day in overruled else base.holds(view) for view in self._views()),
        )

    def _overruled(self, closing: frozenset[DayEffect], opening: DayEffect) -> dict[dt.date, bool]:
        """Days on which an event decides alone; the later event wins."""
        found: dict[dt.date, bool] = {}
        for event in self.events:
            if (event.effect in closing or event.effect is opening) and event.concerns(self.focus):
                found.update((day, event.effect is opening) for day in event.span)
        return found


def _step_weekdays(day: dt.date, n: int) -> dt.date:
    """The n-th Monday-to-Friday after or before ``day``."""
    if n > 0:
        start = min(day.weekday(), 4)  # from a weekend, as from its Friday
        friday_or_day = day - (day.weekday() - start) * _DAY
        weeks, rest = divmod(start + n, 5)
        return friday_or_day + (weeks * 7 + rest - start) * _DAY
    start = min(5, day.weekday())  # from a weekend, as from its Saturday
    origin = day - (day.weekday() - start) * _DAY
    weeks, rest = divmod(start + n, 5)
    return origin + (weeks * 7 + rest - start) * _DAY
