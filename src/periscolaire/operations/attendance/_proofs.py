"""Use cases of the documents that justify absences: handed in, decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import Proof, ProofLimit, ProofState, latest, newest
from periscolaire.calendar import Span
from periscolaire.clock import require_aware, utc
from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.ids import ChildId, FactId, HouseholdId, Key, ProductCode
from periscolaire.operations._once import after, done_before, trail
from periscolaire.operations._reglements import commune_today, published_reglements
from periscolaire.operations._targets import child_target, require_days
from periscolaire.operations.attendance._presences import fold_slots, slots_of
from periscolaire.operations.attendance._spans import append_to, as_set, check_products, check_span, require_span
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.reglement import proof_limit

__all__ = ["ProofHandedIn", "decide_proof", "hand_in_proof", "record_proofs"]


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
        check_span(self.child, self.first, self.last)
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
) -> Proof:
    """Record a document that waits for a decision, with the limits of the règlement for handing it in. Does not commit.

    One that came too late for some days says so (:attr:`~periscolaire.attendance.Proof.late_for`) and is recorded all
    the same: it may count for others, and the commune may decide otherwise by changing what it rests on.

    :raises AccessDeniedError: the child is not of this family on one of the days.
    :raises NotFoundError: no such child or household, or the child is not of the household that hands it in.
    :raises MisuseError: received in the future.
    """
    require_span(uow, actor, Operation.DECLARE_ABSENCE, handed.child, Span(handed.first, handed.last))
    if (known := done_before(uow, key, handed)) is not None:
        return next(fact for fact in latest(uow.proofs.of(handed.child)) if fact.id == known)
    received_at = handed.received_at or now
    if utc(received_at) > utc(now):
        raise MisuseError(
            f"proof for {handed.child}: received at {received_at}, after now",
            code="absence.received_in_the_future",
            child=handed.child,
            received=received_at,
        )
    check_products(uow, handed.first, handed.products)
    if handed.household is not None:
        uow.households.get(handed.household).model.check_child(handed.child, handed.first)
    proof = _with_limits(
        Proof(
            FactId(make_id()), handed.child, handed.first, handed.last, handed.kind, ProofState.PENDING,
            utc(received_at), actor.label, utc(now), handed.motive, as_set(handed.products),
        ),
        uow,
    )  # fmt: skip
    append_to(
        uow.proofs, proof, uow, actor=actor, operation=Operation.DECLARE_ABSENCE, now=now,
        detail="pending", key=key, command=handed,
    )  # fmt: skip
    return proof


def _with_limits(proof: Proof, uow: UnitOfWork) -> Proof:
    """The document with the limits for handing it in, of the days that it covers and about which something is known."""
    reglements = published_reglements(uow)
    limits = []
    for slot in sorted(slots_of(uow, proof.child, Span(proof.first, proof.last))):
        if not proof.covers(slot):
            continue
        reglement = reglements.on(slot.day)
        product = reglement.product(slot.product)
        closes = proof_limit(
            reglement.absence_policy(slot.product), slot.day, product, reglement.calendar, motive=proof.motive,
            first_day=proof.first,
        )  # fmt: skip
        if closes is not None:
            limits.append(ProofLimit(slot.product, slot.day, closes))
    return attrs.evolve(proof, limits=tuple(limits))


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
    require(actor, Operation.DECIDE_PROOF, child_target(uow, child, commune_today(uow, now)))
    held = newest(uow.proofs.of(child), proof)
    if held is None:
        raise NotFoundError(f"proof {proof} about child {child}", code="absence.no_proof", proof=proof, child=child)
    command = ("decide_proof", child, proof, accepted)
    if done_before(uow, key, command) is not None:
        return held
    state = ProofState.ACCEPTED if accepted else ProofState.REFUSED
    decided = attrs.evolve(held, state=state, at=after(now, held.at), author=actor.label)
    append_to(
        uow.proofs, decided, uow, actor=actor, operation=Operation.DECIDE_PROOF, now=now,
        detail=state.name.lower(), key=key, command=command,
    )  # fmt: skip
    return decided


def record_proofs(proofs: Iterable[Proof], uow: UnitOfWork, *, actor: Actor) -> int:
    """Append documents that justify absences, and fold them into the consumptions of the days that they cover.

    How many consumptions they touch. Does not commit.

    :raises AccessDeniedError: one of the children is not of the actor's schools, or the actor may not decide.
    """
    given = tuple(proofs)
    require_days(actor, Operation.DECIDE_PROOF, ((fact.child, fact.first) for fact in given), uow)
    uow.hold(*sorted({fact.child for fact in given}))
    facts = tuple(_with_limits(fact, uow) for fact in given)
    uow.proofs.append(facts)
    if facts:
        trail(uow, actor, Operation.DECIDE_PROOF, "proofs", max(utc(fact.at) for fact in facts), detail=str(len(facts)))
    return fold_slots(uow, {key for fact in facts for key in slots_of(uow, fact.child, Span(fact.first, fact.last))})
