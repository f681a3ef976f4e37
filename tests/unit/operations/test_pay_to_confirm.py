"""Places that are paid to be confirmed: in time, after the hold has lapsed, when nobody or somebody took the place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.billing import OnlineEvent, OnlineEventKind, OnlinePayment, OnlineState
from periscolaire.booking import Basket, SlotKey, State
from periscolaire.calendar import Span
from periscolaire.files import read_reglement
from periscolaire.households import Adult, Child, Household, Member
from periscolaire.ids import AccountId, AdultId, ChildId, FactId, HouseholdId, Key, ProductCode
from periscolaire.operations import (
    PayOnline,
    bill,
    expire_holds,
    notify_online_payment,
    publish_reglement,
    read_account,
    start_online_payment,
    validate,
)
from periscolaire.ports import Store
from tests.stores import new_store

CLERK = StaffActor("1", frozenset({Role.ADMINISTRATOR}))
CAMP = ProductCode("centre")
TEXT = """
format = 1
commune = "Trifouillis"
version = "2026-2027"
en_vigueur = "2026-09-01"
zone = "B"

[[produits]]
code = "centre"
jours = "jours de classe"
paiement = "R"
places = 1
reservation = "la veille"
annulation = "la veille"
prix = "4,00"
"""
RULES = read_reglement(TEXT)
MONDAY, TUESDAY = dt.date(2026, 10, 12), dt.date(2026, 10, 13)
OCTOBER = Span(dt.date(2026, 10, 1), dt.date(2026, 10, 31))
BOOKED = dt.datetime(2026, 10, 5, 9, tzinfo=dt.UTC)


def after(minutes: int) -> dt.datetime:
    return BOOKED + dt.timedelta(minutes=minutes)


def parent(home: str) -> FamilyActor:
    return FamilyActor(AccountId(home), AdultId(home), frozenset({HouseholdId(home)}))


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = new_store(request.param, tmp_path)
    with made.unit() as uow:
        publish_reglement(TEXT, uow, actor=CLERK, now=dt.datetime(2026, 9, 1, tzinfo=dt.UTC))
        for home in ("A", "B"):
            uow.children.save(Child(ChildId(home.lower()), home, home, dt.date(2018, 1, 1)))
            adult = Adult(AdultId(home), home, home)
            uow.households.save(Household(HouseholdId(home), home, (adult,), (Member(ChildId(home.lower())),)))
        uow.commit()
    yield made
    made.close()


def book(store: Store, home: str, day: dt.date, at: dt.datetime) -> State:
    with store.unit() as uow:
        basket = Basket.of(HouseholdId(home)).book(ChildId(home.lower()), CAMP, day)
        validate(basket, uow, actor=parent(home), key=Key(f"{home}{day}"), at=at, reglement=RULES)
    return state(store, home, day)


def state(store: Store, home: str, day: dt.date) -> State:
    with store.unit(write=False) as uow:
        stored = uow.reservations.find(SlotKey(ChildId(home.lower()), CAMP, day))
        assert stored is not None
        return stored.model.state


def started(store: Store, home: str, at: dt.datetime) -> OnlinePayment:
    """The place is invoiced as soon as it is held, and the family leaves for the payment service."""
    with store.unit() as uow:
        bill(OCTOBER, uow, actor=CLERK, issued_on=at.date(), now=at)
        account = read_account(HouseholdId(home), "REGIE", uow, actor=CLERK)
        wanted = PayOnline(HouseholdId(home), "REGIE", (account.pending()[0].id,))
        made = start_online_payment(wanted, uow, actor=parent(home), now=at)
        uow.commit()
    return made


def paid(store: Store, payment: OnlinePayment, at: dt.datetime) -> OnlineState:
    with store.unit() as uow:
        event = OnlineEvent(FactId(f"e{at}"), payment.reference, OnlineEventKind.PAID, at, payment.amount)
        found = notify_online_payment(event, uow, actor=CLERK, now=at)
        uow.commit()
    return found


def lapse(store: Store, at: dt.datetime) -> None:
    with store.unit() as uow:
        expire_holds(uow, span=OCTOBER, actor=CLERK, at=at, reglement=RULES)


def test_what_is_paid_in_time_is_confirmed(store: Store) -> None:
    assert book(store, "A", MONDAY, BOOKED) is State.REQUESTED
    payment = started(store, "A", after(5))
    assert paid(store, payment, after(10)) is OnlineState.PAID
    assert state(store, "A", MONDAY) is State.CONFIRMED
    lapse(store, after(90))
    assert state(store, "A", MONDAY) is State.CONFIRMED


def test_paid_after_the_hold_it_is_booked_again_while_a_place_is_left(store: Store) -> None:
    book(store, "A", MONDAY, BOOKED)
    payment = started(store, "A", after(5))
    lapse(store, after(90))
    assert state(store, "A", MONDAY) is State.LAPSED
    paid(store, payment, after(95))
    assert state(store, "A", MONDAY) is State.CONFIRMED
    with store.unit(write=False) as uow:
        assert read_account(HouseholdId("A"), "REGIE", uow, actor=CLERK).credit == 0


def test_paid_after_the_hold_and_after_somebody_took_the_place_it_is_a_credit(store: Store) -> None:
    book(store, "A", MONDAY, BOOKED)
    payment = started(store, "A", after(5))
    lapse(store, after(90))
    assert book(store, "B", MONDAY, after(91)) is State.REQUESTED
    paid(store, payment, after(95))
    assert state(store, "A", MONDAY) is State.LAPSED
    with store.unit() as uow:
        bill(OCTOBER, uow, actor=CLERK, issued_on=dt.date(2026, 10, 6), now=after(1500))
        account = read_account(HouseholdId("A"), "REGIE", uow, actor=CLERK)
        assert (account.owed, account.credit) == (0, 400)
        assert read_account(HouseholdId("B"), "REGIE", uow, actor=CLERK).owed == 400


def test_paid_once_the_day_has_come_it_is_a_credit(store: Store) -> None:
    book(store, "A", MONDAY, BOOKED)
    payment = started(store, "A", after(5))
    lapse(store, after(90))
    paid(store, payment, dt.datetime(2026, 10, 12, 9, tzinfo=dt.UTC))
    assert state(store, "A", MONDAY) is State.LAPSED
