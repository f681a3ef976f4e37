"""Keeping consumptions equal to the fold of their facts, in the transaction that appends the facts."""

from __future__ import annotations

from collections.abc import Iterable

from periscolaire.attendance import Place, consumption
from periscolaire.booking import SlotKey
from periscolaire.ids import HouseholdId
from periscolaire.ports import Repositories
from periscolaire.reglement import Reglement

__all__ = ["refresh_consumptions"]


def refresh_consumptions(
    uow: Repositories, keys: Iterable[SlotKey], household: HouseholdId, reglement: Reglement
) -> None:
    """Fold every fact about each of ``keys`` again and write what comes out; an empty slot is forgotten.

    ``household`` is whom an unplanned presence would be counted for.
    """
    kept, gone = [], []
    for key in sorted(set(keys)):
        stored = uow.reservations.find(key)
        schooling = uow.children.get(key.child).model.schooling(key.day)
        place = Place(
            school=schooling.school if schooling is not None else None,
            class_name=schooling.class_name if schooling is not None else None,
        )
        found = consumption(
            key,
            household,
            reservation=stored.model if stored is not None else None,
            presences=uow.presences.of(key.child, key.day, key.day),
            notices=uow.absence_notices.of(key.child, key.day, key.day),
            proofs=uow.proofs.of(key.child, key.day, key.day),
            closures=uow.closures.of("", key.day, key.day),
            suspensions=uow.suspensions.of(key.child, key.day, key.day),
            place=place,
            needs_booking=reglement.product(key.product).needs_booking,
            facts=tuple(
                change.id for change in uow.booking_changes.of(key.child, key.day, key.day) if change.key == key
            ),
        )
        if found.counted:
            kept.append(found)
        else:
            gone.append(key)
    uow.consumptions.put(kept)
    uow.consumptions.remove(gone)
