"""Prices told before booking agree with the bill that follows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.attendance import Presence
from periscolaire.booking import Basket, SlotKey, no_price, period_view
from periscolaire.calendar import Span
from periscolaire.files import read_reglement
from periscolaire.households import DatedFact
from periscolaire.ids import AccountId, AdultId, FactId, Key, ProductCode
from periscolaire.operations import (
    bill,
    booking_context,
    check_basket,
    publish_reglement,
    record_presences,
    validate,
)
from periscolaire.ports import Store
from tests.unit.booking.commune import CLARA, GUILHEM, HOME, at, day

MONDAY, TUESDAY = day("2026-10-12"), day("2026-10-13")
WEEK = Span(MONDAY, day("2026-10-16"))
EARLY, LATE = at("2026-10-05 09:00"), at("2026-10-08 15:00")
PARENT = FamilyActor(AccountId("a"), AdultId("anne"), frozenset({HOME}))
CLERK = StaffActor("lucie", frozenset({Role.ADMINISTRATOR}))
TEXT = """
format = 1
commune = "Trifouillis"
version = "2026-2027"
en_vigueur = "2026-09-01"
zone = "B"

[[produits]]
code = "cantine"
nom = "Cantine"
jours = "jours de classe"
reservation = "jeudi de la semaine précédente 12:00 ; puis la veille 10:00 : +2,00"
annulation = "2 jours ouvrés avant 10:00"
[produits.prix]
selon = "quotient"
tranches = [{ jusqu_a = 600, prix = "1,00" }, { prix = "4,10" }]

[[produits]]
code = "matin"
nom = "Garderie du matin"
jours = "jours de classe"
paiement = "R"
reservation = "la veille"
annulation = "la veille"
prix = "1,50"

[[produits]]
code = "soir"
nom = "Garderie du soir"
jours = "jours de classe"
reservation = "la veille"
annulation = "la veille"
[produits.prix]
lignes = [{ si = { rang = 1 }, prix = "3,00" }, { prix = "1,00" }]
"""
RULES = read_reglement(TEXT)
CANTINE, MATIN, SOIR = (ProductCode(code) for code in ("cantine", "matin", "soir"))


@pytest.fixture
def priced(store: Store) -> Store:
    with store.unit() as uow:
        publish_reglement(TEXT, uow, actor=CLERK, now=EARLY)
        uow.dated_facts.append(
            [
                DatedFact(HOME, "quotient", Decimal(500), day("2026-09-01"), day("2026-10-12"), EARLY),
                DatedFact(HOME, "quotient", Decimal(900), day("2026-10-13"), None, EARLY),
            ]
        )
        uow.commit()
    return store


def test_the_quotient_of_the_day_and_the_late_tier(priced: Store) -> None:
    basket = Basket.of(HOME).book(CLARA, CANTINE, MONDAY).book(CLARA, CANTINE, TUESDAY).book(CLARA, MATIN, MONDAY)
    with priced.unit(write=False) as uow:
        early = check_basket(basket, uow, actor=PARENT, at=EARLY, reglement=RULES)
        late = check_basket(basket, uow, actor=PARENT, at=LATE, reglement=RULES)
        without = check_basket(basket, uow, actor=PARENT, at=LATE, reglement=RULES, price_of=no_price)
    assert [line.price for line in early.verdicts] == [100, 150, 410]
    assert (early.estimate.at_reservation, early.estimate.at_consumption) == (150, 510)
    assert [line.price for line in late.verdicts] == [300, 150, 610]
    assert without.estimate.unpriced == 3


def test_a_view_shows_the_same_prices(priced: Store) -> None:
    with priced.unit(write=False) as uow:
        context = booking_context(uow, HOME, reglement=RULES, span=WEEK, children=[CLARA])
    view = period_view(RULES, CLARA, MONDAY, TUESDAY, context, LATE)
    cells = [view.cell(SlotKey(CLARA, CANTINE, on)) for on in (MONDAY, TUESDAY)]
    assert [cell and cell.price for cell in cells] == [300, 610]


def test_without_a_quotient_nothing_is_guessed(store: Store) -> None:
    basket = Basket.of(HOME).book(CLARA, CANTINE, MONDAY)
    with store.unit(write=False) as uow:
        estimate = check_basket(basket, uow, actor=PARENT, at=EARLY, reglement=RULES).estimate
    assert (estimate.at_consumption, estimate.unpriced) == (0, 1)


def test_a_day_outside_the_version_has_no_price(priced: Store) -> None:
    ended = attrs.evolve(RULES, last_day=day("2026-10-12"))
    with priced.unit(write=False) as uow:
        context = booking_context(uow, HOME, reglement=ended, span=WEEK, children=[CLARA])
    view = period_view(ended, CLARA, MONDAY, TUESDAY, context, EARLY)
    tuesday = view.cell(SlotKey(CLARA, CANTINE, TUESDAY))
    assert tuesday is not None
    assert tuesday.price is None


def test_estimates_made_one_by_one_are_what_the_bill_says(priced: Store) -> None:
    """The law: lines validated one after the other, everybody attends: the sum of their estimates is the bill."""
    told = 0
    lines = [
        (child, product, on) for on in (MONDAY, TUESDAY) for product in (CANTINE, SOIR) for child in (CLARA, GUILHEM)
    ]
    for number, (child, product, on) in enumerate(lines):
        with priced.unit() as uow:
            receipt = validate(
                Basket.of(HOME).book(child, product, on), uow, actor=PARENT, key=Key(f"k{number}"), at=EARLY,
                reglement=RULES,
            )  # fmt: skip
            told += receipt.lines[0].price or 0
    with priced.unit() as uow:
        came = [
            Presence(FactId(f"p{number}"), SlotKey(child, product, on), True, at=at("2026-10-14 18:00"), author="agent")
            for number, (child, product, on) in enumerate(lines)
        ]
        record_presences(came, uow, actor=CLERK)
        invoices, pending = bill(
            Span(day("2026-10-01"), day("2026-10-31")), uow, actor=CLERK, issued_on=day("2026-11-02"),
            now=dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC),
        )  # fmt: skip
    assert pending == ()
    assert told == sum(invoice.total for invoice in invoices) == 2 * (100 + 410 + 300 + 100)
