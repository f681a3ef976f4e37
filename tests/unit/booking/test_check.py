"""Checking a basket: every refusal of every line, lines against one another, whole or best part."""

import datetime as dt
import itertools

import attrs
import pytest

from periscolaire.booking import (
    STAFF,
    Basket,
    ChangeKind,
    CheckPolicy,
    CheckResult,
    Line,
    LineStatus,
    SlotKey,
    State,
    check,
)
from periscolaire.catalogue import Action, Allocation, PlacesRule, Verb
from periscolaire.errors import MisuseError
from periscolaire.ids import HouseholdId
from tests.unit.booking.commune import (
    CANTEEN,
    CANTINE,
    CENTRE,
    CLARA,
    EVENING,
    GUILHEM,
    HOME,
    MATIN,
    MORNING,
    OTHER_HOME,
    RULES,
    SOIR,
    STRANGER,
    at,
    booked,
    context,
    counted,
    day,
    reglement,
)

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (day(f"2026-10-{n}") for n in (12, 13, 14, 15))
EARLY = at("2026-10-05 09:00")
LATE = at("2026-10-08 15:00")  # after Thursday noon of the week before
EMPTY = Basket.of(HOME)


def codes(result: CheckResult) -> list[list[str]]:
    return [[reason.code for reason in verdict.reasons] for verdict in result.verdicts]


def statuses(result: CheckResult) -> list[LineStatus]:
    return [verdict.status for verdict in result.verdicts]


def test_a_booking_in_time_is_firm_and_takes_a_place() -> None:
    result = check(EMPTY.book(CLARA, CANTINE, MONDAY), RULES, context(), EARLY)
    (verdict,) = result.verdicts
    assert result.accepted
    assert verdict.status is LineStatus.FIRM
    assert [claim.pool for claim in verdict.claims] == ["cantine/2026-10-12"]
    assert (verdict.tier, verdict.places_left) == (0, 2)
    assert verdict.closes == at("2026-10-08 12:00").astimezone(dt.UTC)
    assert verdict.undoable
    assert verdict.until == at("2026-10-08 10:00").astimezone(dt.UTC)


def test_a_late_booking_goes_through_the_next_tier_with_its_effect() -> None:
    (verdict,) = check(EMPTY.book(CLARA, CANTINE, MONDAY), RULES, context(), LATE).verdicts
    assert (verdict.status, verdict.tier) == (LineStatus.FIRM, 1)
    assert verdict.effect is not None
    assert verdict.effect.price is not None
    assert not verdict.undoable


def test_every_line_gets_its_refusals_with_the_next_day() -> None:
    basket = (
        EMPTY.book(STRANGER, CANTINE, MONDAY)
        .book(CLARA, "piscine", MONDAY)
        .book(CLARA, CANTINE, WEDNESDAY)
        .book(CLARA, CANTINE, day("2036-10-13"))
        .book(GUILHEM, SOIR, MONDAY)
        .book(GUILHEM, SOIR, TUESDAY, "nuit")
        .book(CLARA, MATIN, MONDAY)
        .cancel(CLARA, CANTINE, TUESDAY)
    )
    result = check(basket, RULES, context(), at("2026-10-12 07:00"))
    keys = [(verdict.line.key.child, verdict.line.key.product, verdict.line.key.day) for verdict in result.verdicts]
    found = dict(zip(keys, result.verdicts, strict=True))
    assert {key: [reason.code for reason in verdict.reasons] for key, verdict in found.items()} == {
        (STRANGER, CANTINE, MONDAY): ["booking.unknown_child"],
        (CLARA, "piscine", MONDAY): ["booking.unknown_product"],
        (CLARA, CANTINE, WEDNESDAY): ["booking.closed"],
        (CLARA, CANTINE, day("2036-10-13")): ["booking.unknown_day"],
        (GUILHEM, SOIR, MONDAY): ["booking.slot_missing"],
        (GUILHEM, SOIR, TUESDAY): ["booking.unknown_slot"],
        (CLARA, MATIN, MONDAY): ["limit.closed"],
        (CLARA, CANTINE, TUESDAY): ["booking.nothing_booked"],
    }
    assert [alternative.day for alternative in found[CLARA, MATIN, MONDAY].alternatives] == [TUESDAY]


def test_custody_says_whose_day_it_is() -> None:
    ours = context(is_ours=lambda child, on: on != MONDAY)
    basket = EMPTY.book(CLARA, MATIN, MONDAY).book(CLARA, MATIN, TUESDAY)
    assert codes(check(basket, RULES, ours, EARLY)) == [["booking.not_our_day"], []]


def test_what_the_other_parent_booked_is_neither_booked_twice_nor_cancelled() -> None:
    theirs = booked(CLARA, MATIN, MONDAY, household=OTHER_HOME)
    book = check(EMPTY.book(CLARA, MATIN, MONDAY), RULES, context([theirs]), EARLY)
    cancel = check(EMPTY.cancel(CLARA, MATIN, MONDAY), RULES, context([theirs]), EARLY)
    assert codes(book) == codes(cancel) == [["booking.other_household"]]


def test_what_is_done_already_is_neither_refused_nor_recorded_again() -> None:
    reservations = [
        booked(CLARA, MATIN, MONDAY),
        booked(CLARA, MATIN, TUESDAY, ChangeKind.BOOK, ChangeKind.CANCEL),
    ]
    basket = EMPTY.book(CLARA, MATIN, MONDAY).cancel(CLARA, MATIN, TUESDAY)
    result = check(basket, RULES, context(reservations, policy=CheckPolicy(whole=True)), EARLY)
    assert statuses(result) == [LineStatus.ALREADY, LineStatus.ALREADY]
    assert result.accepted
    assert result.recorded == ()


def test_a_late_cancellation_is_recorded_with_its_consequence() -> None:
    (verdict,) = check(
        EMPTY.cancel(CLARA, CANTINE, MONDAY), RULES, context([booked(CLARA, CANTINE, MONDAY)]), LATE
    ).verdicts
    assert verdict.status is LineStatus.CANCELLED
    assert verdict.effect is not None
    assert verdict.effect.verb is Verb.DUE
    assert [claim.pool for claim in verdict.released] == ["cantine/2026-10-12"]


def test_a_cancellation_in_the_basket_makes_room_for_a_booking() -> None:
    full = {"cantine/2026-10-12": 2}
    swap = EMPTY.book(GUILHEM, CANTINE, MONDAY).cancel(CLARA, CANTINE, MONDAY)
    state = context([booked(CLARA, CANTINE, MONDAY)], taken=full)
    assert statuses(check(swap, RULES, state, EARLY)) == [LineStatus.CANCELLED, LineStatus.FIRM]
    alone = check(EMPTY.book(GUILHEM, CANTINE, MONDAY), RULES, state, EARLY)
    assert codes(alone) == [["places.full"]]


@pytest.mark.parametrize("whole", [True, False])
def test_the_last_places_go_by_canonical_order_whatever_the_order_of_lines(whole: bool) -> None:
    lines = [Line(Action.BOOK, SlotKey(child, CANTINE, on)) for child in (CLARA, GUILHEM) for on in (MONDAY, TUESDAY)]
    state = context(taken={"cantine/2026-10-12": 1}, policy=CheckPolicy(whole=whole))
    results = {check(EMPTY.add(*order), RULES, state, EARLY) for order in itertools.permutations(lines)}
    (result,) = results
    refused = [verdict.line.key for verdict in result.refusals]
    assert refused == [SlotKey(GUILHEM, CANTINE, MONDAY)]
    assert len(result.recorded) == (0 if whole else 3)


def test_when_no_place_is_left_the_commune_may_keep_a_waiting_list() -> None:
    state = context(taken={"cantine/2026-10-12": 2}, policy=CheckPolicy(waiting=True, whole=True))
    (verdict,) = check(EMPTY.book(CLARA, CANTINE, MONDAY), RULES, state, EARLY).verdicts
    assert verdict.status is LineStatus.WAITING
    assert verdict.claims == ()


def test_places_given_by_priorities_are_asked_for() -> None:
    rules = reglement(attrs.evolve(CANTEEN, places=(PlacesRule(2, allocation=Allocation.PRIORITIES),)))
    (verdict,) = check(EMPTY.book(CLARA, CANTINE, MONDAY), rules, context(), EARLY).verdicts
    assert verdict.status is LineStatus.REQUEST
    assert verdict.claims == ()


def test_what_is_paid_to_be_confirmed_is_held() -> None:
    (verdict,) = check(EMPTY.book(CLARA, CENTRE, WEDNESDAY), RULES, context(), EARLY).verdicts
    assert verdict.status is LineStatus.HELD
    assert verdict.hold_until == EARLY + dt.timedelta(hours=1)
    assert len(verdict.claims) == 1


def test_a_product_that_another_requires_is_not_cancelled_alone() -> None:
    rules = reglement(CANTEEN, attrs.evolve(MORNING, requires=(CANTINE,)))
    state = context([booked(CLARA, CANTINE, MONDAY), booked(CLARA, MATIN, MONDAY)])
    alone = EMPTY.cancel(CLARA, CANTINE, MONDAY)
    assert codes(check(alone, rules, state, EARLY)) == [["booking.required_by"]]
    assert check(alone.cancel(CLARA, MATIN, MONDAY), rules, state, EARLY).accepted


def test_prerequisites_may_be_in_the_same_basket_and_fall_with_it() -> None:
    rules = reglement(CANTEEN, attrs.evolve(MORNING, requires=(CANTINE,)))
    both = EMPTY.book(CLARA, MATIN, MONDAY).book(CLARA, CANTINE, MONDAY)
    assert check(both, rules, context(), EARLY).accepted
    assert not check(EMPTY.book(CLARA, MATIN, MONDAY), rules, context(), EARLY).accepted
    full = check(both, rules, context(taken={"cantine/2026-10-12": 2}), EARLY)
    assert len(full.refusals) == 2
    assert full.recorded == ()


def test_of_two_incompatible_products_the_best_part_keeps_one() -> None:
    rules = reglement(MORNING, attrs.evolve(EVENING, excludes=(MATIN,), slots=()))
    basket = EMPTY.book(CLARA, SOIR, MONDAY).book(CLARA, MATIN, MONDAY)
    result = check(basket, rules, context(), EARLY)
    assert statuses(result) == [LineStatus.FIRM, LineStatus.REFUSED]
    whole = check(basket, rules, context(policy=CheckPolicy(whole=True)), EARLY)
    assert whole.recorded == ()


def test_several_lines_use_up_a_counter_in_canonical_order() -> None:
    rules = reglement(attrs.evolve(counted(CANTEEN, free=2), places=()))
    basket = EMPTY
    for on in (THURSDAY, TUESDAY, MONDAY, day("2026-10-16")):
        basket = basket.book(CLARA, CANTINE, on)
    result = check(basket, rules, context(), LATE)
    paid = [verdict.effect is not None and verdict.effect.price is not None for verdict in result.verdicts]
    assert paid == [False, False, True, True]
    assert [verdict.rank for verdict in result.verdicts] == [1, 2, 3, 4]


def test_a_change_is_a_cancellation_and_a_booking_at_once() -> None:
    state = context([booked(CLARA, MATIN, MONDAY)])
    change = EMPTY.change(SlotKey(CLARA, MATIN, MONDAY), SlotKey(CLARA, MATIN, TUESDAY))
    (verdict,) = check(change, RULES, state, EARLY).verdicts
    assert verdict.status is LineStatus.CHANGED
    late = check(change, RULES, state, at("2026-10-12 07:00"))
    assert codes(late) == [["limit.closed"]]


def test_a_refused_change_neither_gives_a_place_back_nor_takes_one() -> None:
    state = context([booked(CLARA, CANTINE, MONDAY)], taken={"cantine/2026-10-12": 2, "cantine/2026-10-13": 2})
    basket = EMPTY.change(SlotKey(CLARA, CANTINE, MONDAY), SlotKey(CLARA, CANTINE, TUESDAY)).book(
        GUILHEM, CANTINE, MONDAY
    )
    assert [verdict.refused for verdict in check(basket, RULES, state, EARLY).verdicts] == [True, True]


def test_staff_goes_past_a_limit_with_a_reason_but_never_past_places() -> None:
    staff = context(author=STAFF, derogation="erreur de l'école")
    monday_morning = at("2026-10-12 08:00")
    basket = EMPTY.book(CLARA, CANTINE, MONDAY)
    assert not check(basket, RULES, context(), monday_morning).accepted
    assert statuses(check(basket, RULES, staff, monday_morning)) == [LineStatus.FIRM]
    full = attrs.evolve(staff, taken={"cantine/2026-10-12": 2})
    assert codes(check(basket, RULES, full, monday_morning)) == [["places.full"]]


def test_a_stale_line_is_told() -> None:
    free = EMPTY.toggle(SlotKey(CLARA, MATIN, MONDAY), booked(CLARA, MATIN, MONDAY))
    state = context([booked(CLARA, MATIN, MONDAY, ChangeKind.QUEUE)])
    assert codes(check(free, RULES, state, EARLY)) == [["booking.stale"]]


def test_an_expired_basket_or_other_rules_refuse_everything() -> None:
    old = Basket.of(HOME, at=EARLY, lifetime=dt.timedelta(minutes=30)).book(CLARA, MATIN, MONDAY)
    assert check(old, RULES, context(), EARLY + dt.timedelta(minutes=29)).accepted
    assert codes(check(old, RULES, context(), EARLY + dt.timedelta(minutes=30))) == [["booking.basket_expired"]]
    other = Basket.of(HOME, reglement="2025-2026").book(CLARA, MATIN, MONDAY)
    assert codes(check(other, RULES, context(), EARLY)) == [["booking.rules_changed"]]


def test_misuse() -> None:
    with pytest.raises(MisuseError, match="naive"):
        check(EMPTY, RULES, context(), dt.datetime(2026, 10, 5))  # noqa: DTZ001 - a naive instant is the point
    with pytest.raises(MisuseError, match="household"):
        check(Basket.of(HouseholdId("elsewhere")), RULES, context(), EARLY)


def test_the_estimate_keeps_reservation_and_consumption_apart() -> None:
    priced = context(price_of=lambda query: {CANTINE: 440, CENTRE: 1200}.get(query.key.product))
    basket = EMPTY.book(CLARA, CANTINE, MONDAY).book(CLARA, CENTRE, WEDNESDAY).book(CLARA, MATIN, MONDAY)
    estimate = check(basket, RULES, priced, EARLY).estimate
    assert (estimate.at_reservation, estimate.at_consumption, estimate.unpriced) == (1200, 440, 1)


def test_states_of_the_past_can_be_booked_again() -> None:
    again = context([booked(CLARA, MATIN, MONDAY, ChangeKind.BOOK, ChangeKind.WITHDRAW)])
    assert statuses(check(EMPTY.book(CLARA, MATIN, MONDAY), RULES, again, EARLY)) == [LineStatus.FIRM]
    cancel = check(EMPTY.cancel(CLARA, MATIN, MONDAY), RULES, again, EARLY)
    assert codes(cancel) == [["booking.nothing_booked"]]
    assert State.CANCELLED_BY_COMMUNE in {reservation.state for reservation in again.reservations.values()}


def test_a_refused_cancellation_does_not_say_what_a_recorded_one_entails() -> None:
    held = context([booked(CLARA, CANTINE, MONDAY)])
    result = check(EMPTY.cancel(CLARA, CANTINE, MONDAY), RULES, held, at("2026-10-14 09:00"))
    assert result.verdicts[0].refused
    assert [code for code in codes(result)[0] if code.startswith("effect.")] == []
    assert "day.past" in codes(result)[0]
