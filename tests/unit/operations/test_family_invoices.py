"""« Mes factures »: what waits and what is settled is the account's, for the family's own eyes, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from periscolaire import i18n
from periscolaire.access import FamilyActor
from periscolaire.billing import OnlineEvent, OnlineEventKind
from periscolaire.errors import AccessDeniedError
from periscolaire.ids import AccountId, AdultId, FactId, HouseholdId
from periscolaire.operations import (
    InvoiceStanding,
    PayOnline,
    bill,
    family_invoices,
    notify_online_payment,
    outstanding_report,
    read_account,
    start_online_payment,
)
from periscolaire.ports import Store
from periscolaire.storage import MemoryStore

from .test_month import CLERK, ISSUED, NOVEMBER, NOW, prepared

EVENING = dt.datetime(2025, 12, 28, 19, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def billed() -> Iterator[Store]:
    store = prepared(MemoryStore())
    with store.unit() as uow:
        bill(NOVEMBER, uow, actor=CLERK, issued_on=ISSUED, now=NOW)
        uow.commit()
    yield store
    store.close()


def family(household: HouseholdId) -> FamilyActor:
    return FamilyActor(AccountId("a1"), AdultId("adulte"), frozenset({household}))


def test_the_screens_of_all_families_add_up_to_the_report(billed: Store) -> None:
    with billed.unit(write=False) as uow:
        due = 0
        for home in [stored.model.id for stored in uow.households.stream()]:
            seen = family_invoices(home, uow, actor=family(home), at=EVENING)
            account = read_account(home, "REGIE", uow, actor=CLERK)
            assert [one.invoice for one in seen.waiting] == list(account.pending())
            assert {one.invoice.id for one in seen.settled} == {one.id for one in account.settled_history()}
            assert seen.due == sum(one.left for one in seen.waiting)
            assert seen.credit == account.credit
            due += seen.due
        report = outstanding_report(EVENING.date(), uow, actor=CLERK, series="REGIE")
        assert due == sum(row.remaining for row in report) > 0


def waiting_home(store: Store) -> HouseholdId:
    with store.unit(write=False) as uow:
        report = outstanding_report(EVENING.date(), uow, actor=CLERK, series="REGIE")
        return report[0].household


def test_an_invoice_being_paid_is_not_offered_again_until_the_hold_is_over(billed: Store) -> None:
    home = waiting_home(billed)
    with billed.unit() as uow:
        (before,) = family_invoices(home, uow, actor=family(home), at=EVENING).waiting
        assert before.payable
        wanted = PayOnline(home, "REGIE", (before.invoice.id,))
        started = start_online_payment(wanted, uow, actor=family(home), now=EVENING)
        (during,) = family_invoices(home, uow, actor=family(home), at=EVENING).waiting
        assert (during.standing, during.payable, during.left) == (InvoiceStanding.PAYING, False, before.left)
        later = EVENING + dt.timedelta(minutes=20)
        assert family_invoices(home, uow, actor=family(home), at=later).waiting[0].payable
        paid = OnlineEvent(FactId("e1"), started.reference, OnlineEventKind.PAID, EVENING, started.amount)
        notify_online_payment(paid, uow, actor=CLERK, now=EVENING)
        after = family_invoices(home, uow, actor=family(home), at=EVENING)
        assert after.waiting == ()
        assert after.settled[0].standing is InvoiceStanding.SETTLED


def test_it_is_late_from_the_day_after_the_due_date_of_the_commune(billed: Store) -> None:
    home = waiting_home(billed)
    with billed.unit(write=False) as uow:
        seen = family_invoices(home, uow, actor=CLERK, at=EVENING).waiting[0]
        due = seen.invoice.due_on
        # In Paris the day begins an hour before the day of UTC in winter.
        for hour, late in ((22, False), (23, True)):
            at = dt.datetime.combine(due, dt.time(hour), dt.UTC)
            assert family_invoices(home, uow, actor=CLERK, at=at).waiting[0].late is late
        words = [i18n.text(seen.words, language) for language in i18n.LANGUAGES]
        assert all(seen.invoice.id in said and f"{due:%d/%m/%Y}" in said for said in words)


def test_nobody_sees_those_of_another_household(billed: Store) -> None:
    home = waiting_home(billed)
    with billed.unit(write=False) as uow, pytest.raises(AccessDeniedError):
        family_invoices(home, uow, actor=family(HouseholdId("autre")), at=EVENING)
