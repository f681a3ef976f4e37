"""Where windows open and close, in the readings that the real règlements decided."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire.calendar import CommuneCalendar, Span, commune_calendar, parse_open_days
from periscolaire.catalogue import (
    Action,
    Frame,
    LimitRule,
    State,
    Verb,
    agrees_with,
    decide_tiers,
    equivalents,
    instant_table,
    parse_limit,
    parse_unit,
    print_limit,
    print_week,
    read_weekday_table,
    weekday_table,
    window,
)
from periscolaire.errors import MisuseError, UnknownYearError
from periscolaire.facts import Condition, Facts, Op, Test

OPEN_DAYS = parse_open_days("jours de classe")


@pytest.fixture(scope="module")
def calendar() -> CommuneCalendar:
    return commune_calendar(zone="B")


def closes(said: str, day: str, calendar: CommuneCalendar, unit: str = "jour") -> str:
    frame = Frame(calendar, dt.date.fromisoformat(day), parse_unit(unit), OPEN_DAYS, 12 * 60)
    found = window(parse_limit(said)[0].limit, frame).closes
    assert found is not None
    return calendar.local(found).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("said", "day", "expected"),
    [
        ("2 jours ouvrés avant 10:00", "2026-01-12", "Thu 2026-01-08 10:00"),
        ("1 jour de semaine avant jusqu'à 10:00", "2026-01-12", "Fri 2026-01-09 10:01"),
        ("jeudi de la semaine précédente 12:00", "2026-01-12", "Thu 2026-01-08 12:00"),
        ("jeudi de la semaine précédente 12:00", "2026-01-16", "Thu 2026-01-08 12:00"),
        ("vendredi précédent 12:00", "2026-01-16", "Fri 2026-01-09 12:00"),
        ("vendredi précédent 12:00", "2026-01-17", "Fri 2026-01-16 12:00"),
        ("la veille", "2026-01-12", "Mon 2026-01-12 00:00"),
        ("la veille minuit", "2026-01-12", "Mon 2026-01-12 00:00"),
        ("8 jours avant", "2026-01-20", "Tue 2026-01-13 00:00"),
        ("7 jours francs avant", "2026-01-20", "Tue 2026-01-13 00:00"),
        ("le 20 du mois précédent", "2026-01-12", "Sun 2025-12-21 00:00"),
        ("avant le 18 du mois précédent", "2026-01-12", "Thu 2025-12-18 00:00"),
        ("48 h avant", "2026-01-12", "Sat 2026-01-10 00:00"),
        ("48 h avant le service", "2026-01-12", "Sat 2026-01-10 12:00"),
        ("48 h ouvrées avant", "2026-01-12", "Thu 2026-01-08 00:00"),
        # In the night of the clock change, 24 h on the wall are still one day.
        ("24 h avant", "2026-03-30", "Sun 2026-03-29 00:00"),
        ("24 h avant 12:00", "2026-03-29", "Sat 2026-03-28 12:00"),
        ("dernier mardi du mois précédent", "2026-01-12", "Wed 2025-12-31 00:00"),
        ("le 31 du mois précédent", "2026-03-12", "Sun 2026-03-01 00:00"),
        ("le 17 août", "2026-01-12", "Mon 2025-08-18 00:00"),
        ("1 jour de classe avant 11:00", "2026-01-05", "Fri 2025-12-19 11:00"),
        ("1 jour de classe avant 11:00", "2026-03-02", "Fri 2026-02-13 11:00"),
        ("1 jour avant 10:00, reporté au jour ouvré précédent", "2026-01-12", "Fri 2026-01-09 10:00"),
        ("1 jour avant 10:00, reporté au jour ouvré précédent 16:00", "2026-01-12", "Fri 2026-01-09 16:00"),
        ("1 mois après", "2026-01-31", "Sun 2026-03-01 00:00"),
    ],
)
def test_where_a_limit_closes(said: str, day: str, expected: str, calendar: CommuneCalendar) -> None:
    assert closes(said, day, calendar) == expected


@pytest.mark.parametrize(
    ("said", "unit", "day", "expected"),
    [
        # A month is ordered as a whole: the limit counts from its first day.
        ("2 jours avant", "mois", "2026-01-12", "Wed 2025-12-31 00:00"),
        ("le 10 du mois", "mois du 11", "2026-02-05", "Sun 2026-01-11 00:00"),
        ("vendredi de la semaine précédente", "semaine", "2026-01-15", "Sat 2026-01-10 00:00"),
        ("15 jours avant les vacances précédentes", "période", "2026-01-12", "Sat 2025-12-06 00:00"),
        ("1 jour avant", "6 semaines depuis 2025-09-01", "2025-11-01", "Mon 2025-10-13 00:00"),
    ],
)
def test_a_unit_is_decided_as_a_whole(said: str, unit: str, day: str, expected: str, calendar: CommuneCalendar) -> None:
    assert closes(said, day, calendar, unit) == expected


def test_an_event_without_date_is_not_guessed(calendar: CommuneCalendar) -> None:
    limit = parse_limit("8 jours après l'absence")[0].limit
    assert window(limit, Frame(calendar, dt.date(2026, 1, 12))).state is State.ANCHOR_UNKNOWN


def test_outside_the_known_years_nothing_is_guessed(calendar: CommuneCalendar) -> None:
    limit = parse_limit("1 jour de classe avant")[0].limit
    with pytest.raises(UnknownYearError):
        window(limit, Frame(calendar, dt.date(2051, 1, 12)))


def test_the_table_a_town_hall_publishes(calendar: CommuneCalendar) -> None:
    rule = (LimitRule(parse_limit("2 jours ouvrés avant 10:00")),)
    lines = weekday_table(rule, calendar, OPEN_DAYS, dt.date(2026, 1, 14))
    assert print_week(lines) == (
        "lundi ← jeudi 10:00\nmardi ← vendredi 10:00\njeudi ← mardi 10:00\nvendredi ← mercredi 10:00"
    )


def test_a_tier_and_a_far_limit_are_printed_with_their_effect_and_date(calendar: CommuneCalendar) -> None:
    rule = (LimitRule(parse_limit("jeudi de la semaine précédente 12:00 ; puis la veille 10:00 : +2,00")),)
    lines = weekday_table(rule, calendar, OPEN_DAYS, dt.date(2026, 1, 14))
    assert print_week(lines).splitlines()[-2:] == [
        "vendredi ← jeudi 08/01/2026 12:00",
        "vendredi ← jeudi 10:00 : +2,00",
    ]


def test_a_printed_table_is_a_rule_and_a_test(calendar: CommuneCalendar) -> None:
    printed = read_weekday_table(
        "lundi ← jeudi 10:00\nmardi ← vendredi 10:00\njeudi ← mardi 10:00\nvendredi ← mercredi 10:00"
    )
    plain = Span(dt.date(2026, 1, 12), dt.date(2026, 2, 10))
    business = parse_limit("2 jours ouvrés avant 10:00")[0].limit
    assert agrees_with(printed, business, calendar, OPEN_DAYS, plain) == ()
    # Easter Monday makes the words and the table differ.
    spring = Span(dt.date(2026, 4, 1), dt.date(2026, 4, 9))
    assert agrees_with(printed, business, calendar, OPEN_DAYS, spring) == (dt.date(2026, 4, 7),)
    assert "2 jours ouvrés avant 10:00" in [
        print_limit(tiers) for tiers in equivalents(printed, calendar, OPEN_DAYS, plain)
    ]
    with pytest.raises(MisuseError):
        read_weekday_table("la veille")


def test_a_late_cancellation_is_due_and_a_timely_one_free(calendar: CommuneCalendar) -> None:
    rule = LimitRule(parse_limit("la veille 10:00"))
    frame = Frame(calendar, dt.date(2026, 1, 13))
    early = dt.datetime(2026, 1, 12, 8, 59, tzinfo=dt.UTC)
    late = dt.datetime(2026, 1, 12, 9, 0, tzinfo=dt.UTC)
    assert decide_tiers(rule, Action.CANCEL, frame, early).effect.verb is Verb.NOTHING
    assert decide_tiers(rule, Action.CANCEL, frame, late).effect.verb is Verb.DUE
    assert decide_tiers(rule, Action.BOOK, frame, late).effect.verb is Verb.REFUSE


def test_a_counter_answers_by_rank(calendar: CommuneCalendar) -> None:
    rule = LimitRule(
        parse_limit('sans limite : accepté jusqu\'au 2e, ensuite x2, compteur "tardif" par année scolaire')
    )
    frame, at = Frame(calendar, dt.date(2026, 1, 13)), dt.datetime(2026, 1, 12, tzinfo=dt.UTC)
    prices = [
        decide_tiers(rule, Action.BOOK, frame, at, counters={"tardif": used}).effect.price is None for used in range(4)
    ]
    assert prices == [True, True, False, False]


def test_places_are_waited_for_and_never_guessed(calendar: CommuneCalendar) -> None:
    rule = LimitRule(parse_limit("sans limite, selon places"))
    frame, at = Frame(calendar, dt.date(2026, 1, 13)), dt.datetime(2026, 1, 12, tzinfo=dt.UTC)
    verbs = [decide_tiers(rule, Action.BOOK, frame, at, places_left=left).effect.verb for left in (1, 0, None)]
    assert verbs == [Verb.ACCEPT, Verb.REFUSE, Verb.REQUEST]


def test_a_later_tier_opens_no_sooner_than_the_one_before_it(calendar: CommuneCalendar) -> None:
    rule = LimitRule(parse_limit("du 1 juin au 30 juin 2026 ; hors délai : +20,00"))
    frame = Frame(calendar, dt.date(2026, 9, 1))
    days = (dt.date(2026, 5, 31), dt.date(2026, 6, 1), dt.date(2026, 7, 1))
    found = [decide_tiers(rule, Action.BOOK, frame, calendar.instant(day, 12 * 60)) for day in days]
    assert [outcome.tier for outcome in found] == [None, 0, 1]
    assert {reason.code for reason in found[0].reasons} == {"limit.not_open"}


def test_a_channel_keeps_its_hours(calendar: CommuneCalendar) -> None:
    rule = LimitRule(parse_limit("la veille, aux heures 7:30-10:30 lun-ven"))
    frame = Frame(calendar, dt.date(2026, 1, 13))
    table = instant_table((rule,), Action.BOOK, calendar, Span.one(frame.day))
    for hour, minute, allowed in ((7, 29, False), (7, 30, True), (10, 29, True), (10, 30, False)):
        at = dt.datetime(2026, 1, 12, hour, minute, tzinfo=calendar.tz)
        assert decide_tiers(rule, Action.BOOK, frame, at).allowed is allowed
        assert table.answer(frame.day, at).allowed is allowed


def test_a_naive_instant_is_misuse(calendar: CommuneCalendar) -> None:
    rule = LimitRule(parse_limit("la veille"))
    with pytest.raises(MisuseError):
        decide_tiers(rule, Action.BOOK, Frame(calendar, dt.date(2026, 1, 13)), dt.datetime(2026, 1, 12))  # noqa: DTZ001  # on purpose


def test_the_table_follows_the_season(calendar: CommuneCalendar) -> None:
    wednesday = Condition((Test("season", Op.EQ, ("mercredi",)),))
    rules = (
        LimitRule(parse_limit("3 jours avant"), condition=wednesday),
        LimitRule(parse_limit("la veille")),
    )
    table = instant_table(rules, Action.BOOK, calendar, Span(dt.date(2026, 1, 12), dt.date(2026, 1, 16)), facts=Facts())
    at = dt.datetime(2026, 1, 12, 10, tzinfo=dt.UTC)
    found = table.answers(dt.date(2026, 1, 13), dt.date(2026, 1, 15), at)
    assert [answer.allowed for answer in found] == [True, False, True]
