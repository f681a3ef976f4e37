"""From official data and a commune's settings to its calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from periscolaire import clock
from periscolaire.calendar._calendar import CommuneCalendar
from periscolaire.calendar._events import DayEvent
from periscolaire.calendar._official import FIRST_RETURNS, academie_of, concerns, official_periods, official_zones
from periscolaire.calendar._official import academie as _academie
from periscolaire.calendar._open_days import AllYear, OpenDays
from periscolaire.calendar._periods import HolidayPeriod, PeriodKind, SchoolYear
from periscolaire.calendar._public import public_holidays
from periscolaire.calendar._spans import Span
from periscolaire.calendar._territories import Territory
from periscolaire.calendar._territories import territory as _territory
from periscolaire.calendar._weekdays import MONDAY_TO_FRIDAY, SchoolWeek, Weekday
from periscolaire.errors import MisuseError
from periscolaire.frozen import FrozenMap

__all__ = ["commune_calendar"]

_DAY = dt.timedelta(days=1)
#: A school year is known when its closing summer and at least this many other holidays are.
_HOLIDAYS_A_YEAR = 4
_METROPOLITAN = ("A", "B", "C")


def commune_calendar(
    *,
    zone: str | None = None,
    academie: str | None = None,
    departement: str | None = None,
    territory: str | None = None,
    timezone: str | None = None,
    week: SchoolWeek | None = None,
    weeks: Mapping[str, SchoolWeek] | None = None,
    school_years: Iterable[str] | None = None,
    periods: Iterable[HolidayPeriod] = (),
    known: Span | None = None,
    good_friday: bool = False,
    customary_holidays: Iterable[str] = (),
    extra_public_holidays: Mapping[dt.date, str] | Iterable[dt.date] = (),
    not_public_holidays: Iterable[str | dt.date] = (),
    events: Iterable[DayEvent] = (),
    office_days: OpenDays | None = None,
    business_days: Iterable[Weekday] | None = None,
    own_kinds: Mapping[str, OpenDays] | None = None,
) -> CommuneCalendar:
    """The calendar of a commune, public holidays frozen in it.

    One of ``zone`` (``"A"``, ``"B"``, ``"C"``), ``academie`` (``"Nantes"``), ``departement`` (``"85"``) or
    ``territory`` (``"La Réunion"``, ``"Alsace-Moselle"``) is needed; a zone may go with a territory. Départements 57,
    67, 68 and the académie of Strasbourg are Alsace-Moselle; with the académie of Nancy-Metz or the zone alone, say
    the territory. ``timezone`` defaults to the territory's (say it in the Marquesas and the Gambier islands).

    ``school_years`` keeps only these years (and those between them). ``periods`` adds periods (the commune's, or those
    read from the Ministry's file); one of them replaces the official ones of the same kind that it overlaps. The
    known days run over every consecutive school year whose summer and four other holidays are there; ``known`` states
    them instead, for a commune that gives its own periods.

    ``good_friday`` (Alsace-Moselle: communes with a Protestant or mixed church) and ``customary_holidays`` keep days
    that are holidays by custom; ``extra_public_holidays`` adds days (Saint-Martin's 27 May, a patron saint);
    ``not_public_holidays`` removes some, by name or by date.

    :raises MisuseError: the settings name no known place, contradict one another, or leave no known school year.
    """
    if departement is not None:
        implied = academie_of(departement).name
        if academie is not None and _academie(academie).name != implied:
            raise MisuseError(f"département {departement} is not in the académie of {academie} but of {implied}")
        academie = implied
        if territory is None and departement == "57":
            territory = "Alsace-Moselle"
    place, chosen_zone = _place(zone, academie, territory)
    name = timezone or place.timezone
    clock.zone(name)
    shipped = official_periods(chosen_zone, place) if chosen_zone in official_zones() else ()
    given = (period for period in periods if period.zone in ("", chosen_zone) and concerns(period, place))
    all_periods = _merge(shipped, tuple(given))
    runs = _runs(chosen_zone, all_periods, complete=known is None)
    if known is None:
        wanted = None if school_years is None else frozenset(school_years)
        run = _last_run(runs, wanted)
        if not run:
            raise MisuseError(f"calendar of {chosen_zone}: no complete school year in the data; give periods and known")
        known = Span(run[0].first_day, run[-1].last_day)
    years = tuple(year for run in runs for year in run)
    kept = (["vendredi saint"] if good_friday else []) + list(customary_holidays)
    civil_years = range(known.first.year, known.last.year + 1)
    public = public_holidays(place, civil_years, keep=kept, without=tuple(not_public_holidays))
    extra = extra_public_holidays
    public.update(extra if isinstance(extra, Mapping) else dict.fromkeys(extra, "jour férié local"))
    return CommuneCalendar(
        zone=chosen_zone,
        territory=place.name,
        timezone=name,
        first_known=known.first,
        last_known=known.last,
        holidays=_around(all_periods, known),
        school_years=_cut(years, known),
        public_holidays=FrozenMap(sorted(public.items())),
        week=week or SchoolWeek(),
        weeks=FrozenMap(weeks or {}),
        events=tuple(events),
        office_days=office_days or AllYear(MONDAY_TO_FRIDAY),
        business_days=MONDAY_TO_FRIDAY if business_days is None else frozenset(business_days),
        own_kinds=FrozenMap(own_kinds or {}),
    )


def _place(zone: str | None, academie: str | None, territory: str | None) -> tuple[Territory, str]:
    """The territory and the zone of school holidays that the settings name."""
    by_academie: str | None = None
    if academie is not None:
        known = _academie(academie)
        by_academie = known.zone or known.name
        if territory is None and known.name == "Strasbourg":
            territory = "Alsace-Moselle"
    wanted = {given for given in (zone, by_academie) if given is not None}
    if len(wanted) > 1:
        raise MisuseError(f"zone {zone!r} is not that of the académie of {academie}: {by_academie}")
    chosen = next(iter(wanted), None)
    if territory is None:
        if chosen is None:
            raise MisuseError("a calendar needs a zone, an académie or a territory")
        territory = "Métropole" if chosen in _METROPOLITAN else chosen
    place = _territory(territory)
    chosen = chosen or place.zone
    if chosen is None:
        raise MisuseError(f"territory {place.name}: give its zone (A, B, C) or its académie")
    return place, chosen


def _merge(shipped: tuple[HolidayPeriod, ...], given: tuple[HolidayPeriod, ...]) -> tuple[HolidayPeriod, ...]:
    """``given`` laid over ``shipped``: a given period replaces those of its kind that it overlaps or completes."""
    kept = [period for period in shipped if not any(_replaces(new, period) for new in given)]
    return tuple(sorted([*kept, *given], key=lambda period: period.first_day_off))


def _replaces(new: HolidayPeriod, old: HolidayPeriod) -> bool:
    if new.kind is not old.kind:
        return False
    if new.span is not None and old.span is not None:
        return new.span.overlaps(old.span)
    return (new.school_year, new.name) == (old.school_year, old.name) or new.first_day_off == old.first_day_off


def _runs(zone: str, periods: tuple[HolidayPeriod, ...], *, complete: bool) -> tuple[tuple[SchoolYear, ...], ...]:
    """The runs of consecutive school years that the periods make known."""
    by_year: dict[str, list[HolidayPeriod]] = {}
    for period in periods:
        if period.kind is PeriodKind.HOLIDAYS:
            by_year.setdefault(period.school_year, []).append(period)
    runs: list[list[SchoolYear]] = [[]]
    resume: dt.date | None = None  # the return that opens the year being looked at
    for label in sorted(by_year):
        rows = by_year[label]
        closing = next((period for period in rows if period.closes_year), None)
        if closing is None or (complete and len(rows) <= _HOLIDAYS_A_YEAR) or closing.after_class_of is None:
            runs.append([])
            resume = closing.resume if closing is not None else None
            continue
        first = resume or (FIRST_RETURNS.get(zone) if label == "2015-2016" else None) or _opening(rows)
        last = closing.last_day_off or closing.first_day_off - _DAY
        unfinished = next((period for period in rows if period.last_day_off is None), None)
        if unfinished is not None:
            last = min(last, unfinished.first_day_off - _DAY)
        if runs[-1] and runs[-1][-1].last_day + _DAY != first:
            runs.append([])
        runs[-1].append(SchoolYear(label, first, last, closing.after_class_of))
        resume = closing.resume
    return tuple(tuple(run) for run in runs if run)


def _last_run(runs: tuple[tuple[SchoolYear, ...], ...], wanted: frozenset[str] | None) -> tuple[SchoolYear, ...]:
    """The last run, or the consecutive years of it that are wanted."""
    for run in reversed(runs):
        kept = [index for index, year in enumerate(run) if wanted is None or year.label in wanted]
        if kept:
            return run[kept[0] : kept[-1] + 1]
    return ()


def _around(periods: tuple[HolidayPeriod, ...], known: Span) -> tuple[HolidayPeriod, ...]:
    """The periods that touch the known days, the departure that ends them included."""
    return tuple(
        period
        for period in periods
        if (period.last_day_off or period.first_day_off) >= known.first - _DAY
        and period.first_day_off <= known.last + _DAY
    )


def _opening(rows: list[HolidayPeriod]) -> dt.date:
    """The first day about which the year's own periods say something: its first day off."""
    return min(period.first_day_off for period in rows)


def _cut(years: tuple[SchoolYear, ...], known: Span) -> tuple[SchoolYear, ...]:
    """The years, the first and the last stretched or cut to the known days."""
    inside = [year for year in years if year.span.overlaps(known)]
    if not inside:
        return (SchoolYear(_label(known), known.first, known.last, known.last),)
    found: list[SchoolYear] = []
    for index, year in enumerate(inside):
        first = known.first if index == 0 else year.first_day
        last = known.last if index == len(inside) - 1 else year.last_day
        found.append(SchoolYear(year.label, first, last, max(first, min(year.last_class_day, last))))
    return tuple(found)


def _label(known: Span) -> str:
    """The label of a single stated year."""
    first = known.first.year if known.first.month >= 8 else known.first.year - 1
    return f"{first}-{first + 1}"
