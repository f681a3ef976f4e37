"""Validating baskets on both stores: one transaction, once per key, never above the maximum."""

import datetime as dt

import pytest

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.attendance import Outcome
from periscolaire.booking import Attribution, Basket, ChangeKind, CheckPolicy, LineStatus, SlotKey, State, fold
from periscolaire.calendar import Span
from periscolaire.errors import AccessDeniedError, ConflictError, NotFoundError
from periscolaire.ids import AccountId, AdultId, ChildId, HouseholdId, Key
from periscolaire.operations import (
    accept_offer,
    answer_request,
    check_basket,
    expire_holds,
    make_offers,
    validate,
)
from periscolaire.ports import Store, UnitOfWork
from tests.unit.booking.commune import CANTINE, CENTRE, CLARA, GUILHEM, HOME, MATIN, OTHER_HOME, RULES, at, day

MONDAY, TUESDAY, WEDNESDAY = day("2026-10-12"), day("2026-10-13"), day("2026-10-14")
EARLY, LATE = at("2026-10-05 09:00"), at("2026-10-08 15:00")
PARENT = FamilyActor(AccountId("a"), AdultId("anne"), frozenset({HOME}))
STRANGER = FamilyActor(AccountId("b"), AdultId("bob"), frozenset({OTHER_HOME}))
AGENT = StaffActor("lucie", frozenset({Role.BOOK}))
EMPTY = Basket.of(HOME)


def send(uow: UnitOfWork, basket: Basket, key: str = "k", when: dt.datetime = EARLY, **more):  # type: ignore[no-untyped-def]
    return validate(basket, uow, actor=more.pop("actor", PARENT), key=Key(key), at=when, reglement=RULES, **more)


def test_a_validated_basket_is_recorded_and_leaves_a_receipt(store: Store) -> None:
    basket = EMPTY.book(CLARA, CANTINE, MONDAY).book(GUILHEM, MATIN, TUESDAY).book(CLARA, CANTINE, WEDNESDAY)
    with store.unit() as uow:
        receipt = send(uow, basket, channel="en ligne")
    assert receipt.number == "R2026-000001"
    assert [line.status for line in receipt.lines] == [LineStatus.FIRM, LineStatus.FIRM]
    assert [line.reasons[0].code for line in receipt.refused] == ["booking.closed"]
    with store.unit(write=False) as uow:
        assert uow.booking_receipts.get(receipt.number).model == receipt
        key = SlotKey(CLARA, CANTINE, MONDAY)
        stored = uow.reservations.find(key)
        assert stored is not None
        changes = [change for change in uow.booking_changes.of(CLARA) if change.key == key]
        assert stored.model == fold(changes)
        assert (changes[0].author, changes[0].channel, changes[0].reglement, changes[0].order) == (
            "famille:anne", "en ligne", "2026-2027", receipt.number,
        )  # fmt: skip
        assert uow.places.taken(["cantine/2026-10-12"]) == {"cantine/2026-10-12": 1}
        consumption = uow.consumptions.find(key)
        assert consumption is not None
        assert consumption.household == HOME


def test_sent_twice_it_counts_once(store: Store) -> None:
    basket = EMPTY.book(CLARA, CANTINE, MONDAY)
    receipts = []
    for _ in range(2):
        with store.unit() as uow:
            receipts.append(send(uow, basket))
    assert receipts[0] == receipts[1]
    with store.unit() as uow:
        again = send(uow, basket, key="another")
        assert again.lines == ()
        assert again.refused == ()
        assert len(uow.booking_changes.of(CLARA)) == 1
    with store.unit() as uow, pytest.raises(ConflictError):
        send(uow, EMPTY.book(CLARA, MATIN, MONDAY))


def test_no_place_above_the_maximum_and_back_when_cancelled(store: Store) -> None:
    both = EMPTY.book(CLARA, CANTINE, MONDAY).book(GUILHEM, CANTINE, MONDAY)
    theirs = Basket.of(OTHER_HOME).book(ChildId("zoe"), CANTINE, MONDAY)
    with store.unit() as uow:
        send(uow, both)
    with store.unit() as uow:
        refused = send(uow, theirs, "z", actor=STRANGER)
        assert [line.reasons[0].code for line in refused.refused] == ["places.full"]
    with store.unit() as uow:
        send(uow, EMPTY.cancel(CLARA, CANTINE, MONDAY), "c")
        assert uow.places.taken(["cantine/2026-10-12"]) == {"cantine/2026-10-12": 1}
    with store.unit() as uow:
        assert len(send(uow, theirs, "z2", actor=STRANGER).lines) == 1


def test_a_late_cancellation_keeps_its_consequence(store: Store) -> None:
    with store.unit() as uow:
        send(uow, EMPTY.book(CLARA, CANTINE, MONDAY))
    with store.unit() as uow:
        send(uow, EMPTY.cancel(CLARA, CANTINE, MONDAY), "c", LATE)
        stored = uow.reservations.find(SlotKey(CLARA, CANTINE, MONDAY))
        assert stored is not None
        assert stored.model.late_cancellation
        consumption = uow.consumptions.find(stored.model.key)
        assert consumption is not None
        assert consumption.outcome is Outcome.LATE_CANCELLATION


def test_a_hold_is_confirmed_or_lapses_and_frees_its_place(store: Store) -> None:
    key = SlotKey(CLARA, CENTRE, WEDNESDAY)
    with store.unit() as uow:
        receipt = send(uow, EMPTY.book(CLARA, CENTRE, WEDNESDAY))
        assert receipt.lines[0].status is LineStatus.HELD
    whole = Span(day("2026-10-01"), day("2026-10-31"))
    with store.unit() as uow:
        assert expire_holds(uow, span=whole, actor=AGENT, at=EARLY + dt.timedelta(minutes=59), reglement=RULES) == ()
        (lapsed,) = expire_holds(uow, span=whole, actor=AGENT, at=EARLY + dt.timedelta(hours=1), reglement=RULES)
        assert lapsed.state is State.LAPSED
        assert uow.places.taken(["centre/2026-10-14"]) == {"centre/2026-10-14": 0}
    with store.unit() as uow:
        send(uow, EMPTY.book(CLARA, CENTRE, WEDNESDAY), "again")
        paid = answer_request(key, uow, actor=AGENT, at=EARLY, reglement=RULES, kind=ChangeKind.CONFIRM)
        assert paid is not None
        assert paid.state is State.CONFIRMED
        assert uow.places.taken(["centre/2026-10-14"]) == {"centre/2026-10-14": 1}


def test_whole_or_nothing_writes_nothing_but_the_receipt(store: Store) -> None:
    basket = EMPTY.book(CLARA, MATIN, MONDAY).book(CLARA, CANTINE, WEDNESDAY)
    with store.unit() as uow:
        receipt = send(uow, basket, policy=CheckPolicy(whole=True))
        assert receipt.lines == ()
        assert uow.booking_changes.of(CLARA) == ()


def test_a_dry_run_writes_nothing(store: Store) -> None:
    with store.unit(write=False) as uow:
        result = check_basket(EMPTY.book(CLARA, CANTINE, MONDAY), uow, actor=PARENT, at=EARLY, reglement=RULES)
        assert result.accepted
        assert uow.booking_changes.of(CLARA) == ()


def test_who_may_not(store: Store) -> None:
    basket = EMPTY.book(CLARA, MATIN, MONDAY)
    with store.unit() as uow:
        with pytest.raises(AccessDeniedError):
            send(uow, basket, actor=STRANGER)
        with pytest.raises(AccessDeniedError):
            send(uow, basket, derogation="parce que")
        with pytest.raises(NotFoundError):
            send(uow, Basket.of(HouseholdId("nowhere")), actor=AGENT)
        sent = send(uow, Basket.of(HOME).book(ChildId("zoe"), MATIN, MONDAY), "zoe")
        assert [line.reasons[0].code for line in sent.refused] == ["booking.unknown_child"]


def offered(store: Store) -> SlotKey:
    """Zoé waits for the canteen of Monday, and is offered the place that Guilhem gives back."""
    zoe = ChildId("zoe")
    with store.unit() as uow:
        send(uow, EMPTY.book(CLARA, CANTINE, MONDAY).book(GUILHEM, CANTINE, MONDAY))
    with store.unit() as uow:
        theirs = Basket.of(OTHER_HOME).book(zoe, CANTINE, MONDAY)
        (line,) = send(uow, theirs, "z", actor=STRANGER, policy=CheckPolicy(waiting=True)).lines
        assert line.status is LineStatus.WAITING
    with store.unit() as uow:
        send(uow, EMPTY.cancel(GUILHEM, CANTINE, MONDAY), "g")
        make_offers(
            CANTINE, MONDAY, uow, actor=AGENT, at=EARLY, reglement=RULES, attribution=Attribution(),
            hold=dt.timedelta(hours=4), last=LATE,
        )  # fmt: skip
    return SlotKey(zoe, CANTINE, MONDAY)


def test_a_family_accepts_its_offer_and_nobody_else_s(store: Store) -> None:
    slot = offered(store)
    with store.unit() as uow, pytest.raises(AccessDeniedError):
        accept_offer(slot, uow, actor=PARENT, at=EARLY, reglement=RULES)
    with store.unit() as uow:
        taken = accept_offer(slot, uow, actor=STRANGER, at=EARLY, reglement=RULES)
        assert taken.state is State.CONFIRMED
        assert uow.places.taken(["cantine/2026-10-12"]) == {"cantine/2026-10-12": 2}
    with store.unit() as uow, pytest.raises(ConflictError, match="no place is offered"):
        accept_offer(slot, uow, actor=STRANGER, at=EARLY, reglement=RULES)


def test_an_offer_that_is_over_or_to_be_paid_is_not_accepted(store: Store) -> None:
    slot = offered(store)
    with store.unit() as uow, pytest.raises(ConflictError, match="ended"):
        accept_offer(slot, uow, actor=STRANGER, at=EARLY + dt.timedelta(hours=4), reglement=RULES)
    with store.unit() as uow:
        send(uow, EMPTY.book(CLARA, CENTRE, WEDNESDAY), "held")
    with store.unit() as uow, pytest.raises(ConflictError, match="payment"):
        accept_offer(SlotKey(CLARA, CENTRE, WEDNESDAY), uow, actor=PARENT, at=EARLY, reglement=RULES)


def test_refusals_are_recorded_as_decisions_once(store: Store) -> None:
    basket = EMPTY.book(CLARA, MATIN, MONDAY).book(CLARA, CANTINE, WEDNESDAY)
    for _ in range(2):
        with store.unit() as uow:
            receipt = send(uow, basket, channel="en ligne")
    with store.unit(write=False) as uow:
        (decision,) = uow.decisions.of(CLARA)
    assert (decision.key.product, decision.key.day, decision.channel) == (CANTINE, WEDNESDAY, "en ligne")
    assert (decision.source, decision.author, decision.reglement) == (receipt.number, "famille:anne", "2026-2027")
    assert decision.verdict.reasons == receipt.refused[0].reasons
