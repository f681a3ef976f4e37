"""Use cases around an absence: told, justified, decided; suspensions, closures lifted, incidents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

import attrs

from periscolaire.access import COMMUNE, Actor, Operation, require
from periscolaire.attendance import AbsenceNotice, Proof, ProofState, Suspension, latest
from periscolaire.billing import Incident
from periscolaire.calendar import Span
from periscolaire.clock import require_aware, utc
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.facts import Facts
from periscolaire.ids import ChildId, FactId, HouseholdId, Key, ProductCode
from periscolaire.operations._once import after, done_before, record_act
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import child_target, require_days
from periscolaire.operations.attendance._door import fold_slots, slots_of
from periscolaire.ports import UnitOfWork, new_id

__all__ = [
    "AbsenceTold",
    "IncidentSeen",
    "ProofHandedIn",
    "Suspended",
    "decide_proof",
    "hand_in_proof",
    "lift_closure",
    "lift_suspension",
    "report_incident",
    "suspend",
    "tell_absence",
    "withdraw_absence",
    "withdraw_incident",
]

_LONGEST = dt.timedelta(days=366)


@attrs.frozen
class AbsenceTold:
    """A family says that a child will not come, or did not, from ``first`` to ``last``, for ``products`` (all: None).

    ``told_at`` is when it was told, if not now: a message left on the answering machine is told when it is left.
    """

    child: ChildId
    first: dt.date
    last: dt.date
    motive: str | None = None
    products: tuple[ProductCode, ...] | None = None
    refund_requested: bool = False
    told_at: dt.datetime | None = None

    def __attrs_post_init__(self) -> None:
        _check_span(self.child, self.first, self.last)
        if self.told_at is not None:
            require_aware(self.told_at, "told_at")


def tell_absence(
    absence: AbsenceTold,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> FactId:
    """Record that an absence was told; the identifier of the notice. Does not commit.

    :raises AccessDeniedError: a day is not this family's, or staff may not.
    :raises NotFoundError: no such child or product.
    :raises MisuseError: told in the future.
    """
    _require_days(uow, actor, Operation.DECLARE_ABSENCE, absence.child, Span(absence.first, absence.last))
    if (known := done_before(uow, key, absence)) is not None:
        return FactId(known)
    told_at = absence.told_at or now
    if utc(told_at) > utc(now):
        raise MisuseError(
            f"absence of {absence.child}: told at {told_at}, after now",
            code="absence.told_in_the_future",
            child=absence.child,
            told=told_at,
        )
    _check_products(uow, absence.first, absence.products)
    notice = AbsenceNotice(
        FactId(make_id()), absence.child, absence.first, absence.last, utc(told_at), actor.label, utc(now),
        absence.motive, _set(absence.products), absence.refund_requested,
    )  # fmt: skip
    return _append_notice(uow, actor, now, notice, key, absence)


def withdraw_absence(
    child: ChildId, notice: FactId, uow: UnitOfWork, *, actor: Actor, now: dt.datetime, key: Key | None = None
) -> None:
    """Take back a notice of absence. Does not commit.

    :raises NotFoundError: no such notice about this child.
    """
    held = next((fact for fact in latest(uow.absence_notices.of(child)) if fact.id == notice), None)
    told = Span(held.first, held.last) if held is not None else Span.one(now.date())
    _require_days(uow, actor, Operation.DECLARE_ABSENCE, child, told)
    if held is None:
        raise NotFoundError(
            f"absence notice {notice} about child {child}", code="absence.no_notice", notice=notice, child=child
        )
    command = ("withdraw_absence", child, notice)
    if done_before(uow, key, command) is not None:
        return
    taken_back = attrs.evolve(held, withdrawn=True, at=after(now, held.at), author=actor.label)
    _append_notice(uow, actor, now, taken_back, key, command)


def _append_notice(
    uow: UnitOfWork, actor: Actor, now: dt.datetime, notice: AbsenceNotice, key: Key | None, command: object
) -> FactId:
    uow.hold(notice.child)
    detail = "withdrawn" if notice.withdrawn else "told"
    record_act(
        uow, actor, Operation.DECLARE_ABSENCE, f"child:{notice.child}", now, detail=detail, key=key, command=command,
        result=notice.id,
    )  # fmt: skip
    uow.absence_notices.append([notice])
    fold_slots(uow, slots_of(uow, notice.child, Span(notice.first, notice.last)))
    return notice.id


@attrs.frozen
class ProofHandedIn:
    """A document that reached the commune. ``household``, where given, must have the child.

    ``received_at`` is when it was received, if not now.
    """

    child: ChildId
    first: dt.date
    last: dt.date
    kind: str
    household: HouseholdId | None = None
    motive: str | None = None
    products: tuple[ProductCode, ...] | None = None
    received_at: dt.datetime | None = None

    def __attrs_post_init__(self) -> None:
        _check_span(self.child, self.first, self.last)
        if self.received_at is not None:
            require_aware(self.received_at, "received_at")


def hand_in_proof(
    handed: ProofHandedIn,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> FactId:
    """Record a document that waits for a decision; its identifier. Does not commit.

    :raises AccessDeniedError: the child is not of this family on one of the days.
    :raises NotFoundError: no such child, or not of the household that hands it in.
    :raises MisuseError: received in the future.
    """
    _require_days(uow, actor, Operation.DECLARE_ABSENCE, handed.child, Span(handed.first, handed.last))
    if (known := done_before(uow, key, handed)) is not None:
        return FactId(known)
    received_at = handed.received_at or now
    if utc(received_at) > utc(now):
        raise MisuseError(
            f"proof for {handed.child}: received at {received_at}, after now",
            code="absence.received_in_the_future",
            child=handed.child,
            received=received_at,
        )
    _check_products(uow, handed.first, handed.products)
    if handed.household is not None and not any(
        stored.model.id == handed.household and stored.model.has_child(handed.child, handed.first)
        for stored in uow.households.of(handed.child)
    ):
        raise NotFoundError(
            f"child {handed.child!r} in household {handed.household!r} on {handed.first}",
            code="operation.child_of_other_household",
            child=handed.child,
            household=handed.household,
            day=handed.first,
        )
    proof = Proof(
        FactId(make_id()), handed.child, handed.first, handed.last, handed.kind, ProofState.PENDING,
        utc(received_at), actor.label, utc(now), handed.motive, _set(handed.products),
    )  # fmt: skip
    _append_proof(uow, actor, Operation.DECLARE_ABSENCE, now, proof, key, handed)
    return proof.id


def decide_proof(
    child: ChildId,
    proof: FactId,
    uow: UnitOfWork,
    *,
    accepted: bool,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
) -> Proof:
    """Accept or refuse a document; a later decision replaces a former one. Does not commit.

    :raises NotFoundError: no such proof about this child: it may be somebody else's.
    """
    require(actor, Operation.DECIDE_PROOF, child_target(uow, child, now.date()))
    held = next((fact for fact in latest(uow.proofs.of(child)) if fact.id == proof), None)
    if held is None:
        raise NotFoundError(f"proof {proof} about child {child}", code="absence.no_proof", proof=proof, child=child)
    command = ("decide_proof", child, proof, accepted)
    if done_before(uow, key, command) is not None:
        return held
    state = ProofState.ACCEPTED if accepted else ProofState.REFUSED
    decided = attrs.evolve(held, state=state, at=after(now, held.at), author=actor.label)
    _append_proof(uow, actor, Operation.DECIDE_PROOF, now, decided, key, command)
    return decided


def _append_proof(
    uow: UnitOfWork,
    actor: Actor,
    operation: Operation,
    now: dt.datetime,
    proof: Proof,
    key: Key | None,
    command: object,
) -> None:
    uow.hold(proof.child)
    record_act(
        uow, actor, operation, f"child:{proof.child}", now, detail=proof.state.name.lower(), key=key, command=command,
        result=proof.id,
    )  # fmt: skip
    uow.proofs.append([proof])
    fold_slots(uow, slots_of(uow, proof.child, Span(proof.first, proof.last)))


@attrs.frozen
class Suspended:
    """A child is excluded for a while: what, from when to when, and why."""

    child: ChildId
    first: dt.date
    last: dt.date
    motive: str
    products: tuple[ProductCode, ...] | None = None

    def __attrs_post_init__(self) -> None:
        _check_span(self.child, self.first, self.last)


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
    _check_products(uow, suspended.first, suspended.products)
    fact = Suspension(
        FactId(make_id()), suspended.child, suspended.first, suspended.last, suspended.motive, utc(now), actor.label,
        _set(suspended.products),
    )  # fmt: skip
    _append_suspension(uow, actor, now, fact, key, suspended)
    return fact.id


def lift_suspension(
    child: ChildId, suspension: FactId, uow: UnitOfWork, *, actor: Actor, now: dt.datetime, key: Key | None = None
) -> None:
    """Lift a suspension, as if it had never been. Does not commit.

    :raises NotFoundError: no such suspension of this child.
    """
    require(actor, Operation.SUSPEND_CHILD, child_target(uow, child, now.date()))
    command = ("lift_suspension", child, suspension)
    if done_before(uow, key, command) is not None:
        return
    held = next((fact for fact in latest(uow.suspensions.of(child)) if fact.id == suspension), None)
    if held is None:
        raise NotFoundError(
            f"suspension {suspension} of child {child}",
            code="absence.no_suspension",
            suspension=suspension,
            child=child,
        )
    lifted = attrs.evolve(held, lifted=True, at=after(now, held.at), author=actor.label)
    _append_suspension(uow, actor, now, lifted, key, command)


def _append_suspension(
    uow: UnitOfWork, actor: Actor, now: dt.datetime, fact: Suspension, key: Key | None, command: object
) -> None:
    uow.hold(fact.child)
    detail = "lifted" if fact.lifted else "suspended"
    record_act(
        uow, actor, Operation.SUSPEND_CHILD, f"child:{fact.child}", now, detail=detail, key=key, command=command,
        result=fact.id,
    )  # fmt: skip
    uow.suspensions.append([fact])
    fold_slots(uow, slots_of(uow, fact.child, Span(fact.first, fact.last)))


def lift_closure(closure: FactId, uow: UnitOfWork, *, actor: Actor, now: dt.datetime, key: Key | None = None) -> int:
    """Lift a closure: the days it covers are as if it had never been; how many slots are folded. Does not commit.

    Bookings that the commune took off stay off: the families are asked again.

    :raises NotFoundError: no such closure.
    :raises ConflictError: it was lifted before.
    """
    require(actor, Operation.BOOK_BY_DEROGATION)
    if done_before(uow, key, closure) is not None:
        return 0
    held = next((fact for fact in latest(uow.closures.of("")) if fact.id == closure), None)
    if held is None:
        raise NotFoundError(f"closure {closure}", code="absence.no_closure", closure=closure)
    if held.lifted:
        raise ConflictError(f"closure {closure} was lifted before", code="absence.closure_lifted", closure=closure)
    record_act(uow, actor, Operation.BOOK_BY_DEROGATION, f"closure:{closure}", now, key=key, command=closure)
    slots = {
        one.key for one in uow.reservations.stream(held.first, held.last)
        if held.products is None or one.key.product in held.products
    }  # fmt: skip
    uow.hold(*sorted({slot.child for slot in slots}))
    uow.closures.append([attrs.evolve(held, lifted=True, at=after(now, held.at), author=actor.label)])
    return fold_slots(uow, slots)


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
    if seen.child is not None and not home.has_child(seen.child, seen.day):
        raise NotFoundError(
            f"child {seen.child!r} in household {seen.household!r} on {seen.day}",
            code="operation.child_of_other_household",
            child=seen.child,
            household=seen.household,
            day=seen.day,
        )
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
    held = next((fact for fact in latest(uow.incidents.of(household)) if fact.id == incident), None)
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


def _check_span(child: ChildId, first: dt.date, last: dt.date) -> None:
    if not dt.timedelta(0) <= last - first <= _LONGEST:
        raise MisuseError(
            f"{child}: from {first} to {last}, expected a span of at most a year",
            code="absence.span_too_long",
            child=child,
            first=first,
            last=last,
        )


def _set(products: tuple[ProductCode, ...] | None) -> frozenset[ProductCode] | None:
    """Commands hold tuples, which read the same in every process: what a key was used for is compared as text."""
    return None if products is None else frozenset(products)


def _check_products(uow: UnitOfWork, day: dt.date, products: Collection[ProductCode] | None) -> None:
    reglement = published_reglements(uow).on(day)
    for product in sorted(products or ()):
        reglement.product(product)


def _require_days(uow: UnitOfWork, actor: Actor, operation: Operation, child: ChildId, span: Span) -> None:
    """Each day of the span must be the actor's to speak for: a child is of one parent on Monday, of the other after."""
    days = (span.first + dt.timedelta(days=offset) for offset in range((span.last - span.first).days + 1))
    require_days(actor, operation, ((child, day) for day in days), uow)
    uow.children.get(child)
