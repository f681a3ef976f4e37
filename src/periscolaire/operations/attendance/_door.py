"""Use case of the door list: checked, corrected, folded into consumptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import Actor, Operation
from periscolaire.attendance import Presence
from periscolaire.booking import SlotKey
from periscolaire.clock import utc
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, FactId, Key, ProductCode, SchoolCode
from periscolaire.operations._once import done_before, record_act
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import require_days
from periscolaire.operations.attendance._presences import keep_presences
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["DoorLine", "DoorList", "check_door_list"]


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
    """Record a door list, or correct one; the presences recorded, with what stands against each. Does not commit.

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
    return keep_presences(made, uow, actor=actor)


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
