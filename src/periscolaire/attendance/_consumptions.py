"""One consumption per (child, product, day, slot): what views and billing read, folded from the facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import attrs

from periscolaire.attendance._facts import (
    AbsenceNotice,
    CancelledBy,
    Closure,
    Presence,
    Proof,
    ProofState,
    Suspension,
    latest,
)
from periscolaire.attendance._outcomes import Booked, Notice, Outcome, Seen, Service, outcome_of
from periscolaire.booking import Reservation, SlotKey, State
from periscolaire.catalogue import Effect
from periscolaire.ids import ChildId, FactId, HouseholdId

__all__ = ["Consumption", "Place", "booked_state", "consumption", "consumptions"]


@attrs.frozen
class Consumption:
    """What happened on one slot, with everything that its price may depend on.

    ``effect`` is that of the tier through which the day was booked, or, for a late cancellation, that of the
    cancellation; ``tier`` and ``counter`` are what was decided then. ``held``: requested, a place being held until it
    is paid (pay to confirm). Wall times are the commune's. ``facts`` are the
    ids of the facts that it rests on, oldest first.
    """

    key: SlotKey
    household: HouseholdId
    outcome: Outcome
    booked: Booked = Booked.NONE
    seen: Seen = Seen.UNCHECKED
    service: Service = Service.OPEN
    notice: Notice = Notice.NONE
    proof: ProofState = ProofState.NONE
    mode: str | None = None
    tier: int | None = None
    effect: Effect | None = None
    counter: str | None = None
    held: bool = False
    order: str | None = None
    order_rank: int | None = None
    arrival: dt.time | None = None
    departure: dt.time | None = None
    slot_used: str | None = None
    served: str | None = None
    motive: str | None = None
    told_at: dt.datetime | None = None
    refund_requested: bool = False
    proof_kind: str | None = None
    proof_received_at: dt.datetime | None = None
    facts: tuple[FactId, ...] = ()

    @property
    def counted(self) -> bool:
        """There is something to say about it: an outcome, or a request that waits for its payment."""
        return self.outcome is not Outcome.NONE or self.held


@attrs.frozen
class Place:
    """Where a child is on a day, as far as closures are concerned."""

    site: str | None = None
    school: str | None = None
    class_name: str | None = None


_BOOKED = {
    State.REQUESTED: Booked.REQUESTED,
    State.WAITING: Booked.WAITING,
    State.LAPSED: Booked.LAPSED,
    State.REFUSED: Booked.REFUSED,
    State.REPLACED: Booked.CANCELLED,
}


def booked_state(reservation: Reservation | None, *, needs_booking: bool = True, package: bool = False) -> Booked:
    """What the outcome table reads of a reservation.

    ``needs_booking`` is the product's; ``package`` says that the day is covered by a package of the child.
    """
    if package:
        return Booked.PACKAGE
    if reservation is None:
        return Booked.NONE if needs_booking else Booked.NOT_NEEDED
    match reservation.state:
        case State.CONFIRMED:
            return Booked.CONFIRMED_LATE if reservation.late else Booked.CONFIRMED
        case State.CANCELLED_BY_FAMILY:
            return Booked.CANCELLED_LATE if reservation.late_cancellation else Booked.CANCELLED
        case State.CANCELLED_BY_COMMUNE:
            return Booked.WITHDRAWN if reservation.was_confirmed else Booked.CANCELLED
        case other:
            return _BOOKED[other]


def consumption(
    key: SlotKey,
    household: HouseholdId,
    *,
    reservation: Reservation | None = None,
    presences: Iterable[Presence] = (),
    notices: Iterable[AbsenceNotice] = (),
    proofs: Iterable[Proof] = (),
    closures: Iterable[Closure] = (),
    suspensions: Iterable[Suspension] = (),
    place: Place = Place(),
    needs_booking: bool = True,
    package: bool = False,
    facts: Iterable[FactId] = (),
) -> Consumption:
    """The consumption of ``key``: the fold of its facts, in whatever order they are given.

    ``household`` is whom an unplanned presence is counted for; a reservation names its own. Facts about other keys
    are ignored. ``facts`` are the ids of the booking changes.
    """
    seen_facts = [fact for fact in presences if fact.key == key]
    presence = max(seen_facts, key=lambda fact: (fact.at, fact.id), default=None)
    notice = next((fact for fact in reversed(latest(notices)) if fact.covers(key)), None)
    proof = _best_proof([fact for fact in latest(proofs) if fact.covers(key) and fact.state is not ProofState.NONE])
    closure = next(
        (
            fact
            for fact in latest(closures)
            if fact.covers(key, site=place.site, school=place.school, class_name=place.class_name)
        ),
        None,
    )
    suspension = next((fact for fact in latest(suspensions) if fact.covers(key)), None)
    booked = booked_state(reservation, needs_booking=needs_booking, package=package)
    seen = _seen(presence)
    service = _service(closure, suspension)
    told_at = notice.told_at if notice is not None else None
    effect = reservation.effect if reservation is not None else None
    if booked is Booked.CANCELLED_LATE and reservation is not None and reservation.cancellation is not None:
        told_at = min(filter(None, (told_at, reservation.notice_at)), default=None)
        if seen in (Seen.ABSENT, Seen.UNCHECKED):  # who comes after all comes as booked, with the tier of the booking
            effect = _consequence(reservation.cancellation.effect, reservation.effect)
    told = Notice.NONE if told_at is None else Notice.TOLD
    proof_state = ProofState.NONE if proof is None else proof.state
    used = (presence, notice, proof, closure, suspension)
    motive = next((fact.motive for fact in (proof, notice) if fact is not None and fact.motive), None)
    return Consumption(
        key=key,
        household=reservation.household if reservation is not None else household,
        outcome=outcome_of(booked, seen, service, told, proof_state),
        booked=booked,
        seen=seen,
        service=service,
        notice=told,
        proof=proof_state,
        mode=reservation.mode if reservation is not None else None,
        tier=reservation.tier if reservation is not None else None,
        effect=effect,
        counter=reservation.counter if reservation is not None else None,
        held=reservation is not None and reservation.holds_place,
        order=reservation.order if reservation is not None else None,
        order_rank=reservation.order_rank if reservation is not None else None,
        arrival=presence.arrival if presence is not None else None,
        departure=presence.departure if presence is not None else None,
        slot_used=presence.slot_used if presence is not None else None,
        served=presence.served if presence is not None else None,
        motive=motive or (reservation.motive if reservation is not None else None),
        told_at=told_at,
        refund_requested=notice is not None and notice.refund_requested,
        proof_kind=proof.kind if proof is not None else None,
        proof_received_at=proof.received_at if proof is not None else None,
        facts=(*facts, *(fact.id for fact in used if fact is not None)),
    )


_PROOF_ORDER = {ProofState.NONE: 0, ProofState.REFUSED: 1, ProofState.PENDING: 2, ProofState.ACCEPTED: 3}


def _consequence(ended: Effect | None, booked: Effect | None) -> Effect | None:
    """What a late cancellation leaves due: its own price form, else the one of the tier that the day was booked by.

    The price of an absence is the one that the day would have had, tier included (a replacement price stays one).
    """
    if ended is None or booked is None or ended.price is not None or ended.share is not None:
        return ended
    return attrs.evolve(ended, price=booked.price, scope=booked.scope)


def _best_proof(proofs: list[Proof]) -> Proof | None:
    """Of several proofs for one day the most favourable, then the earliest received."""
    return min(proofs, key=lambda proof: (-_PROOF_ORDER[proof.state], proof.received_at, proof.id), default=None)


def _seen(presence: Presence | None) -> Seen:
    if presence is None or presence.present is None:
        return Seen.UNCHECKED
    if not presence.present:
        return Seen.ABSENT
    return Seen.LEFT_EARLY if presence.left_early else Seen.PRESENT


def _service(closure: Closure | None, suspension: Suspension | None) -> Service:
    if closure is not None:
        return Service.CLOSED if closure.by is CancelledBy.COMMUNE else Service.OUTING
    return Service.OPEN if suspension is None else Service.SUSPENDED


def consumptions(
    reservations: Iterable[Reservation],
    presences: Iterable[Presence],
    household_of: Callable[[ChildId, dt.date], HouseholdId],
    *,
    notices: Iterable[AbsenceNotice] = (),
    proofs: Iterable[Proof] = (),
    closures: Iterable[Closure] = (),
    suspensions: Iterable[Suspension] = (),
    place_of: Callable[[ChildId, dt.date], Place] = lambda child, day: Place(),
    needs_booking: Callable[[SlotKey], bool] = lambda key: True,
    package: Callable[[SlotKey], bool] = lambda key: False,
    change_ids: Callable[[SlotKey], Iterable[FactId]] = lambda key: (),
) -> tuple[Consumption, ...]:
    """Every consumption with something to say, in canonical order (child, day, product, slot).

    The whole fold at once, for small sets, tests and rebuilding; a store updates one key at a time with
    :func:`consumption`, and a law says that both agree.
    """
    by_key = {reservation.key: reservation for reservation in reservations}
    seen: dict[SlotKey, list[Presence]] = {}
    for presence in presences:
        seen.setdefault(presence.key, []).append(presence)
    by_child: dict[ChildId, tuple[list[AbsenceNotice], list[Proof], list[Suspension]]] = {}
    for notice in notices:
        by_child.setdefault(notice.child, ([], [], []))[0].append(notice)
    for proof in proofs:
        by_child.setdefault(proof.child, ([], [], []))[1].append(proof)
    for suspension in suspensions:
        by_child.setdefault(suspension.child, ([], [], []))[2].append(suspension)
    closed = tuple(closures)
    made = []
    for key in sorted(by_key.keys() | seen.keys(), key=lambda key: (key.child, key.day, key.product, key.slot)):
        told, proved, suspended = by_child.get(key.child, ([], [], []))
        made.append(
            consumption(
                key,
                household_of(key.child, key.day),
                reservation=by_key.get(key),
                presences=seen.get(key, ()),
                notices=told,
                proofs=proved,
                closures=closed,
                suspensions=suspended,
                place=place_of(key.child, key.day),
                needs_booking=needs_booking(key),
                package=package(key),
                facts=change_ids(key),
            )
        )
    return tuple(one for one in made if one.counted)
