"""The journal of a régie de recettes, in double entry.

Rules: article R1617-16 du CGCT; instruction codificatrice n° 06-031-A-B-M du 21 avril 2006, annexes 23 et 24.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from periscolaire.billing.accounts._desk import CashKind, CashMove, DepositSlip
from periscolaire.billing.accounts._payments import Means, Payment, Refund, Rejection
from periscolaire.ids import HouseholdId
from periscolaire.money import Amount

__all__ = ["DeskAccount", "JournalRow", "desk_balances", "journal"]


class DeskAccount(enum.Enum):
    """The accounts of the régie's books; the values are their names."""

    CASH = "caisse"
    CHEQUES = "chèques à l'encaissement"
    VALUES = "titres spéciaux de paiement"
    BANK = "compte DFT"
    FLOAT = "fonds de caisse"
    DIFFERENCES = "déficits et excédents"
    TO_DEPOSIT = "recettes à verser"
    DEPOSITED = "recettes versées"


_ACCOUNTS = {
    Means.CASH: DeskAccount.CASH,
    Means.CHEQUE: DeskAccount.CHEQUES,
    Means.CESU: DeskAccount.VALUES,
    Means.VOUCHER: DeskAccount.VALUES,
}
_FLOAT = frozenset({CashKind.FLOAT_IN, CashKind.FLOAT_OUT})


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
    moves: Iterable[CashMove] = (),
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
                "annulation" if rejection.mistake else "rejet",
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
    for move in moves:
        other = DeskAccount.FLOAT if move.kind in _FLOAT else DeskAccount.DIFFERENCES
        debit, credit = (DeskAccount.CASH, other) if move.kind.adds else (other, DeskAccount.CASH)
        rows.append(JournalRow(move.on, move.id, move.kind.value, debit, credit, move.amount))
    chosen = [row for row in rows if first <= row.on <= last]
    return tuple(sorted(chosen, key=lambda row: (row.on, row.piece, row.debit.value)))


def desk_balances(rows: Iterable[JournalRow]) -> dict[DeskAccount, Amount]:
    """The balance of every account after ``rows``; they add up to 0."""
    balances = dict.fromkeys(DeskAccount, 0)
    for row in rows:
        balances[row.debit] += row.amount
        balances[row.credit] -= row.amount
    return balances
