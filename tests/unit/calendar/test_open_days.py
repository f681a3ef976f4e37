"""The French notation of open days, and the days that it gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from periscolaire.calendar import (
    OPEN,
    AllYear,
    AnyOf,
    But,
    ClassDays,
    HolidayDays,
    Months,
    OpenDays,
    SchoolWeek,
    Season,
    TermDays,
    Weekday,
    YearlySpan,
    commune_calendar,
    parse_open_days,
    print_open_days,
)
from periscolaire.errors import MisuseError, NotationError

CALENDAR = commune_calendar(zone="B", week=SchoolWeek.parse(["lundi", "mardi", "mercredi matin", "jeudi", "vendredi"]))


def days(words: str | list[str], first: str, last: str) -> list[str]:
    found = CALENDAR.days(dt.date.fromisoformat(first), dt.date.fromisoformat(last), OPEN, parse_open_days(words))
    return [day.strftime("%m-%d") for day in found]


@pytest.mark.parametrize(
    ("words", "first", "last", "expected"),
    [
        ("jours de classe", "2026-10-12", "2026-10-18", ["10-12", "10-13", "10-14", "10-15", "10-16"]),
        ("jours de classe entiers", "2026-10-12", "2026-10-18", ["10-12", "10-13", "10-15", "10-16"]),
        ("demi-journées de classe", "2026-10-12", "2026-10-18", ["10-14"]),
        ("mercredis de classe", "2026-10-12", "2026-10-25", ["10-14"]),
        ("mercredis", "2026-10-12", "2026-10-25", ["10-14"]),
        ("mercredis toute l'année", "2026-10-12", "2026-10-25", ["10-14", "10-21"]),
        ("lundi, mardi", "2026-11-09", "2026-11-15", ["11-09", "11-10"]),
        ("lundi, mercredi", "2026-11-09", "2026-11-15", ["11-09"]),  # 11 November
        ("lundi, mercredi fériés compris", "2026-11-09", "2026-11-15", ["11-09", "11-11"]),
        ("petites vacances", "2026-10-15", "2026-10-21", ["10-19", "10-20", "10-21"]),
        ("lundis des petites vacances", "2026-10-15", "2026-11-01", ["10-19", "10-26"]),
        ("première semaine des petites vacances", "2026-10-15", "2026-11-01",
         ["10-19", "10-20", "10-21", "10-22", "10-23"]),
        ("dernière semaine des petites vacances", "2026-10-15", "2026-11-01",
         ["10-26", "10-27", "10-28", "10-29", "10-30"]),
        ("vacances sauf vacances de Noël", "2026-12-15", "2027-01-05", []),
        ("vacances de la Toussaint", "2026-10-15", "2026-10-20", ["10-19", "10-20"]),
        ("été en juillet", "2027-07-28", "2027-08-03", ["07-28", "07-29", "07-30"]),
        ("été du 6 juillet au 9 juillet", "2027-07-01", "2027-07-31", ["07-06", "07-07", "07-08", "07-09"]),
        ("2 premières semaines de l'été", "2027-07-03", "2027-07-31",
         ["07-05", "07-06", "07-07", "07-08", "07-09", "07-12", "07-13", "07-15", "07-16"]),
        ("mercredis et petites vacances", "2026-10-12", "2026-10-20", ["10-14", "10-19", "10-20"]),
        ("jours de classe sauf mercredi", "2026-10-12", "2026-10-18", ["10-12", "10-13", "10-15", "10-16"]),
        ("ponts", "2027-05-03", "2027-05-09", ["05-07"]),
        ("jours fériés", "2027-05-03", "2027-05-09", ["05-06", "05-08"]),
        ("jours ouvrés", "2027-05-03", "2027-05-09", ["05-03", "05-04", "05-05", "05-07"]),
        ("jours ouvrables", "2027-05-03", "2027-05-09", ["05-03", "05-04", "05-05", "05-07"]),
        ("tous les jours sauf dimanche", "2027-05-07", "2027-05-10", ["05-07", "05-08", "05-10"]),
        ("jours de classe avec ponts", "2027-05-03", "2027-05-09", ["05-03", "05-04", "05-05", "05-07"]),
        ("le 2026-10-18 et 20/10/2026", "2026-10-12", "2026-10-25", ["10-18", "10-20"]),
        ("du 24 décembre au 1er janvier", "2026-12-30", "2027-01-05", ["12-30", "12-31", "01-01"]),
        (["lundi", "jeudi"], "2026-10-12", "2026-10-18", ["10-12", "10-15"]),
        (["mercredis", "petites vacances"], "2026-10-14", "2026-10-19", ["10-14", "10-19"]),
        ("petites vacances, du lundi au mardi", "2026-10-19", "2026-10-25", ["10-19", "10-20"]),
    ],
)  # fmt: skip
def test_the_days_that_words_give(words: str | list[str], first: str, last: str, expected: list[str]) -> None:
    assert days(words, first, last) == expected


@pytest.mark.parametrize(
    ("words", "canonical"),
    [
        ("Jours d'école", "jours de classe"),
        ("lundi,mardi,jeudi et vendredi", "lundis, mardis, jeudis et vendredis"),
        ("les mercredis hors vacances scolaires", "mercredis"),
        ("grandes vacances", "été"),
        ("vacances scolaires", "vacances"),
        ("vacances d’ete", "été"),
        ("vacances de noel", "vacances de Noël"),
        ("du lundi au vendredi toute l'année", "lundis, mardis, mercredis, jeudis et vendredis toute l'année"),
        ("1re semaine des petites vacances", "première semaine des petites vacances"),
        ("(vacances sauf vacances de Noël) et mercredis", "(vacances sauf vacances de Noël) et mercredis"),
        ("mercredis et lundis des vacances", "lundis et mercredis des vacances"),
        ("mercredis scolaires + lundis des vacances", "mercredis en période scolaire et lundis des vacances"),
        ("vacances de « Fête du village »", "vacances de « Fête du village »"),
        ("période scolaire", "lundis, mardis, mercredis, jeudis et vendredis"),
        ("hors vacances", "lundis, mardis, mercredis, jeudis et vendredis"),
        ("tous les jours d'école", "jours de classe"),
        ("jours de classe (sauf mercredi)", "jours de classe sauf mercredis"),
        ("mercredis (hors vacances scolaires)", "mercredis"),
        ("tous les mercredis de l'année scolaire", "mercredis"),
        ("lundi mardi jeudi vendredi", "lundis, mardis, jeudis et vendredis"),
        ("lundi-mardi/jeudi", "lundis, mardis et jeudis"),
        ("lundi au vendredi", "lundis, mardis, mercredis, jeudis et vendredis"),
        ("petites vacances hors Noël", "petites vacances sauf vacances de Noël"),
        ("Toussaint, hiver", "vacances de Toussaint et vacances d'Hiver"),
        ("vacances de la Toussaint, d'hiver et de printemps", "vacances de Toussaint ou d'Hiver ou de Printemps"),
        ("mois de juillet", "juillet"),
        ("du 6 au 31 juillet 2026", "du 2026-07-06 au 2026-07-31"),
        ("du 21 décembre 2026 au 3 janvier 2027", "du 2026-12-21 au 2027-01-03"),
        ("du 6 au 31 juillet", "du 6 juillet au 31 juillet"),
        ("tous les jours sauf week-ends", "tous les jours sauf samedis et dimanches"),
    ],
)
def test_the_canonical_form(words: str, canonical: str) -> None:
    assert print_open_days(parse_open_days(words)) == canonical
    assert parse_open_days(canonical) == parse_open_days(words)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("jours de clase", "clase"),
        ("mercredi des vacanses", "vacanses"),
        ("vacances de Nowel", "Nowel"),
        ("lundi sauf", "(fin)"),
        ("", "(fin)"),
        ("été du 31 février au 2 mars", "31"),
        ("(vacances", "(fin)"),
        ("2026-13-45", "2026-13-45"),
        ("du 21 décembre au 3 janvier 2027", "21"),  # 2026 is not said
        ("jours de classe (sauf mercredi", "(fin)"),
    ],
)
def test_an_unknown_word_is_named_with_its_place(text: str, word: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse_open_days(text)
    assert caught.value.word == word
    assert caught.value.suggestions
    if word != "(fin)":
        assert text[caught.value.position :].startswith(word)


def test_bare_weekdays_follow_their_context() -> None:
    wednesday = frozenset({Weekday.WEDNESDAY})
    assert parse_open_days("mercredi") == TermDays(wednesday)
    assert parse_open_days("mercredi", term=False) == AllYear(wednesday)
    assert parse_open_days("vacances sauf mercredi") == But(HolidayDays(), AllYear(wednesday, public_holidays=True))


@pytest.mark.parametrize(
    "make",
    [
        lambda: AnyOf((ClassDays(),)),
        lambda: Months(frozenset({13})),
        lambda: Months(frozenset()),
        lambda: YearlySpan((2, 30), (3, 1)),
        lambda: HolidayDays(frozenset({Season.TERM})),
        lambda: HolidayDays(frozenset({Season.SUMMER}), ("Noël",)),
        lambda: HolidayDays(names=("« x",)),
        lambda: HolidayDays(weeks=frozenset({0})),
    ],
)
def test_values_without_meaning_are_refused(make: Callable[[], OpenDays]) -> None:
    with pytest.raises(MisuseError):
        make()
