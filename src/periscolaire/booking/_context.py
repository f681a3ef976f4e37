"""What a check or a view must know besides the règlement: values that the caller gathers, for one household."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from periscolaire.booking._places import Taken
from periscolaire.booking._registrations import Registration
from periscolaire.booking._reservations import Reservation, SlotKey
from periscolaire.catalogue import Effect
from periscolaire.facts import Facts
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.money import Amount

__all__ = ["FAMILY", "STAFF", "BookingContext", "CheckPolicy", "FactsOf", "PriceOf", "PriceQuery", "no_price"]

#: Values of the fact ``auteur``: who asks.
FAMILY = "famille"
STAFF = "agent"

#: The facts of a child (and of its household) on a day, as far as they do not depend on the request.
FactsOf: TypeAlias = Callable[[ChildId, dt.date], Facts]


@attrs.frozen
class PriceQuery:
    """A booking whose price is asked for: the slot, and the tier, effect and mode with which it would be made."""

    key: SlotKey
    effect: Effect
    tier: int | None = None
    mode: str | None = None


#: The price estimate of a booking, in minor units; ``None`` when it cannot be told yet.
PriceOf: TypeAlias = Callable[[PriceQuery], Amount | None]


def no_price(query: PriceQuery) -> Amount | None:
    """No estimate at all."""
    return None


def _every_day(child: ChildId, day: dt.date) -> bool:
    return True


def _no_closure(key: SlotKey) -> str | None:
    return None


def _reservations(found: Mapping[SlotKey, Reservation]) -> FrozenMap[SlotKey, Reservation]:
    return found if isinstance(found, FrozenMap) else FrozenMap(found)


@attrs.frozen
class CheckPolicy:
    """How a commune validates.

    ``whole``: everything or nothing, else the best part. ``waiting``: a booking for which no place is left goes to
    the waiting list, instead of being refused. ``hold``: how long a product that is paid to be confirmed is held.
    """

    whole: bool = False
    waiting: bool = False
    hold: dt.timedelta = dt.timedelta(hours=1)


@attrs.frozen
class BookingContext:
    """One household, as it stands.

    ``reservations`` holds all reservations of its ``children``, those of another parent's household included, over
    the weeks and counter periods concerned. ``taken`` counts the places taken by pool. ``is_ours`` says, by custody,
    whether a child's day is this household's to book; ``registration_of`` gives the registration under which a day
    falls (when it is ``None``, registrations are not known here, and rules that ask for one answer with a request);
    ``closure_of`` says why a service is closed for a child (outing of its class) beyond what the calendar says.

    ``facts_at`` gives what is true of the household when it asks, whatever the day of service (``arrears``).

    ``derogation`` is the reason for which staff goes past limits and gates (never past places, closures or custody).
    ``events`` are the dates of anchors that the calendar does not know (« l'inscription », « la première
    réservation »). ``channel`` is ``None`` only where no rule reads it.
    """

    household: HouseholdId
    children: frozenset[ChildId]
    facts_of: FactsOf
    reservations: FrozenMap[SlotKey, Reservation] = attrs.field(converter=_reservations, factory=FrozenMap)
    taken: Taken = attrs.field(factory=FrozenMap)
    is_ours: Callable[[ChildId, dt.date], bool] = _every_day
    registration_of: Callable[[SlotKey], Registration | None] | None = None
    closure_of: Callable[[SlotKey], str | None] = _no_closure
    facts_at: Callable[[dt.datetime], Facts] | None = None
    channel: str | None = None
    author: str = FAMILY
    derogation: str | None = None
    events: FrozenMap[str, dt.date] = attrs.field(factory=FrozenMap)
    price_of: PriceOf = no_price
    policy: CheckPolicy = CheckPolicy()
