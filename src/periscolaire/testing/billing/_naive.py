"""The naive recomputation: every cent of the small commune, with nothing but ``if``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from periscolaire.attendance import Booked, Consumption, ProofState, Seen
from periscolaire.ids import ChildId, ProductCode
from periscolaire.testing.billing._commune import CANTEEN, GARDERIE

__all__ = ["naive_amounts", "naive_pending"]


def naive_pending(consumptions: Iterable[Consumption]) -> set[tuple[ChildId, ProductCode, dt.date]]:
    """The days of which nothing can be told yet: nobody looked, or the time that is due has no hours."""
    return {(one.key.child, one.key.product, one.key.day) for one in consumptions if _waits(one)}


def naive_amounts(
    consumptions: Iterable[Consumption], steps: tuple[tuple[dt.date, int], ...]
) -> dict[tuple[ChildId, ProductCode, dt.date], int]:
    """What each day of one family of the small commune costs, in cents, computed with nothing but ``if``.

    Days of :func:`naive_pending` are left out; so is what costs nothing.
    """
    everything = sorted(consumptions, key=lambda one: (one.key.day, one.key.product != CANTEEN, one.key.child))
    found = {}
    unplanned: dict[tuple[ChildId, ProductCode], int] = {}
    for one in everything:
        came = one.seen is Seen.PRESENT
        booked = _is_booked(one)
        if _waits(one) or not (came or (booked and one.proof is not ProofState.ACCEPTED)):
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


def _is_booked(one: Consumption) -> bool:
    return one.booked in (Booked.CONFIRMED, Booked.CONFIRMED_LATE)


def _waits(one: Consumption) -> bool:
    if one.seen is Seen.UNCHECKED:
        return _is_booked(one)
    due = one.seen is Seen.PRESENT or (_is_booked(one) and one.proof is not ProofState.ACCEPTED)
    return due and one.key.product == GARDERIE and (one.arrival is None or one.departure is None)


def _naive_garderie(one: Consumption) -> int:
    assert one.arrival is not None
    assert one.departure is not None
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
