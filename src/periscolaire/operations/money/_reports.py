"""Use cases that read the money: an account, all accounts, the ledger, the reports. They write nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import Account, Entry, OutstandingRow, ReceiptRow, entries, outstanding, receipts
from periscolaire.calendar import Span
from periscolaire.ids import HouseholdId
from periscolaire.operations import _accounts as accounts
from periscolaire.operations._targets import household_target
from periscolaire.ports import UnitOfWork

__all__ = ["household_ledger", "ledger", "outstanding_report", "read_account", "read_accounts", "receipts_report"]


def read_account(household: HouseholdId, series: str, uow: UnitOfWork, *, actor: Actor) -> Account:
    """« Mes factures »: the account of a household in a series of invoices, as its facts stand.

    :raises AccessDeniedError: not an adult of the household, nor staff who see invoices.
    """
    require(actor, Operation.VIEW_INVOICES, household_target(uow, household))
    return accounts.read_account(household, series, uow)


def read_accounts(series: str, uow: UnitOfWork, *, actor: Actor) -> Iterator[Account]:
    """Every account of a series in which something happened, household by household.

    :raises AccessDeniedError: the actor may not see reports.
    """
    require(actor, Operation.VIEW_REPORTS)
    return accounts.read_accounts(series, uow)


def ledger(uow: UnitOfWork, *, actor: Actor) -> tuple[Entry, ...]:
    """Every entry of every account, in canonical order.

    :raises AccessDeniedError: the actor may not see reports.
    """
    require(actor, Operation.VIEW_REPORTS)
    return entries(
        (stored.model for stored in uow.invoices.stream()),
        tuple(stored.model for stored in uow.payments.stream()),
        uow.rejections.stream(),
        uow.refunds.stream(),
        uow.write_offs.stream(),
        uow.openings.stream(),
    )


def household_ledger(household: HouseholdId, uow: UnitOfWork, *, actor: Actor) -> tuple[Entry, ...]:
    """Every entry of one household, of all its series, in canonical order.

    :raises AccessDeniedError: not an adult of the household, nor staff who see invoices.
    """
    require(actor, Operation.VIEW_INVOICES, household_target(uow, household))
    payments = tuple(stored.model for stored in uow.payments.of(household))
    return entries(
        (stored.model for stored in uow.invoices.of(household)),
        payments,
        (fact for payment in payments for fact in uow.rejections.of(payment.id)),
        uow.refunds.of(household),
        uow.write_offs.of(household),
        uow.openings.of(household),
    )


def receipts_report(span: Span, uow: UnitOfWork, *, actor: Actor, series: str | None = None) -> tuple[ReceiptRow, ...]:
    """*État d'encaissement récapitulatif des prestations*: receipts of a closed span by product and means.

    :raises AccessDeniedError: the actor may not see reports.
    """
    require(actor, Operation.VIEW_REPORTS)
    return receipts(
        tuple(stored.model for stored in uow.payments.stream()),
        uow.allocations.stream(),
        span.first,
        span.last,
        rejections=uow.rejections.stream(),
        refunds=uow.refunds.stream(),
        series=series,
    )


def outstanding_report(on: dt.date, uow: UnitOfWork, *, actor: Actor, series: str) -> tuple[OutstandingRow, ...]:
    """*Restes à recouvrer*: every invoice that still asks for something on that day.

    :raises AccessDeniedError: the actor may not see reports.
    """
    return outstanding(read_accounts(series, uow, actor=actor), on, reminders=tuple(uow.reminders.stream()))
