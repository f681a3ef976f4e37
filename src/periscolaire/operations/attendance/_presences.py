"""Presences recorded and folded into consumptions, whichever door list, tablet or file says them."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import Presence
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.clock import utc
from periscolaire.ids import ChildId
from periscolaire.operations._once import after, trail
from periscolaire.operations._refold import refold
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import require_days
from periscolaire.operations.attendance._door_rules import Door
from periscolaire.operations.booking._requests import Homes
from periscolaire.ports import UnitOfWork

__all__ = ["door_warnings", "fold_slots", "keep_presences", "record_presences", "slots_of"]


def record_presences(presences: Iterable[Presence], uow: UnitOfWork, *, actor: Actor) -> int:
    """Append what door lists say, and fold it into the consumptions; how many slots it is about. Does not commit.

    What stands against a child's coming or leaving (the hours of the service, the gates kept for the door) is recorded
    with its presence, as ``warnings``: a fact is never refused.

    :raises AccessDeniedError: one of the children is not of the actor's schools, or the actor may not check.
    :raises ConflictError: a presence with one of these identifiers is recorded already.
    :raises NotFoundError: a child or product that is not known, or a child of no household on the day.
    """
    return len({fact.key for fact in keep_presences(presences, uow, actor=actor)})


def keep_presences(presences: Iterable[Presence], uow: UnitOfWork, *, actor: Actor) -> tuple[Presence, ...]:
    """As :func:`record_presences`: the presences as they were recorded."""
    given = tuple(presences)
    require_days(actor, Operation.RECORD_ATTENDANCE, ((fact.key.child, fact.key.day) for fact in given), uow)
    uow.hold(*sorted({fact.key.child for fact in given}))
    door = Door(uow)
    facts = tuple(attrs.evolve(fact, warnings=door.against(fact)) for fact in _told_apart(given, uow))
    uow.presences.append(facts)
    if facts:
        when = max(utc(fact.at) for fact in facts)
        trail(uow, actor, Operation.RECORD_ATTENDANCE, "presences", when, detail=str(len(facts)))
    fold_slots(uow, {fact.key for fact in facts})
    return facts


def door_warnings(span: Span, uow: UnitOfWork, *, actor: Actor) -> tuple[Presence, ...]:
    """The presences of a closed span that something stood against and that no later check has replaced.

    :raises AccessDeniedError: the actor may not see attendance.
    """
    require(actor, Operation.VIEW_ATTENDANCE)
    newest: dict[SlotKey, Presence] = {}
    for fact in uow.presences.stream(span.first, span.last):
        held = newest.get(fact.key)
        if held is None or (held.at, held.id) < (fact.at, fact.id):
            newest[fact.key] = fact
    return tuple(newest[key] for key in sorted(newest) if newest[key].warnings)


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


def slots_of(uow: UnitOfWork, child: ChildId, span: Span) -> set[SlotKey]:
    """The slots of a child over a span about which something is known."""
    consumed = {one.key for one in uow.consumptions.of_child(child, span.first, span.last)}
    return consumed | {stored.model.key for stored in uow.reservations.of_child(child, span.first, span.last)}


def fold_slots(uow: UnitOfWork, keys: Iterable[SlotKey]) -> int:
    """Write the consumptions of ``keys`` as their facts stand, whoever pays for them."""
    return refold(uow, keys, Homes(uow).of_slot, published_reglements(uow).needs_booking)
