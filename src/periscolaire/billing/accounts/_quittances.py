"""Receipts (*quittances*): numbered without a gap, cancelled by an entry, never deleted.

Rule: the journal with numbered counterfoils, instruction codificatrice n° 06-031-A-B-M du 21 avril 2006.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from periscolaire.billing.accounts._payments import Allocation, Means, Payment
from periscolaire.errors import MisuseError
from periscolaire.ids import HouseholdId, InvoiceId, PaymentId
from periscolaire.money import Amount

__all__ = ["Quittance", "quittances"]


@attrs.frozen
class Quittance:
    """The receipt of a payment: its number has no gap within a series; it is cancelled by an entry, never deleted."""

    series: str
    number: int
    payment: PaymentId
    household: HouseholdId
    on: dt.date
    amount: Amount
    means: Means
    settles: tuple[tuple[InvoiceId, Amount], ...] = ()


def quittances(
    payments: Iterable[Payment], allocations: Iterable[Allocation], series: str, *, next_number: int
) -> tuple[Quittance, ...]:
    """The receipts of payments that have none yet, numbered without a gap in order of their recording.

    :raises MisuseError: the first number is below 1.
    """
    if next_number < 1:
        raise MisuseError(f"series {series}: next receipt {next_number}, expected 1 or more")
    settled: dict[str, dict[InvoiceId, Amount]] = {}
    for allocation in allocations:
        by_invoice = settled.setdefault(allocation.source, {})
        by_invoice[allocation.line.invoice] = by_invoice.get(allocation.line.invoice, 0) + allocation.amount
    waiting = sorted(
        (payment for payment in payments if payment.series == series and payment.receipt is None),
        key=lambda payment: (payment.at, payment.id),
    )
    return tuple(
        Quittance(
            series,
            number,
            payment.id,
            payment.household,
            payment.received_on,
            payment.amount,
            payment.means,
            tuple(sorted(settled.get(payment.id, {}).items())),
        )
        for number, payment in enumerate(waiting, start=next_number)
    )
