"""The whole life of a small city on real stores, attacked in any order, and held to its laws at every step.

Requests around every limit, door lists checked and taken back, absences told, proofs late, quotients late, a version of
the règlement voted in mid-year, runs of any period however cut, payments, rejections, refunds, write-offs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeAlias

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from periscolaire.billing import MEANS, Account, Means, Payment, WriteOffKind, balance
from periscolaire.calendar import Span
from periscolaire.errors import ConflictError
from periscolaire.ids import HouseholdId, PaymentId
from periscolaire.operations import (
    Refunded,
    WrittenOff,
    ledger,
    outstanding_report,
    read_account,
    receipts_report,
    record_payments,
    refund_household,
    reject_payment,
    write_off_invoice,
)
from periscolaire.ports import Store, UnitOfWork
from periscolaire.testing.city._life import CLERK, HOMES, LifeMachine
from periscolaire.testing.city._naive import CCAS

__all__ = ["CityMachine", "city_machine"]

_PAYERS = (*HOMES, CCAS)
MakeStore: TypeAlias = Callable[[], Store]


class CityMachine(LifeMachine):
    """See the module: facts and runs, then the money. Subclass it, or call :func:`city_machine`."""

    def __init__(self) -> None:
        super().__init__()
        self.payments: dict[PaymentId, Means] = {}

    @property
    def series(self) -> str:
        """The code of the one series of invoices."""
        return self.versions[0][1].series

    # -- money -----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.billed)
    @rule(
        payer=st.sampled_from(_PAYERS),
        amount=st.integers(1, 6000),
        means=st.sampled_from((Means.CASH, Means.CHEQUE, Means.ONLINE)),
        days_ago=st.integers(0, 40),
    )
    def pay(self, payer: str, amount: int, means: Means, days_ago: int) -> None:
        """Partial, exact or too much; sometimes recorded long after it came in."""
        if payer not in HOMES and all(invoice.payer != payer for invoice in self.invoices()):
            return
        now = self._tick()
        paid = Payment(
            PaymentId(self._next()),
            HouseholdId(payer),
            self.series,
            means,
            amount,
            now.date() - dt.timedelta(days=days_ago),
            now,
            CLERK.label,
        )
        self.stores.act(lambda uow, make_id: record_payments([paid], uow, actor=CLERK, now=now))
        self.payments[paid.id] = means

    @precondition(lambda self: any(MEANS[means].may_bounce for means in self.payments.values()))
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        """A cheque comes back, whatever was done with it meanwhile."""
        bouncing = [one for one, means in self.payments.items() if MEANS[means].may_bounce]
        chosen, now = data.draw(st.sampled_from(bouncing)), self._tick()
        del self.payments[chosen]
        self.stores.act(
            lambda uow, make_id: reject_payment(chosen, uow, on=now.date(), actor=CLERK, now=now, make_id=make_id)
        )

    @precondition(lambda self: self.payments)
    @rule(payer=st.sampled_from(HOMES), whole=st.booleans())
    def give_back(self, payer: str, whole: bool) -> None:
        """A credit is refunded, or half of it; never more."""
        credit, now = self._account(payer).credit, self._tick()
        amount = credit if whole else (credit + 1) // 2
        given = Refunded(HouseholdId(payer), self.series, Means.TRANSFER, max(1, amount), now.date())

        def act(uow: UnitOfWork, make_id: Callable[[], str]) -> Account:
            return refund_household(given, uow, actor=CLERK, now=now, make_id=make_id)

        if amount > 0:
            self.stores.act(act)
            return
        try:
            self.stores.act(act)
        except ConflictError:
            return
        raise AssertionError("money was given back that nobody had")

    @precondition(lambda self: self.billed)
    @rule(payer=st.sampled_from(HOMES), kind=st.sampled_from(WriteOffKind))
    def give_up(self, payer: str, kind: WriteOffKind) -> None:
        """The oldest debt is written off, remitted or handed over."""
        now = self._tick()
        for invoice in self._account(payer).pending()[:1]:
            act = WrittenOff(invoice.id, kind, now.date(), "délibération 12")
            self.stores.act(lambda uow, make_id: write_off_invoice(act, uow, actor=CLERK, now=now, make_id=make_id))  # noqa: B023  # called at once

    def _account(self, payer: str) -> Account:
        return self.stores.read(lambda uow: read_account(HouseholdId(payer), self.series, uow, actor=CLERK))

    # -- laws ------------------------------------------------------------------------------------------------------

    @invariant()
    def documents_are_their_lines_and_numbers_have_no_gap(self) -> None:
        """Each document is the sum of its lines, each of which has its facts; numbers follow one another and dates."""
        last: dict[tuple[str, int], tuple[int, dt.date]] = {}
        for invoice in self.invoices():
            place = (invoice.series, invoice.fiscal_year)
            number, day = last.get(place, (0, invoice.issued_on))
            assert invoice.number == number + 1
            assert invoice.issued_on >= day
            last[place] = (invoice.number, invoice.issued_on)
            assert invoice.total == sum(line.quantity * line.unit for line in invoice.lines)
            assert all(line.evidence and line.steps and line.tariff for line in invoice.lines)

    @invariant()
    def the_books_tie_on_every_day(self) -> None:
        """opening + invoiced − credited − paid = remaining, per payer and in total, on every day; so in reports."""
        if not self.versions:
            return
        entries = self.stores.read(lambda uow: ledger(uow, actor=CLERK))
        accounts = {payer: self._account(payer) for payer in _PAYERS}
        changes = {entry.day for entry in entries}
        changes |= {one.on for account in accounts.values() for one in account.allocations}
        first = min(changes, default=self.now.date())
        for day in sorted(changes | {self.now.date()}):
            total = balance(entries, last=day)
            assert total.remaining == total.invoiced - total.credited - total.paid
            assert (
                balance(entries, first=day).opening
                + balance(entries, first=day, last=day).remaining
                - balance(entries, first=day).opening
                == total.remaining
            )
            rows = self.stores.read(lambda uow, day=day: outstanding_report(day, uow, actor=CLERK, series=self.series))  # type: ignore[misc]  # bound now
            for payer, account in accounts.items():
                then = account.at(day)
                left = then.remaining()
                assert all(amount >= 0 for amount in left.values())
                due = sum(row.remaining for row in rows if row.household == payer)
                assert due == sum(left.values())
                mine = balance(entries, household=HouseholdId(payer), last=day)
                assert due + then.overdrawn - then.credit == mine.remaining, (payer, day)
            received = self.stores.read(lambda uow, day=day: receipts_report(Span(first, day), uow, actor=CLERK))  # type: ignore[misc]  # bound now
            assert sum(row.amount for row in received) == total.paid


def city_machine(*make_stores: MakeStore) -> type[CityMachine]:
    """A machine that attacks these stores (each called for a new, empty one), side by side with the one in memory."""

    class Attacked(CityMachine):
        def make_stores(self) -> Sequence[Store]:
            return (*super().make_stores(), *(make() for make in make_stores))

    return Attacked
