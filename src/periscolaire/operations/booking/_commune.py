"""What the commune does to bookings: closures and outings, waiting lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import CancelledBy, Closure
from periscolaire.booking import (
    Attribution,
    BookingChange,
    ChangeKind,
    Claim,
    Offer,
    Reservation,
    SlotKey,
    State,
    Wish,
    claims,
    offers,
    position,
)
from periscolaire.calendar import Span
from periscolaire.clock import utc
from periscolaire.households import DatedFacts
from periscolaire.ids import FactId, HouseholdId, ProductCode
from periscolaire.operations._changes import move_places, record_changes
from periscolaire.operations._family import Family, read_family
from periscolaire.operations._once import trail
from periscolaire.operations._refold import place_on, refold, slots_between
from periscolaire.operations._targets import child_target
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.reasons import Reason
from periscolaire.reglement import Reglement

__all__ = ["Closed", "close_service", "make_offers", "waiting_position"]


@attrs.frozen
class Closed:
    """A closure as it was recorded, the reservations it touches, and the families to be told."""

    closure: Closure
    touched: tuple[Reservation, ...]
    households: tuple[HouseholdId, ...]


def close_service(
    closure: Closure,
    uow: UnitOfWork,
    *,
    actor: Actor,
    at: dt.datetime,
    reglement: Reglement,
    dry_run: bool = False,
    make_id: Callable[[], str] = new_id,
) -> Closed:
    """Close a service (a strike, snow, an outing) for a school, a class, some children or everybody.

    When the commune takes the bookings off, those it touches are withdrawn and their places come free; when the outing
    is the family's to cancel, they stand until it does. A dry run tells who is touched and writes nothing.

    :raises AccessDeniedError: the actor may not.
    """
    require(actor, Operation.BOOK_BY_DEROGATION)
    families: dict[HouseholdId, Family] = {}
    touched = [
        reservation
        for reservation in tuple(uow.reservations.stream(closure.first, closure.last))
        if reservation.state.is_live and _covers(closure, reservation.key, uow)
    ]
    households = tuple(sorted({reservation.household for reservation in touched}))
    if dry_run:
        return Closed(closure, tuple(touched), households)
    homes = slots_between(uow, closure.first, closure.last)
    uow.hold(*sorted({key.child for key in homes}))
    uow.closures.append([closure])
    if closure.by is CancelledBy.COMMUNE:
        changes: list[BookingChange] = []
        for reservation in touched:
            if reservation.household not in families:
                families[reservation.household] = read_family(
                    uow, reservation.household, Span(closure.first, closure.last)
                )
            changes.append(
                BookingChange(
                    id=FactId(make_id()),
                    key=reservation.key,
                    household=reservation.household,
                    kind=ChangeKind.WITHDRAW,
                    at=utc(at),
                    author=actor.label,
                    reglement=reglement.version,
                    reason=Reason.of("booking.withdrawn_closure", day=reservation.key.day, cause=closure.cause),
                )
            )
        held = [one for one in touched if one.holds_place]
        released = [claim for one in held for claim in _claims(one.key, families[one.household], reglement)]
        move_places(uow, released, ())
        record_changes(uow, changes, reglement)
    refold(uow, homes, homes.__getitem__, lambda key: reglement.product(key.product).needs_booking)
    trail(uow, actor, Operation.BOOK_BY_DEROGATION, f"closure:{closure.id}", at, detail=str(len(touched)))
    uow.commit()
    return Closed(closure, tuple(touched), households)


def _covers(closure: Closure, key: SlotKey, uow: UnitOfWork) -> bool:
    dated = None if closure.sites is None else DatedFacts(uow.dated_facts.of(key.child))
    place = place_on(uow.children.get(key.child).model, dated, key.day)
    return closure.covers(key, site=place.site, school=place.school, class_name=place.class_name)


def waiting_position(
    slot: SlotKey,
    uow: UnitOfWork,
    *,
    actor: Actor,
    attribution: Attribution,
    priority_of: Callable[[Reservation], int] = lambda reservation: 0,
) -> int | None:
    """The place of ``slot`` in the waiting list of its product and day, from 1; ``None`` when it does not wait.

    :raises AccessDeniedError: it is not the actor's day of the child, nor is the actor staff who see bookings.
    """
    require(actor, Operation.VIEW_BOOKINGS, child_target(uow, slot.child, slot.day))
    return position(slot, _wishes(uow, slot.product, slot.day, priority_of), attribution)


def make_offers(
    product: ProductCode,
    day: dt.date,
    uow: UnitOfWork,
    *,
    actor: Actor,
    at: dt.datetime,
    reglement: Reglement,
    attribution: Attribution,
    hold: dt.timedelta,
    last: dt.datetime,
    priority_of: Callable[[Reservation], int] = lambda reservation: 0,
    make_id: Callable[[], str] = new_id,
) -> tuple[Offer, ...]:
    """Offer the places that came free to those who wait, in the order of the list; each offer holds its place.

    ``last`` is the instant after which the place is of no use. A family that does not answer loses the offer
    (:func:`~periscolaire.operations.expire_holds`), and the next one gets it.

    :raises AccessDeniedError: the actor may not.
    """
    require(actor, Operation.BOOK_BY_DEROGATION)
    wishes = _wishes(uow, product, day, priority_of)
    uow.hold(*sorted({wish.key.child for wish in wishes}))
    made: list[Offer] = []
    changes: list[BookingChange] = []
    for offer in offers(wishes, len(wishes), attribution, at, hold, last):
        wish = offer.wish
        family = read_family(uow, wish.household, Span.one(day))
        if not move_places(uow, (), _claims(wish.key, family, reglement)):
            break  # the first who finds no place keeps the head of the list: nobody passes before them
        made.append(offer)
        changes.append(
            BookingChange(
                id=FactId(make_id()),
                key=wish.key,
                household=wish.household,
                kind=ChangeKind.OFFER,
                at=utc(at),
                author=actor.label,
                reglement=reglement.version,
                hold_until=offer.until,
                reason=Reason.of("booking.offer", day=day, until=reglement.calendar.local(offer.until)),
            )
        )
    record_changes(uow, changes, reglement)
    if made:
        target = f"waiting:{product}:{day.isoformat()}"
        trail(uow, actor, Operation.BOOK_BY_DEROGATION, target, at, detail=str(len(made)))
    uow.commit()
    return tuple(made)


def _wishes(
    uow: UnitOfWork, product: ProductCode, day: dt.date, priority_of: Callable[[Reservation], int]
) -> tuple[Wish, ...]:
    return tuple(
        Wish(one.key, one.household, one.booked_at, priority_of(one))
        for one in uow.reservations.of_day(day, product)
        if one.state is State.WAITING
    )


def _claims(key: SlotKey, family: Family, reglement: Reglement) -> tuple[Claim, ...]:
    return claims(reglement.product(key.product), key, family.facts(key.child, key.day))
