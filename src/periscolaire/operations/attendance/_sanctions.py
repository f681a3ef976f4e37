"""Use cases of the commune's sanctions: suspensions, incidents that a penalty punishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import COMMUNE, Actor, Operation, require
from periscolaire.attendance import Suspension, newest
from periscolaire.billing import Incident, PenaltyDecision
from periscolaire.clock import utc
from periscolaire.errors import NotFoundError
from periscolaire.facts import Facts
from periscolaire.ids import ChildId, FactId, HouseholdId, Key, ProductCode
from periscolaire.operations._once import after, done_before, record_act
from periscolaire.operations._reglements import commune_today, published_reglements
from periscolaire.operations._targets import child_target
from periscolaire.operations.attendance._spans import append_to, as_set, check_products, check_span
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.pricing import PenaltyEffect

__all__ = [
    "IncidentSeen",
    "PenaltyDecided",
    "Suspended",
    "decide_penalty",
    "lift_suspension",
    "report_incident",
    "suspend",
    "withdraw_incident",
]


@attrs.frozen
class Suspended:
    """A child is excluded for a while: what, from when to when, and why."""

    child: ChildId
    first: dt.date
    last: dt.date
    motive: str
    products: tuple[ProductCode, ...] | None = None

    def __attrs_post_init__(self) -> None:
        check_span(self.child, self.first, self.last)


def suspend(
    suspended: Suspended,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> FactId:
    """Suspend a child; the identifier of the suspension. Does not commit.

    :raises NotFoundError: no such child or product.
    """
    require(actor, Operation.SUSPEND_CHILD, child_target(uow, suspended.child, suspended.first))
    if (known := done_before(uow, key, suspended)) is not None:
        return FactId(known)
    uow.children.get(suspended.child)
    check_products(uow, suspended.first, suspended.products)
    fact = Suspension(
        FactId(make_id()), suspended.child, suspended.first, suspended.last, suspended.motive, utc(now), actor.label,
        as_set(suspended.products),
    )  # fmt: skip
    append_to(
        uow.suspensions, fact, uow, actor=actor, operation=Operation.SUSPEND_CHILD, now=now,
        detail="suspended", key=key, command=suspended,
    )  # fmt: skip
    return fact.id


def lift_suspension(
    child: ChildId, suspension: FactId, uow: UnitOfWork, *, actor: Actor, now: dt.datetime, key: Key | None = None
) -> None:
    """Lift a suspension, as if it had never been. Does not commit.

    :raises NotFoundError: no such suspension of this child.
    """
    require(actor, Operation.SUSPEND_CHILD, child_target(uow, child, commune_today(uow, now)))
    command = ("lift_suspension", child, suspension)
    if done_before(uow, key, command) is not None:
        return
    held = newest(uow.suspensions.of(child), suspension)
    if held is None:
        raise NotFoundError(
            f"suspension {suspension} of child {child}",
            code="absence.no_suspension",
            suspension=suspension,
            child=child,
        )
    lifted = attrs.evolve(held, lifted=True, at=after(now, held.at), author=actor.label)
    append_to(
        uow.suspensions, lifted, uow, actor=actor, operation=Operation.SUSPEND_CHILD, now=now,
        detail="lifted", key=key, command=command,
    )  # fmt: skip


@attrs.frozen
class IncidentSeen:
    """Something that a penalty of the règlement punishes: a lost badge, a late file. ``facts`` are what it reads."""

    penalty: str
    household: HouseholdId
    day: dt.date
    child: ChildId | None = None
    facts: Facts = Facts()  # noqa: RUF009 - Facts is immutable, hence shared safely


def report_incident(
    seen: IncidentSeen,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> FactId:
    """Record an incident; the next run bills its penalty. Does not commit.

    :raises NotFoundError: no such household, no such penalty, or the child is not of the household.
    """
    require(actor, Operation.RECORD_ATTENDANCE, COMMUNE)
    if (known := done_before(uow, key, seen)) is not None:
        return FactId(known)
    home = uow.households.get(seen.household).model
    if seen.child is not None:
        home.check_child(seen.child, seen.day)
    codes = {penalty.code for penalty in published_reglements(uow).on(seen.day).penalties}
    if seen.penalty not in codes:
        raise NotFoundError(
            f"penalty {seen.penalty!r} in the règlement of {seen.day}",
            code="absence.no_penalty",
            penalty=seen.penalty,
            day=seen.day,
        )
    incident = Incident(
        FactId(make_id()), seen.penalty, seen.household, seen.day, utc(now), actor.label, seen.child, seen.facts
    )
    _append_incident(uow, actor, now, incident, key, seen)
    return incident.id


def withdraw_incident(
    household: HouseholdId, incident: FactId, uow: UnitOfWork, *, actor: Actor, now: dt.datetime, key: Key | None = None
) -> None:
    """Take back an incident: a penalty that was billed for it is given back by the next run. Does not commit.

    :raises NotFoundError: no such incident of this household.
    """
    require(actor, Operation.CORRECT_INVOICE)
    command = ("withdraw_incident", household, incident)
    if done_before(uow, key, command) is not None:
        return
    held = newest(uow.incidents.of(household), incident)
    if held is None:
        raise NotFoundError(
            f"incident {incident} of household {household}",
            code="absence.no_incident",
            incident=incident,
            household=household,
        )
    withdrawn = attrs.evolve(held, withdrawn=True, at=after(now, held.at), author=actor.label)
    _append_incident(uow, actor, now, withdrawn, key, command)


def _append_incident(
    uow: UnitOfWork, actor: Actor, now: dt.datetime, incident: Incident, key: Key | None, command: object
) -> None:
    operation = Operation.CORRECT_INVOICE if incident.withdrawn else Operation.RECORD_ATTENDANCE
    record_act(
        uow, actor, operation, f"household:{incident.household}", now, detail=incident.penalty, key=key,
        command=command, result=incident.id,
    )  # fmt: skip
    uow.incidents.append([incident])


@attrs.frozen
class PenaltyDecided:
    """Staff confirms a penalty that the règlement proposes, or lets it go, with the motive."""

    penalty: str
    household: HouseholdId
    child: ChildId | None
    day: dt.date
    confirmed: bool
    motive: str = ""


def decide_penalty(
    decided: PenaltyDecided,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> PenaltyDecision:
    """Confirm a proposed penalty (the next run bills it) or let it go; a later decision replaces it. Does not commit.

    :raises NotFoundError: no such household, the child is not of it, or the règlement proposes no such penalty.
    """
    require(actor, Operation.CORRECT_INVOICE)
    if (known := done_before(uow, key, decided)) is not None:
        return next(one for one in uow.penalty_decisions.of(decided.household) if one.id == known)
    home = uow.households.get(decided.household).model
    if decided.child is not None:
        home.check_child(decided.child, decided.day)
    proposed = published_reglements(uow).on(decided.day).penalties
    if not any(one.code == decided.penalty and one.effect is PenaltyEffect.PROPOSED for one in proposed):
        raise NotFoundError(
            f"penalty {decided.penalty!r} proposed by the règlement of {decided.day}",
            code="absence.no_proposed_penalty",
            penalty=decided.penalty,
            day=decided.day,
        )
    last = max((one.at for one in uow.penalty_decisions.of(decided.household)), default=None)
    fact = PenaltyDecision(
        FactId(make_id()), decided.penalty, decided.household, decided.child, decided.day, decided.confirmed,
        utc(now) if last is None else after(now, last), actor.label, decided.motive,
    )  # fmt: skip
    record_act(
        uow, actor, Operation.CORRECT_INVOICE, f"household:{decided.household}", now,
        detail=f"{decided.penalty}:{'confirmed' if decided.confirmed else 'dropped'}", key=key, command=decided,
        result=fact.id,
    )  # fmt: skip
    uow.penalty_decisions.append([fact])
    return fact
