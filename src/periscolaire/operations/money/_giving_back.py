"""Use cases of money that goes back: payments rejected or recorded by mistake, refunds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import Account, Means, Refund, Rejection, bounce, refund
from periscolaire.clock import utc
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import FactId, HouseholdId, Key, PaymentId
from periscolaire.money import Amount
from periscolaire.operations._accounts import keep_allocations, read_account, require_payer, take_turn
from periscolaire.operations._once import done_before
from periscolaire.operations.money._household_acts import act_on
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["Refunded", "cancel_payment", "refund_household", "reject_payment"]


def reject_payment(
    payment: PaymentId,
    uow: UnitOfWork,
    *,
    on: dt.date,
    actor: Actor,
    now: dt.datetime,
    motive: str = "",
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> Account:
    """A payment bounced: what it had settled is owed again; the account after that. Does not commit.

    :raises NotFoundError: no such payment.
    :raises ConflictError: it was rejected before, its means cannot be, or the rejection is before the payment.
    """
    return _undo(payment, uow, on, actor, now, motive, key, make_id, mistake=False)


def cancel_payment(
    payment: PaymentId,
    motive: str,
    uow: UnitOfWork,
    *,
    on: dt.date,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> Account:
    """A payment was recorded by mistake (wrong household, wrong sum): it never came in. Does not commit.

    The payment and its numbered receipt stay, with this new fact beside them: nothing is deleted. What was handed
    over on a deposit slip came in for sure, and is given back instead (:func:`refund_household`).

    :raises NotFoundError: no such payment.
    :raises ConflictError: it was rejected or taken back before, or is on a deposit slip.
    :raises MisuseError: no motive is given.
    """
    require(actor, Operation.RECORD_PAYMENT)
    if not motive.strip():
        raise MisuseError(
            f"payment {payment} taken back: expected the motive", code="account.cancelled_without_motive",
            payment=payment,
        )  # fmt: skip
    held = uow.payments.get(payment).model
    slip = next((slip for slip in uow.deposit_slips.of(held.series) if payment in slip.payments), None)
    if slip is not None:
        raise ConflictError(
            f"payment {payment} was handed over on slip {slip.number}", code="account.deposited", payment=payment,
            slip=slip.number,
        )  # fmt: skip
    return _undo(payment, uow, on, actor, now, motive, key, make_id, mistake=True)


def _undo(
    payment: PaymentId,
    uow: UnitOfWork,
    on: dt.date,
    actor: Actor,
    now: dt.datetime,
    motive: str,
    key: Key | None,
    make_id: Callable[[], str],
    *,
    mistake: bool,
) -> Account:
    require(actor, Operation.RECORD_PAYMENT)
    held = uow.payments.get(payment).model
    take_turn(uow, held.household)
    account = read_account(held.household, held.series, uow)
    detail = "cancelled" if mistake else "rejected"
    command = (detail, payment, on, motive)
    if done_before(uow, key, command) is not None:
        return account
    if on < held.received_on:
        raise ConflictError(
            f"payment {payment} of {held.received_on} cannot be {detail} on {on}",
            code="account.rejected_too_early",
            payment=payment,
            received=held.received_on,
            day=on,
        )
    rejection = Rejection(FactId(make_id()), payment, on, utc(now), actor.label, motive, mistake)
    after = bounce(account, rejection)
    act_on(uow, actor, Operation.RECORD_PAYMENT, held.household, now, detail, key, command)
    uow.rejections.append([rejection])
    keep_allocations(account, after, uow)
    return after


@attrs.frozen
class Refunded:
    """Money given back to a household out of its credit, on ``on``."""

    household: HouseholdId
    series: str
    means: Means
    amount: Amount
    on: dt.date
    motive: str = ""


def refund_household(
    given: Refunded,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> Account:
    """Give money back; the account after that. Does not commit.

    :raises NotFoundError: no such household nor third party.
    :raises MisuseError: an amount that is not above 0.
    :raises ConflictError: the household has less credit than that.
    """
    require(actor, Operation.RECORD_PAYMENT)
    require_payer(given.household, uow)
    take_turn(uow, given.household)
    account = read_account(given.household, given.series, uow)
    if done_before(uow, key, given) is not None:
        return account
    fact = Refund(
        FactId(make_id()), given.household, given.series, given.means, given.amount, given.on, utc(now), actor.label,
        given.motive,
    )  # fmt: skip
    after = refund(account, fact)
    act_on(uow, actor, Operation.RECORD_PAYMENT, given.household, now, "refunded", key, given)
    uow.refunds.append([fact])
    return after
