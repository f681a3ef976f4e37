"""The naive recomputation: every cent of the small commune, with nothing but ``if``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from periscolaire.attendance import Booked, Consumption, ProofState, Seen
from periscolaire.ids import ChildId, ProductCode
from periscolaire.testing.billing._commune import CANTEEN, GARDERIE

__all__ = ["naive_amounts"]


def naive_amounts(
    consumptions: Iterable[Consumption], steps: tuple[tuple[dt.date, int], ...]
) -> dict[tuple[ChildId, ProductCode, dt.date], int]:
    """What each day of one family of the small commune costs, in cents, computed with nothing but ``if``.

    Days that nobody checked are left out (they are pending); what costs nothing is left out too.
    """
    everything = sorted(consumptions, key=lambda one: (one.key.day, one.key.product != CANTEEN, one.key.child))
    found = {}
    unplanned: dict[tuple[ChildId, ProductCode], int] = {}
    for one in everything:
        came = one.seen is Seen.PRESENT
        booked = one.booked in (Booked.CONFIRMED, Booked.CONFIRMED_LATE)
        if not came and (not booked or one.seen is Seen.UNCHECKED or one.proof is ProofState.ACCEPTED):
            continue
        if one.key.product == GARDERIE:
            cents = _naive_garderie(one)
        elif came and not booked:
            place = (one.key.child, one.key.product)
            unplanned[place] = unplanned.get(place, 0) + 1
            cents = 550 if unplanned[place] <= 2 else 1100
        else:
            cents = _naive_meal(one, everything, steps)
        if booked and one.booked is Booked.CONFIRMED_LATE:
            cents += 200
        found[one.key.child, one.key.product, one.key.day] = cents
    return found


def _naive_garderie(one: Consumption) -> int:
    if one.arrival is None or one.departure is None:
        return 0
    minutes = (one.departure.hour - one.arrival.hour) * 60 + one.departure.minute - one.arrival.minute
    return -(-minutes // 30) * 110


def _naive_meal(one: Consumption, everything: Sequence[Consumption], steps: tuple[tuple[dt.date, int], ...]) -> int:
    known = [value for first, value in steps if first <= one.key.day]
    price = Decimal("4.10")
    if known and known[-1] <= 600:
        price = Decimal("1.05")
    elif known and known[-1] <= 1200:
        price = Decimal("2.85")
    elder = {
        other.key.child
        for other in everything
        if other.key.day == one.key.day and other.seen is Seen.PRESENT and other.key.child < one.key.child
    }
    if elder:
        price /= 2
    return int((price * 100).quantize(Decimal(1), ROUND_HALF_UP))
