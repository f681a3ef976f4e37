"""R in its three modes: paid to confirm, invoiced when validated, taken from a prepaid account."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire.access import FamilyActor
from periscolaire.billing import Means, Payment
from periscolaire.booking import Attribution, Basket, ChangeKind, CheckPolicy, Receipt, ReceiptLine, SlotKey, State
from periscolaire.calendar import Span
from periscolaire.catalogue import Action
from periscolaire.errors import ConflictError
from periscolaire.ids import AccountId, AdultId, ChildId, HouseholdId, Key, PaymentId, ProductCode
from periscolaire.operations import (
    PrepaidBalance,
    Refunded,
    accept_offer,
    answer_request,
    expire_holds,
    invoice_booking,
    invoice_places,
    make_offers,
    prepaid_balance,
    published_reglements,
    read_account,
    record_payments,
    refund_household,
    validate,
)
from periscolaire.reglement import Reglement
from periscolaire.storage import MemoryStore
from periscolaire.testing.city import CityMachine
from periscolaire.testing.city._sheet import Sheet
from tests.unit.operations.commune import CLERK, Commune

HOME, CHILD = HouseholdId("A"), ChildId("A1")
PARENT = FamilyActor(AccountId("a"), AdultId("p"), frozenset({HOME}))
HEAD = """
format = 1
commune = "Exemple"
version = "2025"
en_vigueur = "2025-09-01"
zone = "B"
"""


def product(code: str, payment: str, more: str = "") -> str:
    return f"""
[[produits]]
code = "{code}"
jours = "jours de classe"
reservation = "sans limite"
annulation = "sans limite"
paiement = "{payment}"
prix = "4,00"
{more}
"""


STAY = """
[[produits]]
code = "séjour"
jours = "jours de classe"
reservation = "sans limite"
annulation = "sans limite"
prix = { prix = "100,00", assiette = { quand = "séjour" } }
acompte = { a_la_reservation = "30 %", solde = "15 jours avant" }
"""
DAYS = (dt.date(2025, 11, 3), dt.date(2025, 11, 4))
SPAN = Span(*DAYS)


def booked(commune: Commune, *codes: str, key: str = "k", cancel: bool = False) -> Receipt:
    basket = Basket.of(HOME)
    for code in codes:
        for day in DAYS:
            basket = (basket.cancel if cancel else basket.book)(CHILD, ProductCode(code), day)
    with commune.store.unit() as uow:
        reglement = published_reglements(uow).versions[-1]
        return validate(
            basket, uow, actor=PARENT, key=Key(key), at=commune.now(), reglement=reglement, channel="en ligne"
        )


def invoiced(commune: Commune, receipt: Receipt) -> list[tuple[str, int]]:
    with commune.store.unit() as uow:
        issued = invoice_booking(receipt, uow, actor=PARENT, now=commune.now())
        uow.commit()
    return [(one.id, one.total) for one in issued]


def pay(commune: Commune, amount: int, number: str = "P1") -> None:
    with commune.store.unit() as uow:
        now = commune.now()
        payment = Payment(PaymentId(number), HOME, "REGIE", Means.CARD, amount, now.date(), now, "agent")
        record_payments([payment], uow, actor=CLERK, now=now)
        uow.commit()


def slot(code: str, day: dt.date) -> SlotKey:
    return SlotKey(CHILD, ProductCode(code), day)


def state(commune: Commune, code: str, day: dt.date) -> State | None:
    with commune.store.unit(write=False) as uow:
        found = uow.reservations.find(slot(code, day))
        return None if found is None else found.model.state


def states(commune: Commune, code: str) -> set[State | None]:
    return {state(commune, code, day) for day in DAYS}


def rules_of(commune: Commune) -> tuple[Reglement, ...]:
    with commune.store.unit(write=False) as uow:
        return published_reglements(uow).versions


def test_what_is_paid_to_confirm_is_held_invoiced_at_once_and_confirmed_by_its_payment() -> None:
    commune = Commune(MemoryStore(), HEAD + product("cantine", "R"))
    receipt = booked(commune, "cantine")
    assert states(commune, "cantine") == {State.REQUESTED}
    assert invoiced(commune, receipt) == [("REGIE-2025-000001", 800)]
    assert invoiced(commune, receipt) == []
    pay(commune, 300)
    assert states(commune, "cantine") == {State.REQUESTED}
    pay(commune, 500, "P2")
    assert states(commune, "cantine") == {State.CONFIRMED}


def test_a_place_not_paid_in_time_is_lost_and_its_invoice_taken_back() -> None:
    """Paid late it would be booked again while a place is left (``test_pay_to_confirm``)."""
    commune = Commune(MemoryStore(), HEAD + product("cantine", "R"))
    invoiced(commune, booked(commune, "cantine"))
    with commune.store.unit() as uow:
        reglement = published_reglements(uow).versions[-1]
        later = commune.now() + dt.timedelta(days=30)
        expire_holds(uow, span=SPAN, actor=CLERK, at=later, reglement=reglement)
    assert states(commune, "cantine") == {State.LAPSED}
    (credit,) = commune.bill(Span(dt.date(2025, 10, 1), dt.date(2025, 10, 31)))
    assert credit.total == -800


def test_a_day_whose_hold_lapsed_is_not_booked_again_by_the_payment_of_the_other_day() -> None:
    commune = Commune(MemoryStore(), HEAD + product("cantine", "R"))
    invoiced(commune, booked(commune, "cantine"))
    with commune.store.unit() as uow:
        reglement = published_reglements(uow).versions[-1]
        later = commune.now() + dt.timedelta(days=30)
        expire_holds(uow, span=Span.one(DAYS[1]), actor=CLERK, at=later, reglement=reglement)
    assert [one.total for one in commune.bill(Span(dt.date(2025, 10, 1), dt.date(2025, 10, 31)))] == [-400]
    pay(commune, 400)
    assert [state(commune, "cantine", day) for day in DAYS] == [State.CONFIRMED, State.LAPSED]


def test_what_a_family_has_to_its_credit_confirms_a_place_as_it_is_invoiced() -> None:
    commune = Commune(MemoryStore(), HEAD + product("cantine", "R"))
    pay(commune, 1000)
    receipt = booked(commune, "cantine")
    assert states(commune, "cantine") == {State.REQUESTED}
    assert invoiced(commune, receipt) == [("REGIE-2025-000001", 800)]
    assert states(commune, "cantine") == {State.CONFIRMED}


def test_a_credit_that_a_run_issues_confirms_a_place_that_waits_to_be_paid() -> None:
    excused = product("garderie", "C", 'absence = { lignes = [{ effet = "non dû" }] }')
    commune = Commune(MemoryStore(), HEAD + product("cantine", "R") + excused)
    september = Span(dt.date(2025, 9, 1), dt.date(2025, 9, 30))
    days = [dt.date(2025, 9, number) for number in (8, 9)]
    commune.book("A", "garderie", days)
    commune.eat("A", "garderie", *days)
    commune.bill(september)
    pay(commune, 800)
    with commune.store.unit() as uow:
        basket = Basket.of(HOME).book(CHILD, ProductCode("cantine"), DAYS[0])
        (rules,) = published_reglements(uow).versions
        validate(basket, uow, actor=PARENT, key=Key("k"), at=commune.now(), reglement=rules, channel="en ligne")
        invoice_places([slot("cantine", DAYS[0])], uow, actor=PARENT, now=dt.datetime(2025, 10, 1, 9, tzinfo=dt.UTC))
        uow.commit()
    commune.eat("A", "garderie", days[0], present=False)
    (note,) = commune.bill(Span(dt.date(2025, 10, 1), dt.date(2025, 10, 31)))
    assert (note.total, state(commune, "cantine", DAYS[0])) == (-400, State.CONFIRMED)


@pytest.mark.parametrize(("payment", "total", "now_is"), [
    ("R facture", 400, State.CONFIRMED), ("R", 400, State.REQUESTED), ("C", 0, State.CONFIRMED),
])  # fmt: skip
def test_a_place_given_from_the_waiting_list_is_invoiced_as_a_basket_is(
    payment: str, total: int, now_is: State
) -> None:
    commune = Commune(MemoryStore(), HEAD + product("cantine", payment, "places = 1"))
    day, waits = DAYS[0], SlotKey(ChildId("B1"), ProductCode("cantine"), DAYS[0])
    with commune.store.unit() as uow:
        (rules,) = published_reglements(uow).versions
        for home, child in (("A", CHILD), ("B", waits.child)):
            basket = Basket.of(HouseholdId(home)).book(child, waits.product, day)
            validate(
                basket, uow, actor=CLERK, key=Key(home), at=commune.now(), reglement=rules,
                policy=CheckPolicy(waiting=True),
            )  # fmt: skip
        assert invoice_places([waits], uow, actor=CLERK, now=commune.now()) == ()
        basket = Basket.of(HOME).cancel(CHILD, waits.product, day)
        validate(basket, uow, actor=CLERK, key=Key("rendu"), at=commune.now(), reglement=rules)
    with commune.store.unit() as uow:
        (offer,) = make_offers(
            waits.product, day, uow, actor=CLERK, at=commune.now(), reglement=rules, attribution=Attribution(),
            hold=dt.timedelta(days=2), last=rules.calendar.instant(day, 0),
        )  # fmt: skip
        if payment != "R":  # which its payment confirms
            accept_offer(waits, uow, actor=CLERK, at=commune.now(), reglement=rules)
    with commune.store.unit() as uow:
        issued = invoice_places([offer.wish.key], uow, actor=CLERK, now=commune.now())
        again = invoice_places([offer.wish.key], uow, actor=CLERK, now=commune.now())
        found = uow.reservations.find(waits)
        uow.commit()
    assert sum(one.total for one in issued) == total
    assert {one.payer for one in issued} <= {HouseholdId("B")}
    assert (again, found is not None and found.model.state) == ((), now_is)
    assert commune.bill(Span(dt.date(2025, 10, 1), dt.date(2025, 10, 31))) == []


@pytest.mark.parametrize("payment", ["R facture", "R"])
def test_a_request_that_staff_grants_is_invoiced_as_a_basket_is(payment: str) -> None:
    commune = Commune(
        MemoryStore(), HEAD + product("cantine", payment, 'places = { maximum = 5, attribution = "demande" }')
    )
    receipt = booked(commune, "cantine")
    assert invoiced(commune, receipt) == []
    (rules,), slots = rules_of(commune), [slot("cantine", day) for day in DAYS]
    with commune.store.unit() as uow:
        for one in slots:
            answer_request(one, uow, actor=CLERK, at=commune.now(), reglement=rules, kind=ChangeKind.CONFIRM)
    with commune.store.unit() as uow:
        (issued,) = invoice_places(slots, uow, actor=CLERK, now=commune.now())
    assert issued.total == 800


def test_nothing_is_invoiced_for_a_slot_that_nobody_asked_for() -> None:
    commune = Commune(MemoryStore(), HEAD + product("cantine", "R facture"))
    with commune.store.unit() as uow, pytest.raises(ConflictError, match="nothing was asked"):
        invoice_places([slot("cantine", DAYS[0])], uow, actor=PARENT, now=commune.now())


def test_a_basket_is_invoiced_for_what_is_paid_at_booking_only_and_credited_when_it_is_cancelled() -> None:
    commune = Commune(MemoryStore(), HEAD + product("cantine", "R facture") + product("garderie", "C"))
    assert invoiced(commune, booked(commune, "cantine", "garderie")) == [("REGIE-2025-000001", 800)]
    assert states(commune, "cantine") == {State.CONFIRMED}
    assert invoiced(commune, booked(commune, "cantine", key="k2", cancel=True)) == [("REGIE-2025-000002", -800)]


def test_a_deposit_is_asked_with_the_receipt() -> None:
    rules = HEAD + product("séjour", "C", 'acompte = { a_la_reservation = "30 %", solde = "15 jours avant" }')
    commune = Commune(MemoryStore(), rules)
    assert invoiced(commune, booked(commune, "séjour")) == [("REGIE-2025-000001", 240)]


def test_the_balance_of_a_stay_waits_for_its_own_first_day_whatever_else_is_in_the_basket() -> None:
    commune = Commune(MemoryStore(), HEAD + product("cantine", "C") + STAY)
    basket = Basket.of(HOME).book(CHILD, ProductCode("cantine"), dt.date(2025, 9, 8))
    for day in DAYS:
        basket = basket.book(CHILD, ProductCode("séjour"), day)
    with commune.store.unit() as uow:
        (rules,) = published_reglements(uow).versions
        receipt = validate(basket, uow, actor=PARENT, key=Key("k"), at=commune.now(), reglement=rules)
    assert invoiced(commune, receipt) == [("REGIE-2025-000001", 3000)]


@pytest.mark.parametrize(
    ("unit", "days", "stays"),
    [
        ("", (3, 4, 6, 7, 10, 13), 1),  # no class on Wednesdays and week-ends, and 11 is a public holiday
        ("", (3, 4, 7, 10), 2),  # the Thursday was left out
        ("", (3, 4, 17, 18), 2),
        ('unite = "semaine"', (3, 4, 6, 7, 10, 13, 14), 2),
        ('unite = "du 2025-11-03 au 2025-11-07, du 2025-11-10 au 2025-11-14"', (6, 7, 10, 13), 2),
    ],
)
def test_each_stay_of_a_basket_is_paid_and_a_day_taken_back_makes_no_stay_of_its_own(
    unit: str, days: tuple[int, ...], stays: int
) -> None:
    commune = Commune(MemoryStore(), HEAD + STAY.replace("annulation", f"{unit}\nannulation"))
    basket = Basket.of(HOME)
    for day in days:
        basket = basket.book(CHILD, ProductCode("séjour"), dt.date(2025, 11, day))
    with commune.store.unit() as uow:
        (rules,) = published_reglements(uow).versions
        receipt = validate(basket, uow, actor=PARENT, key=Key("k"), at=commune.now(), reglement=rules)
    assert not receipt.refused
    assert invoiced(commune, receipt) == [("REGIE-2025-000001", 3000 * stays)]
    commune.book("A", "séjour", [dt.date(2025, 11, days[1])], Action.CANCEL)
    (balance,) = commune.bill(Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30)))
    assert balance.total == 7000 * stays


def test_a_prepaid_account_must_hold_the_minimum_to_book_and_is_debited_when_the_meal_is_eaten() -> None:
    gate = """
[[produits.conditions]]
nom = "compte approvisionné"
exige = { solde = ">= 10" }
"""
    commune = Commune(MemoryStore(), HEAD + product("cantine", "R porte-monnaie", gate))
    assert {one.status.name for one in booked(commune, "cantine").refused} == {"REFUSED"}
    pay(commune, 2000)
    assert not booked(commune, "cantine", key="k2").refused
    for day in DAYS:
        commune.eat("A", "cantine", day)
    (bill,) = commune.bill(Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30)))
    with commune.store.unit() as uow:
        account = read_account(HOME, "REGIE", uow, actor=CLERK)
        assert (account.remaining()[bill.id], account.credit) == (0, 1200)
        given = Refunded(HOME, "REGIE", Means.TRANSFER, 1200, dt.date(2025, 12, 2))
        after = refund_household(given, uow, actor=CLERK, now=commune.now())
        assert after.credit == 0


WALLET = """
[[produits.conditions]]
nom = "compte approvisionné"
exige = { solde = ">= 4" }
"""
SEVERAL = [dt.date(2025, 11, number) for number in (3, 4, 6, 7, 10)]


def on_account(commune: Commune, days: list[dt.date], *baskets: int) -> list[dt.date]:
    """The days that are booked when they are asked for in baskets of so many."""
    found: list[ReceiptLine] = []
    (rules,) = rules_of(commune)
    for count in baskets:
        basket = Basket.of(HOME)
        for day in days[:count]:
            basket = basket.book(CHILD, ProductCode("cantine"), day)
        days = days[count:]
        with commune.store.unit() as uow:
            at = commune.now()
            found += validate(basket, uow, actor=PARENT, key=Key(at.isoformat()), at=at, reglement=rules).lines
    return [line.key.day for line in found]


@pytest.mark.parametrize("baskets", [(5,), (1, 1, 1, 1, 1), (2, 3), (4, 1)])
def test_what_is_booked_and_not_billed_yet_is_no_longer_to_be_spent(baskets: tuple[int, ...]) -> None:
    """In one basket or many, thirteen euros are three meals; what was checked or cancelled counts as it is charged."""
    excused = 'absence = { lignes = [{ effet = "non dû" }] }' + WALLET
    commune = Commune(MemoryStore(), HEAD + product("cantine", "R porte-monnaie", excused))
    pay(commune, 1300)
    assert on_account(commune, SEVERAL, *baskets) == SEVERAL[:3]
    with commune.store.unit(write=False) as uow:
        held = prepaid_balance(HOME, uow, actor=PARENT, on=commune.now().date())
    assert (held, held.left) == (PrepaidBalance(1300, 0, 1200), 100)
    assert on_account(commune, SEVERAL[3:4], 1) == []
    commune.eat("A", "cantine", SEVERAL[0])  # to be billed still
    assert on_account(commune, SEVERAL[3:4], 1) == []
    commune.eat("A", "cantine", SEVERAL[1], present=False)  # not due: it may be spent again
    assert on_account(commune, SEVERAL[3:5], 2) == SEVERAL[3:4]
    commune.book("A", "cantine", SEVERAL[2:3], Action.CANCEL)
    assert on_account(commune, SEVERAL[4:], 1) == SEVERAL[4:]
    november = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
    commune.eat("A", "cantine", *SEVERAL[3:])
    assert [one.total for one in commune.bill(november)] == [1200]
    later = dt.date(2025, 12, 1)
    assert on_account(commune, [later], 1) == []  # a single euro is left
    pay(commune, 400, "P2")
    assert on_account(commune, [later, later + dt.timedelta(days=1)], 2) == [later]


def test_what_was_billed_ahead_keeps_the_rank_that_another_service_gives_it_in_the_run_of_an_earlier_month() -> None:
    machine = CityMachine()
    december = dt.date(2025, 12, 1)
    machine.settle(sheet=Sheet(canteen_prepaid=True, half=True), custody="H1")
    machine.ask({"B"}, "cantine", {december}, ((9, 12, 0), None))
    machine.check("garderie", december, {"A": True}, 30, complete=False)
    machine.run("décembre", None)
    machine.run("novembre", None)


def test_a_fee_waits_for_the_run_that_bills_the_booking_it_comes_with() -> None:
    machine = CityMachine()
    machine.settle(sheet=Sheet(canteen_prepaid=True, fee=1250), custody="H1")
    machine.ask({"B"}, "cantine", {dt.date(2025, 12, 1)}, ((9, 12, 0), None))
    machine.run("novembre", None)
    assert machine.invoices() == ()
    machine.run("décembre", None)
    assert len(machine.invoices()) == 1
