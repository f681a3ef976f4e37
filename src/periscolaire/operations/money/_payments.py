"""Use cases of money received: record payments, let credits settle invoices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence

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


#: Accounts read together.
_AT_ONCE = 400


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
            raise ConflictError(f"payment {payment.id!r} was recorded before", code="payment.known", payment=payment.id)
        last = max((known.at for known in before[place].payments), default=payment.at)
        if payment.at < last:
            raise ConflictError(
                f"payment {payment.id!r} at {payment.at}: the clock has gone back, one was at {last}",
                code="operation.clock_went_back",
            )
        after[place] = settle(after[place], payment, received=received)
        uow.payments.save(payment)
    for place, account in after.items():
        keep_allocations(before[place], account, uow)
    if given:
        line = audit(actor, Operation.RECORD_PAYMENT, "commune", now, channel="", detail=str(len(given)))
        uow.audit.append([line])
    return tuple(after.values())


def impute_credits(
    households: Iterable[HouseholdId],
    series: Series,
    uow: UnitOfWork,
    *,
    on: dt.date,
    credited: Collection[HouseholdId] | None = None,
) -> None:
    """Let what each household has to its credit settle its open invoices, the oldest due first.

    ``credited`` are those with a credit note, where the caller knows them: who has none and paid nothing has no credit.
    """
    some = tuple(households)
    if credited is not None:
        paying = uow.payments.of_many(some)
        some = tuple(household for household in some if household in credited or household in paying)
    for account in _accounts(some, series.code, uow).values():
        keep_allocations(account, impute(account, on), uow)


def keep_allocations(before: Account, after: Account, uow: UnitOfWork) -> None:
    """Append what was allocated between the two states of an account."""
    uow.allocations.append(after.allocations[len(before.allocations) :])
