"""The ledger: every document and movement as one dated entry; balances follow from entries, never the reverse.

``opening + invoiced − credited − paid = remaining`` holds per household, per series and in total, at every date.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from periscolaire.billing._documents import Invoice, InvoiceKind
from periscolaire.billing.accounts._payments import Payment, Refund, Rejection
from periscolaire.billing.accounts._recovery import WriteOff
from periscolaire.ids import HouseholdId, PaymentId
from periscolaire.money import Amount

__all__ = ["Balance", "Entry", "EntryKind", "Statement", "StatementRow", "balance", "entries", "statement"]


class EntryKind(enum.Enum):
    """What an entry is; the values are the words of reports."""

    OPENING = "report à nouveau"
    INVOICED = "facturé"
    CREDITED = "avoir"
    WRITTEN_OFF = "admis en non-valeur"
    REMITTED = "remise gracieuse"
    TRANSFERRED = "transmis à la trésorerie"
    PAID = "encaissé"
    BOUNCED = "rejeté"
    UNDONE = "annulé, saisi par erreur"
    REFUNDED = "remboursé"


_CREDITS = frozenset({EntryKind.CREDITED, EntryKind.WRITTEN_OFF, EntryKind.REMITTED, EntryKind.TRANSFERRED})
_ORDER = {kind: rank for rank, kind in enumerate(EntryKind)}


@attrs.frozen
class Entry:
    """One movement of an account: ``amount`` is signed, above 0 when the household owes more."""

    day: dt.date
    household: HouseholdId
    series: str
    kind: EntryKind
    amount: Amount
    document: str


@attrs.frozen
class Balance:
    """What an account amounts to between two dates: the four terms, and what remains due (below 0: a credit)."""

    opening: Amount = 0
    invoiced: Amount = 0
    credited: Amount = 0
    paid: Amount = 0

    @property
    def remaining(self) -> Amount:
        """``opening + invoiced − credited − paid``."""
        return self.opening + self.invoiced - self.credited - self.paid


@attrs.frozen
class StatementRow:
    """An entry with the balance after it."""

    entry: Entry
    balance: Amount


@attrs.frozen
class Statement:
    """The account of a household (for one series, or all when ``None``) from ``first`` to ``last``, both included."""

    household: HouseholdId
    series: str | None
    first: dt.date
    last: dt.date
    balance: Balance
    rows: tuple[StatementRow, ...]


def entries(
    invoices: Iterable[Invoice] = (),
    payments: Iterable[Payment] = (),
    rejections: Iterable[Rejection] = (),
    refunds: Iterable[Refund] = (),
    write_offs: Iterable[WriteOff] = (),
    openings: Iterable[Entry] = (),
) -> tuple[Entry, ...]:
    """All the entries, in canonical order (day, household, series, kind, document)."""
    paid: dict[PaymentId, Payment] = {}
    found = list(openings)
    for invoice in invoices:
        kind = EntryKind.INVOICED if invoice.kind is InvoiceKind.INVOICE else EntryKind.CREDITED
        found.append(Entry(invoice.issued_on, invoice.payer, invoice.series, kind, invoice.total, invoice.id))
    for payment in payments:
        paid[payment.id] = payment
        found.append(
            Entry(payment.received_on, payment.household, payment.series, EntryKind.PAID, -payment.amount, payment.id)
        )
    for rejection in rejections:
        payment = paid[rejection.payment]
        kind = EntryKind.UNDONE if rejection.mistake else EntryKind.BOUNCED
        found.append(Entry(rejection.on, payment.household, payment.series, kind, payment.amount, rejection.id))
    found.extend(
        Entry(refund.on, refund.household, refund.series, EntryKind.REFUNDED, refund.amount, refund.id)
        for refund in refunds
    )
    found.extend(
        Entry(off.on, off.household, off.series, EntryKind(off.kind.value), -off.amount, off.id) for off in write_offs
    )
    return tuple(sorted(found, key=_canonical))


def _canonical(entry: Entry) -> tuple[dt.date, str, str, int, str]:
    return (entry.day, entry.household, entry.series, _ORDER[entry.kind], entry.document)


def balance(
    ledger: Iterable[Entry],
    *,
    household: HouseholdId | None = None,
    series: str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> Balance:
    """The four terms over a closed span of days; what came before ``first`` is the opening."""
    opening = invoiced = credited = paid = 0
    for entry in ledger:
        if household is not None and entry.household != household:
            continue
        if series is not None and entry.series != series:
            continue
        if last is not None and entry.day > last:
            continue
        if entry.kind is EntryKind.OPENING or (first is not None and entry.day < first):
            opening += entry.amount
        elif entry.kind is EntryKind.INVOICED:
            invoiced += entry.amount
        elif entry.kind in _CREDITS:
            credited -= entry.amount
        else:
            paid -= entry.amount
    return Balance(opening, invoiced, credited, paid)


def statement(
    ledger: Iterable[Entry],
    household: HouseholdId,
    first: dt.date,
    last: dt.date,
    *,
    series: str | None = None,
) -> Statement:
    """The account of a household at the end of ``last``, entry by entry since ``first``."""
    mine = sorted(
        (
            entry
            for entry in ledger
            if entry.household == household and (series is None or entry.series == series) and entry.day <= last
        ),
        key=_canonical,
    )
    totals = balance(mine, first=first, last=last)
    running = totals.opening
    rows = []
    for entry in mine:
        if entry.day < first or entry.kind is EntryKind.OPENING:
            continue
        running += entry.amount
        rows.append(StatementRow(entry, running))
    return Statement(household, series, first, last, totals, tuple(rows))
