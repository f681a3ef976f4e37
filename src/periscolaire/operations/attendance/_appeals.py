"""Use cases before the bill: families are told what is out of the ordinary, and have some days to contest it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import Anomaly, Appeal, AppealState, Presence, anomalies, contested, latest
from periscolaire.billing import Options, decided_penalties
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.clock import utc
from periscolaire.errors import ConflictError, NotFoundError
from periscolaire.ids import ChildId, FactId, HouseholdId, Key
from periscolaire.operations._once import after, done_before, record_act
from periscolaire.operations._reglements import commune_today, published_reglements
from periscolaire.operations._targets import child_target, household_target
from periscolaire.operations.attendance._presences import record_presences
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["appeal", "decide_appeal", "find_anomalies", "standing_options", "tell_anomalies", "told_anomalies"]


def find_anomalies(
    span: Span, uow: UnitOfWork, *, actor: Actor, on: dt.date, appeal_days: int | None = None
) -> tuple[Anomaly, ...]:
    """What is out of the ordinary over ``span`` and was told to nobody yet: household by household. Writes nothing.

    :raises AccessDeniedError: the actor may not see attendance.
    """
    require(actor, Operation.VIEW_ATTENDANCE)
    days = published_reglements(uow).at(span.last).recovery.appeal_days if appeal_days is None else appeal_days
    told = {_what(one) for one in uow.anomalies.stream(span.first, span.last)}
    return tuple(
        one
        for _, consumptions in uow.consumptions.by_household(span.first, min(span.last, on))
        for one in anomalies(consumptions, on, appeal_days=days)
        if _what(one) not in told
    )


def _what(anomaly: Anomaly) -> tuple[object, ...]:
    """The same anomaly resting on other facts is another one: a corrected check is told again."""
    return anomaly.household, anomaly.kind, anomaly.key, anomaly.facts


def tell_anomalies(
    span: Span,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    appeal_days: int | None = None,
    key: Key | None = None,
) -> tuple[Anomaly, ...]:
    """Record that families are told, with the last day on which they may answer; what is to be sent. Does not commit.

    Days that nobody checked are for the staff: they are found again each time, and recorded as told to no family.

    :raises MisuseError: a negative number of days.
    """
    require(actor, Operation.RUN_BILLING)
    command = ("tell_anomalies", span, appeal_days)
    if done_before(uow, key, command) is not None:
        return ()
    found = find_anomalies(span, uow, actor=actor, on=commune_today(uow, now), appeal_days=appeal_days)
    told = tuple(one for one in found if one.kind.is_for_family)
    record_act(
        uow, actor, Operation.RUN_BILLING, "anomalies", now, detail=str(len(told)), key=key, command=command
    )  # fmt: skip
    uow.anomalies.append(told)
    return told


def told_anomalies(household: HouseholdId, uow: UnitOfWork, *, actor: Actor, on: dt.date) -> tuple[Anomaly, ...]:
    """What the household was told and may still contest on ``on``.

    :raises AccessDeniedError: not an adult of the household, nor staff who see families.
    """
    require(actor, Operation.VIEW_HOUSEHOLD, household_target(uow, household, on))
    return tuple(one for one in uow.anomalies.of(household) if on <= one.appeal_until)


def appeal(
    slot: SlotKey,
    motive: str,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> FactId:
    """A family contests what it was told of a slot, which is billed only once somebody has decided. Does not commit.

    :raises AccessDeniedError: that day of the child is not this family's.
    :raises NotFoundError: nothing was told about this slot.
    :raises ConflictError: the days to answer are over, or an appeal is open already.
    """
    require(actor, Operation.DECLARE_ABSENCE, child_target(uow, slot.child, slot.day))
    command = ("appeal", slot, motive)
    if (known := done_before(uow, key, command)) is not None:
        return FactId(known)
    homes = [stored.model.id for stored in uow.households.of(slot.child)]
    told = [one for home in homes for one in uow.anomalies.of(home, slot.day, slot.day) if one.key == slot]
    if not told:
        raise NotFoundError(
            f"anomaly told about {slot}",
            code="appeal.nothing_told",
            child=slot.child,
            product=slot.product,
            day=slot.day,
        )
    on = commune_today(uow, now)
    if on > (until := max(one.appeal_until for one in told)):
        raise ConflictError(
            f"{slot}: to be contested until {until}, it is {on}",
            code="appeal.too_late",
            child=slot.child,
            product=slot.product,
            day=slot.day,
            until=until,
        )
    if slot in contested(uow.appeals.of(slot.child, slot.day, slot.day)):
        raise ConflictError(
            f"{slot}: contested already",
            code="appeal.open_already",
            child=slot.child,
            product=slot.product,
            day=slot.day,
        )
    made = Appeal(FactId(make_id()), slot, motive, utc(now), actor.label)
    record_act(
        uow, actor, Operation.DECLARE_ABSENCE, f"child:{slot.child}", now, detail="appeal", key=key, command=command,
        result=made.id,
    )  # fmt: skip
    uow.appeals.append([made])
    return made.id


def decide_appeal(
    child: ChildId,
    appeal: FactId,
    uow: UnitOfWork,
    *,
    accepted: bool,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> Appeal:
    """Accept an appeal (what was checked is turned round) or refuse it. Does not commit.

    :raises NotFoundError: no such appeal about this child.
    :raises ConflictError: it was decided before.
    """
    command = ("decide_appeal", child, appeal, accepted)
    states = [one for one in uow.appeals.of(child) if one.id == appeal]
    day = states[0].key.day if states else commune_today(uow, now)
    require(actor, Operation.RECORD_ATTENDANCE, child_target(uow, child, day))
    if not states:
        raise NotFoundError(f"appeal {appeal} about child {child}", code="appeal.missing", appeal=appeal, child=child)
    slot = states[0].key
    if done_before(uow, key, command) is not None:
        return states[-1]
    if any(one.state is not AppealState.OPEN for one in states):
        raise ConflictError(f"appeal {appeal} was decided before", code="appeal.decided", appeal=appeal)
    state = AppealState.ACCEPTED if accepted else AppealState.REFUSED
    decided = attrs.evolve(states[0], state=state, at=after(now, states[0].at), author=actor.label)
    uow.hold(child)
    record_act(
        uow, actor, Operation.RECORD_ATTENDANCE, f"child:{child}", now, detail=f"appeal_{state.name.lower()}",
        key=key, command=command,
    )  # fmt: skip
    uow.appeals.append([decided])
    if accepted:
        checks = [one for one in uow.presences.of(child, slot.day, slot.day) if one.key == slot]
        was_there = bool(checks) and max(checks, key=lambda one: (one.at, one.id)).present is True
        turned = Presence(FactId(make_id()), slot, not was_there, utc(now), actor.label, note=f"recours {appeal}")
        record_presences([turned], uow, actor=actor)
    return decided


def standing_options(uow: UnitOfWork) -> Options:
    """What the store tells billing besides consumptions: acts that reach the past, appeals, incidents, penalties."""
    return Options(
        reprises=tuple(one for one in latest(uow.reprises.of("")) if not one.withdrawn),
        contested=contested(uow.appeals.stream()),
        incidents=latest(uow.incidents.stream()),
        decided=decided_penalties(uow.penalty_decisions.stream()),
    )
