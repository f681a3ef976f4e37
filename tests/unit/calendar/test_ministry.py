"""The Ministry's open data, with every trap that was met in real files."""

from __future__ import annotations

import csv
import datetime as dt
import json
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from periscolaire.calendar import (
    SCHOOL,
    HolidayPeriod,
    PeriodKind,
    commune_calendar,
    read_ministry_csv,
    read_ministry_json,
)
from periscolaire.errors import BadFileError

PARIS = ZoneInfo("Europe/Paris")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def midnight(text: str) -> str:
    """Midnight in Paris, written in UTC as the open data do."""
    return dt.datetime.combine(day(text), dt.time(), PARIS).astimezone(dt.UTC).isoformat()


def record(name: str, start: str, end: str, zone: str = "Zone B", **more: str) -> dict[str, str]:
    return {
        "description": name,
        "population": "-",
        "start_date": midnight(start),
        "end_date": midnight(end),
        "location": "Nantes",
        "zones": zone,
        "annee_scolaire": "2026-2027",
        **more,
    }


def read(*records: dict[str, str]) -> tuple[HolidayPeriod, ...]:
    return read_ministry_json(json.dumps(records))


TOUSSAINT = record("Vacances de la Toussaint", "2026-10-17", "2026-11-02")


def test_an_instant_is_midnight_in_paris_wherever_it_is() -> None:
    summer_time = record("Vacances après 1ère période", "2026-10-10", "2026-10-26", "Réunion", location="La Réunion")
    assert summer_time["start_date"] == "2026-10-09T22:00:00+00:00"
    (period,) = read(summer_time)
    assert (period.zone, period.after_class_of, period.resume) == ("La Réunion", day("2026-10-10"), day("2026-10-26"))


def test_one_row_per_academie_is_one_period() -> None:
    assert read(TOUSSAINT, {**TOUSSAINT, "location": "Rennes"}, {**TOUSSAINT, "location": "Lille"}) == read(TOUSSAINT)


def test_when_academies_of_a_zone_differ_the_most_frequent_dates_are_kept_and_disputed() -> None:
    odd = record("Vacances de la Toussaint", "2026-10-16", "2026-11-02", location="Lille")
    (period,) = read(odd, TOUSSAINT, {**TOUSSAINT, "location": "Rennes"})
    assert (period.after_class_of, period.status) == (day("2026-10-17"), "disputed")


@pytest.mark.parametrize("population", ["Enseignants", "Élèves 2nd degré", "Personnels"])
def test_only_pupils_of_primary_schools_are_kept(population: str) -> None:
    assert read({**TOUSSAINT, "population": population}) == ()


@pytest.mark.parametrize(
    ("population", "kept"),
    [("-", "élèves"), ("Élèves", "élèves"), ("Élèves 1er degré", "premier degré"), ("Saint-Martin", "Saint-Martin")],
)
def test_populations(population: str, kept: str) -> None:
    (period,) = read({**TOUSSAINT, "population": population})
    assert period.population == kept


def test_the_beginning_of_summer_has_no_end_yet() -> None:
    (period,) = read(record("Début des Vacances d'Été", "2027-07-03", "2027-07-03"))
    assert period.name == "Vacances d'Été"
    assert period.closes_year
    assert (period.first_day_off, period.last_day_off, period.resume) == (day("2027-07-03"), None, None)


def test_the_published_return_is_preferred_to_the_bare_beginning() -> None:
    (period,) = read(
        record("Début des Vacances d'Été", "2027-07-03", "2027-07-03"),
        record("Vacances d'Été", "2027-07-03", "2027-09-02"),
    )
    assert (period.resume, period.status) == (day("2027-09-02"), "single")


@pytest.mark.parametrize(
    ("start", "end"), [("2027-05-05", "2027-05-10"), ("2027-05-06", "2027-05-10"), ("2027-05-07", "2027-05-07")]
)
def test_the_bridge_of_ascension_in_each_of_its_codings(start: str, end: str) -> None:
    (period,) = read(record("Pont de l'Ascension", start, end))
    assert period.kind is PeriodKind.BRIDGE
    assert period.after_class_of == day("2027-05-05")
    assert (period.first_day_off, period.last_day_off) == (day("2027-05-06"), day("2027-05-09"))


def test_a_longer_bridge_is_kept_as_published() -> None:
    (period,) = read(record("Pont de l'Ascension", "2027-05-01", "2027-05-10", "Guyane"))
    assert (period.first_day_off, period.last_day_off) == (day("2027-05-01"), day("2027-05-09"))


def test_single_days_are_closed_spans() -> None:
    (period,) = read(record("Mi-carême", "2027-03-04", "2027-03-04", "Guadeloupe"))
    assert (period.kind, period.first_day_off, period.last_day_off) == (
        PeriodKind.DAYS_OFF, day("2027-03-04"), day("2027-03-04"),
    )  # fmt: skip
    assert period.after_class_of is None


def test_nobody_returns_on_a_sunday_or_a_public_holiday() -> None:
    sunday = record("Vacances 1ère période", "2025-04-05", "2025-04-20", "Nouvelle Calédonie", annee_scolaire="2025")
    (period,) = read(sunday)
    assert period.resume == day("2025-04-22")  # the 21st is Easter Monday


@pytest.mark.parametrize("name", ["Abolition de l'esclavage", "Lundi de Pentecôte", "Rentrée scolaire des élèves"])
def test_what_is_no_school_holiday_is_left_out(name: str) -> None:
    assert read(record(name, "2027-05-22", "2027-05-23", "Martinique")) == ()


def test_an_end_that_contradicts_the_next_departure_is_unknown() -> None:
    may, summer = read(
        record("Vacances de Mai", "2026-05-23", "2026-07-04", "Polynésie", annee_scolaire="2025-2026"),
        record("Grandes Vacances", "2026-07-04", "2026-08-12", "Polynésie", annee_scolaire="2025-2026"),
    )
    assert (may.resume, may.status) == (None, "disputed")
    assert summer.resume == day("2026-08-12")


@pytest.mark.parametrize("wrap", [{"results": [TOUSSAINT]}, {"records": [{"fields": TOUSSAINT}]}, [TOUSSAINT]])
def test_each_shape_of_json(wrap: object) -> None:
    assert read_ministry_json(json.dumps(wrap)) == read(TOUSSAINT)


@pytest.mark.parametrize(
    "header",
    [
        "description;population;start_date;end_date;location;zones;annee_scolaire",
        "Description;Population;Date de début;Date de fin;Académies;Zones;annee_scolaire",
        "\ufeffDescription,Population,Date de début,Date de fin,Académies,Zones,Année scolaire",
    ],
)
def test_each_shape_of_csv(header: str) -> None:
    separator = ";" if ";" in header else ","
    assert read_ministry_csv(header + "\n" + separator.join(TOUSSAINT.values()) + "\n") == read(TOUSSAINT)


def test_every_fault_of_a_file_is_shown() -> None:
    wrong = "description;population;start_date;end_date;location;zones;annee_scolaire\n"
    wrong += "Vacances;-;hier;demain;Nantes;Zone B;2026-2027\nVacances;-;;;Nantes;Zone B;2026-2027\n"
    wrong += f"Vacances;-;{midnight('2026-10-17')};{midnight('2026-11-02')};Ys;Zone Z;2026-2027\n"
    with pytest.raises(BadFileError) as caught:
        read_ministry_csv(wrong)
    assert [problem.where for problem in caught.value.problems] == ["ligne 2", "ligne 3", "ligne 4"]
    assert "start date, end date" in caught.value.problems[1].found


@pytest.mark.parametrize("text", ["{", '"x"', '{"error": 1}'])
def test_what_is_no_such_json(text: str) -> None:
    with pytest.raises(BadFileError):
        read_ministry_json(text)


def test_a_commune_loads_the_year_that_is_missing() -> None:
    guadeloupe = [
        record("Vacances d'Été", "2026-07-04", "2026-09-01", "Guadeloupe", annee_scolaire="2025-2026"),
        *(
            record(name, start, end, "Guadeloupe")
            for name, start, end in (
                ("Vacances de la Toussaint", "2026-10-17", "2026-11-02"),
                ("Vacances de Noël", "2026-12-19", "2027-01-04"),
                ("Vacances de Carnaval", "2027-02-06", "2027-02-22"),
                ("Vacances de Pâques", "2027-03-26", "2027-04-12"),
                ("Début des Vacances d'Été", "2027-07-03", "2027-07-03"),
            )
        ),
    ]
    loaded = commune_calendar(territory="Guadeloupe", periods=read(TOUSSAINT, *guadeloupe))
    assert loaded.last_known == day("2027-07-02")
    assert loaded.is_a(day("2026-09-01"), SCHOOL)


#: Slips of the source that cannot be seen without another source (first day off published instead of the departure;
#: wrong month): the curated data correct them.
UNSEEN = {("Corse", "2015"), ("Corse", "2016"), ("Corse", "2017"), ("Corse", "2018"), ("Mayotte", "2020"),
          ("Mayotte", "2021"), ("Guyane", "2018"), ("Polynésie française", "2023"), ("Martinique", "2017")}  # fmt: skip


def test_the_curated_data_are_found_again_from_what_was_published() -> None:
    text = resources.files("periscolaire.calendar").joinpath("data/school_holidays.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["source"] == "MEN-OD"]
    names = {"A": "Zone A", "B": "Zone B", "C": "Zone C", "La Réunion": "Réunion", "Polynésie française": "Polynésie"}
    periods = read(
        *(
            record(
                row["name"],
                row["published_start"],
                row["published_end"] or row["published_start"],
                names.get(row["zone_or_territory"], row["zone_or_territory"]),
                population={"élèves": "-", "premier degré": "Élèves 1er degré"}.get(
                    row["population"], row["population"]
                ),
                annee_scolaire=row["school_year"],
            )
            for row in rows
        )
    )
    found = {
        (period.zone, period.name, period.population, period.first_day_off, period.last_day_off, period.kind.value)
        for period in periods
    }
    expected = {
        (
            row["zone_or_territory"],
            row["name"],
            row["population"],
            day(row["first_day_off"]),
            day(row["last_day_off"]) if row["last_day_off"] else None,
            row["kind"],
        )
        for row in rows
        if (row["zone_or_territory"], row["school_year"][:4]) not in UNSEEN
    }
    assert expected - found == set()
    assert len(expected) > 600
