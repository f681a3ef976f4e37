"""The whole life of a small city on real stores, attacked in any order, and held to its laws at every step.

Requests around every limit, door lists checked and taken back, absences told, proofs late, quotients late, a version of
the règlement voted in mid-year, runs of any period however cut, payments, rejections, refunds, write-offs.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from periscolaire.billing import MEANS, Account, Balance, Means, Payment, WriteOffKind, balance
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
#: The rank of a series, where there are several.
_NUMBERS = st.integers(0, 1)
MakeStore: TypeAlias = Callable[[], Store]


@attrs.frozen
class _Move:
    """One line of the books kept by hand: ``amount`` is above 0 when the payer owes more."""

    day: dt.date
    payer: str
    series: str
    amount: int
    is_money: bool = True


class CityMachine(LifeMachine):
    """See the module: facts and runs, then the money. Subclass it, or call :func:`city_machine`."""

    def __init__(self) -> None:
        super().__init__()
        self.payments: dict[PaymentId, Payment] = {}
        self.moves: list[_Move] = []

    @property
    def series(self) -> tuple[str, ...]:
        """The codes of the series of invoices."""
        return self.versions[0][1].series

    def _series(self, number: int) -> str:
        return self.series[number % len(self.series)]

    # -- money -----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.billed)
    @rule(
        payer=st.sampled_from(_PAYERS),
        series=_NUMBERS,
        amount=st.integers(1, 6000),
        means=st.sampled_from((Means.CASH, Means.CHEQUE, Means.ONLINE)),
        days_ago=st.integers(0, 40),
    )
    def pay(self, payer: str, series: int, amount: int, means: Means, days_ago: int) -> None:
        """Partial, exact or too much; sometimes recorded long after it came in."""
        if payer not in HOMES and all(invoice.payer != payer for invoice in self.invoices()):
            return
        now = self._tick()
        paid = Payment(
            PaymentId(self._next()),
            HouseholdId(payer),
            self._series(series),
            means,
            amount,
            now.date() - dt.timedelta(days=days_ago),
            now,
            CLERK.label,
        )
        self.stores.act(lambda uow, make_id: record_payments([paid], uow, actor=CLERK, now=now))
        self.payments[paid.id] = paid
        self.moves.append(_Move(paid.received_on, payer, paid.series, -amount))

    @precondition(lambda self: any(MEANS[paid.means].may_bounce for paid in self.payments.values()))
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        """A cheque comes back, whatever was done with it meanwhile."""
        bouncing = [one for one, paid in self.payments.items() if MEANS[paid.means].may_bounce]
        chosen, now = data.draw(st.sampled_from(bouncing)), self._tick()
        gone = self.payments.pop(chosen)
        self.stores.act(
            lambda uow, make_id: reject_payment(chosen, uow, on=now.date(), actor=CLERK, now=now, make_id=make_id)
        )
        self.moves.append(_Move(now.date(), gone.household, gone.series, gone.amount))

    @precondition(lambda self: self.payments)
    @rule(payer=st.sampled_from(HOMES), series=_NUMBERS, whole=st.booleans())
    def give_back(self, payer: str, series: int, whole: bool) -> None:
        """A credit is refunded, or half of it; never more."""
        code, now = self._series(series), self._tick()
        credit = self._account(payer, code).credit
        amount = credit if whole else (credit + 1) // 2
        given = Refunded(HouseholdId(payer), code, Means.TRANSFER, max(1, amount), now.date())

        def act(uow: UnitOfWork, make_id: Callable[[], str]) -> Account:
            return refund_household(given, uow, actor=CLERK, now=now, make_id=make_id)

        if amount > 0:
            self.stores.act(act)
            self.moves.append(_Move(now.date(), payer, code, amount))
            return
        try:
            self.stores.act(act)
        except ConflictError:
            return
        raise AssertionError("money was given back that nobody had")

    @precondition(lambda self: self.billed)
    @rule(payer=st.sampled_from(HOMES), series=_NUMBERS, kind=st.sampled_from(WriteOffKind))
    def give_up(self, payer: str, series: int, kind: WriteOffKind) -> None:
        """The oldest debt is written off, remitted or handed over."""
        code, now = self._series(series), self._tick()
        account = self._account(payer, code)
        for invoice in account.pending()[:1]:
            act = WrittenOff(invoice.id, kind, now.date(), "délibération 12")
            self.stores.act(lambda uow, make_id: write_off_invoice(act, uow, actor=CLERK, now=now, make_id=make_id))  # noqa: B023  # called at once
            self.moves.append(_Move(now.date(), payer, code, -account.remaining()[invoice.id], is_money=False))

    def _account(self, payer: str, series: str) -> Account:
        return self.stores.read(lambda uow: read_account(HouseholdId(payer), series, uow, actor=CLERK))

    # -- laws ------------------------------------------------------------------------------------------------------

    @invariant()
    def documents_are_their_lines_and_numbers_have_no_gap(self) -> None:
        """Each document is the sum of its lines, each of which has its price; numbers follow one another and dates."""
        last: dict[tuple[str, int], tuple[int, dt.date]] = {}
        for invoice in self.invoices():
            place = (invoice.series, invoice.fiscal_year)
            number, day = last.get(place, (0, invoice.issued_on))
            assert invoice.number == number + 1
            assert invoice.issued_on >= day
            last[place] = (invoice.number, invoice.issued_on)
            assert invoice.total == sum(line.quantity * line.unit for line in invoice.lines)
            assert all(line.steps and line.tariff for line in invoice.lines)

    @invariant()
    def the_books_tie_on_every_day(self) -> None:
        """opening + invoiced − credited − paid = remaining: per payer, per series, in total, on every day; so reports.

        Ledger, accounts and reports are each held to books kept by hand.
        """
        if not self.versions:
            return
        issued = (_Move(one.issued_on, one.payer, one.series, one.total, is_money=False) for one in self.invoices())
        books = [*issued, *self.moves]
        entries = self.stores.read(lambda uow: ledger(uow, actor=CLERK))
        accounts = {place: self._account(*place) for place in itertools.product(_PAYERS, self.series)}
        changes = {move.day for move in books} | {entry.day for entry in entries}
        changes |= {one.on for account in accounts.values() for one in account.allocations}
        for day in sorted(changes | {self.now.date()}):
            until = [move for move in books if move.day <= day]
            for payer, series in itertools.product((None, *_PAYERS), (None, *self.series)):
                said = [move for move in until if payer in (None, move.payer) and series in (None, move.series)]
                household = None if payer is None else HouseholdId(payer)
                _ties(balance(entries, household=household, series=series, first=day, last=day), said, day)
            for series in self.series:
                mine = {payer: accounts[payer, series] for payer in _PAYERS}
                self._reports_tie(mine, series, day, [move for move in until if move.series == series])

    def _reports_tie(self, accounts: Mapping[str, Account], series: str, day: dt.date, books: list[_Move]) -> None:
        """What remains to recover and what came in, by the accounts of that day and by the reports."""
        rows = self.stores.read(lambda uow: outstanding_report(day, uow, actor=CLERK, series=series))
        for payer, account in accounts.items():
            then = account.at(day)
            left = then.remaining()
            assert all(amount >= 0 for amount in left.values())
            due = sum(row.remaining for row in rows if row.household == payer)
            assert due == sum(left.values())
            owed = sum(move.amount for move in books if move.payer == payer)
            assert due + then.overdrawn - then.credit == owed, (payer, series, day)
        span = Span(min((move.day for move in books), default=day), day)
        received = self.stores.read(lambda uow: receipts_report(span, uow, actor=CLERK, series=series))
        assert sum(row.amount for row in received) == -sum(move.amount for move in books if move.is_money)


def _ties(found: Balance, books: Sequence[_Move], day: dt.date) -> None:
    """The balance of a day has the terms that the books say."""
    today = [move for move in books if move.day == day]
    assert found.opening == sum(move.amount for move in books if move.day < day)
    assert found.invoiced - found.credited == sum(move.amount for move in today if not move.is_money)
    assert found.paid == -sum(move.amount for move in today if move.is_money)
    assert found.remaining == sum(move.amount for move in books)


def city_machine(*make_stores: MakeStore) -> type[CityMachine]:
    """A machine that attacks these stores (each called for a new, empty one), side by side with the one in memory."""

    class Attacked(CityMachine):
        def make_stores(self) -> Sequence[Store]:
            return (*super().make_stores(), *(make() for make in make_stores))

    return Attacked
