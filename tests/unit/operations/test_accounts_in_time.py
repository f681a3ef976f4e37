"""Accounts as they stood on any day: what is left to recover ties to the ledger, whatever was learnt late or undone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from periscolaire.access import Role, StaffActor
from periscolaire.attendance import Presence, Seen
from periscolaire.billing import Account, Means, Payment, WriteOffKind, balance
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.errors import ConflictError, NotFoundError
from periscolaire.households import Custody, Payer, Shares
from periscolaire.i18n import text
from periscolaire.ids import ChildId, FactId, HouseholdId, PaymentId, ProductCode
from periscolaire.money import EUR, Money
from periscolaire.operations import (
    DoorLine,
    DoorList,
    Refunded,
    ReportKind,
    ReportWanted,
    WrittenOff,
    bill,
    check_door_list,
    import_files,
    late_payers_report,
    ledger,
    outstanding_report,
    publish_reglement,
    read_account,
    record_payments,
    record_presences,
    refund_household,
    reject_payment,
    report,
    write_off_invoice,
)
from periscolaire.ports import UnitOfWork
from periscolaire.storage import MemoryStore

CLERK = StaffActor("régie", frozenset({Role.ADMINISTRATOR}))
NOW = dt.datetime(2026, 2, 1, 8, tzinfo=dt.UTC)
F1, F2, E1, CCAS, CANTEEN = (
    HouseholdId("F1"), HouseholdId("F2"), ChildId("E1"), HouseholdId("CCAS"), ProductCode("cantine"),
)  # fmt: skip
RULES = """
format = 1
commune = "Essai"
version = "v1"
en_vigueur = "2025-09-01"
zone = "B"

[[produits]]
code = "cantine"
jours = "lundi, mardi, jeudi, vendredi"
paiement = "C"
reservation = "la veille 10:00"
annulation = "la veille 10:00"

[produits.prix]
prix = "4,50"
"""
SHARED = RULES + 'parts = [{ payeur = "CCAS", montant = "0,50" }]\n'
FILES = {
    "foyers": "foyer;nom;prenom_1\nF1;Martin;Anne\nF2;Petit;Luc\n",
    "enfants": "enfant;foyer;nom;prenom;naissance\nE1;F1;Martin;Clara;2017-01-08\n",
    "pointages": "enfant;produit;jour;present\nE1;cantine;2026-01-08;oui\n",
}
JANUARY = Span(dt.date(2026, 1, 1), dt.date(2026, 1, 31))


def february(day: int) -> dt.date:
    return dt.date(2026, 2, day)


def at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)


@pytest.fixture
def uow() -> UnitOfWork:
    return commune(RULES)


def commune(rules: str) -> UnitOfWork:
    unit = MemoryStore().unit()
    unit.__enter__()
    publish_reglement(rules, unit, actor=CLERK, now=NOW)
    import_files({name: text.encode() for name, text in FILES.items()}, unit, actor=CLERK, now=NOW)
    return unit


def run(uow: UnitOfWork) -> list[tuple[str, int]]:
    on = february(1)
    invoices, pending = bill(JANUARY, uow, actor=CLERK, issued_on=on, now=at(on))
    assert pending == ()
    assert bill(JANUARY, uow, actor=CLERK, issued_on=on, now=at(on)) == ((), ())
    return [(one.payer, one.total) for one in invoices]


def pay(uow: UnitOfWork, amount: int, on: dt.date, means: Means = Means.CHEQUE, payer: HouseholdId = F1) -> PaymentId:
    made = Payment(PaymentId(f"p{on}"), payer, "REGIE", means, amount, on, at(february(5)), "régie")
    record_payments([made], uow, actor=CLERK, now=at(february(5)))
    return made.id


def ties_every_day(uow: UnitOfWork) -> None:
    entries = ledger(uow, actor=CLERK)
    account = read_account(F1, "REGIE", uow, actor=CLERK)
    for offset in range(70):
        day = dt.date(2026, 1, 1) + dt.timedelta(days=offset)
        due = sum(row.remaining for row in outstanding_report(day, uow, actor=CLERK, series="REGIE"))
        then = account.at(day)
        left = balance(entries, last=day).remaining
        assert due + then.overdrawn - then.credit == left, day
        wanted = ReportWanted(ReportKind.OUTSTANDING, Span(day, day), "REGIE")
        tie = [note for note in report(wanted, uow, actor=CLERK).notes if note.code == "report.note.ties"]
        said = dict(tie[0].parameters)["balance"] if tie else None
        assert said == (Money(left, EUR) if then.overdrawn or then.credit else None), day


def test_money_that_came_before_its_invoice_was_an_advance_until_then(uow: UnitOfWork) -> None:
    run(uow)
    pay(uow, 600, dt.date(2026, 1, 15))
    ties_every_day(uow)
    account = read_account(F1, "REGIE", uow, actor=CLERK)
    assert read_account(F1, "REGIE", uow, actor=CLERK).at(dt.date(2026, 1, 20)) == Account(
        F1, "REGIE", payments=account.payments
    )
    assert (account.remaining(), account.credit) == ({"REGIE-2026-000001": 0}, 150)


def test_a_payment_rejected_after_a_part_of_it_was_given_back_is_owed(uow: UnitOfWork) -> None:
    run(uow)
    cheque = pay(uow, 1450, february(3))
    refund_household(Refunded(F1, "REGIE", Means.TRANSFER, 1000, february(4)), uow, actor=CLERK, now=at(february(5)))
    account = reject_payment(cheque, uow, on=february(10), actor=CLERK, now=at(february(10)))
    assert (sum(account.remaining().values()), account.credit, account.overdrawn) == (450, 0, 1000)
    ties_every_day(uow)
    wanted = ReportWanted(ReportKind.OUTSTANDING, Span(february(10), february(10)), "REGIE")
    notes = [text(note) for note in report(wanted, uow, actor=CLERK).notes]
    assert "Remboursé de trop, à recouvrer sans facture : F1 Martin : 10,00\xa0€." in notes
    with pytest.raises(ConflictError):
        refund_household(Refunded(F1, "REGIE", Means.CASH, 1, february(11)), uow, actor=CLERK, now=at(february(11)))
    assert sum(account.at(february(9)).remaining().values()) == 0


def test_a_rejection_learnt_late_and_dated_early_ties_too(uow: UnitOfWork) -> None:
    cheque = pay(uow, 450, dt.date(2026, 1, 20))
    run(uow)
    reject_payment(cheque, uow, on=dt.date(2026, 1, 25), actor=CLERK, now=at(february(10)))
    ties_every_day(uow)


def test_late_payers_are_told_as_they_stood(uow: UnitOfWork) -> None:
    run(uow)
    late, paid = dt.date(2026, 3, 10), dt.date(2026, 3, 12)
    pay(uow, 450, paid, Means.CASH)
    assert [row.overdue for row in late_payers_report(late, uow, actor=CLERK, series="REGIE")] == [450]
    assert late_payers_report(paid, uow, actor=CLERK, series="REGIE") == ()


def test_nothing_is_written_off_before_it_was_issued(uow: UnitOfWork) -> None:
    run(uow)
    account = read_account(F1, "REGIE", uow, actor=CLERK)
    act = WrittenOff(account.invoices[0].id, WriteOffKind.REMITTED, dt.date(2026, 1, 31), "délibération 12")
    with pytest.raises(ConflictError, match="since 2026-02-01"):
        write_off_invoice(act, uow, actor=CLERK, now=at(february(2)))


def test_a_third_party_bears_its_share_once_though_two_parents_share_the_price() -> None:
    uow = commune(SHARED)
    home = uow.households.get(F2)
    uow.households.save(home.model.with_child(E1, None), home.version)
    halves = Shares((Payer(F1, Decimal("0.5")), Payer(F2, Decimal("0.5"))))
    uow.custodies.append([Custody(E1, halves, dt.date(2025, 9, 1))])
    assert run(uow) == [("F1", 200), ("F2", 200), ("CCAS", 50)]


def test_a_third_party_pays_what_it_was_invoiced() -> None:
    uow = commune(SHARED)
    with pytest.raises(NotFoundError):
        pay(uow, 50, february(2), Means.TRANSFER, CCAS)
    run(uow)
    pay(uow, 60, february(2), Means.TRANSFER, CCAS)
    given = Refunded(CCAS, "REGIE", Means.TRANSFER, 10, february(6))
    assert refund_household(given, uow, actor=CLERK, now=at(february(6))).credit == 0


@pytest.mark.parametrize("turn", range(5))
def test_of_two_checks_in_one_instant_the_last_recorded_counts(uow: UnitOfWork, turn: int) -> None:
    now = dt.datetime(2026, 1, 9, 12, tzinfo=dt.UTC)
    for present in (True, False, True):
        door = DoorList(CANTEEN, dt.date(2026, 1, 9), (DoorLine(E1, present=present),))
        check_door_list(door, uow, actor=CLERK, now=now)
    (one,) = uow.consumptions.of_child(E1, dt.date(2026, 1, 9), dt.date(2026, 1, 9))
    assert one.seen is Seen.PRESENT


def test_two_checks_of_one_batch_too(uow: UnitOfWork) -> None:
    now, slot = dt.datetime(2026, 1, 9, 12, tzinfo=dt.UTC), SlotKey(E1, CANTEEN, dt.date(2026, 1, 9))
    both = [Presence(FactId("z"), slot, False, now, "x"), Presence(FactId("a"), slot, True, now, "x")]
    record_presences(both, uow, actor=CLERK)
    (one,) = uow.consumptions.of_child(E1, slot.day, slot.day)
    assert one.seen is Seen.PRESENT
