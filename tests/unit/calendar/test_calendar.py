"""A commune's calendar by example: counting, weeks, school years, what it does not know."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable

import pytest

from periscolaire.calendar import (
    BUSINESS,
    CALENDAR,
    OPEN,
    SCHOOL,
    WEEKDAY,
    ClassDays,
    DayKind,
    HolidayPeriod,
    PeriodKind,
    Season,
    Span,
    TermDays,
    Weekday,
    commune_calendar,
    parse_open_days,
)
from periscolaire.errors import MisuseError, UnknownYearError


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


NANTES = commune_calendar(academie="Nantes")
LYON = commune_calendar(departement="69")
PERPIGNAN = commune_calendar(departement="66")


class TestHolidaysOfAWeek:
    @pytest.mark.parametrize("start", ["2027-03-29", "2027-03-31", "2027-04-04"])
    def test_every_day_of_a_week_knows_its_public_holidays(self, start: str) -> None:
        assert NANTES.week_holidays(day(start)) == {Weekday.MONDAY}  # Easter Monday

    def test_a_week_beyond_the_known_years_has_none_that_is_known(self) -> None:
        assert NANTES.week_holidays(dt.date(1990, 5, 1)) == frozenset()


class TestCounting:
    @pytest.mark.parametrize(
        ("start", "n", "kind", "expected"),
        [
            ("2026-10-12", -1, CALENDAR, "2026-10-11"),  # la veille d'un lundi : le dimanche
            ("2026-10-12", -2, BUSINESS, "2026-10-08"),
            ("2026-11-12", -1, BUSINESS, "2026-11-10"),  # le 11 novembre est férié
            ("2026-11-12", -1, WEEKDAY, "2026-11-11"),
            ("2026-11-03", -1, SCHOOL, "2026-11-02"),
            ("2026-11-02", -1, SCHOOL, "2026-10-16"),  # au retour des vacances
            ("2026-10-15", -1, SCHOOL, "2026-10-13"),  # le mercredi n'est pas de classe
            ("2026-10-16", 1, SCHOOL, "2026-11-02"),
            ("2026-10-12", 0, SCHOOL, "2026-10-12"),
        ],
    )
    def test_the_start_is_never_counted(self, start: str, n: int, kind: DayKind, expected: str) -> None:
        assert NANTES.step(day(start), n, kind) == day(expected)

    def test_days_of_a_product(self) -> None:
        # Three days of opening before Monday 3 November 2025 pass over the holidays (and over Wednesday).
        assert LYON.step(day("2025-11-03"), -3, OPEN, ClassDays()) == day("2025-10-14")
        assert LYON.step(day("2025-11-03"), -1, OPEN, parse_open_days("mercredis")) == day("2025-10-15")

    @pytest.mark.parametrize(
        ("n", "kind", "expected"),
        [(-7, CALENDAR, "2026-10-04"), (-2, BUSINESS, "2026-10-07"), (2, CALENDAR, "2026-10-15")],
    )
    def test_clear_days_count_neither_end(self, n: int, kind: DayKind, expected: str) -> None:
        assert NANTES.step_clear(day("2026-10-12"), n, kind) == day(expected)

    def test_zero_clear_days_have_no_direction(self) -> None:
        with pytest.raises(MisuseError):
            NANTES.step_clear(day("2026-10-12"), 0)

    def test_days_of_opening_need_a_product(self) -> None:
        with pytest.raises(MisuseError, match="open_days"):
            NANTES.step(day("2026-10-12"), -1, OPEN)

    def test_an_unknown_kind_is_named(self) -> None:
        with pytest.raises(MisuseError, match="lunaire"):
            NANTES.is_a(day("2026-10-12"), DayKind("lunaire"))

    def test_last_open_day_before_the_holidays(self) -> None:
        holiday = NANTES.holiday_after(day("2026-10-01"))
        assert holiday is not None
        assert NANTES.step(holiday.first_day_off, -1, OPEN, parse_open_days("mercredis")) == day("2026-10-14")

    def test_a_product_that_never_runs_has_no_next_day(self) -> None:
        never = TermDays(frozenset())
        assert NANTES.days(day("2026-09-01"), day("2027-07-01"), OPEN, never) == ()
        with pytest.raises(UnknownYearError):
            NANTES.step(day("2026-10-12"), 1, OPEN, never)


class TestWeeks:
    def test_the_label_of_the_guide(self) -> None:
        assert NANTES.week_label(day("2019-01-16")) == "Semaine 3 du 14/01/2019 au 18/01/2019"

    def test_a_week_53_exists(self) -> None:
        assert NANTES.week_label(day("2027-01-01")) == "Semaine 53 du 28/12/2026 au 01/01/2027"
        assert NANTES.week_label(day("2026-12-31")) == NANTES.week_label(day("2027-01-01"))
        assert NANTES.week_label(day("2027-01-04")).startswith("Semaine 1 ")

    def test_the_previous_week_of_class_passes_over_the_holidays(self) -> None:
        # Pézilla-la-Rivière: Monday 3 November 2025 is counted from Monday 13 October.
        assert PERPIGNAN.step_week(day("2025-11-03"), -1, SCHOOL) == day("2025-10-13")
        assert PERPIGNAN.step_week(day("2025-11-03"), -1) == day("2025-10-27")

    def test_this_week(self) -> None:
        assert NANTES.step_week(day("2026-10-15"), 0, SCHOOL) == day("2026-10-12")
        assert not NANTES.week_has(day("2026-10-21"), SCHOOL)
        assert NANTES.week_has(day("2026-10-21"), BUSINESS)


class TestYears:
    def test_the_summer_closes_its_year(self) -> None:
        year = NANTES.school_year(day("2026-08-01"))
        assert (year.label, year.last_day, year.last_class_day) == ("2025-2026", day("2026-08-31"), day("2026-07-04"))
        assert NANTES.school_year(day("2026-09-01")).label == "2026-2027"

    def test_a_southern_year_is_a_civil_one(self) -> None:
        noumea = commune_calendar(territory="Nouvelle-Calédonie")
        assert noumea.school_year(day("2025-03-03")).label == "2025"
        assert noumea.school_year(day("2026-01-15")).label == "2025"

    def test_the_year_of_la_reunion_ends_with_the_austral_winter(self) -> None:
        saint_leu = commune_calendar(territory="Réunion")
        assert saint_leu.season(day("2026-01-05")) is Season.SUMMER
        assert saint_leu.season(day("2025-07-20")) is Season.SHORT_HOLIDAYS
        assert saint_leu.school_year(day("2026-01-05")).label == "2025-2026"
        assert saint_leu.school_year(day("2025-08-18")).label == "2024-2025"
        assert saint_leu.school_year(day("2025-08-19")).label == "2025-2026"

    @pytest.mark.parametrize(
        ("text", "season"),
        [
            ("2026-10-12", Season.TERM),
            ("2026-10-14", Season.WEDNESDAY),
            ("2026-10-21", Season.SHORT_HOLIDAYS),
            ("2027-05-07", Season.TERM),  # a bridge is no holiday
            ("2026-07-15", Season.SUMMER),
        ],
    )
    def test_seasons(self, text: str, season: Season) -> None:
        assert NANTES.season(day(text)) is season

    def test_terms_and_holidays_follow_each_other(self) -> None:
        assert NANTES.period(day("2026-10-12")) == Span(day("2026-09-01"), day("2026-10-16"))
        assert NANTES.period(day("2026-10-21")) == Span(day("2026-10-17"), day("2026-11-01"))

    @pytest.mark.parametrize(
        "ask",
        [
            lambda: NANTES.is_a(day("2028-09-04"), SCHOOL),
            lambda: NANTES.step(day("2028-07-01"), 30, SCHOOL),
            lambda: NANTES.school_year(day("2015-08-31")),
            lambda: NANTES.holiday(day("2030-01-01")),
            lambda: NANTES.days(day("2028-07-01"), day("2028-07-31"), SCHOOL),
            lambda: NANTES.week_has(day("2030-01-01"), SCHOOL),
        ],
    )
    def test_outside_the_known_years_the_error_says_how_to_load_more(self, ask: Callable[[], object]) -> None:
        with pytest.raises(UnknownYearError, match="read_ministry_csv"):
            ask()

    def test_plain_days_are_known_for_ever(self) -> None:
        assert NANTES.step(day("2040-01-02"), -1, WEEKDAY) == day("2039-12-30")
        assert NANTES.is_a(day("2040-01-01"), CALENDAR)
        assert len(NANTES.days(day("2040-01-02"), day("2040-01-08"), WEEKDAY)) == 5

    def test_an_incomplete_year_is_not_known(self) -> None:
        # Corsica: only three single days of 2026-2027 are published; Guadeloupe: half of 2018-2019.
        corse, guadeloupe = commune_calendar(territory="Corse"), commune_calendar(territory="Guadeloupe")
        assert corse.last_known == day("2026-07-03")
        assert guadeloupe.first_known == day("2019-09-02")


class TestOwnPeriods:
    SUMMER = HolidayPeriod.stated("Vacances d'Été", "2025-2026", day("2026-07-04"), day("2026-09-01"))
    YEAR = (
        HolidayPeriod.stated("Vacances de la Toussaint", "2026-2027", day("2026-10-17"), day("2026-11-02")),
        HolidayPeriod.stated("Vacances de Noël", "2026-2027", day("2026-12-19"), day("2027-01-04")),
        HolidayPeriod.stated("Vacances de Carnaval", "2026-2027", day("2027-02-06"), day("2027-02-22")),
        HolidayPeriod.stated("Vacances de Pâques", "2026-2027", day("2027-03-26"), day("2027-04-12")),
        HolidayPeriod.stated("Vacances d'Été", "2026-2027", day("2027-07-03"), None),
    )

    def test_a_commune_completes_a_year_that_is_not_shipped(self) -> None:
        before = commune_calendar(territory="Guadeloupe")
        after = commune_calendar(territory="Guadeloupe", periods=(self.SUMMER, *self.YEAR))
        assert before.last_known == day("2026-07-03")
        assert after.last_known == day("2027-07-02")
        assert after.is_a(day("2026-09-01"), SCHOOL)
        assert after.holiday(day("2027-02-10")) == self.YEAR[2]
        assert after.first_known == before.first_known

    def test_a_period_replaces_the_official_one_that_it_overlaps(self) -> None:
        moved = HolidayPeriod.stated("Vacances d'Hiver", "2026-2027", day("2027-02-27"), day("2027-03-08"))
        changed = commune_calendar(zone="B", periods=[moved])
        assert changed.is_a(day("2027-02-23"), SCHOOL)
        assert changed.holiday(day("2027-03-01")) == moved
        assert NANTES.holiday(day("2027-02-23")) is not None

    def test_periods_of_other_zones_are_left_aside(self) -> None:
        elsewhere = HolidayPeriod.stated(
            "Vacances d'Hiver", "2026-2027", day("2027-01-09"), day("2027-02-08"), zone="C"
        )
        assert commune_calendar(zone="B", periods=[elsewhere]) == commune_calendar(zone="B")

    def test_a_commune_may_state_the_days_it_knows(self) -> None:
        # Dijon 2010-2011: no data that old.
        summer = HolidayPeriod.stated("Vacances d'Été", "2010-2011", day("2011-07-02"), day("2011-09-05"))
        known = Span(day("2010-09-02"), day("2011-07-02"))
        old = commune_calendar(zone="A", periods=[summer], school_years=[], known=known)
        assert old.is_a(day("2010-09-02"), SCHOOL)
        assert old.school_year(day("2010-12-01")).label == "2010-2011"
        assert not old.is_a(day("2010-11-11"), SCHOOL)
        with pytest.raises(UnknownYearError):
            old.is_a(day("2010-09-01"), SCHOOL)

    def test_a_period_cannot_end_before_it_begins(self) -> None:
        with pytest.raises(MisuseError):
            HolidayPeriod("x", "B", "2026-2027", None, day("2026-10-02"), day("2026-10-01"), None, PeriodKind.DAYS_OFF)

    def test_only_some_years(self) -> None:
        short = commune_calendar(zone="B", school_years=["2025-2026", "2026-2027"])
        assert (short.first_known, short.last_known) == (day("2025-09-01"), day("2027-09-01"))
        assert [year.label for year in short.school_years] == ["2025-2026", "2026-2027"]

    def test_years_that_are_not_shipped_at_all(self) -> None:
        with pytest.raises(MisuseError, match="no complete school year"):
            commune_calendar(zone="B", school_years=["2010-2011"])


class TestFrozen:
    def test_one_value(self) -> None:
        assert commune_calendar(zone="B") == commune_calendar(departement="44")
        assert hash(commune_calendar(zone="B")) == hash(commune_calendar(departement="44"))
        assert commune_calendar(zone="B") != commune_calendar(zone="C")

    def test_the_package_holidays_is_imported_only_when_asked(self) -> None:
        code = "import sys, periscolaire.calendar; sys.exit('holidays' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
