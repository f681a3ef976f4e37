"""Use cases of attendance: presences and proofs, recorded and folded into consumptions."""

from __future__ import annotations

from collections.abc import Iterable

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import Presence, Proof
from periscolaire.booking import SlotKey
from periscolaire.operations._refold import refold
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._requests import Homes
from periscolaire.ports import UnitOfWork

__all__ = ["record_presences", "record_proofs"]


def record_presences(presences: Iterable[Presence], uow: UnitOfWork, *, actor: Actor) -> int:
    """Append what door lists say, and fold it into the consumptions; how many slots it is about. Does not commit.

    :raises ConflictError: a presence with one of these identifiers is recorded already.
    :raises NotFoundError: a child that is not known, or of no household on the day.
    """
    require(actor, Operation.RECORD_ATTENDANCE)
    facts = tuple(presences)
    uow.hold(*sorted({fact.key.child for fact in facts}))
    uow.presences.append(facts)
    keys = {fact.key for fact in facts}
    return _fold(uow, keys)


def record_proofs(proofs: Iterable[Proof], uow: UnitOfWork, *, actor: Actor) -> int:
    """Append documents that justify absences, and fold them into the consumptions of the days that they cover.

    How many consumptions they touch. Does not commit.
    """
    require(actor, Operation.DECIDE_PROOF)
    facts = tuple(proofs)
    uow.hold(*sorted({fact.child for fact in facts}))
    uow.proofs.append(facts)
    keys = {
        one.key
        for fact in facts
        for one in uow.consumptions.of_child(fact.child, fact.first, fact.last)
        if fact.covers(one.key)
    }
    return _fold(uow, keys)


def _fold(uow: UnitOfWork, keys: Iterable[SlotKey]) -> int:
    return refold(uow, keys, Homes(uow).of_slot, published_reglements(uow))
