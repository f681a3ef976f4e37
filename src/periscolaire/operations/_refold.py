"""Folding the facts of many children again: the same consumptions as one slot at a time, read child by child."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from periscolaire.attendance import Place, consumptions
from periscolaire.booking import SlotKey
from periscolaire.ids import ChildId, FactId, HouseholdId
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglements

__all__ = ["refold"]


def refold(
    uow: UnitOfWork,
    keys: Iterable[SlotKey],
    household_of: Callable[[SlotKey], HouseholdId],
    reglements: Reglements,
) -> int:
    """Write the consumptions of ``keys`` as their facts stand, and forget the slots left empty; how many are written.

    ``household_of`` says whom an unplanned presence is counted for.
    """
    by_child: dict[ChildId, set[SlotKey]] = {}
    for key in keys:
        by_child.setdefault(key.child, set()).add(key)
    written = 0
    for child in sorted(by_child):
        written += _refold_child(uow, child, by_child[child], household_of, reglements)
    return written


def _refold_child(
    uow: UnitOfWork,
    child: ChildId,
    keys: set[SlotKey],
    household_of: Callable[[SlotKey], HouseholdId],
    reglements: Reglements,
) -> int:
    first, last = min(key.day for key in keys), max(key.day for key in keys)
    person = uow.children.get(child).model
    changes: dict[SlotKey, list[FactId]] = {}
    for change in uow.booking_changes.of(child, first, last):
        changes.setdefault(change.key, []).append(change.id)
    by_day = {key.day: household_of(key) for key in keys}

    def place_of(_: ChildId, day: dt.date) -> Place:
        schooling = person.schooling(day)
        return Place() if schooling is None else Place(school=schooling.school, class_name=schooling.class_name)

    found = consumptions(
        (stored.model for stored in uow.reservations.of_child(child, first, last) if stored.model.key in keys),
        (presence for presence in uow.presences.of(child, first, last) if presence.key in keys),
        lambda _, day: by_day[day],
        notices=uow.absence_notices.of(child, first, last),
        proofs=uow.proofs.of(child, first, last),
        closures=uow.closures.of("", first, last),
        suspensions=uow.suspensions.of(child, first, last),
        place_of=place_of,
        needs_booking=lambda key: reglements.on(key.day).product(key.product).needs_booking,
        change_ids=lambda key: changes.get(key, ()),
    )
    uow.consumptions.put(found)
    uow.consumptions.remove(keys - {one.key for one in found})
    return len(found)
