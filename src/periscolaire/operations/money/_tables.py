"""One use case for all the reports that a clerk may ask for: which, over what, and the table."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterator, Mapping

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import (
    Account,
    BesideInvoices,
    ReportTable,
    absences_table,
    beside_invoices,
    closing_table,
    deposit_table,
    desk_balances,
    invoiced_table,
    journal_table,
    late_payers_table,
    outstanding_table,
    receipts_table,
    statement,
    statement_table,
)
from periscolaire.calendar import Span
from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.ids import HouseholdId
from periscolaire.operations._names import Names
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations.money._desk import regie_journal
from periscolaire.operations.money._reminders import late_payers_report
from periscolaire.operations.money._reports import (
    household_ledger,
    invoiced_report,
    outstanding_rows,
    read_accounts,
    receipts_report,
)
from periscolaire.ports import UnitOfWork

__all__ = ["ReportKind", "ReportWanted", "report"]


class ReportKind(enum.Enum):
    """The reports; the values are the words of the command line and of files."""

    RECEIPTS = "encaissements"
    INVOICED = "facture"
    OUTSTANDING = "restes"
    LATE = "retards"
    JOURNAL = "journal"
    SLIP = "bordereau"
    CLOSING = "caisse"
    STATEMENT = "releve"
    ABSENCES = "absences"

    @property
    def of_one_series(self) -> bool:
        """Whether it is told of one series of invoices, never of all together."""
        return self not in _OF_ALL_SERIES


@attrs.frozen
class ReportWanted:
    """Which report, over which closed span of days, of which series (all where ``None``, if it can be of all).

    What is told at a date (outstanding, late payers) is told at the end of the last day. ``site`` keeps the lines of
    its children; ``household`` is whose statement; ``number`` is that of the slip (the last one when ``None``);
    ``by_month`` tells the months of receipts apart.

    :raises MisuseError: a selection that this report does not know.
    """

    kind: ReportKind
    span: Span
    series: str | None = None
    site: str | None = None
    household: HouseholdId | None = None
    number: int | None = None
    by_month: bool = False

    def __attrs_post_init__(self) -> None:
        for name, known in _SELECTIONS.items():
            if getattr(self, name) and self.kind not in known:
                raise MisuseError(
                    f"report {self.kind.value}: no selection by {name}",
                    code=f"report.no_selection.{name}",
                    report=self.kind.value,
                )
        if self.kind is ReportKind.STATEMENT and self.household is None:
            raise MisuseError("a statement is of a household", code="report.household_wanted")
        if self.kind.of_one_series and self.series is None:
            raise MisuseError(
                f"report {self.kind.value}: of one series", code="report.series_wanted", report=self.kind.value
            )


_K = ReportKind
_SELECTIONS: Mapping[str, frozenset[ReportKind]] = {
    "site": frozenset({_K.RECEIPTS, _K.INVOICED, _K.OUTSTANDING}),
    "household": frozenset({_K.STATEMENT}),
    "number": frozenset({_K.SLIP}),
    "by_month": frozenset({_K.RECEIPTS}),
}
_OF_ALL_SERIES = frozenset({_K.RECEIPTS, _K.INVOICED, _K.STATEMENT, _K.ABSENCES})


@attrs.frozen
class _Asked:
    wanted: ReportWanted
    uow: UnitOfWork
    actor: Actor
    names: Names

    @property
    def series(self) -> str:
        assert self.wanted.series is not None, "asked for when the report was wanted"
        return self.wanted.series


def report(wanted: ReportWanted, uow: UnitOfWork, *, actor: Actor) -> ReportTable:
    """The table of a report: what files, pages and screens are made of. Writes nothing.

    :raises AccessDeniedError: the actor may not see reports (a statement: nor is an adult of the household; absences:
        may not see attendance).
    :raises NotFoundError: no such household, slip or closing.
    """
    if wanted.kind is not ReportKind.STATEMENT:
        require(actor, Operation.VIEW_ATTENDANCE if wanted.kind is ReportKind.ABSENCES else Operation.VIEW_REPORTS)
    return _REPORTS[wanted.kind](_Asked(wanted, uow, actor, Names.of(uow)))


def _receipts(asked: _Asked) -> ReportTable:
    wanted, span = asked.wanted, asked.wanted.span
    rows = receipts_report(
        span, asked.uow, actor=asked.actor, series=wanted.series, site=wanted.site, by_month=wanted.by_month
    )
    return receipts_table(
        rows, span.first, span.last, currency=asked.names.currency, product_name=asked.names.product,
        series=wanted.series, site=wanted.site,
    )  # fmt: skip


def _invoiced(asked: _Asked) -> ReportTable:
    wanted, span = asked.wanted, asked.wanted.span
    rows = invoiced_report(span, asked.uow, actor=asked.actor, series=wanted.series, site=wanted.site)
    return invoiced_table(
        rows, span.first, span.last, currency=asked.names.currency, product_name=asked.names.product,
        series=wanted.series, site=wanted.site,
    )  # fmt: skip


def _outstanding(asked: _Asked) -> ReportTable:
    on, site = asked.wanted.span.last, asked.wanted.site
    beside: list[BesideInvoices] = []

    def noted() -> Iterator[Account]:  # accounts are read as they are asked for, once
        for account in read_accounts(asked.series, asked.uow, actor=asked.actor):
            if site is None:
                beside.extend(beside_invoices([account], on))
            yield account

    rows = outstanding_rows(noted(), on, asked.uow, site)
    return outstanding_table(
        rows, on, currency=asked.names.currency, household_name=asked.names.household, series=asked.series, site=site,
        beside=beside,
    )  # fmt: skip


def _late(asked: _Asked) -> ReportTable:
    on = asked.wanted.span.last
    rows = late_payers_report(on, asked.uow, actor=asked.actor, series=asked.series)
    return late_payers_table(
        rows, on, currency=asked.names.currency, household_name=asked.names.household, series=asked.series
    )


def _journal(asked: _Asked) -> ReportTable:
    span = asked.wanted.span
    before = Span(dt.date.min, span.first - dt.timedelta(days=1))
    opening = desk_balances(regie_journal(before, asked.uow, actor=asked.actor, series=asked.series))
    rows = regie_journal(span, asked.uow, actor=asked.actor, series=asked.series)
    return journal_table(
        rows, span.first, span.last, series=asked.series, currency=asked.names.currency,
        household_name=asked.names.household, opening=opening,
    )  # fmt: skip


def _slip(asked: _Asked) -> ReportTable:
    number, last = asked.wanted.number, asked.wanted.span.last
    slips = [
        slip
        for slip in asked.uow.deposit_slips.of(asked.series)
        if slip.on <= last and (number is None or slip.number == number)
    ]
    if not slips:
        raise NotFoundError(
            f"deposit slip of {asked.series} until {last}", code="report.no_slip", series=asked.series, day=last
        )
    payments = {payment: asked.uow.payments.get(payment).model for payment in slips[-1].payments}
    return deposit_table(slips[-1], payments, household_name=asked.names.household)


def _closing(asked: _Asked) -> ReportTable:
    last = asked.wanted.span.last
    closings = [one for one in asked.uow.desk_closings.of(asked.series) if one.on <= last]
    if not closings:
        raise NotFoundError(
            f"closing of the desk of {asked.series} until {last}", code="report.no_closing", series=asked.series,
            day=last,
        )  # fmt: skip
    return closing_table(closings[-1], currency=asked.names.currency)


def _statement(asked: _Asked) -> ReportTable:
    wanted, span, home = asked.wanted, asked.wanted.span, asked.wanted.household
    assert home is not None, "asked for when the report was wanted"
    asked.uow.households.get(home)
    entries = household_ledger(home, asked.uow, actor=asked.actor)
    found = statement(entries, home, span.first, span.last, series=wanted.series)
    return statement_table(found, currency=asked.names.currency, household_name=asked.names.household)


def _absences(asked: _Asked) -> ReportTable:
    span, names = asked.wanted.span, asked.names
    calendar = published_reglements(asked.uow).versions[-1].calendar
    return absences_table(
        asked.uow.absence_notices.stream(span.first, span.last), span.first, span.last, local=calendar.local,
        product_name=names.product, child_name=names.child,
    )  # fmt: skip


_REPORTS: Mapping[ReportKind, Callable[[_Asked], ReportTable]] = {
    ReportKind.RECEIPTS: _receipts,
    ReportKind.INVOICED: _invoiced,
    ReportKind.OUTSTANDING: _outstanding,
    ReportKind.LATE: _late,
    ReportKind.JOURNAL: _journal,
    ReportKind.SLIP: _slip,
    ReportKind.CLOSING: _closing,
    ReportKind.STATEMENT: _statement,
    ReportKind.ABSENCES: _absences,
}
