"""Use case of what is paid as it is booked (R): its invoice comes with the receipt, its payment confirms the places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from periscolaire.access import Actor, Operation, audit, require
from periscolaire.billing import Invoice, Selection
from periscolaire.booking import Receipt
from periscolaire.calendar import Span
from periscolaire.catalogue import PaymentMode
from periscolaire.ids import ProductCode
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import child_target
from periscolaire.operations.billing._prepare import draft_run, keep_run
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.reglement import Reglement

__all__ = ["invoice_booking"]

_AT_ONCE = frozenset({PaymentMode.TO_CONFIRM, PaymentMode.AT_VALIDATION})


def invoice_booking(
    receipt: Receipt,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    make_id: Callable[[], str] = new_id,
) -> tuple[Invoice, ...]:
    """The documents of what a validated basket has paid at once: products paid at reservation, and deposits.

    What was cancelled gives a credit note. Other products wait for the run of their month. Done again it issues
    nothing. Does not commit.

    :raises AccessDeniedError: the actor may not book for these children.
    :raises ConflictError: documents of a later day were issued.
    """
    days = sorted({key.day for line in receipt.lines for key in (line.key, line.to or line.key)})
    for line in receipt.lines:
        require(actor, Operation.BOOK, child_target(uow, line.key.child, line.key.day))
    if not days:
        return ()
    reglement = published_reglements(uow).on(days[-1])
    codes = {key.product for line in receipt.lines for key in (line.key, line.to or line.key)}
    products = frozenset(code for code in codes if _is_paid_at_once(code, reglement))
    if not products:
        return ()
    uow.hold(receipt.household)
    selection = Selection(products=products, households=frozenset({receipt.household}))
    prepared = draft_run(
        Span(days[0], days[-1]), uow, actor=actor, issued_on=reglement.calendar.today(now), selection=selection,
        this_year_only=True, make_id=make_id,
    )  # fmt: skip
    issued = keep_run(prepared, uow, now)
    if issued:
        uow.audit.append([audit(actor, Operation.BOOK, f"household:{receipt.household}", now, detail="invoiced")])
    return issued


def _is_paid_at_once(code: ProductCode, reglement: Reglement) -> bool:
    return reglement.product(code).payment in _AT_ONCE or reglement.schedule_of(code) is not None
