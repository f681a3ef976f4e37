"""Places that are paid to be confirmed: what a payment settles is confirmed, booked again if its hold has lapsed.

For use cases that have asked who may: nothing here asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from periscolaire.billing import Account, Billed, ChargeKind, LineRef
from periscolaire.booking import BookingChange, ChangeKind, Reservation, SlotKey, State, claims
from periscolaire.calendar import Span
from periscolaire.catalogue import PaymentMode
from periscolaire.clock import utc
from periscolaire.ids import FactId
from periscolaire.operations._changes import claim_all, record_changes
from periscolaire.operations._family import read_family
from periscolaire.operations._reglements import published_reglements
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.reasons import Reason
from periscolaire.reglement import Reglement

__all__ = ["confirm", "confirm_paid"]


def confirm_paid(
    before: Account,
    after: Account,
    uow: UnitOfWork,
    *,
    author: str,
    at: dt.datetime,
    make_id: Callable[[], str] = new_id,
) -> tuple[Reservation, ...]:
    """Confirm the reservations whose lines were settled between two states of an account; those that now are.

    A day that was taken back since (cancelled, or its hold lapsed) is not paid by what settles the rest of its line.

    A hold that has lapsed is booked again, as it was, if a place is left and the day has not come; else nothing is
    booked, and the next run gives the money back as a credit (the charge of a held place is provisional).
    """
    return confirm(_newly_settled(before, after), uow, author=author, at=at, make_id=make_id)


def confirm(
    paid: Iterable[SlotKey],
    uow: UnitOfWork,
    *,
    author: str,
    at: dt.datetime,
    make_id: Callable[[], str] = new_id,
) -> tuple[Reservation, ...]:
    """As :func:`confirm_paid`, for slots that were paid, in money or in kind."""
    slots = sorted(set(paid))
    if not slots:
        return ()
    reglements = published_reglements(uow)
    confirmed: list[Reservation] = []
    for key in slots:
        reglement = reglements.on(key.day)
        product = next((one for one in reglement.products if one.code == key.product), None)
        if product is None or product.payment is not PaymentMode.TO_CONFIRM:
            continue
        uow.hold(key.child)
        stored = uow.reservations.find(key)
        if stored is None:
            continue
        change = _change(stored.model, uow, reglement, author, at, make_id)
        if change is not None:
            confirmed += record_changes(uow, [change], reglement)
    return tuple(confirmed)


def _newly_settled(before: Account, after: Account) -> Iterator[SlotKey]:
    was, settled, billed = before.settled(), after.settled(), Billed(after.invoices)
    for invoice in after.invoices:
        for line in invoice.lines:
            ref = LineRef(invoice.id, line.number)
            if line.child is None or line.kind is not ChargeKind.SERVICE:
                continue
            if was.get(ref, 0) < line.amount <= settled.get(ref, 0):
                for key in line.keys(invoice.payer):
                    if ref in billed.standing(key):
                        yield SlotKey(line.child, line.product, key.instance.day, key.instance.label)


def _change(
    held: Reservation,
    uow: UnitOfWork,
    reglement: Reglement,
    author: str,
    at: dt.datetime,
    make_id: Callable[[], str],
) -> BookingChange | None:
    """What the payment of ``held`` leads to; ``None``: nothing, and the money is a credit."""
    if held.state is State.REQUESTED and held.holds_place:
        kind = ChangeKind.CONFIRM
    elif held.state is State.LAPSED and held.key.day > reglement.calendar.today(at):
        family = read_family(uow, held.household, Span.one(held.key.day))
        product = reglement.product(held.key.product)
        if family.closure_of(held.key) is not None:
            return None
        if not claim_all(uow, claims(product, held.key, family.facts(held.key.child, held.key.day))):
            return None
        kind = ChangeKind.BOOK
    else:
        return None
    return BookingChange(
        FactId(make_id()),
        held.key,
        held.household,
        kind,
        utc(at),
        author,
        reglement=reglement.version,
        tier=held.tier,
        effect=held.effect,
        counter=held.counter,
        rank=held.rank,
        mode=held.mode,
        order=held.order,
        order_rank=held.order_rank,
        reason=Reason.of("booking.paid", day=held.key.day),
    )
