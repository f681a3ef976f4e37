"""The basket: what a household would like to change, before it validates. Immutable; every method gives a new one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import attrs

from periscolaire.booking._reservations import Reservation, SlotKey, State
from periscolaire.catalogue import Action
from periscolaire.clock import require_aware, utc
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, HouseholdId, ProductCode

__all__ = ["Basket", "Line"]


@attrs.frozen(cache_hash=True)
class Line:
    """One wish: book ``key``, cancel it, or change it into ``to`` (another day or slot of the same child).

    ``seen`` is the state that the family saw when it ticked (``None``: nothing booked); with ``tracked``, a line whose
    reservation changed meanwhile is stale. ``motive`` and ``mode`` are facts that limits may read.
    """

    action: Action
    key: SlotKey
    to: SlotKey | None = None
    motive: str | None = None
    mode: str | None = None
    seen: State | None = None
    tracked: bool = False

    def __attrs_post_init__(self) -> None:
        if (self.action is Action.CHANGE) != (self.to is not None):
            raise MisuseError("a change says what the reservation becomes (to); nothing else does")
        if self.to is not None and (self.to.child != self.key.child or self.to == self.key):
            raise MisuseError("a change keeps the child and leads to another product, day or slot")

    @property
    def rank(self) -> tuple[dt.date, ProductCode, ChildId, str, str]:
        """Where the line stands in the canonical order: day, product, child, slot, action."""
        target = self.to if self.to is not None else self.key
        return target.day, target.product, target.child, target.slot, self.action.value


@attrs.frozen
class Basket:
    """The lines of one household, at most one for a key; several children, bookings, cancellations, changes.

    ``opened_at`` and ``lifetime`` make it expire (a basket without them never does): at ``expires_at`` and after, it
    must be looked at again, because places and prices have moved. ``reglement`` is the version it was filled under.
    """

    household: HouseholdId
    lines: tuple[Line, ...] = ()
    opened_at: dt.datetime | None = None
    lifetime: dt.timedelta | None = None
    reglement: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.opened_at is not None:
            require_aware(self.opened_at, "opened_at")
        keys = [key for line in self.lines for key in _keys(line)]
        if len(set(keys)) != len(keys):
            raise MisuseError("a basket holds at most one line for a child, product, day and slot")

    @classmethod
    def of(
        cls,
        household: HouseholdId,
        *,
        at: dt.datetime | None = None,
        lifetime: dt.timedelta | None = None,
        reglement: str | None = None,
    ) -> Basket:
        """An empty basket, opened at ``at``, good for ``lifetime``."""
        return cls(household, (), at, lifetime, reglement)

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def expires_at(self) -> dt.datetime | None:
        """The instant from which the basket is too old, in UTC; ``None`` when it never is."""
        if self.opened_at is None or self.lifetime is None:
            return None
        return utc(self.opened_at) + self.lifetime

    def is_expired(self, at: dt.datetime) -> bool:
        """Whether it is too old at ``at``."""
        return self.expires_at is not None and utc(at) >= self.expires_at

    def book(
        self,
        child: ChildId,
        product: ProductCode | str,
        day: dt.date,
        slot: str = "",
        *,
        motive: str | None = None,
        mode: str | None = None,
    ) -> Basket:
        """With the wish to book that day; replaces another line about the same key."""
        key = SlotKey(child, ProductCode(product), day, slot)
        return self.add(Line(Action.BOOK, key, motive=motive, mode=mode))

    def cancel(
        self, child: ChildId, product: ProductCode | str, day: dt.date, slot: str = "", *, motive: str | None = None
    ) -> Basket:
        """With the wish to cancel that day; replaces another line about the same key."""
        return self.add(Line(Action.CANCEL, SlotKey(child, ProductCode(product), day, slot), motive=motive))

    def change(self, key: SlotKey, to: SlotKey, *, motive: str | None = None) -> Basket:
        """With the wish to change a reservation into another; replaces lines about either key."""
        return self.add(Line(Action.CHANGE, key, to, motive=motive))

    def add(self, *lines: Line) -> Basket:
        """With ``lines``, each replacing those about the same keys."""
        kept = list(self.lines)
        for line in lines:
            touched = set(_keys(line))
            kept = [other for other in kept if touched.isdisjoint(_keys(other))]
            kept.append(line)
        return attrs.evolve(self, lines=tuple(kept))

    def remove(self, *keys: SlotKey) -> Basket:
        """Without the lines about ``keys``."""
        gone = set(keys)
        return attrs.evolve(self, lines=tuple(line for line in self.lines if gone.isdisjoint(_keys(line))))

    def toggle(self, key: SlotKey, reservation: Reservation | None) -> Basket:
        """What a click on a box does: takes the line out if there is one, else books what is free, cancels what is not.

        ``reservation`` is what the family sees; the line remembers it, so that a stale basket is noticed.
        """
        if self.line(key) is not None:
            return self.remove(key)
        live = reservation is not None and reservation.state.is_live
        seen = reservation.state if reservation is not None else None
        return self.add(Line(Action.CANCEL if live else Action.BOOK, key, seen=seen, tracked=True))

    def empty(self) -> Basket:
        """*Vider*: the same basket without lines."""
        return attrs.evolve(self, lines=())

    def line(self, key: SlotKey) -> Line | None:
        """The line about ``key``, as its reservation or as what a change leads to."""
        return next((line for line in self.lines if key in _keys(line)), None)

    def count(self, action: Action = Action.BOOK) -> dict[ProductCode, int]:
        """How many lines for each product ("2 unités de garderie matin"), in the order of the basket."""
        counts: dict[ProductCode, int] = {}
        for line in self.lines:
            if line.action is action:
                counts[line.key.product] = counts.get(line.key.product, 0) + 1
        return counts

    def children(self) -> frozenset[ChildId]:
        """The children it speaks of."""
        return frozenset(line.key.child for line in self.lines)

    def canonical(self) -> tuple[Line, ...]:
        """The lines by day, product, child, slot: the order in which they are served, whatever order they came in."""
        return tuple(sorted(self.lines, key=lambda line: line.rank))


def _keys(line: Line) -> Iterable[SlotKey]:
    return (line.key,) if line.to is None else (line.key, line.to)
