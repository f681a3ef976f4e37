"""The Ministry's open data « fr-en-calendrier-scolaire » (data.education.gouv.fr), CSV and JSON.

Its traps, all met in real files:

- instants are midnight **in Paris** written in UTC, overseas included: they are converted, never truncated;
- one row per académie: the same period comes back many times and is kept once per zone;
- ``population`` mixes pupils, teachers, levels and parts of territories: teachers and secondary schools are dropped;
- « Début des Vacances d'Été » has zero length, the return is published later: its end is unknown;
- the Ascension bridge comes coded Wednesday → Monday, Thursday → Monday or Friday → Friday: it is read as Thursday to
  Sunday of that week, and only when it is there (in 2018 class was held on that Friday);
- New Caledonia and Wallis-et-Futuna publish the last Sunday of the holidays instead of the return: a return on a
  Sunday or a public holiday is read as the next day that is neither, a departure on a Sunday as its Saturday;
- an end that would leave no class before the next departure is a slip of the source: that end is unknown (and the
  period ``disputed``). Other slips cannot be seen from here: Corsica before 2019 and Mayotte in 2021 and 2022 publish
  the first day off instead of the departure;
- public holidays are mixed with the holidays: they are left to :func:`~periscolaire.calendar.public_holidays`.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from periscolaire import clock
from periscolaire.calendar._official import academies
from periscolaire.calendar._periods import HolidayPeriod, PeriodKind
from periscolaire.calendar._public import public_holidays
from periscolaire.calendar._spans import monday_of
from periscolaire.calendar._territories import TERRITORIES, plain, territory
from periscolaire.errors import BadFileError, Problem

__all__ = ["read_ministry_csv", "read_ministry_json"]

_DAY = dt.timedelta(days=1)
_FILE = "fr-en-calendrier-scolaire"
_SOURCE = "MEN-OD"
#: Names of a column: that of the API, and the labels of the exports.
_COLUMNS = {
    "description": ("description",),
    "population": ("population",),
    "start": ("start date", "date de debut"),
    "end": ("end date", "date de fin"),
    "place": ("location", "academies", "academie"),
    "zone": ("zones", "zone"),
    "year": ("annee scolaire",),
}
_REQUIRED = ("description", "start", "end", "zone", "year")
_NOT_PUPILS = re.compile(r"enseignant|personnel|2nd degre|second degre|2d degre")
_NOT_OFF = re.compile(r"rentree|abolition|pentecote|fete d|victoire|armistice|assomption|toussaint$|schoelcher")
_ZONES = {plain(f"Zone {letter}"): letter for letter in "ABC"} | {letter.lower(): letter for letter in "ABC"}
_TERRITORY_ZONES = {
    plain(name): known.zone for known in TERRITORIES for name in (known.name, *known.aliases) if known.zone is not None
}


def read_ministry_csv(text: str) -> tuple[HolidayPeriod, ...]:
    """The periods of a CSV export (separated by semicolons or commas), for every zone, once each, by first day off.

    :raises BadFileError: a column is missing or a row cannot be read; every problem is listed.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    header = lines[0] if lines else ""
    rows = csv.DictReader(lines, delimiter=";" if header.count(";") >= header.count(",") else ",")
    return _read(rows, first=2, where="ligne")


def read_ministry_json(text: str) -> tuple[HolidayPeriod, ...]:
    """The periods of a JSON export (a list of records) or of an answer of the API (``results`` or ``records``).

    An answer of the API holds at most 100 records: give each page's periods to ``commune_calendar``.

    :raises BadFileError: it is no such JSON, or a record cannot be read; every problem is listed.
    """
    try:
        loaded: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadFileError(
            [Problem(_FILE, f"ligne {error.lineno}", "un texte qui n'est pas du JSON", "du JSON")]
        ) from None
    if isinstance(loaded, Mapping):
        loaded = loaded.get("results", loaded.get("records"))
    if not isinstance(loaded, list):
        raise BadFileError([Problem(_FILE, "racine", type(loaded).__name__, "une liste d'enregistrements")])
    return _read((_fields(record) for record in loaded), first=1, where="enregistrement")


def _fields(record: Any) -> Mapping[str, Any]:
    """The fields of a record, which the first version of the API wraps."""
    if isinstance(record, Mapping):
        inner = record.get("fields", record.get("record"))
        return _fields(inner) if isinstance(inner, Mapping) else record
    return {}


@attrs.frozen
class _Row:
    """A row as read: what decides that two rows speak of the same period is all but the académie."""

    zone: str
    year: str
    name: str
    population: str
    start: dt.date
    end: dt.date


def _read(rows: Iterable[Mapping[str, Any]], *, first: int, where: str) -> tuple[HolidayPeriod, ...]:
    problems: list[Problem] = []
    found: Counter[_Row] = Counter()
    for number, raw in enumerate(rows, first):
        row = {plain(str(key).replace("_", " ")): value for key, value in raw.items()}
        values = {
            column: next((row[name] for name in names if row.get(name) not in (None, "")), None)
            for column, names in _COLUMNS.items()
        }
        missing = [column for column in _REQUIRED if values[column] is None]
        if missing:
            wanted = ", ".join(_COLUMNS[column][0] for column in missing)
            problems.append(Problem(_FILE, f"{where} {number}", f"rien pour {wanted}", "une valeur"))
            continue
        try:
            read = _row(values)
        except ValueError as error:
            problems.append(Problem(_FILE, f"{where} {number}", str(error), "une zone et des instants ISO 8601"))
            continue
        if read is not None:
            found[read] += 1
    if problems:
        raise BadFileError(problems)
    return tuple(
        sorted(_contradictions(_periods(found)), key=lambda period: (period.first_day_off, period.zone, period.name))
    )


def _row(values: Mapping[str, Any]) -> _Row | None:
    """The row, or ``None`` when it is about no day off of pupils."""
    description, population = str(values["description"]).strip(), str(values["population"] or "-").strip()
    if _NOT_PUPILS.search(plain(population)) or _NOT_PUPILS.search(plain(description)):
        return None
    if not re.match(r"(?:debut des )?(?:grandes )?vacances|pont", plain(description)) and _NOT_OFF.search(
        plain(description)
    ):
        return None
    name = re.sub(r"^d[ée]but des\s+", "", description, flags=re.IGNORECASE)
    return _Row(
        zone=_zone(values),
        year=str(values["year"]).strip(),
        name=name[0].upper() + name[1:],
        population=_population(population),
        start=_civil_day(values["start"]),
        end=_civil_day(values["end"]),
    )


def _zone(values: Mapping[str, Any]) -> str:
    for given in (values["zone"], values["place"]):
        for text in given if isinstance(given, list) else [given]:
            key = plain(str(text or ""))
            if (zone := _ZONES.get(key) or _TERRITORY_ZONES.get(key)) is not None:
                return zone
            for known in academies():
                if plain(known.name) == key and known.zone is not None:
                    return known.zone
    raise ValueError(f"zone « {values['zone']} »")


def _population(text: str) -> str:
    words = plain(text)
    if words in ("", "-", "eleves"):
        return "élèves"
    if "1er degre" in words or "premier degre" in words:
        return "premier degré"
    return re.sub(r"^[ée]l[èe]ves\s*(?:de\s+)?", "", text, flags=re.IGNORECASE) or "élèves"


def _civil_day(value: Any) -> dt.date:
    """The civil day in Paris of an instant (a bare date is already one)."""
    text = str(value).strip()
    if len(text) == 10:
        return dt.date.fromisoformat(text)
    at = dt.datetime.fromisoformat(text)
    return at.date() if at.tzinfo is None else at.astimezone(clock.zone("Europe/Paris")).date()


def _periods(found: Counter[_Row]) -> Iterable[HolidayPeriod]:
    """One period per zone, year, name and population; where académies of a zone differ, the most frequent dates."""
    groups: dict[tuple[object, ...], list[_Row]] = {}
    for row in found:
        # Single days bear the same name several times a year.
        single = _kind(row.name) is not PeriodKind.HOLIDAYS
        groups.setdefault((row.zone, row.year, row.name, row.population, row.start if single else None), []).append(row)
    for rows in groups.values():
        best = max(rows, key=lambda row: (row.start != row.end, found[row], -row.start.toordinal()))
        lengths = {(row.start, row.end) for row in rows if row.start != row.end}
        yield _period(best, "single" if len(lengths) <= 1 else "disputed")


def _kind(name: str) -> PeriodKind:
    words = plain(name)
    if "vacances" in words:
        return PeriodKind.HOLIDAYS
    return PeriodKind.BRIDGE if words.startswith("pont") else PeriodKind.DAYS_OFF


def _period(row: _Row, status: str) -> HolidayPeriod:
    kind = _kind(row.name)
    start, end = row.start, row.end
    if kind is PeriodKind.BRIDGE and "ascension" in plain(row.name) and (end - start).days <= 5:
        wednesday = monday_of(start) + 2 * _DAY
        start, end = wednesday, wednesday + 5 * _DAY
    elif kind is PeriodKind.DAYS_OFF or (kind is PeriodKind.BRIDGE and start == end):
        return HolidayPeriod(
            row.name, row.zone, row.year, None, start, max(start, end), None,
            PeriodKind.DAYS_OFF, status, _SOURCE, row.population,
        )  # fmt: skip
    if start.weekday() == 6:  # nobody leaves after class on a Sunday: it is the first day off
        start -= _DAY
    resume = _return(end, row.zone) if end > row.start else None
    return HolidayPeriod.stated(
        row.name, row.year, start, resume,
        zone=row.zone, kind=kind, source=_SOURCE, status=status, population=row.population,
    )  # fmt: skip


def _return(end: dt.date, zone: str) -> dt.date:
    """The day of the return: nobody goes back to school on a Sunday or a public holiday, so those are days off."""
    place = territory("Métropole" if zone in "ABC" else zone)
    while end.weekday() == 6 or end in public_holidays(place, [end.year]):
        end += _DAY
    return end


def _contradictions(periods: Iterable[HolidayPeriod]) -> Iterable[HolidayPeriod]:
    """The periods, the end of which is unknown when it would leave no class before the next departure."""
    previous: dict[tuple[str, str], HolidayPeriod] = {}
    found: list[HolidayPeriod] = []
    for period in sorted(periods, key=lambda period: period.first_day_off, reverse=True):
        if period.kind is PeriodKind.HOLIDAYS:
            key = (period.zone, "élèves" if period.population == "premier degré" else period.population)
            following = previous.get(key)
            if following is not None and period.resume is not None and period.resume >= following.first_day_off:
                period = attrs.evolve(period, resume=None, last_day_off=None, status="disputed")
            previous[key] = period
        found.append(period)
    return found
