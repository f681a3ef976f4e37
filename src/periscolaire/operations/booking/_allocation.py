"""Giving places to many who asked: by priorities, by arrival or by a draw, at the close of the requests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.booking import (
    Allocated,
    Attribution,
    BookingChange,
    ChangeKind,
    Claim,
    Reservation,
    SlotKey,
    State,
    Wish,
    claims,
    places_rules,
    serve,
)
from periscolaire.calendar import Span
from periscolaire.catalogue import PaymentMode, Product
from periscolaire.clock import utc
from periscolaire.errors import ConflictError
from periscolaire.facts import Facts
from periscolaire.ids import FactId, HouseholdId, ProductCode
from periscolaire.operations._changes import move_places, record_changes
from periscolaire.operations._family import Family, read_family
from periscolaire.operations._once import trail
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.reasons import Reason
from periscolaire.reglement import Reglement

__all__ = ["DayAllocation", "allocate_places"]


@attrs.frozen
class DayAllocation:
    """What became of one day: who has a place, who waits, each in the order of the list."""

    day: dt.date
    result: Allocated


def allocate_places(
    product: ProductCode,
    span: Span,
    uow: UnitOfWork,
    *,
    actor: Actor,
    at: dt.datetime,
    reglement: Reglement,
    attribution: Attribution,
    places: int | None = None,
    hold: dt.timedelta = dt.timedelta(hours=48),
    dry_run: bool = False,
    make_id: Callable[[], str] = new_id,
) -> tuple[DayAllocation, ...]:
    """Serve, day by day, all who asked for ``product`` or wait for it; the others join the waiting list.

    The groups are those of the règlement's ``priorités``, first to last; inside a group ``attribution`` decides.
    ``places`` is the number that the commune says for each day, where the règlement says none. What is paid to be
    confirmed is offered for ``hold``. All of it is one transaction; run again, it serves those who came since, in the
    places that are left. A dry run writes nothing and gives the same answer.

    :raises AccessDeniedError: the actor may not.
    :raises ConflictError: places were taken meanwhile: start again.
    """
    require(actor, Operation.BOOK_BY_DEROGATION)
    sold = reglement.product(product)
    asking = [
        one for one in uow.reservations.stream(span.first, span.last) if one.key.product == product and _asks(one)
    ]
    if not dry_run:
        uow.hold(*sorted({one.key.child for one in asking}))
        asking = [one for one in asking if _unchanged(one, uow)]
    facts = _facts(asking, uow, span)
    by_day: dict[dt.date, list[Reservation]] = {}
    for one in asking:
        by_day.setdefault(one.key.day, []).append(one)
    found: list[DayAllocation] = []
    taken_places: list[Claim] = []
    for day, those in sorted(by_day.items()):
        wanted = {one.key: claims(sold, one.key, facts[one.key]) for one in those}
        wishes = [
            Wish(one.key, one.household, one.booked_at, _priority(sold, one.key, facts[one.key])) for one in those
        ]
        taken = uow.places.taken(claim.pool for some in wanted.values() for claim in some)
        result = serve(wishes, lambda wish, wanted=wanted: wanted[wish.key], taken, attribution, places)  # type: ignore[misc]  # the default binds this day's claims
        taken_places += [claim for wish in result.served for claim in wanted[wish.key]]
        found.append(DayAllocation(day, result))
    if not dry_run:
        if not move_places(uow, (), taken_places):
            day = min(by_day)
            raise ConflictError(
                f"the places of {product} were taken meanwhile: start again",
                code="operation.places_taken",
                product=product,
                day=day,
            )
        states = {one.key: one.state for one in asking}
        changes = _Changes(sold, reglement, actor.label, at, utc(at) + hold, make_id)
        record_changes(uow, [change for one in found for change in changes.of(one.result, states)], reglement)
        trail(uow, actor, Operation.BOOK_BY_DEROGATION, f"allocation:{product}", at, detail=str(len(asking)))
        uow.commit()
    return tuple(found)


def _asks(one: Reservation) -> bool:
    return one.state is State.WAITING or (one.state is State.REQUESTED and one.hold_until is None)


def _unchanged(one: Reservation, uow: UnitOfWork) -> bool:
    stored = uow.reservations.find(one.key)
    return stored is not None and stored.model == one


def _facts(asking: Iterable[Reservation], uow: UnitOfWork, span: Span) -> dict[SlotKey, Facts]:
    families: dict[HouseholdId, Family] = {}
    for one in asking:
        if one.household not in families:
            families[one.household] = read_family(uow, one.household, span)
    return {one.key: families[one.household].facts(one.key.child, one.key.day) for one in asking}


def _priority(product: Product, key: SlotKey, facts: Facts) -> int:
    """The group of the child under the rules that bound it; the last of them when several do."""
    return max((rule.priority(facts) for rule in places_rules(product, key, facts)), default=0)


@attrs.frozen
class _Changes:
    """The facts that an allocation appends."""

    product: Product
    reglement: Reglement
    author: str
    at: dt.datetime
    until: dt.datetime
    make_id: Callable[[], str]

    def of(self, result: Allocated, states: dict[SlotKey, State]) -> Iterable[BookingChange]:
        for wish in result.served:
            if self.product.payment is not PaymentMode.TO_CONFIRM:
                yield self._change(wish, ChangeKind.CONFIRM)
                continue
            if states[wish.key] is State.REQUESTED:
                yield self._change(wish, ChangeKind.QUEUE)
            reason = Reason.of("booking.offer", day=wish.key.day, until=self.reglement.calendar.local(self.until))
            yield attrs.evolve(self._change(wish, ChangeKind.OFFER), hold_until=self.until, reason=reason)
        for wish in result.waiting:
            if states[wish.key] is State.REQUESTED:
                yield self._change(wish, ChangeKind.QUEUE)

    def _change(self, wish: Wish, kind: ChangeKind) -> BookingChange:
        return BookingChange(
            id=FactId(self.make_id()),
            key=wish.key,
            household=wish.household,
            kind=kind,
            at=utc(self.at),
            author=self.author,
            reglement=self.reglement.version,
        )
