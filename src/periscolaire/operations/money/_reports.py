"""Use cases that read the money: an account, all accounts, the ledger, the reports. They write nothing."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Iterator

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import (
    Account,
    Entry,
    InvoicedRow,
    InvoiceLine,
    LineRef,
    OutstandingRow,
    ReceiptRow,
    entries,
    invoiced,
    outstanding,
    receipts,
    to_give_back,
)
from periscolaire.calendar import Span
from periscolaire.households import Child, DatedFacts
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.money import Amount
from periscolaire.operations import _accounts as accounts
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._series import series_on
from periscolaire.operations._targets import household_target
from periscolaire.ports import UnitOfWork

__all__ = [
    "household_ledger",
    "invoiced_report",
    "ledger",
    "outstanding_report",
    "outstanding_rows",
    "read_account",
    "read_accounts",
    "receipts_report",
    "refunds_due",
]


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


def refunds_due(on: dt.date, uow: UnitOfWork, *, actor: Actor) -> tuple[tuple[str, HouseholdId, Amount], ...]:
    """What the commune gives back by itself on ``on``, as the règlement of that day says: series, household, amount.

    :raises AccessDeniedError: the actor may not see reports.
    """
    require(actor, Operation.VIEW_REPORTS)
    reglements = published_reglements(uow)
    reglement = reglements.on(on)

    def year_end(day: dt.date) -> dt.date:
        return reglement.calendar.school_year(day).last_day

    found = (
        (series.code, account.household, to_give_back(account, series.refund, on, year_end))
        for series in series_on(on, reglements)
        for account in accounts.read_accounts(series.code, uow)
    )
    return tuple(one for one in found if one[2])


def receipts_report(
    span: Span,
    uow: UnitOfWork,
    *,
    actor: Actor,
    series: str | None = None,
    site: str | None = None,
    by_month: bool = False,
) -> tuple[ReceiptRow, ...]:
    """*État d'encaissement récapitulatif des prestations*: receipts of a closed span by product and means.

    ``by_month`` tells the months apart; with ``site`` only what settled the lines of its children counts.

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
        by_month=by_month,
        keep=None if site is None else _lines_of_site(site, series, uow).__contains__,
    )


def invoiced_report(
    span: Span, uow: UnitOfWork, *, actor: Actor, series: str | None = None, site: str | None = None
) -> tuple[InvoicedRow, ...]:
    """What the documents issued over a closed span say, by product and outcome.

    :raises AccessDeniedError: the actor may not see reports.
    """
    require(actor, Operation.VIEW_REPORTS)
    issued = (stored.model for stored in uow.invoices.stream())
    return invoiced(issued, span.first, span.last, series=series, keep=None if site is None else _of_site(site, uow))


def outstanding_report(
    on: dt.date, uow: UnitOfWork, *, actor: Actor, series: str, site: str | None = None
) -> tuple[OutstandingRow, ...]:
    """*Restes à recouvrer*: every invoice that still asked for something at the end of that day.

    :raises AccessDeniedError: the actor may not see reports.
    """
    return outstanding_rows(read_accounts(series, uow, actor=actor), on, uow, site)


def outstanding_rows(
    accounts: Iterable[Account], on: dt.date, uow: UnitOfWork, site: str | None
) -> tuple[OutstandingRow, ...]:
    """As :func:`outstanding_report`, of accounts that were read."""
    return outstanding(
        accounts,
        on,
        reminders=tuple(uow.reminders.stream()),
        keep=None if site is None else _of_site(site, uow),
    )


def _of_site(site: str, uow: UnitOfWork) -> Callable[[InvoiceLine], bool]:
    """Whether a line is about a child of ``site`` on its first day: the fact *site*, else the school."""

    @functools.cache
    def told(child: ChildId) -> tuple[Child | None, DatedFacts]:
        found = uow.children.find(child)
        return (found.model if found is not None else None), DatedFacts(tuple(uow.dated_facts.of(child)))

    def keep(line: InvoiceLine) -> bool:
        if line.site is not None:
            return line.site == site
        if line.child is None:
            return False
        child, facts = told(line.child)
        said = facts.on(line.days[0]).get("site")
        schooling = child.schooling(line.days[0]) if child is not None else None
        return site == (said if isinstance(said, str) else schooling.school if schooling is not None else None)

    return keep


def _lines_of_site(site: str, series: str | None, uow: UnitOfWork) -> frozenset[LineRef]:
    keep = _of_site(site, uow)
    return frozenset(
        LineRef(stored.model.id, line.number)
        for stored in uow.invoices.stream()
        if series is None or stored.model.series == series
        for line in stored.model.lines
        if keep(line)
    )
