"""The calendar against a naive reading of the data and of the ``holidays`` package, which shares no code with it."""

from __future__ import annotations

import csv
import datetime as dt
from importlib import resources

import holidays
import pytest

from periscolaire.calendar import BUSINESS, SCHOOL, WORKABLE, SchoolWeek, commune_calendar

DAY = dt.timedelta(days=1)
with resources.files("periscolaire.calendar").joinpath("data/school_holidays.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))

#: Zone of the data, territory of the calendar, subdivision of ``holidays``, its listed days that are only customary.
PLACES = [
    ("A", "Métropole", None, ()),
    ("B", "Métropole", None, ()),
    ("C", "Métropole", None, ()),
    ("B", "Alsace-Moselle", "57", ("Vendredi saint",)),
    ("Corse", "Corse", None, ()),
    ("Guadeloupe", "Guadeloupe", "971", ("Vendredi saint", "Mi-Carême", "Fête de Victor Schoelcher")),
    ("Martinique", "Martinique", "972", ("Fête de Victor Schoelcher",)),
    ("Guyane", "Guyane", "973", ()),
    ("La Réunion", "La Réunion", "974", ()),
    ("Mayotte", "Mayotte", "976", ()),
    ("Saint-Pierre-et-Miquelon", "Saint-Pierre-et-Miquelon", "PM", ()),
    ("Guadeloupe", "Saint-Barthélemy", "BL", ()),
    ("Guadeloupe", "Saint-Martin", "MF", ("Fête de Victor Schoelcher",)),
    ("Nouvelle-Calédonie", "Nouvelle-Calédonie", "NC", ()),
    ("Polynésie française", "Polynésie française", "PF", ()),
    ("Wallis-et-Futuna", "Wallis-et-Futuna", "WF", ()),
]


def naive_days_off(zone: str, territory: str) -> set[dt.date]:
    """Days off for a Monday-to-Friday school, row by row."""
    off: set[dt.date] = set()
    for row in ROWS:
        whom = row["population"]
        named = {"Guadeloupe": "Guadeloupe", "Saint-Martin": "Saint-Martin", "Saint-Barthélemy": "Saint-Barth"}
        elsewhere = whom not in ("élèves", "premier degré") and named.get(territory, "") not in whom
        if row["zone_or_territory"] != zone or not row["last_day_off"] or elsewhere:
            continue
        day, last = dt.date.fromisoformat(row["first_day_off"]), dt.date.fromisoformat(row["last_day_off"])
        while day <= last:
            off.add(day)
            day += DAY
    return off


@pytest.mark.parametrize(("zone", "territory", "subdivision", "customary"), PLACES)
def test_every_known_day_is_what_the_data_say(
    zone: str, territory: str, subdivision: str | None, customary: tuple[str, ...]
) -> None:
    calendar = commune_calendar(zone=zone, territory=territory)
    off = naive_days_off(zone, territory)
    public = holidays.country_holidays("FR", subdiv=subdivision, years=range(2015, 2029), language="fr")
    for day in calendar.known:
        holiday = day in public and public[day] not in customary
        week = day.weekday()
        assert calendar.is_a(day, WORKABLE) == (week < 6 and not holiday), day
        assert calendar.is_a(day, BUSINESS) == (week < 5 and not holiday), day
        assert calendar.is_a(day, SCHOOL) == (week in (0, 1, 3, 4) and not holiday and day not in off), day


@pytest.mark.parametrize("zone", ["A", "B", "C"])
def test_school_holidays_agree_with_the_package_that_computes_them(zone: str) -> None:
    calendar = commune_calendar(zone=zone)
    theirs = holidays.country_holidays(
        "FR", subdiv=f"Zone {zone}", years=range(2017, 2029), categories=("school",), language="fr"
    )
    first, last = dt.date(2017, 9, 4), dt.date(2028, 7, 3)
    for day in (first + i * DAY for i in range((last - first).days + 1)):
        if day.weekday() < 5:
            assert (day in theirs) == (not calendar.view(day).term), day


def test_a_saturday_school_works_on_the_saturday_of_departure() -> None:
    departure = dt.date(2026, 10, 17)  # « Toussaint : samedi 17 octobre 2026 », after class
    saturdays = SchoolWeek.parse(["lundi", "mardi", "jeudi", "vendredi", "samedi matin"])
    with_saturday = commune_calendar(zone="B", week=saturdays)
    four_days = commune_calendar(zone="B")
    assert with_saturday.is_a(departure, SCHOOL)
    assert with_saturday.view(departure).half_day
    assert with_saturday.holiday(departure) is None
    assert not four_days.is_a(departure, SCHOOL)
    holiday = four_days.holiday(departure)
    assert holiday is not None
    assert holiday.after_class_of == departure
    assert four_days.days_off(holiday) == four_days.period(departure)
    assert with_saturday.days_off(holiday) == with_saturday.period(departure + DAY)


def test_the_bridge_of_ascension_comes_from_the_data() -> None:
    calendar = commune_calendar(zone="B")
    assert calendar.is_a(dt.date(2018, 5, 11), SCHOOL)  # class was held on that Friday
    assert not calendar.is_a(dt.date(2027, 5, 7), SCHOOL)
    assert calendar.is_a(dt.date(2027, 5, 7), BUSINESS)
