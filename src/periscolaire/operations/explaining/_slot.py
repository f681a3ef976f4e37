"""The story of a day of a child: what was booked, what happened, where it is billed or why it waits."""

from __future__ import annotations

import datetime as dt

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import describe_outcome
from periscolaire.billing import Selection, Story, describe_pending, tell
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.errors import AccessDeniedError, ConflictError, NotFoundError
from periscolaire.ids import HouseholdId
from periscolaire.operations._names import Names
from periscolaire.operations._targets import child_target
from periscolaire.operations.billing._prepare import prepare_run
from periscolaire.operations.explaining._facts import day_facts
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Description

__all__ = ["slot_story"]


def slot_story(key: SlotKey, uow: UnitOfWork, *, actor: Actor, on: dt.date) -> Story:
    """What is known of a slot, every fact of it, and the lines that bill it; failing any, why it waits as of ``on``.

    Why it waits is told to staff who bill. Writes nothing.

    :raises AccessDeniedError: that day of the child is not this family's.
    :raises NotFoundError: nothing is known of this slot.
    """
    require(actor, Operation.VIEW_BOOKINGS, child_target(uow, key.child, key.day))
    names = Names.of(uow)
    day = Span(key.day, key.day)
    found = day_facts((key.child,), day, uow, names, slot=key)
    facts = [*found.by_day.get(key.day, ()), *found.at_large]
    homes = [stored.model.id for stored in uow.households.of(key.child)]
    told = [tell(one) for home in homes for one in uow.anomalies.of(home, key.day, key.day) if one.key == key]
    told += [tell(one) for one in uow.appeals.of(key.child, key.day, key.day) if one.key == key]
    if not facts and not told:
        raise NotFoundError(f"nothing is known of {key}", code="story.nothing", child=key.child, day=key.day)
    held = uow.consumptions.find(key)
    says = [Description.of("story.outcome", outcome=describe_outcome(held.outcome))] if held is not None else []
    says += _billed(key, homes, uow) or _waits(key, homes, uow, actor, on)
    about = Description.of("story.slot", child=names.child(key.child), product=names.product(key.product), day=key.day)
    return Story(about, tuple(says), (*facts, *told))


def _billed(key: SlotKey, homes: list[HouseholdId], uow: UnitOfWork) -> list[Description]:
    found = [
        Description.of("billing.line.ref", invoice=stored.model.id, number=line.number)
        for home in homes
        for stored in uow.invoices.of(home)
        for line in stored.model.lines
        if (line.child, line.product) == (key.child, key.product) and key.day in line.days
    ]
    return [Description.of("story.billed", line=line) for line in found]


def _waits(key: SlotKey, homes: list[HouseholdId], uow: UnitOfWork, actor: Actor, on: dt.date) -> list[Description]:
    try:
        run = prepare_run(
            Span(key.day, key.day), uow, actor=actor, issued_on=on, selection=Selection(households=frozenset(homes))
        )
    except (AccessDeniedError, ConflictError):
        return []
    waiting = [one for one in run.pending if (one.child, one.product, one.day) == (key.child, key.product, key.day)]
    if waiting:
        return [Description(said.code, said.parameters) for said in map(describe_pending, waiting)]
    due = any(
        (line.child, line.product) == (key.child, key.product) and key.day in line.days
        for draft in run.drafts
        for line in draft.lines
    )
    return [Description.of("story.to_bill" if due else "story.nothing_due")]
