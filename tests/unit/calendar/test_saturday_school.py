"""A school with class on Saturday morning still works on the Saturday on which holidays begin after class."""

from __future__ import annotations

import datetime as dt

from periscolaire.calendar import SchoolWeek, commune_calendar

SATURDAY = dt.date(2020, 12, 19)
WEEK = SchoolWeek.parse(["lundi", "mardi", "jeudi", "vendredi", "samedi matin"])


def test_on_the_departure_saturday_the_holidays_are_still_to_come() -> None:
    calendar = commune_calendar(zone="A", week=WEEK)
    assert calendar.holiday(SATURDAY) is None
    after = calendar.holiday_after(SATURDAY)
    assert after is not None
    assert after.name == "Vacances de Noël"


def test_for_a_four_day_school_they_have_begun() -> None:
    calendar = commune_calendar(zone="A")
    assert calendar.holiday(SATURDAY) is not None
    after = calendar.holiday_after(SATURDAY)
    assert after is not None
    assert after.name == "Vacances d'Hiver"
