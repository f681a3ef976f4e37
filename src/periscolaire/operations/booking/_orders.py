"""Use cases of the kitchen and the door: freeze an order, see what changed since, print who is to be checked."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.booking import (
    Diner,
    DinerOf,
    DoorRow,
    KitchenOrder,
    OrderDifference,
    SlotKey,
    differences,
    door_list,
    expected,
    freeze_order,
)
from periscolaire.calendar import Span
from periscolaire.clock import utc
from periscolaire.ids import HouseholdId, ProductCode
from periscolaire.operations._family import Family, read_family
from periscolaire.operations._once import trail
from periscolaire.ports import Repositories, UnitOfWork

__all__ = ["DayOrder", "day_order", "door_rows", "freeze_kitchen_order"]


@attrs.frozen
class DayOrder:
    """What the kitchen knows of a product and a day: the frozen order (``None``: not yet), and what changed since."""

    order: KitchenOrder | None
    now: KitchenOrder
    differences: tuple[OrderDifference, ...]


def freeze_kitchen_order(
    product: ProductCode, day: dt.date, uow: UnitOfWork, *, actor: Actor, at: dt.datetime
) -> KitchenOrder:
    """Freeze the order of a day, once: the first order stands, asked for again it comes back as it was.

    :raises AccessDeniedError: the actor may not.
    """
    require(actor, Operation.RECORD_ATTENDANCE)
    frozen = _frozen(uow, product, day)
    if frozen is not None:
        return frozen
    order = freeze_order(product, day, uow.reservations.of_day(day, product), diners(uow, product, day), utc(at))
    uow.kitchen_orders.append([order])
    trail(uow, actor, Operation.RECORD_ATTENDANCE, f"kitchen:{product}", at, detail=day.isoformat())
    uow.commit()
    return order


def day_order(product: ProductCode, day: dt.date, uow: Repositories, *, actor: Actor, at: dt.datetime) -> DayOrder:
    """The order as it was frozen and as it would be now, with the differences; only reads.

    :raises AccessDeniedError: the actor may not.
    """
    require(actor, Operation.RECORD_ATTENDANCE)
    reservations, diner_of = uow.reservations.of_day(day, product), diners(uow, product, day)
    now = freeze_order(product, day, reservations, diner_of, utc(at))
    frozen = _frozen(uow, product, day)
    changed = differences(frozen, expected(reservations, diner_of)) if frozen is not None else ()
    return DayOrder(frozen, now, changed)


def door_rows(product: ProductCode, day: dt.date, uow: Repositories, *, actor: Actor) -> tuple[DoorRow, ...]:
    """The door list (*feuille de pointage*) of a product and a day; only reads.

    :raises AccessDeniedError: the actor may not.
    """
    require(actor, Operation.RECORD_ATTENDANCE)
    return door_list(uow.reservations.of_day(day, product), diners(uow, product, day))


def diners(uow: Repositories, product: ProductCode, day: dt.date) -> DinerOf:
    """The children of a product and day as the kitchen sees them."""
    of_household = {one.key: one.household for one in uow.reservations.of_day(day, product)}
    families: dict[HouseholdId, Family] = {}

    def diner(key: SlotKey) -> Diner:
        household = of_household[key]
        if household not in families:
            families[household] = read_family(uow, household, Span.one(day))
        family = families[household]
        child = family.children[key.child]
        return Diner.of(child.id, child.usual_name or child.family_name, child.first_name, family.facts(key.child, day))

    return diner


def _frozen(uow: Repositories, product: ProductCode, day: dt.date) -> KitchenOrder | None:
    return next(iter(uow.kitchen_orders.of(product, day, day)), None)
