"""Use cases of money received: record payments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from periscolaire.access import Actor, Operation, audit, require
from periscolaire.billing import Account, Payment, settle
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.ids import HouseholdId
from periscolaire.money import EUR
from periscolaire.operations._accounts import keep_allocations, read_account, require_payer, take_turn
from periscolaire.operations._confirming import confirm_paid
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._series import series_of
from periscolaire.ports import UnitOfWork

__all__ = ["record_payments"]


def record_payments(
    payments: Iterable[Payment], uow: UnitOfWork, *, actor: Actor, now: dt.datetime, received: bool = False
) -> tuple[Account, ...]:
    """Record payments and allocate them to the lines they settle; the accounts after that. Does not commit.

    A place that is paid to be confirmed is confirmed; one whose hold has lapsed is booked again if a place is left, and
    its money is a credit otherwise. ``received``: the money is in, whatever became of its invoices (see
    :func:`~periscolaire.billing.settle`).

    :raises AccessDeniedError: the actor may not record payments.
    :raises NotFoundError: a payment names an invoice that is not of its account, a payer that is not known, or a series
        that no règlement has and that invoiced them nothing.
    :raises ConflictError: it was recorded before, or the invoice it names is settled.
    :raises ConflictError: the clock has gone back since the payments recorded before.
    :raises MisuseError: another currency, or a means that may not pay this.
    """
    require(actor, Operation.RECORD_PAYMENT)
    given = tuple(payments)
    versions = published_reglements(uow).versions if given else ()
    known = {one.code for version in versions for one in series_of(version)}
    currency = versions[-1].currency if versions else EUR
    for payment in given:
        if payment.currency != currency:
            raise MisuseError(
                f"payment {payment.id!r} in {payment.currency.code}: the commune's currency is {currency.code}",
                code="payment.currency",
                given=payment.currency.code,
                expected=currency.code,
            )
    take_turn(uow, *sorted({payment.household for payment in given}))
    before: dict[tuple[HouseholdId, str], Account] = {}
    after: dict[tuple[HouseholdId, str], Account] = {}
    for payment in given:
        place = (payment.household, payment.series)
        if place not in after:
            require_payer(payment.household, uow)
            before[place] = after[place] = read_account(*place, uow)
            if payment.series not in known and not before[place].invoices:
                raise NotFoundError(
                    f"payment {payment.id!r}: series {payment.series!r}, expected one of {', '.join(sorted(known))}",
                    code="payment.series_unknown",
                    series=payment.series,
                    known=tuple(sorted(known)),
                )
        if uow.payments.find(payment.id) is not None:
            raise ConflictError(f"payment {payment.id!r} was recorded before", code="payment.known", payment=payment.id)
        last = max((one.at for one in before[place].payments), default=payment.at)
        if payment.at < last:
            raise ConflictError(
                f"payment {payment.id!r} at {payment.at}: the clock has gone back, one was at {last}",
                code="operation.clock_went_back",
            )
        after[place] = settle(after[place], payment, received=received)
        uow.payments.save(payment)
    for place, account in after.items():
        keep_allocations(before[place], account, uow)
        confirm_paid(before[place], account, uow, author=actor.label, at=now)
    if given:
        line = audit(actor, Operation.RECORD_PAYMENT, "commune", now, detail=str(len(given)))
        uow.audit.append([line])
    return tuple(after.values())
