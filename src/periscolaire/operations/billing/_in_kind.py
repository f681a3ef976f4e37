"""Days kept for another (« reporté ») and tickets: what a run gives back in kind, and what it takes instead of money.

A paid day that is carried over is one unit of its product for that child; a ticket is one for whoever it was bought
for. The next day of it that would be billed takes the unit and costs nothing; a day for which no money would be due
(cancelled in time, closed, an absence that the règlement excuses or carries over) then gives it back. All are appended
when the run is kept; a run killed before that finds the same again.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import Consumption, Outcome
from periscolaire.billing import (
    Billed,
    Books,
    CarriedOver,
    Instance,
    KindEntry,
    KindMove,
    Options,
    Run,
    in_kind_left,
)
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.households import Payer
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.operations._confirming import confirm
from periscolaire.operations._family import read_families
from periscolaire.operations._targets import household_target
from periscolaire.operations.attendance._appeals import standing_options
from periscolaire.operations.billing._families import home_of, payers_among
from periscolaire.ports import UnitOfWork

__all__ = ["KindPlan", "kind_balances", "options_with", "planned_moves", "slots_of", "write_in_kind"]

_DUE = frozenset({Outcome.AS_BOOKED, Outcome.LATE_BOOKING, Outcome.LEFT_EARLY, Outcome.UNPLANNED})
#: What costs nothing whatever the règlement says of absences: a unit taken for such a day goes back.
_FREE = frozenset({Outcome.NONE, Outcome.CANCELLED, Outcome.CLOSED, Outcome.SUSPENDED})

#: What a movement does to the units that a slot holds, and what its identifier begins with.
_MOVES_OF_SLOTS = {KindMove.USED: 1, KindMove.RETURNED: -1}
#: What becomes of a day that is not due any more, whether it was paid in kind.
_MOVES = {False: KindMove.CARRIED_OVER, True: KindMove.RETURNED}
_WORDS = {KindMove.CARRIED_OVER: "report", KindMove.USED: "usage", KindMove.RETURNED: "retour"}

#: A unit of a household, and the slot that takes it or gives it back.
Move: TypeAlias = tuple[HouseholdId, SlotKey]


@attrs.frozen
class KindPlan:
    """What a run moves in kind: the slots that give their unit back, and those that take one instead of money."""

    returned: tuple[Move, ...] = ()
    taken: tuple[Move, ...] = ()


def slots_of(entries: Iterable[KindEntry]) -> dict[SlotKey, HouseholdId]:
    """The slots that hold a unit (taken for them, and not given back since), and whose unit it is."""
    held: Counter[Move] = Counter()
    for one in entries:
        if one.child is not None and one.move in _MOVES_OF_SLOTS:
            held[one.household, SlotKey(one.child, one.product, one.on)] += _MOVES_OF_SLOTS[one.move]
    return {slot: household for (household, slot), units in held.items() if units > 0}


def planned_moves(run: Run, books: Books, uow: UnitOfWork) -> KindPlan:
    """The slots that give a unit back, then those for which ``run`` takes one instead of money, the oldest first.

    Writes nothing.
    """
    by_household: dict[HouseholdId, list[KindEntry]] = {}
    for entry in uow.kind_entries.stream():
        by_household.setdefault(entry.household, []).append(entry)
    asked, products = run.selection.households, run.selection.products
    found: list[Move] = []
    returned: list[Move] = []
    taken = {slot for entries in by_household.values() for slot in slots_of(entries)}
    for household in sorted(by_household if asked is None else asked & by_household.keys()):
        entries = by_household[household]
        back = [slot for slot in sorted(slots_of(entries), key=_in_order) if _is_free(uow.consumptions.find(slot))]
        back = [slot for slot in back if products is None or slot.product in products]
        returned += ((household, slot) for slot in back)
        taken.difference_update(back)
        billed = Billed(stored.model for stored in uow.invoices.of(household))
        family = read_families(uow, home_of(household, uow), Span(run.first, run.last), children_later=True)
        payers_of = payers_among(family)
        for product in sorted({one.product for one in entries}):
            since = min(one.on for one in entries if one.product == product)
            if since > run.last or (products is not None and product not in products):
                continue
            left = in_kind_left(entries, household, product, back)
            prepaid = product in books.prepaid
            span = Span(max(since, run.first), run.last)
            slots = sorted(
                (
                    slot
                    for child in _served(left, household, uow)
                    for slot in _slots_to_pay(uow, household, child, product, span, billed, prepaid, payers_of)
                    if slot not in taken
                ),
                key=_in_order,
            )
            used = [slot for slot in slots if _take(left, slot.child)]
            taken.update(used)
            found += ((household, slot) for slot in used)
    return KindPlan(tuple(returned), tuple(found))


_in_order = operator.attrgetter("day", "child", "product")


def _is_free(one: Consumption | None) -> bool:
    """Nothing is due for the slot any more, and nothing is awaited of it."""
    return one is None or (one.outcome in _FREE and not _is_awaited(one))


def _served(left: Mapping[ChildId | None, int], household: HouseholdId, uow: UnitOfWork) -> frozenset[ChildId]:
    """The children for whom a unit is left; one of the household is for each of its children."""
    served = {child for child, units in left.items() if child is not None and units > 0}
    home = uow.households.find(household) if left[None] > 0 else None
    return frozenset(served.union(() if home is None else (member.child for member in home.model.members)))


def _take(left: dict[ChildId | None, int], child: ChildId) -> bool:
    """Take a unit of the child, for want of one a unit of the household, if any is left."""
    owner = child if left.get(child, 0) > 0 else None
    if left[owner] <= 0:
        return False
    left[owner] -= 1
    return True


def _is_awaited(one: Consumption) -> bool:
    """Booked and to come, or a place held until it is paid."""
    return one.outcome is Outcome.UNKNOWN or (one.held and one.outcome is Outcome.NONE)


def _slots_to_pay(
    uow: UnitOfWork,
    household: HouseholdId,
    child: ChildId,
    product: ProductCode,
    span: Span,
    billed: Billed,
    prepaid: bool,
    payers_of: Callable[[Consumption], Sequence[Payer]],
) -> list[SlotKey]:
    """What of the child is due, was never billed, and falls on the household: not the other parent's week."""

    def is_due(one: Consumption) -> bool:
        never_billed = billed.pin((child, product, Instance(one.key.day, one.key.slot))) is None
        due = one.outcome in _DUE or (prepaid and _is_awaited(one))
        return one.key.product == product and due and never_billed

    return [
        one.key
        for one in uow.consumptions.of_child(child, span.first, span.last)
        if not one.key.slot and is_due(one) and any(payer.household == household for payer in payers_of(one))
    ]


def options_with(plan: KindPlan, uow: UnitOfWork) -> Options:
    """What the store tells billing, with the slots that cost no money (those paid in kind before or by ``plan``) and
    the books of tickets that were bought."""
    entries = tuple(uow.kind_entries.stream())
    held = slots_of(entries)
    bought = tuple(one for one in entries if one.move is KindMove.BOUGHT)
    for _, slot in plan.returned:
        del held[slot]
    held.update((slot, household) for household, slot in plan.taken)
    return attrs.evolve(standing_options(uow), in_kind=held, bought=bought)


def write_in_kind(
    carried: Iterable[CarriedOver],
    plan: KindPlan,
    uow: UnitOfWork,
    *,
    author: str,
    now: dt.datetime,
) -> None:
    """Append what was carried over, goes back and was taken; a unit taken confirms the place held for its day."""
    moved = (
        *((one.payer, SlotKey(one.child, one.product, one.day), _MOVES[one.in_kind]) for one in carried),
        *((household, slot, KindMove.RETURNED) for household, slot in plan.returned),
        *((household, slot, KindMove.USED) for household, slot in plan.taken),
    )
    if not moved:
        return
    known = uow.kind_entries.of_many({household for household, _, _ in moved})
    written = {entry.id for entries in known.values() for entry in entries}
    wanted = [_entry(household, slot, move, known.get(household, ()), now, author) for household, slot, move in moved]
    uow.kind_entries.append({one.id: one for one in wanted if one.id not in written}.values())
    confirm((slot for _, slot in plan.taken), uow, author=author, at=now)


def _entry(
    household: HouseholdId, slot: SlotKey, move: KindMove, known: Iterable[KindEntry], now: dt.datetime, author: str
) -> KindEntry:
    """A movement of one unit. Its identifier says which: a day is carried over once, and takes a unit again only once
    the former was given back."""
    returned = sum(
        one.move is KindMove.RETURNED and (one.child, one.product, one.on) == (slot.child, slot.product, slot.day)
        for one in known
    )
    again = f":{returned}" if returned and move is not KindMove.CARRIED_OVER else ""
    identifier = FactId(f"{_WORDS[move]}:{slot.child}:{slot.product}:{slot.day.isoformat()}{again}")
    return KindEntry(identifier, household, slot.child, slot.product, move, 1, slot.day, now, author)


def kind_balances(
    household: HouseholdId, uow: UnitOfWork, *, actor: Actor
) -> tuple[tuple[ChildId | None, ProductCode, int], ...]:
    """What a household holds in kind: the child (``None``: any of them), the product, the units left.

    :raises AccessDeniedError: not an adult of the household, nor staff who see invoices.
    """
    require(actor, Operation.VIEW_INVOICES, household_target(uow, household))
    entries = uow.kind_entries.of(household)
    given = {(one.child, one.product) for one in entries if one.move not in _MOVES_OF_SLOTS}
    return tuple(
        (child, product, in_kind_left(entries, household, product)[child])
        for child, product in sorted(given, key=lambda one: (one[0] or "", one[1]))
    )
