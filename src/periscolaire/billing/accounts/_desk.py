"""The desk of a régie de recettes: what it holds, what it hands over on a slip, how it is closed.

Rules: instruction codificatrice n° 06-031-A-B-M du 21 avril 2006; article R1617-16 du CGCT.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from periscolaire.billing.accounts._payments import MEANS, Means, Payment, Refund, Rejection
from periscolaire.clock import require_aware
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import FactId, PaymentId
from periscolaire.money import Amount
from periscolaire.reasons import Reason

__all__ = [
    "CashKind",
    "CashMove",
    "DepositSlip",
    "DeskClosing",
    "close_desk",
    "deposit_slip",
    "desk_content",
    "float_of",
    "refunds_at_desk",
    "to_deposit",
]


class CashKind(enum.Enum):
    """Why cash moves although no family pays; the values are the words of the journal."""

    FLOAT_IN = "fonds de caisse reçu"
    FLOAT_OUT = "fonds de caisse rendu"
    SHORTAGE = "déficit de caisse"
    SURPLUS = "excédent de caisse"

    @property
    def adds(self) -> bool:
        """It puts cash into the desk's books; the others take it out."""
        return self in (CashKind.FLOAT_IN, CashKind.SURPLUS)


@attrs.frozen
class CashMove:
    """Cash that the desk is trusted with for change (*fonds de caisse*), or a difference that was settled.

    A shortage (*déficit*) is taken off the books once the régisseur answers for it, a surplus (*excédent*) is put in.

    :raises MisuseError: the amount is not above 0, or ``at`` is naive.
    """

    id: FactId
    series: str
    kind: CashKind
    amount: Amount
    on: dt.date
    at: dt.datetime
    author: str
    motive: str = ""

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)
        if self.amount <= 0:
            raise MisuseError(
                f"{self.kind.value} of {self.amount}, expected more than 0", code="desk.amount", amount=self.amount
            )

    @property
    def signed(self) -> Amount:
        """The amount as it changes what the desk holds."""
        return self.amount if self.kind.adds else -self.amount


def float_of(moves: Iterable[CashMove], on: dt.date = dt.date.max) -> Amount:
    """The *fonds de caisse* at the end of ``on``: what the desk keeps when everything is handed over."""
    return sum(one.signed for one in moves if one.on <= on and one.kind in (CashKind.FLOAT_IN, CashKind.FLOAT_OUT))


@attrs.frozen
class DepositSlip:
    """*Bordereau de versement*: what the régisseur hands to the comptable public, payment by payment.

    ``refunds`` are those that the desk gave out of the same money: the totals are what is left of it, by means.
    """

    series: str
    number: int
    on: dt.date
    author: str
    payments: tuple[PaymentId, ...]
    totals: tuple[tuple[Means, Amount], ...]
    refunds: tuple[FactId, ...] = ()

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


def refunds_at_desk(refunds: Iterable[Refund], slips: Iterable[DepositSlip] = ()) -> tuple[Refund, ...]:
    """Refunds given by a means that is handed over on a slip, and that no slip has counted yet."""
    done = {refund for slip in slips for refund in slip.refunds}
    return tuple(one for one in refunds if MEANS[one.means].on_deposit_slip and one.id not in done)


def deposit_slip(
    payments: Iterable[Payment],
    series: str,
    number: int,
    on: dt.date,
    author: str,
    *,
    refunds: Iterable[Refund] = (),
    slips: Iterable[DepositSlip] = (),
) -> DepositSlip:
    """The slip of ``payments``, less the ``refunds`` that were given by the same means.

    A means of which the refunds have left nothing is not handed over: its payments wait for a later slip.

    :raises ConflictError: one is on a former slip.
    :raises MisuseError: nothing to hand over, or a payment of another series or of a means that is on no slip.
    """
    chosen, given = tuple(payments), refunds_at_desk(refunds, slips)
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
    for refund in given:
        totals[refund.means] = totals.get(refund.means, 0) - refund.amount
    left = {means for means, amount in totals.items() if amount > 0}
    if not left:
        raise MisuseError("a deposit slip needs a payment", code="desk.nothing_to_deposit")
    return DepositSlip(
        series,
        number,
        on,
        author,
        tuple(payment.id for payment in chosen if payment.means in left),
        tuple((means, totals[means]) for means in Means if means in left),
        tuple(refund.id for refund in given if refund.means in left),
    )


def desk_content(
    series: str,
    on: dt.date,
    payments: Iterable[Payment],
    *,
    rejections: Iterable[Rejection] = (),
    refunds: Iterable[Refund] = (),
    slips: Iterable[DepositSlip] = (),
    moves: Iterable[CashMove] = (),
    closed_at: dt.datetime | None = None,
) -> dict[Means, Amount]:
    """What the books say that the desk holds at the end of ``on``, by means that pass through it.

    Payments that came in, less those handed over, rejected, taken back or given back; cash moves besides. Card
    payments are not kept in a drawer: those since ``closed_at`` (the last closing) are what the terminal must say.
    """
    done = {payment for slip in slips if slip.on <= on for payment in slip.payments}
    done |= {rejection.payment for rejection in rejections if rejection.on <= on}
    counted = {refund for slip in slips if slip.on <= on for refund in slip.refunds}
    held: dict[Means, Amount] = {}

    def add(means: Means, amount: Amount) -> None:
        held[means] = held.get(means, 0) + amount

    for payment in payments:
        rule = MEANS[payment.means]
        known = not rule.on_deposit_slip and closed_at is not None and payment.at <= closed_at
        if payment.series == series and payment.received_on <= on and rule.at_desk and not known:
            add(payment.means, 0 if payment.id in done else payment.amount)
    for refund in refunds:
        if refund.series == series and refund.on <= on and MEANS[refund.means].on_deposit_slip:
            add(refund.means, 0 if refund.id in counted else -refund.amount)
    for move in moves:
        if move.series == series and move.on <= on:
            add(Means.CASH, move.signed)
    return {means: held[means] for means in Means if held.get(means)}


@attrs.frozen
class DeskClosing:
    """The cash desk closed at ``at``: what the books say and what was counted, by means, with every difference.

    ``explanation`` is what the régisseur says of the differences.
    """

    id: FactId
    series: str
    on: dt.date
    at: dt.datetime
    author: str
    expected: tuple[tuple[Means, Amount], ...]
    counted: tuple[tuple[Means, Amount], ...]
    reasons: tuple[Reason, ...] = ()
    explanation: str = ""

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
    rejections: Iterable[Rejection] = (),
    refunds: Iterable[Refund] = (),
    slips: Iterable[DepositSlip] = (),
    moves: Iterable[CashMove] = (),
    closed_at: dt.datetime | None = None,
    explanation: str = "",
) -> DeskClosing:
    """Compare what was counted at the desk with what the books say that it holds (:func:`desk_content`).

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
    expected = desk_content(
        series, on, payments, rejections=rejections, refunds=refunds, slips=slips, moves=moves, closed_at=closed_at
    )
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
        tuple(expected.items()),
        tuple((means, found[means]) for means in Means if means in found),
        reasons,
        explanation,
    )
