"""Deciding a request: gates, limits, places, what is open instead."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periscolaire.calendar import CommuneCalendar, commune_calendar, parse_open_days
from periscolaire.catalogue import (
    Action,
    Answer,
    Effect,
    Gate,
    LimitRule,
    PlacesRule,
    Product,
    Slot,
    Surcharge,
    Verb,
    parse_limit,
)
from periscolaire.errors import MisuseError
from periscolaire.facts import Condition, Facts, FactValue, Op, Test
from periscolaire.frozen import FrozenMap
from periscolaire.i18n import text
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import EUR, Currency
from periscolaire.reglement import Context, Decision, Request, admit, decide, decide_days

CALENDAR = commune_calendar(zone="B")
CANTEEN = Product(
    ProductCode("cantine"),
    "Restaurant scolaire",
    parse_open_days("jours de classe"),
    booking=(
        LimitRule(
            parse_limit("jeudi de la semaine précédente 12:00 ; puis la veille 10:00 : +2,00"), reference="art. 4"
        ),
    ),
    cancellation=(LimitRule(parse_limit("2 jours ouvrés avant 10:00"), reference="art. 5"),),
)
MONDAY = dt.date(2026, 10, 12)


@attrs.frozen
class Rules:
    products: tuple[Product, ...] = (CANTEEN,)
    version: str = "2026-2027"
    calendar: CommuneCalendar = CALENDAR
    currency: Currency = EUR

    def product(self, code: str) -> Product:
        return next(product for product in self.products if product.code == code)


def at(said: str) -> dt.datetime:
    return dt.datetime.fromisoformat(said).replace(tzinfo=CALENDAR.tz)


def ask(
    instant: str,
    product: Product = CANTEEN,
    action: Action = Action.BOOK,
    day: dt.date = MONDAY,
    facts: dict[str, FactValue] | None = None,
    places: int | None = None,
    derogations: frozenset[str] = frozenset(),
    channel: str | None = None,
    instead: dt.date | None = None,
) -> Decision:
    request = Request(action, ChildId("clara"), product.code, day, at(instant), channel, instead=instead)
    context = Context(Rules((product,)), Facts(facts or {}), FrozenMap(), places, derogations)
    return decide(request, context)


def codes(decision: Decision) -> list[str]:
    for reason in decision.reasons:  # every reason has its words
        assert text(reason, "fr")
        assert text(reason, "en")
    return [reason.code for reason in decision.reasons]


def test_in_time_it_is_accepted_and_says_until_when() -> None:
    decision = ask("2026-10-08 11:59")
    assert (decision.allowed, decision.effect, decision.tier) == (True, Effect(), 0)
    assert (decision.limit, decision.closes, decision.reference) == (at("2026-10-08 12:00"), decision.limit, "art. 4")


def test_on_the_hour_it_is_late_and_costs_more() -> None:
    decision = ask("2026-10-08 12:00")
    assert decision.allowed
    assert isinstance(decision.effect.price, Surcharge)
    assert (decision.tier, decision.limit) == (1, at("2026-10-08 12:00"))
    assert decision.closes == at("2026-10-11 10:00")


def test_after_the_last_tier_it_is_refused_and_says_what_is_open() -> None:
    decision = ask("2026-10-11 10:00")
    assert (decision.allowed, decision.effect.verb) == (False, Verb.REFUSE)
    assert decision.limit == at("2026-10-11 10:00")
    assert codes(decision) == ["limit.closed", "limit.closed"]
    assert decision.next is not None
    assert decision.next.day == dt.date(2026, 10, 13)
    assert isinstance(decision.next.effect.price, Surcharge)


def test_a_limit_that_is_reached_is_said_as_written() -> None:
    inclusive = attrs.evolve(CANTEEN, booking=(LimitRule(parse_limit("la veille jusqu'à 10:00")),))
    decision = ask("2026-10-11 10:01", inclusive)
    assert "10:00 inclus" in text(decision.reasons[0], "fr")


def test_a_late_cancellation_is_recorded_with_its_consequence() -> None:
    decision = ask("2026-10-08 10:00", action=Action.CANCEL)
    assert (decision.allowed, decision.effect.verb, decision.recorded) == (False, Verb.DUE, True)
    assert ask("2026-10-08 09:59", action=Action.CANCEL).effect.verb is Verb.NOTHING


def test_a_past_day_and_a_closed_day_are_refused() -> None:
    assert "day.past" in codes(ask("2026-10-13 08:00"))
    assert "day.closed" in codes(ask("2026-10-01 08:00", day=dt.date(2026, 10, 14)))


def test_a_silent_reglement_answers_with_a_request() -> None:
    silent = attrs.evolve(CANTEEN, booking=())
    decision = ask("2026-10-01 08:00", silent)
    assert (decision.allowed, decision.effect.verb, codes(decision)) == (False, Verb.REQUEST, ["limit.silent"])


def test_a_change_without_rules_is_a_cancellation_and_a_booking() -> None:
    moved = ask("2026-10-08 09:59", action=Action.CHANGE, instead=dt.date(2026, 10, 13))
    assert moved.allowed
    late = ask("2026-10-08 10:00", action=Action.CHANGE, instead=dt.date(2026, 10, 13))
    assert not late.allowed  # the day that is left stays due
    with_rules = attrs.evolve(CANTEEN, change=(LimitRule(parse_limit("la veille")),), change_may_add=False)
    assert ask("2026-10-10 10:00", with_rules, Action.CHANGE).allowed
    assert "change.may_not_add" in codes(
        ask("2026-10-10 10:00", with_rules, Action.CHANGE, instead=dt.date(2026, 10, 13))
    )


def test_rules_by_channel_need_a_channel() -> None:
    def on(channel: str, said: str) -> LimitRule:
        return LimitRule(parse_limit(said), condition=Condition((Test("channel", Op.EQ, (channel,)),)))

    product = attrs.evolve(CANTEEN, booking=(on("en ligne", "48 h avant"), on("mairie", "7 jours avant")))
    assert ask("2026-10-08 10:00", product, channel="en ligne").allowed
    assert not ask("2026-10-08 10:00", product, channel="mairie").allowed
    with pytest.raises(MisuseError, match="channel"):
        ask("2026-10-08 10:00", product)


ARREARS = Gate("arrears", requires=Condition((Test("arrears", Op.LE, (0,)),)), reference="art. 9")


@pytest.mark.parametrize(
    ("facts", "verb", "code"),
    [
        ({"arrears": 0}, Verb.ACCEPT, None),
        ({"arrears": 40}, Verb.REFUSE, "gate.arrears"),
        ({}, Verb.REQUEST, "gate.fact_unknown"),
    ],
)
def test_a_gate_has_three_states(facts: dict[str, FactValue], verb: Verb, code: str | None) -> None:
    decision = ask("2026-10-01 08:00", attrs.evolve(CANTEEN, gates=(ARREARS,)), facts=facts)
    assert decision.effect.verb is verb
    assert codes(decision) == ([] if code is None else [code])


def test_a_gate_is_lifted_by_its_derogation() -> None:
    product = attrs.evolve(CANTEEN, gates=(ARREARS,))
    assert ask("2026-10-01 08:00", product, facts={"arrears": 40}, derogations=frozenset({"arrears"})).allowed
    assert ask("2026-10-11 23:00", derogations=frozenset({"limite"})).allowed


def test_all_reasons_are_given_at_once() -> None:
    product = attrs.evolve(
        CANTEEN,
        gates=(ARREARS, Gate("age", requires=Condition((Test("age", Op.GE, (3,)),)), message="Dès 3 ans.")),
        excludes=(ProductCode("panier"),),
        needs_registration=True,
    )
    facts: dict[str, FactValue] = {
        "arrears": 40,
        "age": 2,
        "registered": False,
        "same_day_products": frozenset({"panier"}),
    }
    assert codes(ask("2026-10-11 23:00", product, facts=facts)) == [
        "gate.arrears",
        "gate.message",
        "gate.registration",
        "gate.product_excluded",
        "limit.closed",
        "limit.closed",
    ]


def test_places_close_a_day_that_the_limits_leave_open() -> None:
    product = attrs.evolve(CANTEEN, places=(PlacesRule(180),))
    assert ask("2026-10-01 08:00", product, places=1).allowed
    assert codes(ask("2026-10-01 08:00", product, places=0)) == ["places.full"]


def test_a_request_without_a_free_place_stays_a_request_and_says_so() -> None:
    product = attrs.evolve(CANTEEN, booking=(LimitRule(parse_limit("non dit")),), places=(PlacesRule(40),))
    asked = ask("2026-10-01 08:00", product, places=0)
    assert (asked.effect.verb, codes(asked)) == (Verb.REQUEST, ["places.full", "limit.silent"])


@pytest.mark.parametrize(
    ("slot", "arrival", "departure", "expected"),
    [
        ("petits", dt.time(7, 0), dt.time(8, 50), []),
        ("grands", dt.time(7, 14), dt.time(8, 51), ["door.not_open", "door.closed"]),
        (None, dt.time(7, 5), None, []),
        (None, dt.time(6, 59), None, ["door.not_open"]),
        (None, None, dt.time(8, 30), ["gate.refused"]),
    ],
)
def test_a_child_comes_and_leaves_within_the_hours_and_the_gates_of_the_door(
    slot: str | None, arrival: dt.time | None, departure: dt.time | None, expected: list[str]
) -> None:
    before_snack = Gate(
        "goûter", Condition((Test("departure", Op.GE, (dt.time(8, 45),)),)), at_door=True, unknown=Effect(Verb.ACCEPT)
    )
    slots = (Slot("petits", "petits", 7 * 60, 8 * 60 + 50), Slot("grands", "grands", 7 * 60 + 15, 8 * 60 + 50))
    product = attrs.evolve(CANTEEN, slots=slots, gates=(before_snack,))
    facts = Facts({name: hour for name, hour in (("arrival", arrival), ("departure", departure)) if hour is not None})
    against = [reason.code for effect, reason in admit(product, facts, slot=slot) if not effect.allows]
    assert against == expected
    assert ask("2026-10-01 08:00", product).allowed, "what is kept for the door does not stop a booking"


@given(
    action=st.sampled_from((Action.BOOK, Action.CANCEL)),
    instant=st.datetimes(dt.datetime(2026, 9, 20), dt.datetime(2026, 11, 20)),  # noqa: DTZ001  # made aware below
    gated=st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_many_days_at_once_are_decided_alike(action: Action, instant: dt.datetime, gated: bool) -> None:
    product = attrs.evolve(CANTEEN, gates=(ARREARS,)) if gated else CANTEEN
    context = Context(Rules((product,)))
    request = Request(action, ChildId("clara"), product.code, dt.date(2026, 10, 1), instant.replace(tzinfo=dt.UTC))
    answers = decide_days(request, context, dt.date(2026, 10, 31))
    for offset, answer in enumerate(answers):
        day = request.day + dt.timedelta(days=offset)
        decision = decide(attrs.evolve(request, day=day), context, look_ahead=False)
        assert answer == Answer(decision.allowed, decision.tier, decision.effect)
