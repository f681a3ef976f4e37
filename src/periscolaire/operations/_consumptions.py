"""Keeping consumptions equal to the fold of their facts, in the transaction that appends the facts."""

from __future__ import annotations

from collections.abc import Iterable

from periscolaire.attendance import Place, consumption
from periscolaire.booking import SlotKey
from periscolaire.ids import ChildId, FactId, HouseholdId
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
    by_child: dict[ChildId, list[SlotKey]] = {}
    for key in sorted(set(keys)):
        by_child.setdefault(key.child, []).append(key)
    for child, mine in by_child.items():
        # One reading a child and journal, whatever the number of days: each fold picks its own facts.
        first, last = min(key.day for key in mine), max(key.day for key in mine)
        person = uow.children.get(child).model
        reservations = {stored.model.key: stored.model for stored in uow.reservations.of_child(child, first, last)}
        presences = uow.presences.of(child, first, last)
        notices = uow.absence_notices.of(child, first, last)
        proofs = uow.proofs.of(child, first, last)
        closures = uow.closures.of("", first, last)
        suspensions = uow.suspensions.of(child, first, last)
        ids: dict[SlotKey, list[FactId]] = {}
        for change in uow.booking_changes.of(child, first, last):
            ids.setdefault(change.key, []).append(change.id)
        for key in mine:
            schooling = person.schooling(key.day)
            found = consumption(
                key,
                household,
                reservation=reservations.get(key),
                presences=presences,
                notices=notices,
                proofs=proofs,
                closures=closures,
                suspensions=suspensions,
                place=Place(
                    school=schooling.school if schooling is not None else None,
                    class_name=schooling.class_name if schooling is not None else None,
                ),
                needs_booking=reglement.product(key.product).needs_booking,
                facts=ids.get(key, ()),
            )
            if found.counted:
                kept.append(found)
            else:
                gone.append(key)
    uow.consumptions.put(kept)
    if gone:
        uow.consumptions.remove(gone)
