"""What undoes or ends: a payment that bounced or was a mistake, money given back, sums no longer asked for."""

from __future__ import annotations

import attrs

from periscolaire.billing.accounts._account import Account
from periscolaire.billing.accounts._payments import MEANS, Refund, Rejection
from periscolaire.billing.accounts._recovery import WriteOff
from periscolaire.billing.accounts._settling import AllocationPolicy, spend
from periscolaire.errors import ConflictError, NotFoundError

__all__ = ["bounce", "refund", "write_off"]


def bounce(account: Account, rejection: Rejection) -> Account:
    """The account once a payment was rejected, or taken back as a mistake: what it had settled is owed again.

    What had been refunded out of it is :attr:`Account.overdrawn`, as far as no other credit bears it.

    :raises NotFoundError: no such payment.
    :raises ConflictError: it was rejected before, or its means cannot be (a mistake can be made in any).
    """
    payment = next((known for known in account.payments if known.id == rejection.payment), None)
    if payment is None:
        raise NotFoundError(
            f"payment {rejection.payment} in the account of {account.household}",
            code="account.no_payment",
            payment=rejection.payment,
            household=account.household,
        )
    if any(known.payment == rejection.payment for known in account.rejections):
        raise ConflictError(
            f"payment {payment.id} was rejected before", code="account.rejected_before", payment=payment.id
        )
    if not rejection.mistake and not MEANS[payment.means].may_bounce:
        raise ConflictError(
            f"payment {payment.id}: {payment.means.value} cannot be rejected",
            code="account.cannot_bounce",
            payment=payment.id,
            means=payment.means.value,
        )
    undone = [
        attrs.evolve(allocation, amount=-allocation.amount, on=max(rejection.on, allocation.on))
        for allocation in account.allocations
        if allocation.source == payment.id
    ]
    return attrs.evolve(
        account,
        rejections=(*account.rejections, rejection),
        allocations=(*account.allocations, *undone),
    )


def refund(account: Account, given: Refund) -> Account:
    """The account once money was given back out of its credit.

    :raises ConflictError: it has less credit than that, now or on the day of the refund.
    """
    credit = min(account.credit, account.at(given.on).credit)
    if given.amount > credit:
        raise ConflictError(
            f"refund {given.id}: {given.amount}, but the credit is {credit}",
            code="account.credit_too_small",
            household=account.household,
        )
    return attrs.evolve(account, refunds=(*account.refunds, given))


def write_off(account: Account, act: WriteOff) -> Account:
    """The account once a sum was taken off an invoice (written off, remitted, handed to the trésorerie).

    :raises NotFoundError: the invoice is not of this account.
    :raises ConflictError: it asks for less than that, or was issued, or opened again, after the act.
    """
    invoice = account.invoice(act.invoice)
    if act.on < (since := account.open_since(invoice)):
        raise ConflictError(
            f"write-off {act.id} of {act.on}: invoice {invoice.id} has been open since {since}",
            code="account.write_off_too_early",
            invoice=invoice.id,
            day=act.on,
            since=since,
        )
    left = account.remaining()[invoice.id]
    if act.amount > left:
        raise ConflictError(
            f"write-off {act.id}: {act.amount}, but invoice {invoice.id} asks for {left}",
            code="account.write_off_too_large",
            invoice=invoice.id,
        )
    recorded = attrs.evolve(account, write_offs=(*account.write_offs, act))
    return spend(recorded, act.id, act.amount, [invoice], act.on, AllocationPolicy.PRO_RATA, None)
