"""Tickets bought by the book: each book is charged once, each day that would be billed takes a ticket, once."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periscolaire.attendance import Proof, ProofState
from periscolaire.billing import ChargeKind, InvoiceLine
from periscolaire.booking import State
from periscolaire.calendar import Span
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.households import Custody, EvenOddWeeks
from periscolaire.ids import ChildId, FactId, HouseholdId, Key
from periscolaire.operations import kind_balances, line_story, record_proofs, sell_tickets
from periscolaire.storage import MemoryStore
from tests.unit.operations.commune import CLERK, Commune
from tests.unit.operations.test_paid_at_booking import CHILD, HEAD, HOME, booked, invoiced, product, states

BOOKS = """
[[carnets]]
code = "carnet"
taille = 3
prix = "10,50"
produit = "cantine"

[[carnets]]
code = "muet"
taille = 5
prix = "1,00"
"""
RULES = HEAD + product("cantine", "C") + BOOKS
#: School days on which the canteen is open, all after the sale of the first of September.
DAYS = [dt.date(2025, 9, day) for day in (2, 4, 5, 8, 9, 11, 12, 15)]
SEPTEMBER = Span(dt.date(2025, 9, 1), dt.date(2025, 9, 30))
OCTOBER = Span(dt.date(2025, 10, 1), dt.date(2025, 10, 31))


def sell(
    commune: Commune,
    count: int = 1,
    *,
    child: ChildId | None = None,
    book: str = "carnet",
    home: HouseholdId = HOME,
    key: str | None = None,
    later: int = 0,
) -> tuple[FactId, ...]:
    with commune.store.unit() as uow:
        now = commune.now() + dt.timedelta(days=later)
        sold = sell_tickets(home, child, book, count, uow, actor=CLERK, now=now, key=None if key is None else Key(key))
        uow.commit()
    return sold


def units(commune: Commune) -> dict[str | None, int]:
    with commune.store.unit(write=False) as uow:
        return {child: left for child, _, left in kind_balances(HOME, uow, actor=CLERK)}


def eaten(commune: Commune, *days: dt.date) -> None:
    commune.book("A", "cantine", days)
    for day in days:
        commune.eat("A", "cantine", day)


def lines(commune: Commune, period: Span) -> list[InvoiceLine]:
    return [line for invoice in commune.bill(period) for line in invoice.lines]


@pytest.mark.parametrize("child", [None, CHILD])
def test_a_book_is_charged_once_and_its_tickets_pay_the_oldest_days(child: ChildId | None) -> None:
    commune = Commune(MemoryStore(), RULES)
    assert len(sell(commune, 2, child=child)) == 2
    assert units(commune) == {child: 6}
    eaten(commune, *DAYS[:4])
    (bought,) = lines(commune, SEPTEMBER)
    assert (bought.kind, bought.product, bought.quantity, bought.amount) == (ChargeKind.PURCHASE, "carnet", 2, 2100)
    assert (bought.nature, bought.child) == ("repas", None)
    assert units(commune) == {child: 2}
    assert commune.bill(SEPTEMBER) == []
    october = [dt.date(2025, 10, day) for day in (2, 3, 6)]
    eaten(commune, *october)
    (rest,) = lines(commune, OCTOBER)
    assert (rest.product, rest.amount, rest.days) == ("cantine", 400, (october[2],))
    assert units(commune) == {child: 0}
    assert commune.bill(OCTOBER) == []


def test_the_line_of_a_book_tells_its_sale() -> None:
    commune = Commune(MemoryStore(), RULES)
    (sold,) = sell(commune)
    (invoice,) = commune.bill(SEPTEMBER)
    with commune.store.unit(write=False) as uow:
        story = line_story(invoice.id, 1, uow, actor=CLERK)
    assert [(one.id, one.what.code) for one in story.facts] == [(sold, "story.tickets")]


def test_a_sale_counts_once_under_its_key() -> None:
    commune = Commune(MemoryStore(), RULES)
    assert sell(commune, 2, key="k") == sell(commune, 2, key="k")
    assert units(commune) == {None: 6}
    assert sum(line.amount for line in lines(commune, SEPTEMBER)) == 2100


def test_days_before_the_sale_are_paid_in_money() -> None:
    commune = Commune(MemoryStore(), RULES)
    eaten(commune, *DAYS[:3])
    sell(commune, later=4)  # the fifth
    charged = {line.product: line.amount for line in lines(commune, SEPTEMBER)}
    assert charged == {"carnet": 1050, "cantine": 800}
    assert units(commune) == {None: 2}


def test_a_ticket_of_one_parent_does_not_pay_the_week_of_the_other() -> None:
    commune = Commune(MemoryStore(), RULES)
    other = HouseholdId("B")
    with commune.store.unit() as uow:
        held = uow.households.get(other)
        uow.households.save(held.model.with_child(CHILD, None), held.version)
        uow.custodies.append([Custody(CHILD, EvenOddWeeks(HOME, other), dt.date(2025, 9, 1))])
        uow.commit()
    sell(commune, 2)
    eaten(commune, *DAYS)  # three days of week 36, four of week 37, one of week 38
    owed = {invoice.payer: invoice.total for invoice in commune.bill(SEPTEMBER)}
    assert owed == {HOME: 2100, other: 1600}
    assert units(commune) == {None: 2}


@pytest.mark.parametrize("price", ['prix = "4,00"\n', ""])
def test_a_place_to_be_paid_is_confirmed_by_its_ticket(price: str) -> None:
    """Ourton: a meal is booked with a ticket and has no price in money."""
    commune = Commune(MemoryStore(), RULES.replace('"C"', '"R"').replace('prix = "4,00"\n', price))
    sell(commune)
    assert invoiced(commune, booked(commune, "cantine")) == []
    assert states(commune, "cantine") == {State.CONFIRMED}
    assert units(commune) == {None: 1}
    (bought,) = lines(commune, Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30)))
    assert (bought.product, bought.amount) == ("carnet", 1050)


def test_a_day_cancelled_in_time_gives_its_ticket_back_and_may_take_one_again() -> None:
    commune = Commune(MemoryStore(), RULES.replace('"C"', '"R"'))
    sell(commune)
    for key in ("first", "again", "last"):
        assert invoiced(commune, booked(commune, "cantine", key=key)) == []
        assert units(commune) == {None: 1}
        cancelled = booked(commune, "cantine", key=f"{key} cancelled", cancel=True)
        assert invoiced(commune, cancelled) == []
        assert units(commune) == {None: 3}
        assert invoiced(commune, cancelled) == []
        assert units(commune) == {None: 3}


def absent(rows: str, price: str = 'prix = "4,00"\n') -> Commune:
    """A day of November booked with a ticket; the child does not come. Nobody has run the month yet."""
    absence = f"\n[produits.absence]\nlignes = [{rows}]\n"
    rules = HEAD + product("cantine", "R").replace('prix = "4,00"\n', price) + absence + BOOKS
    commune = Commune(MemoryStore(), rules)
    sell(commune)
    assert invoiced(commune, booked(commune, "cantine")) == []
    assert units(commune) == {None: 1}
    commune.eat("A", "cantine", DAY)
    return commune


DAY, MISSED = dt.date(2025, 11, 3), dt.date(2025, 11, 4)
NOVEMBER = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))


@pytest.mark.parametrize("price", ['prix = "4,00"\n', ""])
@pytest.mark.parametrize(("rows", "left"), [
    ('{ effet = "non dû" }', 2),
    ('{ effet = "reporté" }', 2),
    ('{ effet = "dû" }', 1),
    ('{ effet = "à décider" }', 1),
    ('{ si = { motif = "maladie" }, effet = "non dû" }, { effet = "dû" }', 1),
    ('{ si = { "rang d\'absence" = "> 1" }, effet = "dû" }, { effet = "non dû" }', 2),
])  # fmt: skip
def test_a_day_missed_keeps_its_ticket_or_gives_it_back_as_money_would_be_due(rows: str, left: int, price: str) -> None:
    commune = absent(rows, price)
    commune.eat("A", "cantine", MISSED, present=False)
    for issued in (["carnet"], []):
        assert [line.product for line in lines(commune, NOVEMBER)] == issued
        assert units(commune) == {None: left}
    commune.eat("A", "cantine", MISSED)  # the check was wrong
    assert commune.bill(NOVEMBER) == []
    assert units(commune) == {None: 1}


def test_a_ticket_waits_for_the_proof_that_the_reglement_waits_for() -> None:
    commune = absent('{ si = { preuve = "acceptée" }, effet = "non dû" }, { effet = "dû" }')
    commune.eat("A", "cantine", MISSED, present=False)
    for state, issued, left in ((ProofState.PENDING, ["carnet"], 1), (ProofState.ACCEPTED, [], 2)):
        with commune.store.unit() as uow:
            at = commune.now()
            proof = Proof(FactId("c"), CHILD, MISSED, MISSED, "certificat", state, at, "agent", at)
            record_proofs([proof], uow, actor=CLERK)
            uow.commit()
        assert [line.product for line in lines(commune, NOVEMBER)] == issued
        assert units(commune) == {None: left}


def test_what_cannot_be_sold_leaves_nothing() -> None:
    commune = Commune(MemoryStore(), RULES)
    with pytest.raises(MisuseError):
        sell(commune, 0)
    with pytest.raises(NotFoundError, match="autre"):
        sell(commune, book="autre")
    with pytest.raises(ConflictError, match="muet"):
        sell(commune, book="muet")
    with pytest.raises(NotFoundError, match="B1"):
        sell(commune, child=ChildId("B1"))
    assert units(commune) == {}
    assert commune.bill(SEPTEMBER) == []


@settings(max_examples=25, deadline=None)
@given(
    shared=st.integers(0, 2),
    own=st.integers(0, 2),
    days=st.sets(st.sampled_from(DAYS)),
    first=st.integers(0, 30),
)
def test_every_day_is_paid_once_by_a_ticket_or_in_money(shared: int, own: int, days: set[dt.date], first: int) -> None:
    """However the runs cut the month: books and what tickets do not cover, and not a cent more."""
    commune = Commune(MemoryStore(), RULES)
    for count, child in ((shared, None), (own, CHILD)):
        if count:
            sell(commune, count, child=child)
    if days:
        eaten(commune, *sorted(days))
    commune.bill(Span(SEPTEMBER.first, SEPTEMBER.first + dt.timedelta(days=min(first, 29))))
    commune.bill(SEPTEMBER)
    held = 3 * (shared + own)
    unpaid = max(0, len(days) - held)
    assert sum(one.total for one in commune.invoices()) == 1050 * (shared + own) + 400 * unpaid
    assert sum(units(commune).values()) == held - (len(days) - unpaid)
    assert commune.bill(SEPTEMBER) == []
