"""Use cases of attendance: door lists, presences and proofs, recorded and folded into consumptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import attrs

from periscolaire.access import Actor, Operation
from periscolaire.attendance import Presence, Proof
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.clock import utc
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, FactId, Key, ProductCode, SchoolCode
from periscolaire.operations._once import after, done_before, record_act, trail
from periscolaire.operations._refold import refold
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import require_days
from periscolaire.operations.booking._requests import Homes
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["DoorLine", "DoorList", "check_door_list", "fold_slots", "record_presences", "record_proofs"]


@attrs.frozen
class DoorLine:
    """One child on a door list. ``present`` is ``None`` when a former check is taken back."""

    child: ChildId
    present: bool | None = True
    arrival: dt.time | None = None
    departure: dt.time | None = None
    slot: str = ""
    slot_used: str | None = None
    served: str | None = None
    left_early: bool = False
    note: str = ""


@attrs.frozen
class DoorList:
    """A door list as it was checked, or a correction of one: a newer line about the same slot counts.

    ``complete``: everybody was looked for, so that a child who is booked and not on the list is absent. ``school``
    limits the list to the children of that school.
    """

    product: ProductCode
    day: dt.date
    lines: tuple[DoorLine, ...] = ()
    complete: bool = False
    school: SchoolCode | None = None


def check_door_list(
    door: DoorList,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> tuple[Presence, ...]:
    """Record a door list, or correct one; the presences recorded. Does not commit.

    Under the same ``key`` the same list counts once, and nothing is recorded the second time.

    :raises AccessDeniedError: the actor may not check the children of that school.
    :raises NotFoundError: no such product in the règlement of the day, no such child, or one of no household that day.
    :raises MisuseError: a child twice, a child of another school, or a day that has not come yet.
    :raises ConflictError: the clock has gone back since a former check.
    """
    require_days(actor, Operation.RECORD_ATTENDANCE, ((line.child, door.day) for line in door.lines), uow)
    if done_before(uow, key, door) is not None:
        return ()
    reglement = published_reglements(uow).on(door.day)
    reglement.product(door.product)
    if door.day > reglement.calendar.today(now):
        raise MisuseError(
            f"door list of {door.product} on {door.day}: that day has not come yet",
            code="operation.door_day_to_come",
            product=door.product,
            day=door.day,
        )
    listed = {SlotKey(line.child, door.product, door.day, line.slot): line for line in door.lines}
    if len(listed) != len(door.lines):
        raise MisuseError(
            f"door list of {door.product} on {door.day}: a child is on it twice",
            code="operation.door_child_twice",
            product=door.product,
            day=door.day,
        )
    absent = _not_listed(door, uow, frozenset(listed)) if door.complete else {}
    uow.hold(*sorted({slot.child for slot in (*listed, *absent)}))
    for child in sorted({slot.child for slot in listed}):
        _check_school(uow, child, door)
    made = [
        Presence(
            FactId(make_id()), slot, line.present, utc(now), actor.label, line.arrival, line.departure,
            line.slot_used, line.served, line.left_early, line.note,
        )
        for slot, line in sorted({**listed, **absent}.items())
    ]  # fmt: skip
    target = f"door:{door.product}/{door.day}"
    record_act(uow, actor, Operation.RECORD_ATTENDANCE, target, now, detail=str(len(made)), key=key, command=door)
    record_presences(made, uow, actor=actor)
    return tuple(made)


def _not_listed(door: DoorList, uow: UnitOfWork, listed: frozenset[SlotKey]) -> dict[SlotKey, DoorLine]:
    """The booked children whom nobody saw: absent."""
    booked = (one for one in uow.reservations.of_day(door.day, door.product) if one.state.is_booked)
    return {
        one.key: DoorLine(one.key.child, present=False, slot=one.key.slot)
        for one in booked
        if one.key not in listed and (door.school is None or _school(uow, one.key.child, door.day) == door.school)
    }


def _check_school(uow: UnitOfWork, child: ChildId, door: DoorList) -> None:
    school = _school(uow, child, door.day)
    if door.school is not None and school != door.school:
        raise MisuseError(
            f"door list of {door.school}: child {child!r} is at {school or 'no school'} on {door.day}",
            code="operation.door_other_school",
            school=door.school,
            child=child,
            day=door.day,
        )


def _school(uow: UnitOfWork, child: ChildId, day: dt.date) -> SchoolCode | None:
    schooling = uow.children.get(child).model.schooling(day)
    return None if schooling is None else schooling.school


def record_presences(presences: Iterable[Presence], uow: UnitOfWork, *, actor: Actor) -> int:
    """Append what door lists say, and fold it into the consumptions; how many slots it is about. Does not commit.

    :raises AccessDeniedError: one of the children is not of the actor's schools, or the actor may not check.
    :raises ConflictError: a presence with one of these identifiers is recorded already.
    :raises NotFoundError: a child that is not known, or of no household on the day.
    """
    given = tuple(presences)
    require_days(actor, Operation.RECORD_ATTENDANCE, ((fact.key.child, fact.key.day) for fact in given), uow)
    uow.hold(*sorted({fact.key.child for fact in given}))
    facts = _told_apart(given, uow)
    uow.presences.append(facts)
    if facts:
        when = max(utc(fact.at) for fact in facts)
        trail(uow, actor, Operation.RECORD_ATTENDANCE, "presences", when, detail=str(len(facts)))
    return fold_slots(uow, {fact.key for fact in facts})


def _told_apart(presences: tuple[Presence, ...], uow: UnitOfWork) -> tuple[Presence, ...]:
    """The same, none at the very instant of another about its slot: the one that is recorded last is the newest."""
    if not presences:
        return ()
    days = [fact.key.day for fact in presences]
    known = uow.presences.of_many({fact.key.child for fact in presences}, min(days), max(days))
    taken = {(one.key, one.at) for facts in known.values() for one in facts}
    apart = []
    for fact in presences:
        while (fact.key, fact.at) in taken:
            fact = attrs.evolve(fact, at=after(fact.at, fact.at))
        taken.add((fact.key, fact.at))
        apart.append(fact)
    return tuple(apart)


def record_proofs(proofs: Iterable[Proof], uow: UnitOfWork, *, actor: Actor) -> int:
    """Append documents that justify absences, and fold them into the consumptions of the days that they cover.

    How many consumptions they touch. Does not commit.

    :raises AccessDeniedError: one of the children is not of the actor's schools, or the actor may not decide.
    """
    facts = tuple(proofs)
    require_days(actor, Operation.DECIDE_PROOF, ((fact.child, fact.first) for fact in facts), uow)
    uow.hold(*sorted({fact.child for fact in facts}))
    uow.proofs.append(facts)
    if facts:
        trail(uow, actor, Operation.DECIDE_PROOF, "proofs", max(utc(fact.at) for fact in facts), detail=str(len(facts)))
    return fold_slots(uow, {key for fact in facts for key in slots_of(uow, fact.child, Span(fact.first, fact.last))})


def slots_of(uow: UnitOfWork, child: ChildId, span: Span) -> set[SlotKey]:
    """The slots of a child over a span about which something is known."""
    consumed = {one.key for one in uow.consumptions.of_child(child, span.first, span.last)}
    return consumed | {stored.model.key for stored in uow.reservations.of_child(child, span.first, span.last)}


def fold_slots(uow: UnitOfWork, keys: Iterable[SlotKey]) -> int:
    """Write the consumptions of ``keys`` as their facts stand, whoever pays for them."""
    return refold(uow, keys, Homes(uow).of_slot, published_reglements(uow))
