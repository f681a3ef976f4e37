"""Use cases of what is paid as it is booked (R): its invoice comes with the receipt, or as the place is given later;
its payment confirms the places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from periscolaire.access import Actor, Operation, audit, require
from periscolaire.billing import Invoice, Selection
from periscolaire.booking import Receipt, SlotKey
from periscolaire.calendar import Span
from periscolaire.catalogue import PaymentMode
from periscolaire.errors import ConflictError
from periscolaire.ids import HouseholdId, ProductCode
from periscolaire.operations._accounts import take_turn
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import child_target
from periscolaire.operations.billing._prepare import draft_run, keep_run
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.reglement import Reglement

__all__ = ["invoice_booking", "invoice_places"]

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
    slots = (key for line in receipt.lines for key in (line.key, line.to or line.key))
    return _invoice(dict.fromkeys(slots, receipt.household), uow, actor, now, make_id)


def invoice_places(
    slots: Iterable[SlotKey],
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    make_id: Callable[[], str] = new_id,
) -> tuple[Invoice, ...]:
    """As :func:`invoice_booking`, for places that were given after their basket was validated.

    Such are a request that was granted (:func:`~periscolaire.operations.answer_request`), an offer from the waiting
    list, once accepted or, where payment confirms it, as soon as it is made
    (:func:`~periscolaire.operations.accept_offer`, :func:`~periscolaire.operations.make_offers`), and what was
    allocated (:func:`~periscolaire.operations.allocate_places`).

    :raises AccessDeniedError: the actor may not book for these children.
    :raises ConflictError: nothing was ever asked for a slot, or documents of a later day were issued.
    """
    households: dict[SlotKey, HouseholdId] = {}
    for slot in slots:
        stored = uow.reservations.find(slot)
        if stored is None:
            require(actor, Operation.BOOK, child_target(uow, slot.child, slot.day))
            raise ConflictError(
                f"nothing was asked for {slot.product} on {slot.day}",
                code="operation.nothing_asked",
                product=slot.product,
                day=slot.day,
            )
        households[slot] = stored.model.household
    return _invoice(households, uow, actor, now, make_id)


def _invoice(
    households: dict[SlotKey, HouseholdId],
    uow: UnitOfWork,
    actor: Actor,
    now: dt.datetime,
    make_id: Callable[[], str],
) -> tuple[Invoice, ...]:
    """The documents of these slots, of which the households are given: one run for each version of the règlement."""
    for slot in households:
        require(actor, Operation.BOOK, child_target(uow, slot.child, slot.day))
    reglements = published_reglements(uow)
    by_version: dict[str, list[SlotKey]] = {}
    for slot in households:
        reglement = reglements.on(slot.day)
        if _is_paid_at_once(slot.product, reglement):
            by_version.setdefault(reglement.version, []).append(slot)
    if not by_version:
        return ()
    take_turn(uow, *sorted({households[slot] for slots in by_version.values() for slot in slots}))
    today = reglements.versions[-1].calendar.today(now)
    issued: list[Invoice] = []
    for slots in by_version.values():
        days = [slot.day for slot in slots]
        payers = frozenset(households[slot] for slot in slots)
        prepared = draft_run(
            Span(min(days), max(days)), uow, actor=actor, issued_on=today,
            selection=Selection(products=frozenset(slot.product for slot in slots), households=payers),
            this_year_only=True, make_id=make_id,
        )  # fmt: skip
        issued += keep_run(prepared, uow, now)
    told = sorted({invoice.payer for invoice in issued})
    uow.audit.append(audit(actor, Operation.BOOK, f"household:{payer}", now, detail="invoiced") for payer in told)
    return tuple(issued)


def _is_paid_at_once(code: ProductCode, reglement: Reglement) -> bool:
    return reglement.product(code).payment in _AT_ONCE or reglement.schedule_of(code) is not None
