"""Products: what is sold, on which days, within which limits, to whom, in how many places."""

from __future__ import annotations

import enum
from typing import Any

import attrs

from periscolaire.calendar import OpenDays
from periscolaire.catalogue._effects import REFUSE, REQUEST, Effect
from periscolaire.catalogue._rules import LimitTable
from periscolaire.catalogue._units import Action
from periscolaire.errors import MisuseError
from periscolaire.facts import ALWAYS, Condition, Facts, Truth
from periscolaire.ids import ProductCode

__all__ = ["Allocation", "Gate", "PaymentMode", "PlacesRule", "Product", "Slot"]

_BOOKING_ACTIONS = frozenset({Action.BOOK, Action.CHANGE})


@attrs.frozen
class Gate:
    """Who may: in the cases of ``when``, ``requires`` must hold and ``forbids`` must not; else ``otherwise``.

    A fact that is not known makes neither true nor false: then ``unknown`` applies (a request by default, so that
    somebody looks), never a guess. ``message`` is shown to the family instead of the usual text.
    ``at_door``: checked when the child comes or is fetched (hours, declared adults), not when a family books.
    """

    code: str
    requires: Condition | None = None
    forbids: Condition | None = None
    when: Condition = ALWAYS
    otherwise: Effect = REFUSE
    unknown: Effect = REQUEST
    actions: frozenset[Action] = _BOOKING_ACTIONS
    message: str | None = None
    at_door: bool = False
    reference: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.requires is None and self.forbids is None:
            raise MisuseError(f"gate {self.code!r} neither requires nor forbids anything")


@attrs.frozen
class Slot:
    """A formula of a product: a span of the day in minutes since midnight (``12:00-13:30``), named by its code."""

    code: str
    name: str
    start: int
    end: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.start < self.end <= 24 * 60:
            raise MisuseError(f"slot {self.code!r} from {self.start} to {self.end}: expected start before end")


class PaymentMode(enum.Enum):
    """When a product is paid: at consumption (C) or at reservation (R, in three ways)."""

    CONSUMPTION = "C"
    TO_CONFIRM = "R"  # paid to confirm the booking
    AT_VALIDATION = "R facture"  # invoiced when the booking is validated
    WALLET = "R porte-monnaie"  # taken from a prepaid account


class Allocation(enum.Enum):
    """How places go when too few: first come, by priorities at the close, or asked for and then granted."""

    ARRIVAL = "arrivée"
    PRIORITIES = "priorités"
    REQUEST = "demande"


@attrs.frozen
class PlacesRule:
    """At most ``maximum`` bookings a day (or a slot: see ``pool``), in the cases of ``condition``.

    ``pool`` names the facts that make separate pools: with ``("site", "slot")`` the maximum is for each site and slot.
    ``maximum`` is ``None`` when the règlement says who comes first and not how many places there are.

    Places that follow the staff are ``adults`` times ``per_adult`` (CASF R227-15 and R227-16 say the ratios, by age): a
    rule for each age group, and one more for a date on which the team is another.
    """

    maximum: int | None
    condition: Condition = ALWAYS
    pool: tuple[str, ...] = ()
    allocation: Allocation = Allocation.ARRIVAL
    priorities: tuple[Condition, ...] = ()
    reference: str | None = None
    adults: int | None = None
    per_adult: int | None = None

    @classmethod
    def of_staff(cls, adults: int, per_adult: int, **rest: Any) -> PlacesRule:
        """The places of a team: ``per_adult`` children for each of its ``adults``."""
        return cls(adults * per_adult, adults=adults, per_adult=per_adult, **rest)

    def __attrs_post_init__(self) -> None:
        if (self.adults is None) != (self.per_adult is None):
            raise MisuseError("places that follow the staff: expected both the adults and the children for each")
        if self.adults is not None and self.per_adult is not None and self.maximum != self.adults * self.per_adult:
            raise MisuseError(f"{self.maximum} places for {self.adults} adults × {self.per_adult} children")
        if self.maximum is not None and self.maximum < 0:
            raise MisuseError(f"{self.maximum} places: expected 0 or more")

    def priority(self, facts: Facts) -> int:
        """The priority group of a child: 0 for the first of ``priorities`` that surely holds, the last for none."""
        held = (place for place, said in enumerate(self.priorities) if said.evaluate(facts) is Truth.TRUE)
        return next(held, len(self.priorities))


@attrs.frozen
class Product:
    """A service that families book (or not: ``needs_booking``).

    ``booking`` and ``cancellation`` are tables of rules, first match; empty means that the règlement is silent.
    ``change`` absent: a change is a cancellation and a booking, each within its own limit; present, it replaces both,
    and ``change_may_add`` says whether a change may add a day (LIMITS A15). ``requires`` and ``excludes`` name other
    products: booked for the same day.
    ``start`` and ``end`` are the hours of the service, in minutes since midnight.
    """

    code: ProductCode
    name: str
    open_days: OpenDays
    booking: LimitTable = ()
    cancellation: LimitTable = ()
    change: LimitTable | None = None
    change_may_add: bool | None = None
    kind: str = "restauration"
    slots: tuple[Slot, ...] = ()
    start: int | None = None
    end: int | None = None
    payment: PaymentMode = PaymentMode.CONSUMPTION
    places: tuple[PlacesRule, ...] = ()
    gates: tuple[Gate, ...] = ()
    requires: tuple[ProductCode, ...] = ()
    excludes: tuple[ProductCode, ...] = ()
    needs_booking: bool = True
    needs_registration: bool = False
    reference: str | None = None

    def table(self, action: Action) -> LimitTable | None:
        """The rules of an action; ``None`` when a change has none of its own."""
        match action:
            case Action.BOOK:
                return self.booking
            case Action.CANCEL:
                return self.cancellation
            case Action.CHANGE:
                return self.change

    def slot(self, code: str) -> Slot | None:
        """The slot of that code."""
        return next((slot for slot in self.slots if slot.code == code), None)
