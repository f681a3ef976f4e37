"""The state machine: facts, runs and payments in any order; the books are right at every moment."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any, TypeAlias

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from periscolaire.attendance import Consumption, Seen
from periscolaire.billing import (
    MEANS,
    Account,
    AllocationPolicy,
    Billed,
    Invoice,
    Means,
    Payment,
    Refund,
    Rejection,
    Run,
    Series,
    Should,
    WriteOff,
    WriteOffKind,
    balance,
    bounce,
    desk_balances,
    drafts,
    entries,
    impute,
    invoiced,
    issue,
    journal,
    outstanding,
    receipts,
    refund,
    settle,
    write_off,
)
from periscolaire.booking import SlotKey
from periscolaire.ids import ChildId, FactId, HouseholdId, PaymentId, ProductCode
from periscolaire.testing.billing._commune import FIRST, LAST, bill, books, eaten, facts_of_days
from periscolaire.testing.billing._naive import naive_amounts, naive_pending
from periscolaire.testing.billing._strategies import family, quotient_steps

__all__ = ["BillingMachine"]


_SERIES = Series("PERI")
_HOUSEHOLDS = ("H1", "H2")
Day: TypeAlias = tuple[ChildId, ProductCode, dt.date]


class BillingMachine(RuleBasedStateMachine):
    """Facts, runs, payments, rejections, refunds and write-offs in any order; the books are right at every moment.

    Subclass it or run its ``TestCase`` to hold another implementation of the same steps to the same laws.
    """

    def __init__(self) -> None:
        super().__init__()
        self.day = dt.date(2026, 2, 10)
        self.known: dict[SlotKey, Consumption] = {}
        self.steps: dict[HouseholdId, tuple[tuple[dt.date, int], ...]] = {}
        self.accounts = {HouseholdId(name): Account(HouseholdId(name), "PERI") for name in _HOUSEHOLDS}
        self.books = books()
        self.serial = 0

    def _next(self) -> str:
        self.serial += 1
        return f"{self.serial:04}"

    def _at(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(10), tzinfo=dt.UTC)

    @property
    def invoices(self) -> tuple[Invoice, ...]:
        """Every document issued so far, in order of number."""
        held = [invoice for account in self.accounts.values() for invoice in account.invoices]
        return tuple(sorted(held, key=lambda invoice: invoice.number))

    def _mine(self, household: HouseholdId) -> list[Consumption]:
        return [one for one in self.known.values() if one.household == household]

    @initialize(first=quotient_steps(), second=quotient_steps())
    def set_quotients(self, first: tuple[tuple[dt.date, int], ...], second: tuple[tuple[dt.date, int], ...]) -> None:
        self.steps = dict(zip(self.accounts, (first, second), strict=True))

    @rule(facts=st.sampled_from(_HOUSEHOLDS).flatmap(lambda name: family(name, max_size=6)))
    def learn(self, facts: tuple[Consumption, ...]) -> None:
        """Facts come late, and correct former ones."""
        self.known.update((one.key, one) for one in facts)

    @rule(household=st.sampled_from(_HOUSEHOLDS))
    def forget_a_presence(self, household: str) -> None:
        """A check is taken back: the day is unknown, and what was billed for it stands."""
        for one in self._mine(HouseholdId(household))[:1]:
            self.known[one.key] = eaten(
                one.key.child, one.key.day, household=household, product=one.key.product, seen=Seen.UNCHECKED
            )

    @rule()
    def run(self) -> None:
        """Bill everything that was learnt: each day bears what the naive recomputation says; again, nothing to do."""
        before = {household: self._borne(household) for household in self.accounts}
        lines = {}
        for household in self.accounts:
            _, mine = self._bill(household)
            lines.update(mine)
        run = Run(f"run-{self._next()}", FIRST, LAST, self.day)
        documents = drafts(lines, [_SERIES], run)
        for invoice in issue(documents, _SERIES, run, next_number=len(self.invoices) + 1):
            account = self.accounts[invoice.payer]
            self.accounts[invoice.payer] = attrs.evolve(account, invoices=(*account.invoices, invoice))
        for household, account in self.accounts.items():
            assert self._bill(household)[1] == {}
            self._bears_what_it_should(household, before[household])
            self.accounts[household] = impute(account, self.day)

    def _borne(self, household: HouseholdId) -> Counter[Day]:
        """What each day of a household bears, by the lines of its documents."""
        found: Counter[Day] = Counter()
        for invoice in self.accounts[household].invoices:
            for line in invoice.lines:
                assert line.child is not None
                for day in line.days:
                    found[line.child, line.product, day] += line.unit if line.quantity > 0 else -line.unit
        return found

    def _bears_what_it_should(self, household: HouseholdId, before: Counter[Day]) -> None:
        mine, found = self._mine(household), self._borne(household)
        expected, pending = naive_amounts(mine, self.steps.get(household, ())), naive_pending(mine)
        for day in {*found, *expected, *pending}:
            assert found[day] == (before[day] if day in pending else expected.get(day, 0)), day

    def _bill(self, household: HouseholdId) -> tuple[Should, dict[HouseholdId, Any]]:
        return bill(
            self._mine(household),
            facts_of_days(self.steps),
            rules=self.books,
            billed=Billed(self.accounts[household].invoices),
            on=self.day,
        )

    @rule(
        household=st.sampled_from(_HOUSEHOLDS),
        means=st.sampled_from((Means.CASH, Means.CHEQUE, Means.ONLINE)),
        amount=st.integers(1, 4000),
        policy=st.sampled_from(AllocationPolicy),
        days=st.integers(0, 20),
    )
    def pay(self, household: str, means: Means, amount: int, policy: AllocationPolicy, days: int) -> None:
        """Partial, exact or too much; received some days ago, perhaps before the invoice was issued."""
        mine = HouseholdId(household)
        on = self.day - dt.timedelta(days=days)
        payment = Payment(PaymentId(self._next()), mine, "PERI", means, amount, on, self._at(), "régisseur")
        self.accounts[mine] = settle(self.accounts[mine], payment, policy)

    @precondition(lambda self: any(account.payments for account in self.accounts.values()))
    @rule(household=st.sampled_from(_HOUSEHOLDS))
    def reject(self, household: str) -> None:
        """A cheque comes back."""
        account = self.accounts[HouseholdId(household)]
        gone = {rejection.payment for rejection in account.rejections}
        for payment in account.payments:
            if MEANS[payment.means].may_bounce and payment.id not in gone:
                rejection = Rejection(FactId(self._next()), payment.id, self.day, self._at(), "banque")
                self.accounts[account.household] = bounce(account, rejection)
                return

    @rule(household=st.sampled_from(_HOUSEHOLDS), days=st.integers(0, 20))
    def undo(self, household: str, days: int) -> None:
        """The last payment was recorded by mistake, whatever its means; this is dated back, as far as it may be."""
        account = self.accounts[HouseholdId(household)]
        gone = {rejection.payment for rejection in account.rejections}
        for payment in [one for one in account.payments if one.id not in gone][-1:]:
            on = max(payment.received_on, self.day - dt.timedelta(days=days))
            rejection = Rejection(FactId(self._next()), payment.id, on, self._at(), "régisseur", "erreur", mistake=True)
            self.accounts[account.household] = bounce(account, rejection)

    @rule(household=st.sampled_from(_HOUSEHOLDS))
    def give_back(self, household: str) -> None:
        """Half of a credit is refunded."""
        account = self.accounts[HouseholdId(household)]
        amount = (account.credit + 1) // 2
        if amount > 0:
            given = Refund(
                FactId(self._next()), account.household, "PERI", Means.TRANSFER, amount, self.day, self._at(), "x"
            )
            self.accounts[account.household] = refund(account, given)

    @rule(household=st.sampled_from(_HOUSEHOLDS), kind=st.sampled_from(WriteOffKind))
    def give_up(self, household: str, kind: WriteOffKind) -> None:
        """The oldest debt is written off, remitted or handed over."""
        account = self.accounts[HouseholdId(household)]
        for invoice in account.pending()[:1]:
            left = account.remaining()[invoice.id]
            act = WriteOff(
                FactId(self._next()), invoice.id, account.household, "PERI", kind, left, self.day, self._at(), "x"
            )
            self.accounts[account.household] = write_off(account, act)

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        """Time passes."""
        self.day += dt.timedelta(days=days)

    @invariant()
    def invoices_are_their_lines(self) -> None:
        for invoice in self.invoices:
            assert invoice.total == sum(line.amount for line in invoice.lines)
        assert [invoice.number for invoice in self.invoices] == list(range(1, len(self.invoices) + 1))

    @invariant()
    def every_charge_has_facts(self) -> None:
        assert all(line.evidence and line.steps for invoice in self.invoices for line in invoice.lines)

    @invariant()
    def books_balance(self) -> None:
        """opening + invoiced − credited − paid = remaining, per household and in total, today and before."""
        ledger = self._ledger()
        remaining = 0
        for household, account in self.accounts.items():
            left = sum(account.remaining().values()) - account.credit + account.overdrawn
            assert balance(ledger, household=household).remaining == left
            assert all(amount >= 0 for amount in account.remaining().values())
            assert account.credit >= 0
            assert not account.credit or not account.overdrawn
            remaining += left
        assert balance(ledger).remaining == remaining
        middle = FIRST + (self.day - FIRST) / 2
        before, after = balance(ledger, last=middle), balance(ledger, first=middle + dt.timedelta(days=1))
        assert after.opening == before.remaining
        assert after.remaining == remaining

    def _ledger(self) -> Any:
        accounts = self.accounts.values()
        return entries(
            self.invoices,
            [payment for account in accounts for payment in account.payments],
            [rejection for account in accounts for rejection in account.rejections],
            [given for account in accounts for given in account.refunds],
            [act for account in accounts for act in account.write_offs],
        )

    @invariant()
    def every_past_day_ties(self) -> None:
        """The account of a past day owes what the ledger said that day."""
        ledger = self._ledger()
        for household, account in self.accounts.items():
            for day in {one.day for one in ledger if one.household == household}:
                held = account.at(day)
                left = sum(held.remaining().values()) - held.credit + held.overdrawn
                assert balance(ledger, household=household, last=day).remaining == left
                assert all(amount >= 0 for amount in held.remaining().values())

    @invariant()
    def reports_tie(self) -> None:
        accounts = tuple(self.accounts.values())
        payments = [payment for account in accounts for payment in account.payments]
        rejections = [rejection for account in accounts for rejection in account.rejections]
        refunds = [given for account in accounts for given in account.refunds]
        total = balance(self._ledger())
        rows = receipts(
            payments,
            [allocation for account in accounts for allocation in account.allocations],
            FIRST,
            self.day,
            rejections=rejections,
            refunds=refunds,
        )
        assert sum(row.amount for row in rows) == total.paid
        assert sum(row.amount for row in invoiced(self.invoices, FIRST, self.day)) == sum(
            invoice.total for invoice in self.invoices
        )
        due = sum(row.remaining for row in outstanding(accounts, self.day))
        assert due - sum(account.credit - account.overdrawn for account in accounts) == total.remaining
        books_of_desk = desk_balances(journal(payments, rejections=rejections, refunds=refunds))
        assert sum(books_of_desk.values()) == 0
