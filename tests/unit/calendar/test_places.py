"""Zones, académies, départements, territories, their public holidays and their clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from periscolaire.calendar import (
    TERRITORIES,
    TIMEZONES,
    academie,
    academie_of,
    academies,
    commune_calendar,
    official_periods,
    official_zones,
    public_holidays,
    territory,
)
from periscolaire.clock import zone
from periscolaire.errors import MisuseError


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("name", "since_2016", "before"), [("Nantes", "B", "A"), ("caen", "B", "A"), ("Créteil", "C", "C")]
)
def test_academies(name: str, since_2016: str, before: str) -> None:
    assert (academie(name).zone, academie(name).zone_before_2016) == (since_2016, before)


@pytest.mark.parametrize(
    ("code", "name"), [("85", "Nantes"), ("1", "Lyon"), ("2a", "Corse"), ("974", "La Réunion"), ("57", "Nancy-Metz")]
)
def test_departements(code: str, name: str) -> None:
    assert academie_of(code).name == name


def test_every_departement_of_the_mainland_is_in_an_academie() -> None:
    codes = [f"{n:02}" for n in range(1, 96) if n != 20]
    merged = {"Caen", "Rouen"}  # into Normandie
    assert {academie_of(code).name for code in codes} == {known.name for known in academies() if known.zone} - merged


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: academie("Vendée"),
        lambda: academie_of("20"),
        lambda: commune_calendar(),
        lambda: commune_calendar(zone="D"),
        lambda: commune_calendar(territory="Métropole"),
        lambda: commune_calendar(zone="A", academie="Nantes"),
        lambda: commune_calendar(departement="85", academie="Lyon"),
        lambda: commune_calendar(zone="B", timezone="Europe/Nantes"),
        lambda: official_periods("Z"),
    ],
)
def test_places_that_do_not_exist_or_contradict(wrong: Callable[[], object]) -> None:
    with pytest.raises(MisuseError):
        wrong()


def test_a_wrong_territory_shows_the_near_ones() -> None:
    with pytest.raises(MisuseError, match="La Réunion"):
        territory("Réunionn")


def test_territories_lead_to_shipped_zones() -> None:
    assert {known.zone for known in TERRITORIES if known.zone} <= set(official_zones())


class TestPublicHolidays:
    def test_alsace_moselle(self) -> None:
        plain = commune_calendar(departement="67")
        church = commune_calendar(departement="57", good_friday=True)
        assert plain.territory == church.territory == "Alsace-Moselle"
        assert plain.public_holiday(day("2026-12-26")) == "Saint-Étienne"
        assert plain.public_holiday(day("2026-04-03")) is None
        assert church.public_holiday(day("2026-04-03")) == "Vendredi saint"
        assert commune_calendar(academie="Nancy-Metz").public_holiday(day("2026-12-26")) is None

    def test_customs_are_kept_when_asked(self) -> None:
        usual = commune_calendar(territory="Guadeloupe")
        asked = commune_calendar(territory="Guadeloupe", customary_holidays=["mi-carême"])
        assert usual.public_holiday(day("2026-03-12")) is None
        assert asked.public_holiday(day("2026-03-12")) == "Mi-Carême"
        assert usual.public_holiday(day("2026-05-27")) == "Abolition de l'esclavage"

    def test_saint_martin_chooses_its_day(self) -> None:
        usual = commune_calendar(territory="Saint-Martin")
        asked = commune_calendar(
            territory="Saint-Martin",
            not_public_holidays=["Abolition de l'esclavage"],
            extra_public_holidays={day("2026-05-27"): "Abolition de l'esclavage"},
        )
        assert usual.public_holiday(day("2026-05-28"))
        assert asked.public_holiday(day("2026-05-28")) is None
        assert asked.public_holiday(day("2026-05-27"))

    def test_polynesian_good_friday_is_the_law(self) -> None:
        assert commune_calendar(territory="Tahiti").public_holiday(day("2026-04-03")) == "Vendredi saint"

    def test_none_is_moved_from_a_sunday(self) -> None:
        assert commune_calendar(zone="C").public_holiday(day("2026-11-02")) is None  # 1 November 2026 is a Sunday

    def test_a_local_day_without_a_name(self) -> None:
        local = commune_calendar(zone="B", extra_public_holidays=[day("2026-06-11")])
        assert local.public_holiday(day("2026-06-11")) == "jour férié local"
        assert not local.is_a(day("2026-06-11"), local.kind("ouvré"))

    def test_a_day_may_be_worked_by_date(self) -> None:
        pentecost = day("2026-05-25")
        assert pentecost not in public_holidays(territory("Métropole"), [2026], without=[pentecost])
        assert pentecost in public_holidays(territory("Métropole"), [2026])

    def test_a_misspelt_name_is_refused(self) -> None:
        with pytest.raises(MisuseError, match="noel"):
            commune_calendar(zone="B", not_public_holidays=["Saint Noel"])


class TestClocks:
    def test_noon_in_every_legal_time(self) -> None:
        hours = {
            "Europe/Paris": 11,
            "America/Guadeloupe": 16,
            "America/Martinique": 16,
            "America/Marigot": 16,
            "America/St_Barthelemy": 16,
            "America/Cayenne": 15,
            "America/Miquelon": 15,
            "Indian/Reunion": 8,
            "Indian/Mayotte": 9,
            "Pacific/Noumea": 1,
            "Pacific/Wallis": 0,
            "Pacific/Tahiti": 22,
            "Pacific/Gambier": 21,
            "Pacific/Marquesas": 21.5,
        }
        assert set(hours) == set(TIMEZONES)
        for name, hour in hours.items():
            noon = dt.datetime(2026, 1, 12, 12, tzinfo=zone(name)).astimezone(dt.UTC)
            assert noon.hour + noon.minute / 60 == hour, name

    def test_a_limit_is_read_on_the_clocks_of_the_commune(self) -> None:
        saint_leu = commune_calendar(territory="La Réunion")
        at = saint_leu.instant(day("2026-01-26"), 9 * 60)
        assert at == dt.datetime(2026, 1, 26, 5, tzinfo=dt.UTC)
        assert saint_leu.local(at).strftime("%H:%M") == "09:00"
        assert saint_leu.today(dt.datetime(2026, 1, 25, 21, tzinfo=dt.UTC)) == day("2026-01-26")

    def test_a_commune_may_keep_another_time_than_its_territory(self) -> None:
        nuku_hiva = commune_calendar(territory="Polynésie française", timezone="Pacific/Marquesas")
        assert nuku_hiva.instant(day("2026-01-12"), 720) == dt.datetime(2026, 1, 12, 21, 30, tzinfo=dt.UTC)

    def test_a_naive_instant_is_misuse(self) -> None:
        with pytest.raises(MisuseError):
            commune_calendar(zone="B").local(dt.datetime(2026, 1, 12))  # noqa: DTZ001 (that is the point)
