"""What a request does besides being read: a proof that billing uses, a file corrected, an invoice contested."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import AppealState, Proof, ProofState
from periscolaire.billing import Dispute
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.clock import utc
from periscolaire.errors import NotFoundError
from periscolaire.households import Child, FileChange, Household, apply_to_child, apply_to_household
from periscolaire.ids import ChildId, FactId, HouseholdId
from periscolaire.messages import AbsenceClaim, FamilyRequest, Move, Purpose
from periscolaire.operations._once import after
from periscolaire.operations._recording import replace_file
from periscolaire.operations._refold import refold
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import household_target
from periscolaire.operations.attendance._appeals import decide_appeal
from periscolaire.operations.attendance._presences import slots_of
from periscolaire.operations.booking._requests import Homes
from periscolaire.ports import Stored, UnitOfWork
from periscolaire.reglement import Reglements

__all__ = ["apply_changes", "carry_out", "fact_of", "file_dispute", "record_proof"]

#: What becomes of a proof when its request comes to an end: without a decision there is none any more.
_PROOF_STATES = {
    Move.ACCEPT: ProofState.ACCEPTED,
    Move.REFUSE: ProofState.REFUSED,
    Move.WITHDRAW: ProofState.NONE,
    Move.CLOSE: ProofState.NONE,
}
_DECISIONS = frozenset({Move.ACCEPT, Move.REFUSE})


def carry_out(
    uow: UnitOfWork,
    request: FamilyRequest,
    move: Move,
    *,
    actor: Actor,
    at: dt.datetime,
    day: dt.date,
    reglements: Reglements | None,
) -> None:
    """Do what ``move`` means for what ``request`` is about. ``day`` is the day of ``at`` in the commune.

    :raises AccessDeniedError: staff who answer, but may not decide about proofs, files or appeals.
    :raises ConflictError: the file changed since the family asked.
    """
    if move not in _PROOF_STATES:
        return
    target = household_target(uow, request.household, day)
    if request.claim is not None and (move in _DECISIONS or _handed_in(uow, request, request.claim)):
        if move in _DECISIONS:
            require(actor, Operation.DECIDE_PROOF, target)
        record_proof(uow, request, request.claim, _PROOF_STATES[move], actor=actor, at=at, reglements=reglements)
    if request.purpose is Purpose.FILE_CHANGE and move is Move.ACCEPT:
        require(actor, Operation.CHANGE_HOUSEHOLD, target)
        apply_changes(uow, request.household, request.changes, at)
    if request.contested is not None:
        _end_appeal(uow, request, request.contested, move, actor=actor, at=at)
    _close_dispute(uow, request, day)


def fact_of(request: FamilyRequest) -> FactId:
    """The identifier that the proof or the dispute of a request bears."""
    return FactId(f"request:{request.id}")


def record_proof(
    uow: UnitOfWork,
    request: FamilyRequest,
    claim: AbsenceClaim,
    state: ProofState,
    *,
    actor: Actor,
    at: dt.datetime,
    reglements: Reglements | None,
) -> None:
    """Append the proof that a request stands for, and fold again every slot that it speaks of.

    One fact identifier, whose newest state counts; it was received when the request was sent.
    """
    former = [fact for fact in uow.proofs.of(claim.child) if fact.id == fact_of(request)]
    instant = after(at, former[-1].at) if former else utc(at)
    proof = Proof(
        fact_of(request), claim.child, claim.first, claim.last, claim.proof_kind, state, request.opened_at,
        actor.label, instant, claim.motive, claim.products,
    )  # fmt: skip
    uow.hold(claim.child)
    uow.proofs.append([proof])
    slots = [slot for slot in slots_of(uow, claim.child, Span(claim.first, claim.last)) if proof.covers(slot)]
    rules = published_reglements(uow) if reglements is None else reglements
    refold(uow, slots, Homes(uow).of_slot, rules.needs_booking)


def _handed_in(uow: UnitOfWork, request: FamilyRequest, claim: AbsenceClaim) -> bool:
    return any(fact.id == fact_of(request) for fact in uow.proofs.of(claim.child))


def file_dispute(uow: UnitOfWork, request: FamilyRequest, *, actor: Actor, day: dt.date, motive: str) -> None:
    """A request that contests an invoice: neither reminded nor in arrears until the request comes to an end.

    Each request has a dispute of its own, so that the end of one lifts no other.
    """
    assert request.invoice is not None, "a kind that contests names an invoice"
    uow.disputes.save(Dispute(fact_of(request), request.invoice, day, motive, actor.label))


def _end_appeal(
    uow: UnitOfWork, request: FamilyRequest, slot: SlotKey, move: Move, *, actor: Actor, at: dt.datetime
) -> None:
    if move in _DECISIONS:
        decide_appeal(slot.child, fact_of(request), uow, accepted=move is Move.ACCEPT, actor=actor, now=at)
        return
    states = [one for one in uow.appeals.of(slot.child, slot.day, slot.day) if one.id == fact_of(request)]
    taken_back = attrs.evolve(
        states[-1], state=AppealState.WITHDRAWN, at=after(at, states[-1].at), author=actor.label
    )  # fmt: skip
    uow.appeals.append([taken_back])


def _close_dispute(uow: UnitOfWork, request: FamilyRequest, day: dt.date) -> None:
    stored = uow.disputes.find(fact_of(request)) if request.invoice is not None else None
    if stored is not None and stored.model.closed_on is None:
        uow.disputes.save(attrs.evolve(stored.model, closed_on=day), stored.version)


def apply_changes(uow: UnitOfWork, household: HouseholdId, changes: tuple[FileChange, ...], at: dt.datetime) -> None:
    """Write corrections of one household's file, each against the value that the family saw.

    :raises NotFoundError: a change is about somebody of another household.
    :raises ConflictError: a field changed since the family saw it.
    """
    stored = uow.households.get(household)
    home: Household = stored.model
    adults = {adult.id for adult in home.adults}
    members = {member.child for member in home.members}
    children: dict[ChildId, Stored[Child]] = {}
    corrected: dict[ChildId, Child] = {}
    for change in changes:
        if change.subject in adults:
            home = apply_to_household(home, change)
            continue
        child = ChildId(change.subject)
        if child not in members:
            raise NotFoundError(
                f"{child} in household {household}",
                code="operation.person_of_another_household",
                person=child,
                household=household,
            )
        if child not in children:
            children[child] = uow.children.get(child)
        corrected[child] = apply_to_child(corrected.get(child, children[child].model), change)
    if home != stored.model:
        replace_file(uow.households, stored, home, uow, at)
    for child, model in corrected.items():
        replace_file(uow.children, children[child], model, uow, at)
