"""Accounts read from the store, and what is late of them: what booking, billing and money all rest on.

For use cases that have asked who may: nothing here asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TypeAlias

from periscolaire.billing import Account, Dispute, Invoice, PaymentPlan, Series, impute, overdue
from periscolaire.ids import HouseholdId, InvoiceId
from periscolaire.money import Amount, Currency
from periscolaire.operations._confirming import confirm_paid
from periscolaire.ports import Repositories, UnitOfWork
from periscolaire.reglement import RecoveryPolicy

__all__ = [
    "AmountOn",
    "arrears_by_day",
    "counted_arrears",
    "impute_credits",
    "keep_allocations",
    "late_invoices",
    "read_account",
    "read_accounts",
    "require_payer",
    "take_turn",
]

#: A sum that concerns a household, on a day.
AmountOn: TypeAlias = Callable[[dt.date], Amount]
#: Accounts read together.
_AT_ONCE = 400


def take_turn(uow: UnitOfWork, *owners: str) -> None:
    """Wait for whoever issues documents or settles them, and keep the next one waiting until this unit ends.

    Two units that read what was billed and issue, or what is left of an account and settle it, side by side, would bill
    a day or spend a credit twice: call it before reading. ``owners`` are held as well, and first, as a basket does.
    """
    uow.hold(*owners)
    uow.hold("documents")


def require_payer(payer: HouseholdId, uow: Repositories) -> None:
    """Who pays is a household, or a third party that something was invoiced to.

    :raises NotFoundError: neither.
    """
    if uow.households.find(payer) is None and not uow.invoices.of(payer):
        uow.households.get(payer)


def read_account(household: HouseholdId, series: str, uow: Repositories) -> Account:
    """The account of a household in a series, as its facts stand. For operations that have asked who may."""
    return _accounts((household,), series, uow)[household]


def _accounts(households: Sequence[HouseholdId], series: str, uow: Repositories) -> dict[HouseholdId, Account]:
    """As :func:`read_account`, for many in as few readings as for one."""
    all_invoices, all_payments = uow.invoices.of_many(households), uow.payments.of_many(households)
    refunds, write_offs = uow.refunds.of_many(households), uow.write_offs.of_many(households)
    invoices, payments = {}, {}
    for household in households:
        issued = (stored.model for stored in all_invoices.get(household, ()) if stored.model.series == series)
        received = (stored.model for stored in all_payments.get(household, ()) if stored.model.series == series)
        invoices[household] = tuple(sorted(issued, key=lambda one: (one.fiscal_year, one.number)))
        payments[household] = tuple(sorted(received, key=lambda one: (one.received_on, one.id)))
    rejections = uow.rejections.of_many(one.id for mine in payments.values() for one in mine)
    allocations = uow.allocations.of_many(one.id for mine in invoices.values() for one in mine)
    return {
        household: Account(
            household,
            series,
            invoices[household],
            payments[household],
            tuple(fact for one in payments[household] for fact in rejections.get(one.id, ())),
            tuple(fact for fact in refunds.get(household, ()) if fact.series == series),
            tuple(fact for fact in write_offs.get(household, ()) if fact.series == series),
            tuple(fact for one in invoices[household] for fact in allocations.get(one.id, ())),
        )
        for household in households
    }


def read_accounts(series: str, uow: UnitOfWork) -> Iterator[Account]:
    """Every account of a series in which something happened, household by household. Asks nobody either."""
    households = {stored.model.payer for stored in uow.invoices.stream() if stored.model.series == series}
    households |= {stored.model.household for stored in uow.payments.stream() if stored.model.series == series}
    ordered = sorted(households)
    for start in range(0, len(ordered), _AT_ONCE):
        yield from _accounts(ordered[start : start + _AT_ONCE], series, uow).values()


def impute_credits(
    households: Iterable[HouseholdId],
    series: Series,
    uow: UnitOfWork,
    *,
    on: dt.date,
    author: str,
    now: dt.datetime,
    credited: Collection[HouseholdId] | None = None,
) -> None:
    """Let what each household has to its credit settle its open invoices, the oldest due first.

    What is paid to be confirmed is confirmed by it, as by any payment. ``credited`` are those with a credit note, where
    the caller knows them: who has none and paid nothing has no credit.
    """
    some = tuple(households)
    if credited is not None:
        paying = uow.payments.of_many(some)
        some = tuple(household for household in some if household in credited or household in paying)
    for account in _accounts(some, series.code, uow).values():
        after = impute(account, on, credit_notes=series.refund)
        if after != account:
            keep_allocations(account, after, uow)
            confirm_paid(account, after, uow, author=author, at=now)


def keep_allocations(before: Account, after: Account, uow: UnitOfWork) -> None:
    """Append what was allocated between the two states of an account."""
    uow.allocations.append(after.allocations[len(before.allocations) :])


def late_invoices(series: str, on: dt.date, uow: UnitOfWork) -> tuple[tuple[Invoice, ...], dict[InvoiceId, Amount]]:
    """The invoices of a series, and what is overdue of each that day: neither disputed nor in a plan that is kept."""
    plans = tuple(stored.model for stored in uow.payment_plans.stream())
    disputes = tuple(stored.model for stored in uow.disputes.stream())
    invoices: list[Invoice] = []
    late: dict[InvoiceId, Amount] = {}
    for account in read_accounts(series, uow):
        mine = [plan for plan in plans if plan.household == account.household]
        invoices += account.at(on).invoices
        late |= _late(account, on, mine, disputes)
    return tuple(invoices), late


def arrears_by_day(household: HouseholdId, uow: Repositories, series: str | None = None) -> AmountOn:
    """What a household is late with, in one series or in all, on any day: read once, told as often as asked."""
    late_on = _late_by_day(household, uow, series)
    return lambda day: sum(late_on(day).values())


def _late_by_day(
    household: HouseholdId, uow: Repositories, series: str | None = None
) -> Callable[[dt.date], dict[InvoiceId, Amount]]:
    plans = tuple(stored.model for stored in uow.payment_plans.of(household))
    known = sorted({stored.model.series for stored in uow.invoices.of(household)}) if series is None else [series]
    accounts = tuple(read_account(household, one, uow) for one in known)
    disputes = tuple(
        stored.model for account in accounts for one in account.invoices for stored in uow.disputes.of(one.id)
    )

    def late_on(day: dt.date) -> dict[InvoiceId, Amount]:
        found: dict[InvoiceId, Amount] = {}
        for account in accounts:
            found |= _late(account, day, plans, disputes)
        return found

    return late_on


def counted_arrears(household: HouseholdId, uow: Repositories, policy: RecoveryPolicy, unit: Currency) -> AmountOn:
    """The arrears that gates read: invoices reminded up to the level that was voted, from the sum that was voted on.

    The Défenseur des droits asks for steps before any exclusion; they are a setting of the commune.
    """
    late_on = _late_by_day(household, uow)
    sent = uow.reminders.of_many(stored.model.id for stored in uow.invoices.of(household))

    def counted(day: dt.date) -> Amount:
        reached = {invoice: [one.level for one in held if one.on <= day] for invoice, held in sent.items()}
        total = sum(
            amount
            for invoice, amount in late_on(day).items()
            if max(reached.get(invoice, ()), default=0) >= policy.before_exclusion
        )
        return total if total >= unit.amount(policy.minimum) else 0

    return counted


def _late(
    account: Account, on: dt.date, plans: Sequence[PaymentPlan], disputes: Sequence[Dispute]
) -> dict[InvoiceId, Amount]:
    """What is overdue of each invoice of an account at the end of ``on``, whatever was recorded since."""
    held = account.at(on)
    return overdue(held.invoices, held.remaining(), on, plans=plans, disputes=disputes)
