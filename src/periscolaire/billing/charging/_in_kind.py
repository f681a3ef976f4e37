"""Balances in kind: tickets bought by the book, days kept for another; counted in units, never in money."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from periscolaire.booking import SlotKey
from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode

__all__ = ["KindEntry", "KindMove", "in_kind_left"]


class KindMove(enum.Enum):
    """What moves a balance in kind; the values are the words of statements."""

    BOUGHT = "acheté"
    CARRIED_OVER = "reporté"  # an absence that gives its day back (Peipin)
    USED = "utilisé"
    RETURNED = "rendu"  # nothing is due for the day that took the unit: cancelled in time, closed, excused


_INCREASES = frozenset({KindMove.BOUGHT, KindMove.CARRIED_OVER, KindMove.RETURNED})


@attrs.frozen
class KindEntry:
    """One appended movement of ``units`` (meals, hours) of ``product``, for a child or the whole household.

    What was bought is one ``book`` of tickets (its code in the règlement), which the next run charges to the household.

    :raises MisuseError: no unit at all, or ``at`` is naive.
    """

    id: FactId
    household: HouseholdId
    child: ChildId | None
    product: ProductCode
    move: KindMove
    units: int
    on: dt.date
    at: dt.datetime
    author: str
    fact: FactId | None = None
    book: str | None = None

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)
        if self.units <= 0:
            raise MisuseError(f"movement in kind {self.id}: {self.units} units, expected more than 0")


def in_kind_left(
    entries: Iterable[KindEntry],
    household: HouseholdId,
    product: ProductCode,
    returned: Iterable[SlotKey] = (),
) -> dict[ChildId | None, int]:
    """The units left to each child of its own, and to the whole household (``None``).

    A child uses its own units first, then those of the household, whichever came first. ``returned`` are slots that
    give theirs back now.
    """
    left: dict[ChildId | None, int] = {None: 0}
    for slot in returned:
        if slot.product == product:
            left[slot.child] = left.get(slot.child, 0) + 1
    for entry in entries:
        if entry.household == household and entry.product == product:
            units = entry.units if entry.move in _INCREASES else -entry.units
            left[entry.child] = left.get(entry.child, 0) + units
    for child, own in left.items():
        if child is not None and own < 0:
            left[child] = 0
            left[None] += own
    return left
