"""Keeping consumptions equal to the fold of their facts, in the transaction that appends the facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from periscolaire.attendance import Closure, Place, consumptions
from periscolaire.booking import SlotKey
from periscolaire.households import Child, DatedFacts
from periscolaire.ids import ChildId, FactId, HouseholdId
from periscolaire.ports import Repositories

__all__ = ["place_on", "refold", "slots_between"]


def place_on(child: Child, dated: DatedFacts | None, day: dt.date) -> Place:
    """Where a child is on a day: the school and class of its schooling, the site that its file says."""
    schooling = child.schooling(day)
    site = None if dated is None else dated.about(child.id).on(day).known("site")
    return Place(
        site=site if isinstance(site, str) else None,
        school=None if schooling is None else schooling.school,
        class_name=None if schooling is None else schooling.class_name,
    )


def slots_between(uow: Repositories, first: dt.date, last: dt.date) -> dict[SlotKey, HouseholdId]:
    """Every slot of a closed span about which something is known, and whom it is counted for."""
    found = {one.key: one.household for _, mine in uow.consumptions.by_household(first, last) for one in mine}
    found |= {one.key: one.household for one in uow.reservations.stream(first, last)}
    return found


def refold(
    uow: Repositories,
    keys: Iterable[SlotKey],
    household_of: Callable[[SlotKey], HouseholdId],
    needs_booking: Callable[[SlotKey], bool],
) -> int:
    """Write the consumptions of ``keys`` as their facts stand, and forget the slots left empty; how many are written.

    ``household_of`` says whom an unplanned presence is counted for, ``needs_booking`` whether that service is booked.
    """
    by_child: dict[ChildId, set[SlotKey]] = {}
    for key in keys:
        by_child.setdefault(key.child, set()).add(key)
    return sum(_refold_child(uow, child, by_child[child], household_of, needs_booking) for child in sorted(by_child))


def _refold_child(
    uow: Repositories,
    child: ChildId,
    keys: set[SlotKey],
    household_of: Callable[[SlotKey], HouseholdId],
    needs_booking: Callable[[SlotKey], bool],
) -> int:
    # One reading a child and journal, whatever the number of days: each fold picks its own facts.
    first, last = min(key.day for key in keys), max(key.day for key in keys)
    person = uow.children.get(child).model
    changes: dict[SlotKey, list[FactId]] = {}
    for change in uow.booking_changes.of(child, first, last):
        changes.setdefault(change.key, []).append(change.id)
    by_day = {key.day: household_of(key) for key in keys}
    closures = uow.closures.of("", first, last)
    dated = _sites(uow, child, closures)
    found = consumptions(
        (stored.model for stored in uow.reservations.of_child(child, first, last) if stored.model.key in keys),
        (presence for presence in uow.presences.of(child, first, last) if presence.key in keys),
        lambda _, day: by_day[day],
        notices=uow.absence_notices.of(child, first, last),
        proofs=uow.proofs.of(child, first, last),
        closures=closures,
        suspensions=uow.suspensions.of(child, first, last),
        place_of=lambda _, day: place_on(person, dated, day),
        needs_booking=needs_booking,
        change_ids=lambda key: changes.get(key, ()),
    )
    uow.consumptions.put(found)
    uow.consumptions.remove(keys - {one.key for one in found})
    return len(found)


def _sites(uow: Repositories, child: ChildId, closures: Iterable[Closure]) -> DatedFacts | None:
    """The file of a child, read only where a closure is about some sites."""
    if all(closure.sites is None for closure in closures):
        return None
    return DatedFacts(uow.dated_facts.of(child))
