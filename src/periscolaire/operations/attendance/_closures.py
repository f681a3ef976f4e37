"""Use case of closures that are lifted; closing is booking's (:func:`~periscolaire.operations.close_service`)."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import newest
from periscolaire.errors import ConflictError, NotFoundError
from periscolaire.ids import FactId, Key
from periscolaire.operations._once import after, done_before, record_act
from periscolaire.operations._refold import slots_between
from periscolaire.operations.attendance._presences import fold_slots
from periscolaire.ports import UnitOfWork

__all__ = ["lift_closure"]


def lift_closure(closure: FactId, uow: UnitOfWork, *, actor: Actor, now: dt.datetime, key: Key | None = None) -> int:
    """Lift a closure: the days it covers are as if it had never been; how many slots are folded. Does not commit.

    Bookings that the commune took off stay off: the families are asked again.

    :raises NotFoundError: no such closure.
    :raises ConflictError: it was lifted before.
    """
    require(actor, Operation.BOOK_BY_DEROGATION)
    if done_before(uow, key, closure) is not None:
        return 0
    held = newest(uow.closures.of(""), closure)
    if held is None:
        raise NotFoundError(f"closure {closure}", code="absence.no_closure", closure=closure)
    if held.lifted:
        raise ConflictError(f"closure {closure} was lifted before", code="absence.closure_lifted", closure=closure)
    record_act(uow, actor, Operation.BOOK_BY_DEROGATION, f"closure:{closure}", now, key=key, command=closure)
    slots = slots_between(uow, held.first, held.last)
    uow.hold(*sorted({slot.child for slot in slots}))
    uow.closures.append([attrs.evolve(held, lifted=True, at=after(now, held.at), author=actor.label)])
    return fold_slots(uow, slots)
