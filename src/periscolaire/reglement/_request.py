"""What is asked, what is known, what is answered: the values around :func:`~periscolaire.reglement.decide`."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import attrs

from periscolaire.calendar import CommuneCalendar, Span
from periscolaire.catalogue import Action, Effect, Product, Written
from periscolaire.facts import Facts
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import Currency
from periscolaire.reasons import Reason

__all__ = ["LIMIT_DEROGATION", "Context", "Decision", "NextOpen", "Request", "Rules"]

#: The derogation that lifts the limits themselves; any other name lifts the gate of that code.
LIMIT_DEROGATION = "limite"


class Rules(Protocol):
    """What a decision needs of a règlement."""

    @property
    def version(self) -> str:
        """The version of the règlement."""
        ...

    @property
    def currency(self) -> Currency:
        """The commune's currency."""
        ...

    @property
    def calendar(self) -> CommuneCalendar:
        """The commune's calendar."""
        ...

    def product(self, code: str) -> Product:
        """The product of that code."""
        ...


@attrs.frozen
class Request:
    """An action on a product for a child and a day, at an instant.

    ``day`` is the service day, or any day of the unit when the rule covers a week, a month or a period. For a change,
    ``instead`` is the day to go to, when there is one. ``channel`` is needed as soon as a rule differs by channel.
    """

    action: Action
    child: ChildId
    product: ProductCode
    day: dt.date
    at: dt.datetime
    channel: str | None = None
    author: str = "famille"
    slot: str | None = None
    instead: dt.date | None = None


@attrs.frozen
class Context:
    """What is known when a request is decided.

    ``facts`` are those of the child and the household on the day, ``counters`` the uses so far by counter,
    ``places_left`` the free places of that day, ``derogations`` the gates (by code) lifted for this child, ``events``
    the dates of anchors that the calendar does not know (``l'absence``, ``la première réservation``).
    """

    reglement: Rules
    facts: Facts = attrs.field(factory=Facts)
    counters: FrozenMap[str, int] = attrs.field(factory=FrozenMap)
    places_left: int | None = None
    derogations: frozenset[str] = frozenset()
    events: FrozenMap[str, dt.date] = attrs.field(factory=FrozenMap)


@attrs.frozen
class NextOpen:
    """The next unit still open to the same action: its first and last day, the effect, and until when."""

    day: dt.date
    last: dt.date
    effect: Effect
    closes: dt.datetime | None


@attrs.frozen
class Decision:
    """The answer, and all that it rests on; instants are in the commune's time.

    ``allowed`` is accepted, at a surcharge maybe (``effect``); a request that an agent must answer is not allowed and
    ``requestable``. ``tier`` counts from 0 in the rule of ``reference``; ``opens``, ``closes`` and ``written`` are its
    window and its close as written. ``limit`` (with ``limit_written``) is the coming close when accepted at the usual
    price, else the close of the last tier already passed (LIMITS A11). ``next`` is the next unit that some tier lets
    through, ``next_request`` the next that may be asked for. A late cancellation is ``recorded`` with its consequence
    (A14). ``unit`` holds the days that the decision covers.
    """

    allowed: bool
    effect: Effect
    reasons: tuple[Reason, ...] = ()
    reference: str | None = None
    version: str | None = None
    tier: int | None = None
    unit: Span | None = None
    opens: dt.datetime | None = None
    closes: dt.datetime | None = None
    written: Written | None = None
    limit: dt.datetime | None = None
    limit_written: Written | None = None
    next: NextOpen | None = None
    next_request: NextOpen | None = None
    counter: str | None = None
    rank: int | None = None
    recorded: bool = False

    @property
    def requestable(self) -> bool:
        """An agent may still answer."""
        return self.effect.verb.value in ("demande", "possible")
