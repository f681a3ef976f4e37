"""Places held until they are paid (R): the payment of their invoice confirms them.

For use cases that have asked who may: nothing here asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from periscolaire.billing import Account, ChargeKind, Invoice
from periscolaire.booking import BookingChange, ChangeKind, SlotKey, State
from periscolaire.catalogue import PaymentMode
from periscolaire.clock import utc
from periscolaire.ids import FactId
from periscolaire.operations._changes import record_changes
from periscolaire.operations._reglements import published_reglements
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["confirm_paid"]


def confirm_paid(
    before: Account, after: Account, uow: UnitOfWork, *, author: str, at: dt.datetime,
    make_id: Callable[[], str] = new_id,
) -> int:  # fmt: skip
    """Confirm the places that wait for the invoices which ``after`` has settled and ``before`` had not; how many.

    A place whose time is over stays lost: what was paid for it becomes a credit at the next run.
    """
    owed, left = before.remaining(), after.remaining()
    settled = [one for one in after.invoices if owed.get(one.id, 0) > 0 and left.get(one.id, 0) <= 0]
    changes: list[BookingChange] = []
    reglements = published_reglements(uow)
    for slot in _slots(settled):
        reglement = reglements.on(slot.day)
        if reglement.product(slot.product).payment is not PaymentMode.TO_CONFIRM:
            continue
        stored = uow.reservations.find(slot)
        if stored is None or stored.model.state is not State.REQUESTED or stored.model.hold_until is None:
            continue
        if utc(stored.model.hold_until) > utc(at):
            changes.append(
                BookingChange(
                    id=FactId(make_id()),
                    key=slot,
                    household=stored.model.household,
                    kind=ChangeKind.CONFIRM,
                    at=utc(at),
                    author=author,
                    reglement=reglement.version,
                )
            )
    if changes:
        uow.hold(*sorted({change.key.child for change in changes}))
    for change in changes:  # the places are held already: nothing moves
        record_changes(uow, [change], reglements.on(change.key.day))
    return len(changes)


def _slots(invoices: Iterable[Invoice]) -> Iterable[SlotKey]:
    for invoice in invoices:
        for line in invoice.lines:
            if line.kind is ChargeKind.SERVICE and line.child is not None and line.quantity > 0:
                for instance in line.instances:
                    yield SlotKey(line.child, line.product, instance.day, instance.label)
