"""The books of a régie de recettes: numbered receipts, double-entry journal, deposit slips, closing of the desk.

Rules: instruction codificatrice n° 06-031-A-B-M du 21 avril 2006; article R1617-16 du CGCT.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from periscolaire.billing.accounts._payments import MEANS, Allocation, Means, Payment, Refund, Rejection
from periscolaire.clock import require_aware
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import FactId, HouseholdId, InvoiceId, PaymentId
from periscolaire.money import Amount
from periscolaire.reasons import Reason

__all__ = [
    "DepositSlip",
    "DeskAccount",
    "DeskClosing",
    "JournalRow",
    "Quittance",
    "close_desk",
    "deposit_slip",
    "desk_balances",
    "journal",
    "quittances",
    "to_deposit",
]


class DeskAccount(enum.Enum):
    """The accounts of the régie's books; the values are their names."""

    CASH = "caisse"
    CHEQUES = "chèques à l'encaissement"
    VALUES = "titres spéciaux de paiement"
    BANK = "compte DFT"
    TO_DEPOSIT = "recettes à verser"
    DEPOSITED = "recettes versées"


_ACCOUNTS = {
    Means.CASH: DeskAccount.CASH,
    Means.CHEQUE: DeskAccount.CHEQUES,
    Means.CESU: DeskAccount.VALUES,
    Means.VOUCHER: DeskAccount.VALUES,
}


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


@attrs.frozen
class DepositSlip:
    """*Bordereau de versement*: what the régisseur hands to the comptable public, payment by payment."""

    series: str
    number: int
    on: dt.date
    author: str
    payments: tuple[PaymentId, ...]
    totals: tuple[tuple[Means, Amount], ...]

    @property
    def total(self) -> Amount:
        """What is handed over."""
        return sum(amount for _, amount in self.totals)


def to_deposit(
    payments: Iterable[Payment],
    slips: Iterable[DepositSlip] = (),
    rejections: Iterable[Rejection] = (),
) -> tuple[Payment, ...]:
    """Payments that are handed over on a slip and are on none yet, oldest first; what bounced before is left out."""
    done = {payment for slip in slips for payment in slip.payments} | {rejection.payment for rejection in rejections}
    return tuple(
        sorted(
            (payment for payment in payments if MEANS[payment.means].on_deposit_slip and payment.id not in done),
            key=lambda payment: (payment.received_on, payment.at, payment.id),
        )
    )


def deposit_slip(
    payments: Iterable[Payment],
    series: str,
    number: int,
    on: dt.date,
    author: str,
    *,
    slips: Iterable[DepositSlip] = (),
) -> DepositSlip:
    """The slip of ``payments``.

    :raises ConflictError: one is on a former slip.
    :raises MisuseError: none at all, or one of another series or of a means that is on no slip.
    """
    chosen = tuple(payments)
    done = {payment for slip in slips for payment in slip.payments}
    totals: dict[Means, Amount] = {}
    for payment in chosen:
        if payment.id in done:
            raise ConflictError(
                f"payment {payment.id} is on a former deposit slip", code="desk.deposited_before", payment=payment.id
            )
        if payment.series != series or not MEANS[payment.means].on_deposit_slip:
            raise MisuseError(
                f"payment {payment.id} ({payment.means.value}, {payment.series}) is not for this slip",
                code="desk.not_for_this_slip",
                payment=payment.id,
                means=payment.means.value,
                series=payment.series,
            )
        totals[payment.means] = totals.get(payment.means, 0) + payment.amount
    if not chosen:
        raise MisuseError("a deposit slip needs a payment", code="desk.nothing_to_deposit")
    ordered = tuple((means, totals[means]) for means in Means if means in totals)
    return DepositSlip(series, number, on, author, tuple(payment.id for payment in chosen), ordered)


@attrs.frozen
class JournalRow:
    """One row of the journal of the régie: ``amount`` goes from the ``credit`` account to the ``debit`` account."""

    on: dt.date
    piece: str
    label: str
    debit: DeskAccount
    credit: DeskAccount
    amount: Amount
    household: HouseholdId | None = None


def journal(
    payments: Iterable[Payment],
    *,
    rejections: Iterable[Rejection] = (),
    refunds: Iterable[Refund] = (),
    slips: Iterable[DepositSlip] = (),
    first: dt.date = dt.date.min,
    last: dt.date = dt.date.max,
) -> tuple[JournalRow, ...]:
    """Every operation of the régie from ``first`` to ``last`` in double entry, in order of date and piece."""
    known = {payment.id: payment for payment in payments}
    rows = [
        JournalRow(
            payment.received_on,
            payment.id,
            "encaissement",
            _ACCOUNTS.get(payment.means, DeskAccount.BANK),
            DeskAccount.TO_DEPOSIT,
            payment.amount,
            payment.household,
        )
        for payment in known.values()
    ]
    deposited = {payment: slip for slip in slips for payment in slip.payments}
    for rejection in rejections:
        payment = known[rejection.payment]
        # What was handed over before it bounced comes back through the account at the Treasury.
        account = DeskAccount.BANK if payment.id in deposited else _ACCOUNTS.get(payment.means, DeskAccount.BANK)
        rows.append(
            JournalRow(
                rejection.on,
                rejection.id,
                "rejet",
                DeskAccount.TO_DEPOSIT,
                account,
                payment.amount,
                payment.household,
            )
        )
    rows.extend(
        JournalRow(
            given.on,
            given.id,
            "remboursement",
            DeskAccount.TO_DEPOSIT,
            _ACCOUNTS.get(given.means, DeskAccount.BANK),
            given.amount,
            given.household,
        )
        for given in refunds
    )
    for slip in {(slip.series, slip.number): slip for slip in deposited.values()}.values():
        rows.extend(
            JournalRow(
                slip.on,
                f"bordereau {slip.number}",
                "versement",
                DeskAccount.DEPOSITED,
                _ACCOUNTS.get(means, DeskAccount.BANK),
                amount,
            )
            for means, amount in slip.totals
        )
    chosen = [row for row in rows if first <= row.on <= last]
    return tuple(sorted(chosen, key=lambda row: (row.on, row.piece, row.debit.value)))


def desk_balances(rows: Iterable[JournalRow]) -> dict[DeskAccount, Amount]:
    """The balance of every account after ``rows``; they add up to 0."""
    balances = dict.fromkeys(DeskAccount, 0)
    for row in rows:
        balances[row.debit] += row.amount
        balances[row.credit] -= row.amount
    return balances


@attrs.frozen
class DeskClosing:
    """The cash desk closed at ``at``: what the books say and what was counted, by means; differences are explained."""

    id: FactId
    series: str
    on: dt.date
    at: dt.datetime
    author: str
    expected: tuple[tuple[Means, Amount], ...]
    counted: tuple[tuple[Means, Amount], ...]
    reasons: tuple[Reason, ...] = ()

    @property
    def difference(self) -> Amount:
        """Counted minus expected: 0 when the desk is right."""
        return sum(amount for _, amount in self.counted) - sum(amount for _, amount in self.expected)


def close_desk(
    closing: FactId,
    series: str,
    payments: Iterable[Payment],
    counted: Iterable[tuple[Means, Amount]],
    on: dt.date,
    at: dt.datetime,
    author: str,
    *,
    since: dt.date | None = None,
    slips: Iterable[DepositSlip] = (),
) -> DeskClosing:
    """Compare what was counted at the desk with what was received there and not handed over yet.

    ``since`` is the first day that the desk holds (the day after the former closing that emptied it).

    :raises MisuseError: a means that does not pass through the desk was counted, or an amount is negative.
    """
    require_aware(at)
    found = dict(counted)
    for means, amount in found.items():
        if not MEANS[means].at_desk or amount < 0:
            raise MisuseError(
                f"closing of {series}: {amount} in {means.value} cannot be counted at the desk",
                code="desk.not_counted_there",
                means=means.value,
            )
    done = {payment for slip in slips for payment in slip.payments if slip.on <= on}
    expected: dict[Means, Amount] = {}
    for payment in payments:
        held = payment.received_on <= on and (since is None or since <= payment.received_on)
        if payment.series == series and held and payment.id not in done and MEANS[payment.means].at_desk:
            expected[payment.means] = expected.get(payment.means, 0) + payment.amount
    reasons = tuple(
        Reason.of(
            "billing.desk.difference",
            means=means.value,
            expected=expected.get(means, 0),
            counted=found.get(means, 0),
        )
        for means in Means
        if expected.get(means, 0) != found.get(means, 0)
    )
    return DeskClosing(
        closing,
        series,
        on,
        at,
        author,
        tuple((means, expected[means]) for means in Means if means in expected),
        tuple((means, found[means]) for means in Means if means in found),
        reasons,
    )
