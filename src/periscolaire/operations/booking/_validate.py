"""Use cases of reserving: validate a basket, answer requests and offers, keep holds and waiting lists moving.

Each takes an entered unit of work, holds the children concerned, reads, decides, writes, and commits. Sent twice with
one key, it counts once and gives the same receipt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from periscolaire.access import Actor, Operation, Target, audit, require
from periscolaire.booking import (
    FAMILY,
    Basket,
    BookingChange,
    BookingContext,
    ChangeKind,
    CheckPolicy,
    CheckResult,
    PriceOf,
    Receipt,
    Reservation,
    SlotKey,
    State,
    apply_change,
    check,
    receipt,
    recording,
)
from periscolaire.calendar import Span
from periscolaire.catalogue import PaymentMode
from periscolaire.clock import require_aware, utc
from periscolaire.errors import ConflictError
from periscolaire.ids import FactId, Key, SchoolCode
from periscolaire.operations._changes import follow, move_places, record_changes
from periscolaire.operations._once import trail
from periscolaire.operations._targets import child_target
from periscolaire.operations.booking._context import booking_context
from periscolaire.ports import RecordedDecision, Repositories, UnitOfWork, new_id
from periscolaire.reasons import Description, Reason
from periscolaire.reglement import Reglement

__all__ = [
    "accept_offer",
    "answer_request",
    "check_basket",
    "expire_holds",
    "validate",
]

#: How often a validation that lost a race for a last place is decided again before it gives up.
_TRIES = 4


def check_basket(
    basket: Basket,
    uow: Repositories,
    *,
    actor: Actor,
    at: dt.datetime,
    reglement: Reglement,
    channel: str | None = None,
    derogation: str | None = None,
    policy: CheckPolicy | None = None,
    price_of: PriceOf | None = None,
) -> CheckResult:
    """A dry run: what :func:`validate` would do at ``at``. Writes nothing.

    :raises AccessDeniedError: the actor may not book for this household.
    :raises NotFoundError: no such household.
    """
    _require_booking(actor, basket, uow, reglement.calendar.today(at), derogation)
    context = _context(basket, uow, reglement, actor, channel, derogation, policy, price_of)
    return check(basket, reglement, context, at)


def validate(
    basket: Basket,
    uow: UnitOfWork,
    *,
    actor: Actor,
    key: Key,
    at: dt.datetime,
    reglement: Reglement,
    channel: str | None = None,
    derogation: str | None = None,
    policy: CheckPolicy | None = None,
    price_of: PriceOf | None = None,
    make_id: Callable[[], str] = new_id,
) -> Receipt:
    """*Valider*: check the basket, claim its places, record its changes, all in one transaction; a numbered receipt.

    ``reglement`` is the version in force on the days of service. ``key`` is chosen by the caller for this very wish:
    sent again, the first receipt comes back and nothing is recorded. What is refused is on the receipt, with reasons,
    and among the recorded decisions: the family keeps the proof that it had asked.

    :raises AccessDeniedError: the actor may not book for this household (or not by derogation).
    :raises ConflictError: the key was used for another basket, or places kept moving.
    :raises MisuseError: ``at`` is naive, or the rules differ by channel and none is given.
    :raises NotFoundError: no such household.
    """
    require_aware(at)
    _require_booking(actor, basket, uow, reglement.calendar.today(at), derogation)
    return record_basket(
        basket, uow, actor=actor, key=key, at=at, reglement=reglement, channel=channel, derogation=derogation,
        policy=policy, price_of=price_of, make_id=make_id,
    )  # fmt: skip


def record_basket(
    basket: Basket,
    uow: UnitOfWork,
    *,
    actor: Actor,
    key: Key,
    at: dt.datetime,
    reglement: Reglement,
    channel: str | None = None,
    derogation: str | None = None,
    policy: CheckPolicy | None = None,
    price_of: PriceOf | None = None,
    make_id: Callable[[], str] = new_id,
) -> Receipt:
    """What :func:`validate` does once it has asked; for operations that have asked for what implies it."""
    content = repr((basket, actor.label, channel, derogation))
    for _ in range(_TRIES):
        uow.hold(basket.household, *sorted(basket.children()))
        number = uow.keys.find(key, content)
        if number is not None:
            return uow.booking_receipts.get(number).model
        context = _context(basket, uow, reglement, actor, channel, derogation, policy, price_of)
        result = check(basket, reglement, context, at)
        number = _number(uow, at, reglement)
        moves = recording(
            result,
            context,
            utc(at),
            author=actor.label,
            reglement=reglement.version,
            order=number,
            new_id=make_id,
        )
        if not move_places(uow, moves.released, moves.claimed):
            uow.rollback()  # somebody took the place since it was counted: decide again
            continue
        record_changes(uow, moves.changes, reglement)
        made = receipt(result, context, utc(at), author=actor.label, reglement=reglement.version, number=number)
        uow.booking_receipts.save(made)
        uow.decisions.append(
            RecordedDecision(
                FactId(make_id()), basket.household, utc(at), actor.label, channel, reglement.version, verdict, number
            )
            for verdict in result.refusals
        )
        uow.keys.record(key, content, number, utc(at))
        uow.audit.append(
            [audit(actor, Operation.BOOK, f"household:{basket.household}", at, channel=channel or "", detail=number)]
        )
        uow.commit()
        return made
    raise ConflictError(
        f"the places of the basket of {basket.household} kept moving: send it again", code="operation.places_moving"
    )


def answer_request(
    slot: SlotKey,
    uow: UnitOfWork,
    *,
    actor: Actor,
    at: dt.datetime,
    reglement: Reglement,
    kind: ChangeKind,
    reason: Reason | None = None,
    note: str = "",
    make_id: Callable[[], str] = new_id,
) -> Reservation | None:
    """Staff (or a payment) confirms or refuses a request; ``None`` when no place is left to confirm it.

    ``kind`` is CONFIRM, REFUSE or LAPSE.

    :raises AccessDeniedError: the actor may not.
    :raises ConflictError: there is nothing to answer any more.
    :raises NotFoundError: nothing was ever asked for ``slot``.
    """
    uow.hold(slot.child)
    stored = uow.reservations.find(slot)
    if stored is None:
        require(actor, Operation.BOOK_BY_DEROGATION, child_target(uow, slot.child, slot.day))
        raise ConflictError(
            f"nothing was asked for {slot.product} on {slot.day}",
            code="operation.nothing_asked",
            product=slot.product,
            day=slot.day,
        )
    before = stored.model
    require(actor, Operation.BOOK_BY_DEROGATION, child_target(uow, slot.child, slot.day))
    if before.state not in (State.REQUESTED, State.WAITING):
        raise ConflictError(
            f"{slot.product} on {slot.day}: {before.state.value}, nothing to answer any more",
            code="operation.nothing_to_answer",
            product=slot.product,
            day=slot.day,
            state=Description.of(f"booking.state.{before.state.name.lower()}"),
        )
    change = BookingChange(
        id=FactId(make_id()),
        key=slot,
        household=before.household,
        kind=kind,
        at=utc(at),
        author=actor.label,
        reglement=reglement.version,
        reason=reason,
        note=note,
    )
    after = apply_change(before, change)
    if not follow(uow, before, after, reglement):
        uow.rollback()
        return None
    record_changes(uow, [change], reglement)
    trail(uow, actor, Operation.BOOK_BY_DEROGATION, f"slot:{slot.child}", at, detail=kind.value)
    uow.commit()
    return after


def accept_offer(
    slot: SlotKey,
    uow: UnitOfWork,
    *,
    actor: Actor,
    at: dt.datetime,
    reglement: Reglement,
    channel: str | None = None,
    make_id: Callable[[], str] = new_id,
) -> Reservation:
    """A family (or staff for it) takes the place that it was offered from the waiting list.

    A product that is paid to be confirmed is confirmed by its payment instead (:func:`answer_request`).

    :raises AccessDeniedError: the actor may not book this child's day.
    :raises ConflictError: no offer is open for ``slot`` any more, or it is to be paid.
    """
    uow.hold(slot.child)
    require(actor, Operation.BOOK, child_target(uow, slot.child, slot.day))
    stored = uow.reservations.find(slot)
    before = stored.model if stored is not None else None
    if before is None or before.state is not State.REQUESTED or before.hold_until is None:
        raise ConflictError(
            f"no place is offered for {slot.product} on {slot.day}",
            code="operation.no_offer",
            product=slot.product,
            day=slot.day,
        )
    if utc(before.hold_until) <= utc(at):
        raise ConflictError(
            f"the offer for {slot.product} on {slot.day} ended at {before.hold_until.isoformat()}",
            code="operation.offer_ended",
            product=slot.product,
            day=slot.day,
        )
    if actor.author == FAMILY and reglement.product(slot.product).payment is PaymentMode.TO_CONFIRM:
        raise ConflictError(
            f"{slot.product} is confirmed by its payment",
            code="operation.confirmed_by_payment",
            product=slot.product,
        )
    change = BookingChange(
        id=FactId(make_id()),
        key=slot,
        household=before.household,
        kind=ChangeKind.CONFIRM,
        at=utc(at),
        author=actor.label,
        channel=channel,
        reglement=reglement.version,
    )
    (after,) = record_changes(uow, [change], reglement)  # the place is held already: nothing moves
    trail(uow, actor, Operation.BOOK, f"slot:{slot.child}", at, channel=channel, detail=change.kind.value)
    uow.commit()
    return after


def expire_holds(
    uow: UnitOfWork,
    *,
    span: Span,
    actor: Actor,
    at: dt.datetime,
    reglement: Reglement,
    make_id: Callable[[], str] = new_id,
) -> tuple[Reservation, ...]:
    """Lapse every hold and offer of ``span`` that was not confirmed in time; their places come free.

    ``actor`` is the commune's scheduled task, a member of staff who books.

    :raises AccessDeniedError: the actor may not.
    """
    require(actor, Operation.BOOK_BY_DEROGATION)
    now = utc(at)
    over = [
        reservation
        for reservation in uow.reservations.stream(span.first, span.last)
        if reservation.state is State.REQUESTED
        and reservation.hold_until is not None
        and utc(reservation.hold_until) <= now
    ]
    uow.hold(*sorted({reservation.key.child for reservation in over}))
    lapsed: list[Reservation] = []
    for reservation in over:
        stored = uow.reservations.find(reservation.key)
        if stored is None or stored.model != reservation or reservation.hold_until is None:
            continue  # confirmed or cancelled since it was read
        change = BookingChange(
            id=FactId(make_id()),
            key=reservation.key,
            household=reservation.household,
            kind=ChangeKind.LAPSE,
            at=now,
            author=actor.label,
            reglement=reglement.version,
            reason=Reason.of("booking.hold_over", until=reglement.calendar.local(reservation.hold_until)),
        )
        follow(uow, reservation, apply_change(reservation, change), reglement)
        lapsed.extend(record_changes(uow, [change], reglement))
    if lapsed:
        trail(uow, actor, Operation.BOOK_BY_DEROGATION, "holds", at, detail=str(len(lapsed)))
    uow.commit()
    return tuple(lapsed)


def _context(
    basket: Basket,
    uow: Repositories,
    reglement: Reglement,
    actor: Actor,
    channel: str | None,
    derogation: str | None,
    policy: CheckPolicy | None,
    price_of: PriceOf | None,
) -> BookingContext:
    return booking_context(
        uow,
        basket.household,
        reglement=reglement,
        keys=[key for line in basket.lines for key in ((line.key,) if line.to is None else (line.key, line.to))],
        channel=channel,
        author=actor.author,
        derogation=derogation,
        policy=policy,
        price_of=price_of,
    )


def _require_booking(actor: Actor, basket: Basket, uow: Repositories, today: dt.date, derogation: str | None) -> None:
    # A family's days are checked line by line, by custody: a refused line says so. Here: may it act for this household?
    schools: list[SchoolCode] = []
    for child in sorted(basket.children()):
        found = uow.children.find(child)
        schooling = found.model.schooling(today) if found is not None else None
        if schooling is not None:
            schools.append(schooling.school)
    target = Target.of_household(basket.household, schools)
    require(actor, Operation.VIEW_HOUSEHOLD if actor.author == FAMILY else Operation.BOOK, target)
    if derogation is not None:
        require(actor, Operation.BOOK_BY_DEROGATION, target)


def _number(uow: Repositories, at: dt.datetime, reglement: Reglement) -> str:
    year = reglement.calendar.today(at).year
    return f"R{year}-{uow.numbers.take('récépissés', year):06d}"
