"""Changes of bookings, written: one fact, three places (the journal, the reservation, the consumption); places claimed.

For use cases that have asked who may: nothing here asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from periscolaire.booking import BookingChange, Claim, Reservation, SlotKey, apply_change, claims
from periscolaire.calendar import Span
from periscolaire.operations._family import read_family
from periscolaire.operations._refold import refold
from periscolaire.ports import Repositories, Stored
from periscolaire.reglement import Reglement

__all__ = ["claim_all", "follow", "move_places", "record_changes"]


def record_changes(
    uow: Repositories, changes: Iterable[BookingChange], reglement: Reglement
) -> tuple[Reservation, ...]:
    """Append changes, fold them into the stored reservations, refresh the consumptions: one fact, three places.

    :raises ConflictError: a change that the present state does not allow.
    """
    changes = tuple(changes)
    uow.booking_changes.append(changes)
    before: dict[SlotKey, Stored[Reservation]] = {}
    for child in sorted({change.key.child for change in changes}):
        days = [change.key.day for change in changes if change.key.child == child]
        before |= {stored.model.key: stored for stored in uow.reservations.of_child(child, min(days), max(days))}
    made: dict[SlotKey, Reservation] = {}
    for change in changes:
        stored = before.get(change.key)
        after = apply_change(stored.model if stored is not None else None, change)
        version = uow.reservations.save(after, stored.version if stored is not None else 0)
        before[change.key] = Stored(after, version)
        made[change.key] = after
    homes = {change.key: change.household for change in changes}
    refold(uow, homes, homes.__getitem__, lambda key: reglement.product(key.product).needs_booking)
    return tuple(made.values())


def move_places(uow: Repositories, released: Iterable[Claim], claimed: Iterable[Claim]) -> bool:
    """Give places back, then take others, each pool at once; ``False`` if one is full (the unit is then to be undone).

    The maximum of a pool follows the règlement: it is set when the pool is first used and when it has changed.
    """
    claimed = tuple(claimed)
    back = Counter(claim.pool for claim in released)
    wanted = Counter(claim.pool for claim in claimed)
    maxima = {claim.pool: claim.maximum for claim in claimed}
    for pool in sorted(back):
        count = back[pool] - min(back[pool], wanted[pool])
        if count:
            uow.places.release(pool, count)
    for pool in sorted(wanted):
        count = wanted[pool] - min(back[pool], wanted[pool])
        if count:
            uow.places.set_maximum(pool, maxima[pool])
            if not uow.places.claim(pool, count):
                return False
    return True


def claim_all(uow: Repositories, claimed: Iterable[Claim]) -> bool:
    """Take all of these places, or none: where :func:`move_places` leaves the unit to be undone, this one goes on."""
    taken: list[str] = []
    for claim in claimed:
        uow.places.set_maximum(claim.pool, claim.maximum)
        if not uow.places.claim(claim.pool, 1):
            for pool in taken:
                uow.places.release(pool, 1)
            return False
        taken.append(claim.pool)
    return True


def follow(uow: Repositories, before: Reservation, after: Reservation, reglement: Reglement) -> bool:
    """Move the place of a reservation along with its state; ``False`` when no place is left."""
    if before.holds_place == after.holds_place:
        return True
    family = read_family(uow, before.household, Span.one(before.key.day))
    product = reglement.product(before.key.product)
    places = claims(product, before.key, family.facts(before.key.child, before.key.day))
    return move_places(uow, places if before.holds_place else (), places if after.holds_place else ())
