"""Use cases of many requests at once: decide them in the order in which they arrived, as files and replays bring them.

One family at a counter goes through :func:`~periscolaire.operations.validate`; here thousands of requests are decided
in one unit of work, each against what those before it left, and every answer is recorded, refusals too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.booking import (
    FAMILY,
    Basket,
    BookingChange,
    BookingContext,
    Line,
    LineVerdict,
    Reservation,
    SlotKey,
    apply_change,
    check,
    recording,
)
from periscolaire.calendar import Span
from periscolaire.clock import require_aware, utc
from periscolaire.errors import ConflictError, NotFoundError
from periscolaire.households import Custody, Household, payers
from periscolaire.ids import ChildId, FactId, HouseholdId
from periscolaire.operations._changes import move_places
from periscolaire.operations._once import trail
from periscolaire.operations._refold import refold
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import require_days
from periscolaire.operations.booking._context import booking_context
from periscolaire.ports import RecordedDecision, UnitOfWork, new_id
from periscolaire.reglement import Reglement, Reglements

__all__ = ["BookingRequest", "Homes", "decide_requests"]


@attrs.frozen
class BookingRequest:
    """One wish of a family as it arrived: what, when, by which channel; ``source`` says where it was written."""

    line: Line
    at: dt.datetime
    channel: str | None = None
    source: str = "demande"

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)


class Homes:
    """Whose day of a child it is; what is read of a child is remembered, so make one for each unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._children: dict[ChildId, tuple[tuple[Household, ...], tuple[Custody, ...]]] = {}

    def of(self, child: ChildId, day: dt.date) -> HouseholdId:
        """The household that has the child on ``day``: by custody, else the one that the child is of.

        :raises NotFoundError: the child is of no household on that day.
        """
        read = self._children.get(child)
        if read is None:
            homes = tuple(stored.model for stored in self._uow.households.of(child))
            read = self._children[child] = (homes, self._uow.custodies.of(child))
        paying = payers(child, day, read[1], read[0])
        if paying:
            return paying[0].household
        for home in read[0]:
            if home.has_child(child, day):
                return home.id
        raise NotFoundError(
            f"child {child!r} is of no household on {day}",
            code="operation.child_without_household",
            child=child,
            day=day,
        )

    def of_slot(self, key: SlotKey) -> HouseholdId:
        """The household that has the child of a slot on its day."""
        return self.of(key.child, key.day)


def decide_requests(
    requests: Iterable[BookingRequest],
    uow: UnitOfWork,
    *,
    actor: Actor,
    author: str = FAMILY,
    make_id: Callable[[], str] = new_id,
) -> tuple[RecordedDecision, ...]:
    """Decide ``requests`` in order of their instants (then as given), and record every decision. Does not commit.

    Each is decided under the version in force on its day of service, at its own instant, with the account as it is
    stored: requests of one call do not see what each other takes from a prepaid account. ``author`` is by whom the
    request was made, for the rules that tell families from staff: only staff may say that it was staff.

    :raises AccessDeniedError: one of the days is not the actor's to book.
    :raises NotFoundError: no version is in force on a day, or a child is of no household.
    :raises ConflictError: somebody else booked for one of these children meanwhile.
    """
    ordered = sorted(requests, key=lambda one: utc(one.at))
    require_days(actor, Operation.BOOK, ((one.line.key.child, one.line.key.day) for one in ordered), uow)
    if author != FAMILY and actor.author == FAMILY:
        require(actor, Operation.BOOK_BY_DEROGATION)
    if not ordered:
        return ()
    uow.hold(*sorted({one.line.key.child for one in ordered}))
    desk = _Replay(uow, published_reglements(uow), ordered, actor, author, make_id)
    decisions = tuple(desk.decide(one) for one in ordered)
    desk.write()
    uow.decisions.append(decisions)
    trail(uow, actor, Operation.BOOK, "requests", max(utc(one.at) for one in ordered), detail=str(len(ordered)))
    return decisions


class _Replay:
    """What is known of each household between two requests, read once and kept up to date."""

    def __init__(
        self,
        uow: UnitOfWork,
        reglements: Reglements,
        requests: Sequence[BookingRequest],
        actor: Actor,
        author: str,
        make_id: Callable[[], str],
    ) -> None:
        days = [one.line.key.day for one in requests]
        self.span = Span(min(days), max(days))
        self.uow, self.reglements, self.actor, self.author, self.make_id = uow, reglements, actor, author, make_id
        self.contexts: dict[tuple[HouseholdId, str], BookingContext] = {}
        self.homes = Homes(uow)
        self.reservations: dict[HouseholdId, dict[SlotKey, Reservation]] = {}
        self.changes: list[BookingChange] = []
        self.touched: dict[SlotKey, Reservation] = {}

    def decide(self, one: BookingRequest) -> RecordedDecision:
        key = one.line.key
        reglement = self._reglement(key)
        household = self.homes.of_slot(key)
        context = attrs.evolve(self._context(household, reglement), channel=one.channel)
        result = check(Basket(household, (one.line,)), reglement, context, one.at)
        (verdict,) = result.verdicts
        order = f"{one.source} {utc(one.at):%Y-%m-%dT%H:%M:%SZ}"  # the same line of another file is another order
        moves = recording(
            result, context, utc(one.at), author=self.actor.label, reglement=reglement.version, order=order,
            new_id=self.make_id,
        )  # fmt: skip
        if not move_places(self.uow, moves.released, moves.claimed):
            raise ConflictError(
                f"the places of {key.product} on {key.day} were taken meanwhile: start again",
                code="operation.places_taken",
                product=key.product,
                day=key.day,
            )
        self._apply(household, moves.changes)
        if moves.released or moves.claimed:
            self.contexts.clear()  # the places left have moved for everybody
        return self._record(one, household, reglement, verdict)

    def _record(
        self, one: BookingRequest, household: HouseholdId, reglement: Reglement, verdict: LineVerdict
    ) -> RecordedDecision:
        return RecordedDecision(
            FactId(self.make_id()),
            household,
            utc(one.at),
            self.actor.label,
            one.channel,
            reglement.version,
            verdict,
            one.source,
        )

    def _reglement(self, key: SlotKey) -> Reglement:
        return self.reglements.on(key.day)

    def _context(self, household: HouseholdId, reglement: Reglement) -> BookingContext:
        context = self.contexts.get((household, reglement.version))
        if context is None:
            context = booking_context(self.uow, household, reglement=reglement, span=self.span, author=self.author)
            self.contexts[household, reglement.version] = context
            known = self.reservations.setdefault(household, dict(context.reservations))
            known.update((key, new) for key, new in self.touched.items() if key.child in context.children)
        return attrs.evolve(context, reservations=self.reservations[household])

    def _apply(self, household: HouseholdId, changes: Iterable[BookingChange]) -> None:
        for change in changes:
            known = self.reservations[household]
            after = apply_change(known.get(change.key), change)
            self.touched[change.key] = after
            self.changes.append(change)
            # The child may be of another household as well, which sees the same reservation.
            for other in self.reservations.values():
                if other is known or change.key in other:
                    other[change.key] = after

    def write(self) -> None:
        self.uow.booking_changes.append(self.changes)
        versions = {
            stored.model.key: stored.version
            for child in sorted({key.child for key in self.touched})
            for stored in self.uow.reservations.of_child(child, self.span.first, self.span.last)
        }
        for key, reservation in sorted(self.touched.items()):
            self.uow.reservations.save(reservation, versions.get(key, 0))
        refold(self.uow, self.touched, self.homes.of_slot, self.reglements.needs_booking)
