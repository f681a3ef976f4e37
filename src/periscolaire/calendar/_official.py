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

__all__ = [
    "FIRST_RETURNS",
    "Academie",
    "academie",
    "academie_of",
    "academies",
    "concerns",
    "official_periods",
    "official_zones",
]

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
    return tuple(period for period in periods if concerns(period, territory))


def concerns(period: HolidayPeriod, territory: Territory | None) -> bool:
    """Whether the population of ``period`` holds the pupils of ``territory``."""
    if period.population in ("élèves", "premier degré") or territory is None or not territory.populations:
        return True
    return any(name in period.population for name in territory.populations)


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


#: Départements of each académie (Code de l'éducation, R222-2). Overseas, the territory says all.
_DEPARTEMENTS = {
    "Aix-Marseille": "04 05 13 84",
    "Amiens": "02 60 80",
    "Besançon": "25 39 70 90",
    "Bordeaux": "24 33 40 47 64",
    "Clermont-Ferrand": "03 15 43 63",
    "Corse": "2A 2B",
    "Créteil": "77 93 94",
    "Dijon": "21 58 71 89",
    "Grenoble": "07 26 38 73 74",
    "Guadeloupe": "971",
    "Guyane": "973",
    "La Réunion": "974",
    "Lille": "59 62",
    "Limoges": "19 23 87",
    "Lyon": "01 42 69",
    "Martinique": "972",
    "Mayotte": "976",
    "Montpellier": "11 30 34 48 66",
    "Nancy-Metz": "54 55 57 88",
    "Nantes": "44 49 53 72 85",
    "Nice": "06 83",
    "Normandie": "14 27 50 61 76",
    "Orléans-Tours": "18 28 36 37 41 45",
    "Paris": "75",
    "Poitiers": "16 17 79 86",
    "Reims": "08 10 51 52",
    "Rennes": "22 29 35 56",
    "Strasbourg": "67 68",
    "Toulouse": "09 12 31 32 46 65 81 82",
    "Versailles": "78 91 92 95",
}
_BY_DEPARTEMENT = {code: name for name, codes in _DEPARTEMENTS.items() for code in codes.split()}


def academie_of(departement: str) -> Academie:
    """The académie of a département, by its code: ``"85"``, ``"2A"``, ``"974"``.

    :raises MisuseError: no such département.
    """
    code = departement.strip().upper().rjust(2, "0")
    if code not in _BY_DEPARTEMENT:
        raise MisuseError(f"département {departement!r}: expected a code such as 85, 2A or 974")
    return academie(_BY_DEPARTEMENT[code])
