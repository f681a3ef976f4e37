"""What a check says: one verdict a line, all of them together, and the estimate with R and C apart."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from periscolaire.booking._basket import Line
from periscolaire.booking._places import Claim
from periscolaire.catalogue import Effect, PaymentMode
from periscolaire.ids import ProductCode
from periscolaire.money import Amount
from periscolaire.reasons import Reason

__all__ = ["Alternative", "CheckResult", "Estimate", "LineStatus", "LineVerdict", "estimate"]


class LineStatus(enum.Enum):
    """What becomes of a line; the values are the words of files."""

    FIRM = "ferme"  # confirmed at once
    HELD = "à payer"  # a place is held until it is paid
    REQUEST = "demande"  # staff, or the close of the requests, decides
    WAITING = "en attente"  # on the waiting list
    CANCELLED = "annulée"  # with the consequence of the effect
    CHANGED = "modifiée"
    ALREADY = "déjà fait"  # nothing to record: it is so already
    REFUSED = "refusée"

    @property
    def records(self) -> bool:
        """It gives something to record."""
        return self not in _UNRECORDED


_UNRECORDED = (LineStatus.ALREADY, LineStatus.REFUSED)


@attrs.frozen
class Alternative:
    """What the family may do instead: the next unit (``day`` to ``last``) of the product open, with ``effect``."""

    day: dt.date
    last: dt.date
    effect: Effect
    closes: dt.datetime | None


@attrs.frozen
class LineVerdict:
    """One line and all that was found about it.

    ``reasons`` has every refusal (none is held back by another), or what an accepted line must be told. A
    booking is ``undoable`` when it may be cancelled without consequence at this very instant, ``until`` then (``None``:
    no limit).
    ``tier``, ``effect``, ``counter`` and ``rank`` are what the decision rests on; ``claims`` the places it takes,
    ``released`` those it gives back; ``price`` the estimate in minor units.
    """

    line: Line
    status: LineStatus
    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    tier: int | None = None
    effect: Effect | None = None
    counter: str | None = None
    rank: int | None = None
    closes: dt.datetime | None = None
    until: dt.datetime | None = None
    undoable: bool = False
    claims: tuple[Claim, ...] = ()
    released: tuple[Claim, ...] = ()
    places_left: int | None = None
    hold_until: dt.datetime | None = None
    price: Amount | None = None
    payment: PaymentMode | None = None
    reference: str | None = None

    @property
    def refused(self) -> bool:
        """It cannot be."""
        return self.status is LineStatus.REFUSED


@attrs.frozen
class Estimate:
    """What the bookings of a basket would cost, in minor units: at reservation (R) and at consumption (C) apart.

    ``unpriced`` counts the bookings whose price cannot be told yet: the amounts are then a minimum.
    """

    at_reservation: Amount = 0
    at_consumption: Amount = 0
    unpriced: int = 0


@attrs.frozen
class CheckResult:
    """The verdicts of all lines, in canonical order (day, product, child, slot).

    With ``whole``, one refusal and nothing is recorded.
    """

    verdicts: tuple[LineVerdict, ...]
    whole: bool = False

    @property
    def refusals(self) -> tuple[LineVerdict, ...]:
        """Every refused line."""
        return tuple(verdict for verdict in self.verdicts if verdict.refused)

    @property
    def recorded(self) -> tuple[LineVerdict, ...]:
        """The lines that validating records."""
        if self.whole and self.refusals:
            return ()
        return tuple(verdict for verdict in self.verdicts if verdict.status.records)

    @property
    def accepted(self) -> bool:
        """No line is refused."""
        return not self.refusals

    @property
    def estimate(self) -> Estimate:
        """The price of what would be recorded."""
        return estimate(self.recorded)

    @property
    def counts(self) -> dict[ProductCode, int]:
        """How many bookings of each product would be recorded."""
        counts: dict[ProductCode, int] = {}
        for verdict in self.recorded:
            if verdict.status is not LineStatus.CANCELLED:
                product = (verdict.line.to or verdict.line.key).product
                counts[product] = counts.get(product, 0) + 1
        return counts


_BOOKED = frozenset({LineStatus.FIRM, LineStatus.HELD, LineStatus.REQUEST, LineStatus.WAITING, LineStatus.CHANGED})


def estimate(verdicts: Iterable[LineVerdict]) -> Estimate:
    """The estimate of these lines; cancellations play no part in it."""
    totals = {True: 0, False: 0}
    unpriced = 0
    for verdict in verdicts:
        if verdict.status not in _BOOKED:
            continue
        if verdict.price is None:
            unpriced += 1
        else:
            totals[verdict.payment is PaymentMode.CONSUMPTION] += verdict.price
    return Estimate(at_reservation=totals[False], at_consumption=totals[True], unpriced=unpriced)
