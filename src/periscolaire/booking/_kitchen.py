"""What the kitchen and the door need: how many children are expected, which ones, with which meals, how many adults.

The kitchen's order is frozen at its limit; what families change afterwards is shown as differences to that order,
never written over it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import attrs

from periscolaire.booking._reservations import Reservation, SlotKey, State
from periscolaire.booking._staffing import Ratio, StaffNeeds, staff_for
from periscolaire.clock import require_aware
from periscolaire.facts import Facts
from periscolaire.ids import ChildId, ProductCode

__all__ = [
    "DOOR_HEADINGS",
    "Diner",
    "DinerOf",
    "DoorRow",
    "Group",
    "Headcount",
    "KitchenOrder",
    "OrderDifference",
    "differences",
    "door_list",
    "expected",
    "freeze_order",
    "staff_needed",
]


@attrs.frozen
class Diner:
    """A child as the kitchen and the door see it on one day; ``diet`` is empty for the usual meal.

    ``own_meal``: the family brings the meal (PAI): counted apart, nothing is cooked.
    """

    child: ChildId
    last_name: str
    first_name: str
    site: str = ""
    school: str = ""
    class_name: str = ""
    diet: str = ""
    pai: bool = False
    own_meal: bool = False
    age: int | None = None

    @classmethod
    def of(cls, child: ChildId, last_name: str, first_name: str, facts: Facts) -> Diner:
        """The child with the facts of the day; what is unknown stays empty, and an unknown PAI is no PAI."""

        def text(name: str) -> str:
            value = facts.known(name)
            return value if isinstance(value, str) else ""

        age = facts.known("age")
        return cls(
            child,
            last_name,
            first_name,
            site=text("site") or text("school"),
            school=text("school"),
            class_name=text("class_name"),
            diet=text("diet"),
            pai=facts.known("pai") is True,
            own_meal=facts.known("own_meal") is True,
            age=age if isinstance(age, int) else None,
        )


#: The child of a key, as it is on that day.
DinerOf: TypeAlias = Callable[[SlotKey], Diner]


@attrs.frozen(order=True)
class Group:
    """Children who are counted together."""

    day: dt.date
    product: ProductCode
    slot: str
    site: str
    class_name: str
    diet: str
    own_meal: bool = False


@attrs.frozen(order=True)
class Headcount:
    """How many children of a group are expected."""

    group: Group
    count: int


@attrs.frozen
class KitchenOrder:
    """What was ordered for a product and a day, as it stood when the order was frozen."""

    product: ProductCode
    day: dt.date
    frozen_at: dt.datetime
    lines: tuple[Headcount, ...]

    def __attrs_post_init__(self) -> None:
        require_aware(self.frozen_at, "frozen_at")

    @property
    def meals(self) -> int:
        """Meals to cook: every child but those who bring their own."""
        return sum(line.count for line in self.lines if not line.group.own_meal)


@attrs.frozen(order=True)
class OrderDifference:
    """A group for which more or fewer children are expected now than were ordered."""

    group: Group
    ordered: int
    expected: int

    @property
    def change(self) -> int:
        """Children more (or fewer, below zero) than ordered."""
        return self.expected - self.ordered


@attrs.frozen
class DoorRow:
    """One line of the door list (*feuille de pointage*): a child, and what whoever checks has to know."""

    key: SlotKey
    diner: Diner
    state: State

    @property
    def expected(self) -> bool:
        """The child is expected; the others are on the list so that whoever checks knows them."""
        return self.state is State.CONFIRMED

    def cells(self) -> tuple[str, ...]:
        """The line under :data:`DOOR_HEADINGS`; the last three cells are filled in by hand."""
        diner = self.diner
        meal = "panier repas" if diner.own_meal else diner.diet
        return (
            self.key.day.isoformat(),
            str(self.key.product),
            self.key.slot,
            diner.site,
            diner.class_name,
            diner.last_name,
            diner.first_name,
            str(self.key.child),
            meal,
            "oui" if diner.pai else "",
            self.state.value,
            "",
            "",
            "",
        )


#: The headings of the door list, as printed and as its CSV has them.
DOOR_HEADINGS = (
    "jour",
    "produit",
    "créneau",
    "site",
    "classe",
    "nom",
    "prénom",
    "enfant",
    "repas",
    "PAI",
    "réservation",
    "présent",
    "arrivée",
    "départ",
)


def expected(reservations: Iterable[Reservation], diner_of: DinerOf) -> tuple[Headcount, ...]:
    """How many children are expected in each group: confirmed reservations only."""
    counts: Counter[Group] = Counter()
    for reservation in reservations:
        if reservation.state is State.CONFIRMED:
            counts[_group(reservation.key, diner_of(reservation.key))] += 1
    return tuple(Headcount(group, counts[group]) for group in sorted(counts))


def freeze_order(
    product: ProductCode, day: dt.date, reservations: Iterable[Reservation], diner_of: DinerOf, at: dt.datetime
) -> KitchenOrder:
    """The order for ``product`` on ``day``, from the reservations as they stand at ``at``."""
    concerned = (item for item in reservations if item.key.product == product and item.key.day == day)
    return KitchenOrder(product, day, at, expected(concerned, diner_of))


def differences(order: KitchenOrder, present: Iterable[Headcount]) -> tuple[OrderDifference, ...]:
    """Where ``present`` (see :func:`expected`) departs from the order, group by group."""
    ordered = {line.group: line.count for line in order.lines}
    now = {line.group: line.count for line in present}
    return tuple(
        OrderDifference(group, ordered.get(group, 0), now.get(group, 0))
        for group in sorted(ordered.keys() | now.keys())
        if ordered.get(group, 0) != now.get(group, 0)
    )


def staff_needed(diners: Sequence[Diner], ratio: Ratio) -> StaffNeeds:
    """The adults that these children need; a child whose age is unknown counts as under six."""
    under_six = sum(diner.age is None or diner.age < 6 for diner in diners)
    return staff_for(under_six, len(diners) - under_six, ratio)


def door_list(reservations: Iterable[Reservation], diner_of: DinerOf) -> tuple[DoorRow, ...]:
    """Who is to be checked at the door: confirmed children, by day, product, slot, site, class and name.

    Requests and waiting children follow in the same list, so that whoever stands at the door knows them; their state
    says that they are not expected.
    """
    rows = [
        DoorRow(reservation.key, diner_of(reservation.key), reservation.state)
        for reservation in reservations
        if reservation.state.is_live
    ]
    return tuple(sorted(rows, key=_door_rank))


def _door_rank(row: DoorRow) -> tuple[dt.date, str, str, str, str, bool, str, str, str]:
    key, diner = row.key, row.diner
    return (
        key.day,
        key.product,
        key.slot,
        diner.site,
        diner.class_name,
        row.state is not State.CONFIRMED,
        diner.last_name,
        diner.first_name,
        key.child,
    )


def _group(key: SlotKey, diner: Diner) -> Group:
    return Group(key.day, key.product, key.slot, diner.site, diner.class_name, diner.diet, diner.own_meal)
