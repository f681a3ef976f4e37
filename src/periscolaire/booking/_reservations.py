"""The life of a reservation: appended changes, one table of transitions, and the state folded from them."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from types import MappingProxyType

import attrs

from periscolaire.catalogue import Effect, Verb
from periscolaire.clock import require_aware
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.reasons import Reason

__all__ = [
    "TRANSITIONS",
    "BookingChange",
    "ChangeKind",
    "Reservation",
    "SlotKey",
    "State",
    "apply_change",
    "fold",
    "fold_all",
    "next_state",
]


@attrs.frozen(order=True, cache_hash=True)
class SlotKey:
    """What is consumed once: a child, a product, a day, and a slot where the product has several on one day."""

    child: ChildId
    product: ProductCode
    day: dt.date
    slot: str = ""


class State(enum.Enum):
    """Where a reservation stands; the values are the words of files and exports."""

    REQUESTED = "demandée"
    CONFIRMED = "confirmée"
    WAITING = "en attente"
    LAPSED = "caduque"
    CANCELLED_BY_FAMILY = "annulée par la famille"
    CANCELLED_BY_COMMUNE = "annulée par la commune"
    REPLACED = "remplacée"
    REFUSED = "refusée"

    @property
    def is_live(self) -> bool:
        """It may still become a consumption: requested, confirmed or waiting."""
        return self in _LIVE

    @property
    def is_booked(self) -> bool:
        """The child is expected."""
        return self is State.CONFIRMED


#: A tuple: members are compared by identity, which is quicker than hashing them.
_LIVE = (State.REQUESTED, State.CONFIRMED, State.WAITING)


class ChangeKind(enum.Enum):
    """What happened to a reservation; the values are the words of files and exports."""

    REQUEST = "demande"  # staff, a payment or a closing date decides later
    BOOK = "réservation"  # firm at once
    QUEUE = "mise en attente"  # no place left: on the waiting list
    OFFER = "proposition"  # a place has come free and is held until ``hold_until``
    CONFIRM = "confirmation"  # by staff, by payment, or an offer accepted
    LAPSE = "caducité"  # the hold was not paid, the offer not accepted, the list closed
    CANCEL = "annulation"  # by the family; ``effect`` tells its consequence
    WITHDRAW = "retrait"  # by the commune: closure, outing, exclusion, end of registration
    REPLACE = "remplacement"  # by another reservation, in the same change
    REFUSE = "refus"  # a request that staff refused


def _transitions() -> dict[tuple[State | None, ChangeKind], State]:
    table: dict[tuple[State | None, ChangeKind], State] = {}
    for state in (None, *(known for known in State if not known.is_live)):
        # Nothing yet, or nothing any more: the same key may be booked (again).
        table[state, ChangeKind.REQUEST] = State.REQUESTED
        table[state, ChangeKind.BOOK] = State.CONFIRMED
        table[state, ChangeKind.QUEUE] = State.WAITING
    table[State.REQUESTED, ChangeKind.CONFIRM] = State.CONFIRMED
    table[State.REQUESTED, ChangeKind.QUEUE] = State.WAITING
    table[State.REQUESTED, ChangeKind.LAPSE] = State.LAPSED
    table[State.REQUESTED, ChangeKind.REFUSE] = State.REFUSED
    table[State.WAITING, ChangeKind.OFFER] = State.REQUESTED
    table[State.WAITING, ChangeKind.CONFIRM] = State.CONFIRMED
    table[State.WAITING, ChangeKind.LAPSE] = State.LAPSED
    table[State.WAITING, ChangeKind.REFUSE] = State.REFUSED
    for state in (State.REQUESTED, State.CONFIRMED, State.WAITING):
        table[state, ChangeKind.CANCEL] = State.CANCELLED_BY_FAMILY
        table[state, ChangeKind.WITHDRAW] = State.CANCELLED_BY_COMMUNE
        table[state, ChangeKind.REPLACE] = State.REPLACED
    return table


#: ``(state before, change) -> state after``; what is not in it cannot happen. ``None``: no reservation yet.
TRANSITIONS: MappingProxyType[tuple[State | None, ChangeKind], State] = MappingProxyType(_transitions())


def next_state(state: State | None, kind: ChangeKind) -> State:
    """The state after ``kind``.

    :raises ConflictError: the table knows no such transition (somebody changed the reservation first).
    """
    try:
        return TRANSITIONS[state, kind]
    except KeyError:
        before = "nothing" if state is None else state.name
        raise ConflictError(f"no transition: {kind.name} on a reservation that is {before}") from None


@attrs.frozen
class BookingChange:
    """One appended fact about one reservation: who, by which channel, when, and what it rested on.

    ``author`` names the actor (a family's adult, an agent, or a process of the commune); ``reglement`` the version of
    the rules in force at ``at``; ``tier`` the index of the limit's tier, ``effect`` its effect, ``counter`` the name of
    the counter that it used and ``rank`` the rank that this use had; ``order`` the receipt that recorded it, and
    ``order_rank`` the rank of the day among those that it books;
    ``hold_until`` the end of a hold or an offer; ``derogation`` why staff went past a refusal; ``replaced_by`` the
    other key of a replacement.
    """

    id: FactId
    key: SlotKey
    household: HouseholdId
    kind: ChangeKind
    at: dt.datetime
    author: str
    channel: str | None = None
    reglement: str = ""
    tier: int | None = None
    effect: Effect | None = None
    counter: str | None = None
    rank: int | None = None
    mode: str | None = None
    motive: str | None = None
    reason: Reason | None = None
    order: str | None = None
    order_rank: int | None = None
    hold_until: dt.datetime | None = None
    derogation: str | None = None
    replaced_by: SlotKey | None = None
    note: str = ""

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)
        if self.hold_until is not None:
            require_aware(self.hold_until, "hold_until")


@attrs.frozen
class Reservation:
    """What the changes of one key amount to.

    ``tier``, ``effect``, ``counter``, ``rank``, ``mode`` and ``booked_at`` are those of the change that began this life
    of the reservation; ``cancellation`` is the change that ended it, whose effect tells the consequence, and
    ``was_confirmed`` whether it had been confirmed by then.
    """

    key: SlotKey
    household: HouseholdId
    state: State
    booked_at: dt.datetime
    changed_at: dt.datetime
    tier: int | None = None
    effect: Effect | None = None
    counter: str | None = None
    rank: int | None = None
    mode: str | None = None
    order: str | None = None
    order_rank: int | None = None
    hold_until: dt.datetime | None = None
    motive: str | None = None
    cancellation: BookingChange | None = None
    was_confirmed: bool = False

    @property
    def holds_place(self) -> bool:
        """It counts against the maximum: confirmed, or requested with a hold."""
        return self.state is State.CONFIRMED or (self.state is State.REQUESTED and self.hold_until is not None)

    @property
    def late(self) -> bool:
        """It was booked through a tier after the first."""
        return bool(self.tier)

    @property
    def late_cancellation(self) -> bool:
        """The family cancelled it with a consequence (due, carried over or lost, see the effect)."""
        ended = self.cancellation
        if ended is None or ended.kind is not ChangeKind.CANCEL or ended.effect is None:
            return False
        return ended.effect.verb in _CONSEQUENCES

    @property
    def notice_at(self) -> dt.datetime | None:
        """When the family cancelled, where it did."""
        ended = self.cancellation
        return ended.at if ended is not None and ended.kind is ChangeKind.CANCEL else None


_CONSEQUENCES = frozenset({Verb.DUE, Verb.CARRIED_OVER, Verb.LOST})
_ENDS = frozenset({ChangeKind.CANCEL, ChangeKind.WITHDRAW, ChangeKind.REPLACE})


def apply_change(before: Reservation | None, change: BookingChange) -> Reservation:
    """The reservation after ``change``.

    :raises ConflictError: the transition is not in the table.
    :raises MisuseError: the change is about another key.
    """
    if before is not None and before.key != change.key:
        raise MisuseError(f"a change of {change.key} cannot apply to {before.key}")
    state = next_state(before.state if before is not None else None, change.kind)
    if before is None or not before.state.is_live:
        return Reservation(
            key=change.key,
            household=change.household,
            state=state,
            booked_at=change.at,
            changed_at=change.at,
            tier=change.tier,
            effect=change.effect,
            counter=change.counter,
            rank=change.rank,
            mode=change.mode,
            order=change.order,
            order_rank=change.order_rank,
            hold_until=change.hold_until,
            motive=change.motive,
        )
    ends = change.kind in _ENDS
    return attrs.evolve(
        before,
        state=state,
        changed_at=change.at,
        hold_until=change.hold_until if state is State.REQUESTED else None,
        motive=change.motive if change.motive is not None else before.motive,
        cancellation=change if ends else None,
        was_confirmed=ends and before.state is State.CONFIRMED,
    )


def fold(changes: Iterable[BookingChange]) -> Reservation | None:
    """The reservation that the changes of **one** key amount to, in the order in which they were recorded.

    ``None`` when there is no change. What is stored is always equal to this.

    :raises ConflictError: a transition that the table does not know.
    :raises MisuseError: changes of several keys.
    """
    reservation: Reservation | None = None
    for change in changes:
        reservation = apply_change(reservation, change)
    return reservation


def fold_all(changes: Iterable[BookingChange]) -> dict[SlotKey, Reservation]:
    """Every reservation that the changes of any keys amount to, each key in its own recorded order."""
    folded: dict[SlotKey, Reservation] = {}
    for change in changes:
        folded[change.key] = apply_change(folded.get(change.key), change)
    return folded
