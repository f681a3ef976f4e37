"""The official calendars shipped with the package (see ``data/SOURCE.md``), read when first asked."""

from __future__ import annotations

import csv
import datetime as dt
import functools
from importlib import resources

import attrs

from periscolaire.calendar._periods import HolidayPeriod, PeriodKind
from periscolaire.calendar._territories import Territory, plain
from periscolaire.errors import MisuseError

__all__ = ["FIRST_RETURNS", "Academie", "academie", "academies", "official_periods", "official_zones"]

#: Returns to school that open the first year of the data, which the data (periods off) cannot hold:
#: arrêté of 16 April 2015 (NOR MENE1509788A), « rentrée des élèves : mardi 1er septembre 2015 ».
FIRST_RETURNS = {zone: dt.date(2015, 9, 1) for zone in ("A", "B", "C")}


@attrs.frozen
class Academie:
    """An académie and the zone of its school holidays (``None``: its own calendar).

    ``zone_before_2016`` is the zone it had from 1995 to 2015; the data shipped begin after the change.
    """

    name: str
    zone: str | None
    zone_before_2016: str | None
    note: str = ""


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("periscolaire.calendar").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@functools.cache
def _by_zone() -> dict[str, tuple[HolidayPeriod, ...]]:
    found: dict[str, list[HolidayPeriod]] = {}
    for row in _rows("school_holidays.csv"):
        period = HolidayPeriod(
            name=row["name"],
            zone=row["zone_or_territory"],
            school_year=row["school_year"],
            after_class_of=_date(row["last_class_day_or_start"]),
            first_day_off=dt.date.fromisoformat(row["first_day_off"]),
            last_day_off=_date(row["last_day_off"]),
            resume=_date(row["resume_day"]),
            kind=PeriodKind(row["kind"]),
            status=row["status"],
            source=row["source"],
            population=row["population"],
        )
        found.setdefault(period.zone, []).append(period)
    return {zone: tuple(sorted(periods, key=lambda p: p.first_day_off)) for zone, periods in found.items()}


def official_zones() -> tuple[str, ...]:
    """The zones and territories whose school holidays are shipped."""
    return tuple(_by_zone())


def official_periods(zone: str, territory: Territory | None = None) -> tuple[HolidayPeriod, ...]:
    """The periods of ``zone``, by first day off, that concern the pupils of ``territory``.

    Rows for a part of Guadeloupe's académie (« Saint-Martin », « Guadeloupe & Saint-Barthélémy ») are kept only for
    the territories that they name.

    :raises MisuseError: no calendar is shipped for that zone.
    """
    try:
        periods = _by_zone()[zone]
    except KeyError:
        raise MisuseError(f"zone {zone!r}: expected one of {', '.join(_by_zone())}") from None
    return tuple(period for period in periods if _concerns(period.population, territory))


def _concerns(population: str, territory: Territory | None) -> bool:
    if population in ("élèves", "premier degré") or territory is None or not territory.populations:
        return True
    return any(name in population for name in territory.populations)


@functools.cache
def academies() -> tuple[Academie, ...]:
    """Every académie, in the order of the file."""
    return tuple(
        Academie(row["academie"], row["zone_since_2016"] or None, row["zone_1995_2015"] or None, row["note"])
        for row in _rows("academies.csv")
    )


def academie(name: str) -> Academie:
    """The académie of that name, accents and case aside.

    :raises MisuseError: no such académie.
    """
    for known in academies():
        if plain(known.name) == plain(name):
            return known
    raise MisuseError(f"académie {name!r}: expected one of {', '.join(known.name for known in academies())}")
