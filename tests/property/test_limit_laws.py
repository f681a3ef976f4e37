"""Laws of limits: windows close once, more days never close earlier, notation round trips, three ways agree."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from periscolaire.calendar import (
    BUSINESS,
    CALENDAR,
    OPEN,
    SCHOOL,
    WEEKDAY,
    WORKABLE,
    CommuneCalendar,
    DayKind,
    Span,
    parse_open_days,
)
from periscolaire.catalogue import (
    Action,
    DaysFrom,
    Frame,
    Limit,
    LimitRule,
    State,
    Tier,
    Unit,
    Verb,
    choose_rule,
    decide_tiers,
    describe_rule,
    epoch,
    instant_table,
    parse_limit,
    parse_unit,
    print_limit,
    print_unit,
    until,
    window,
)
from periscolaire.errors import NotationError, UnknownYearError
from periscolaire.facts import Condition, Facts, Op, Test
from periscolaire.frozen import FrozenMap
from periscolaire.i18n import text
from periscolaire.testing import limits as given_limits
from periscolaire.testing.calendars import calendars, known_days, named_calendar

OPEN_DAYS = parse_open_days("jours de classe")
EVENTS: FrozenMap[str, dt.date] = FrozenMap({"l'absence": dt.date(2025, 10, 7), "la facture": dt.date(2025, 11, 28)})
DAYS = st.dates(dt.date(2025, 9, 1), dt.date(2026, 6, 30))
WORDS = [
    "2",
    "jours",
    "ouvrés",
    "avant",
    "10:00",
    ",",
    ";",
    "puis",
    "la",
    "veille",
    "du",
    "mois",
    "jeudi",
    "←",
    "+",
    "x",
]


def _zone_b() -> CommuneCalendar:
    return named_calendar("Métropole", "B")


def _closes(day: DaysFrom, frame: Frame) -> dt.datetime:
    closes = window(until(day, 600), frame).closes
    assert closes is not None
    return closes


@given(tiers=st.lists(given_limits.tiers(), min_size=1, max_size=3).map(tuple))
@settings(max_examples=60, deadline=None)
def test_what_is_printed_is_read_back(tiers: tuple[Tier, ...]) -> None:
    assert parse_limit(print_limit(tiers)) == tiers


@given(unit=given_limits.units())
@settings(max_examples=60, deadline=None)
def test_a_unit_that_is_printed_is_read_back(unit: Unit) -> None:
    assert parse_unit(print_unit(unit)) == unit


@given(rule=given_limits.rules())
@settings(max_examples=60, deadline=None)
def test_every_rule_is_said_in_both_languages(rule: LimitRule) -> None:
    for language in ("fr", "en"):
        assert "{" not in text(describe_rule(rule), language)


@given(words=st.lists(st.sampled_from(WORDS), max_size=9))
@settings(max_examples=60, deadline=None)
def test_any_text_is_a_rule_or_an_error_that_names_a_word(words: list[str]) -> None:
    said = " ".join(words)
    try:
        tiers, refused = parse_limit(said), None
    except NotationError as error:
        tiers, refused = (), error
    if refused is None:
        assert parse_limit(print_limit(tiers)) == tiers
    else:
        assert refused.suggestions
        assert refused.word == "(fin)" or said[refused.position :].startswith(refused.word)


@given(data=st.data(), limit=given_limits.limits(), unit=given_limits.units(), calendar=calendars(any_week=False))
@settings(max_examples=150, deadline=None)
def test_the_engine_and_the_oracle_give_the_same_window(
    data: st.DataObject, limit: Limit, unit: Unit, calendar: CommuneCalendar
) -> None:
    day = data.draw(known_days(calendar, margin=150))
    try:
        found = window(limit, Frame(calendar, day, unit, OPEN_DAYS, 720, EVENTS))
        case = given_limits.Case(calendar, day, OPEN_DAYS, unit, 720, EVENTS)
        try:
            expected = given_limits.oracle_window(limit, case)
        except given_limits.Unanswered:
            assert found.state in (State.SILENT, State.ANCHOR_UNKNOWN)
            return
    except UnknownYearError:
        assume(False)
    if expected is None:
        assert found.state is State.NEVER
    else:
        assert (found.state, found.opens, found.closes) == (State.WINDOW, *expected)


@given(data=st.data(), rule=given_limits.rules(), calendar=calendars(any_week=False))
@settings(max_examples=80, deadline=None)
def test_reference_table_and_oracle_agree(data: st.DataObject, rule: LimitRule, calendar: CommuneCalendar) -> None:
    action, day = data.draw(st.sampled_from(Action)), data.draw(known_days(calendar, margin=150))
    frame = Frame(calendar, day, rule.unit, OPEN_DAYS, 720, EVENTS)
    try:
        closes = [window(tier.limit, frame).closes for tier in rule.tiers]
        at = data.draw(given_limits.instants_near(next(filter(None, closes), None), day))
        outcome = decide_tiers(rule, action, frame, at, places_left=1)
        table = instant_table(
            (rule,), action, calendar, Span(day, day), open_days=OPEN_DAYS, start=720, places_left=1, events=EVENTS
        )
        answer = table.answer(day, at)
        case = given_limits.Case(calendar, day, OPEN_DAYS, rule.unit, 720, EVENTS)
        try:
            expected = given_limits.oracle_tier(rule, case, at, 1)
        except given_limits.Unanswered:
            assert outcome.effect.verb is Verb.REQUEST
            expected = outcome.tier
    except UnknownYearError:
        assume(False)
    assert (answer.allowed, answer.tier, answer.effect) == (outcome.allowed, outcome.tier, outcome.effect)
    assert outcome.tier == expected
    assert table.answers(day, day, at) == table.answers_at(day, [epoch(at)]) == [answer]


@given(data=st.data(), limit=given_limits.limits(), day=DAYS)
@settings(max_examples=60, deadline=None)
def test_after_its_close_a_window_is_never_open_again(data: st.DataObject, limit: Limit, day: dt.date) -> None:
    try:
        found = window(limit, Frame(_zone_b(), day, open_days=OPEN_DAYS, start=720, events=EVENTS))
    except UnknownYearError:
        assume(False)
    closes = found.closes
    assume(closes is not None)
    assert closes is not None
    at = data.draw(given_limits.instants_near(closes, day))
    assert found.holds(at) <= (at < closes)
    assert not any(found.holds(closes + dt.timedelta(minutes=m)) for m in (0, 1, 60, 1440, 100_000))


@given(day=DAYS, kind=st.sampled_from((CALENDAR, WEEKDAY, WORKABLE, BUSINESS, SCHOOL, OPEN)), n=st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_more_days_of_notice_never_close_later(day: dt.date, kind: DayKind, n: int) -> None:
    frame = Frame(_zone_b(), day, open_days=OPEN_DAYS)
    assert _closes(DaysFrom(-n - 1, kind), frame) < _closes(DaysFrom(-n, kind), frame)


@given(day=DAYS, n=st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_a_kind_with_more_days_never_closes_earlier(day: dt.date, n: int) -> None:
    frame = Frame(_zone_b(), day, open_days=OPEN_DAYS)
    ordered = [_closes(DaysFrom(-n, kind), frame) for kind in (BUSINESS, WORKABLE, CALENDAR)]
    assert ordered == sorted(ordered)
    assert _closes(DaysFrom(-n, BUSINESS), frame) <= _closes(DaysFrom(-n, WEEKDAY), frame)


@given(
    data=st.data(),
    rule=given_limits.rules(),
    day=DAYS,
    zone=st.sampled_from(("UTC", "Pacific/Noumea", "America/Guadeloupe", "Asia/Kolkata")),
)
@settings(max_examples=60, deadline=None)
def test_a_decision_does_not_depend_on_the_zone_in_which_the_instant_is_said(
    data: st.DataObject, rule: LimitRule, day: dt.date, zone: str
) -> None:
    frame = Frame(_zone_b(), day, rule.unit, OPEN_DAYS, 720, EVENTS)
    try:
        closes = [window(tier.limit, frame).closes for tier in rule.tiers]
        at = data.draw(given_limits.instants_near(next(filter(None, closes), None), day))
        assert decide_tiers(rule, Action.BOOK, frame, at) == decide_tiers(
            rule, Action.BOOK, frame, at.astimezone(ZoneInfo(zone))
        )
    except UnknownYearError:
        assume(False)


@pytest.mark.parametrize("minutes", [119, 120, 150, 179, 180])
@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2025, 10, 26)])
def test_clock_changes_are_those_of_the_oracle(day: dt.date, minutes: int) -> None:
    calendar = _zone_b()
    limit = until(DaysFrom(-1, CALENDAR), minutes)
    service = day + dt.timedelta(days=1)
    case = given_limits.Case(calendar, service, OPEN_DAYS)
    expected = given_limits.oracle_window(limit, case)
    assert expected is not None
    assert window(limit, Frame(calendar, service)).closes == expected[1]


def test_a_rule_is_a_value() -> None:
    rule = LimitRule(parse_limit("2 jours ouvrés avant 10:00"))
    assert rule == attrs.evolve(rule)
    assert hash(rule) == hash(attrs.evolve(rule))


@given(
    known=st.lists(st.sampled_from(["annuel", "mensuel", "occasionnel"]), min_size=1, max_size=3, unique=True),
    place=st.integers(0, 3),
    mode=st.sampled_from([None, "annuel", "mensuel", "occasionnel"]),
)
def test_what_a_table_says_of_an_unknown_fact_holds_wherever_it_stands(
    known: list[str], place: int, mode: str | None
) -> None:
    unsaid = LimitRule(parse_limit("la veille"), condition=Condition((Test("mode", Op.UNKNOWN),)))
    rules = [LimitRule(parse_limit("jamais"), condition=Condition((Test("mode", Op.EQ, (one,)),))) for one in known]
    rules.insert(min(place, len(rules)), unsaid)
    facts = Facts() if mode is None else Facts(mode=mode)
    chosen = choose_rule(tuple(rules), facts)
    assert (chosen is unsaid) == (mode is None)
    assert mode is None or (mode in known) == isinstance(chosen, LimitRule)
