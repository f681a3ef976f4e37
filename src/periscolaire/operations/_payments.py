"""Use cases of money received: record payments, let credits settle invoices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from periscolaire.access import Actor, Operation, audit, require
from periscolaire.billing import (
    Account,
    Payment,
    Series,
    impute,
    settle,
)
from periscolaire.errors import ConflictError
from periscolaire.ids import HouseholdId
from periscolaire.ports import Repositories, UnitOfWork

__all__ = [
    "impute_credits",
    "keep_allocations",
    "read_account",
    "read_accounts",
    "record_payments",
]


def read_account(household: HouseholdId, series: str, uow: Repositories) -> Account:
    """The account of a household in a series, as its facts stand. For operations that have asked who may."""
    invoices = tuple(stored.model for stored in uow.invoices.of(household) if stored.model.series == series)
    payments = tuple(stored.model for stored in uow.payments.of(household) if stored.model.series == series)
    return Account(
        household,
        series,
        tuple(sorted(invoices, key=lambda one: (one.fiscal_year, one.number))),
        tuple(sorted(payments, key=lambda one: (one.received_on, one.id))),
        tuple(fact for payment in payments for fact in uow.rejections.of(payment.id)),
        tuple(fact for fact in uow.refunds.of(household) if fact.series == series),
        tuple(fact for fact in uow.write_offs.of(household) if fact.series == series),
        tuple(fact for invoice in invoices for fact in uow.allocations.of(invoice.id)),
    )


def read_accounts(series: str, uow: UnitOfWork) -> Iterator[Account]:
    """Every account of a series in which something happened, household by household. Asks nobody either."""
    households = {stored.model.payer for stored in uow.invoices.stream() if stored.model.series == series}
    households |= {stored.model.household for stored in uow.payments.stream() if stored.model.series == series}
    for household in sorted(households):
        yield read_account(household, series, uow)


def record_payments(
    payments: Iterable[Payment], uow: UnitOfWork, *, actor: Actor, now: dt.datetime, received: bool = False
) -> tuple[Account, ...]:
    """Record payments and allocate them to the lines they settle; the accounts after that. Does not commit.

    ``received``: the money is in, whatever became of its invoices (see :func:`~periscolaire.billing.settle`).

    :raises AccessDeniedError: the actor may not record payments.
    :raises NotFoundError: a payment names an invoice that is not of its account, or a household that is not known.
    :raises ConflictError: it was recorded before, or the invoice it names is settled.
    :raises ConflictError: the clock has gone back since the payments recorded before.
    :raises MisuseError: another currency, or a means that may not pay this.
    """
    require(actor, Operation.RECORD_PAYMENT)
    given = tuple(payments)
    uow.hold(*sorted({payment.household for payment in given}))
    before: dict[tuple[HouseholdId, str], Account] = {}
    after: dict[tuple[HouseholdId, str], Account] = {}
    for payment in given:
        place = (payment.household, payment.series)
        if place not in after:
            uow.households.get(payment.household)
            before[place] = after[place] = read_account(*place, uow)
        if uow.payments.find(payment.id) is not None:
            raise ConflictError(f"payment {payment.id!r} was recorded before")
        last = max((known.at for known in before[place].payments), default=payment.at)
        if payment.at < last:
            raise ConflictError(f"payment {payment.id!r} at {payment.at}: the clock has gone back, one was at {last}")
        after[place] = settle(after[place], payment, received=received)
        uow.payments.save(payment)
    for place, account in after.items():
        keep_allocations(before[place], account, uow)
    if given:
        line = audit(actor, Operation.RECORD_PAYMENT, "commune", now, channel="", detail=str(len(given)))
        uow.audit.append([line])
    return tuple(after.values())


def impute_credits(households: Iterable[HouseholdId], series: Series, uow: UnitOfWork, *, on: dt.date) -> None:
    """Let what each household has to its credit settle its open invoices, the oldest due first."""
    for household in households:
        account = read_account(household, series.code, uow)
        keep_allocations(account, impute(account, on), uow)


def keep_allocations(before: Account, after: Account, uow: UnitOfWork) -> None:
    """Append what was allocated between the two states of an account."""
    uow.allocations.append(after.allocations[len(before.allocations) :])
