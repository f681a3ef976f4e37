"""Days kept for another (« reporté ») and tickets: what a run gives back in kind, and what it takes instead of money.

A paid day that is carried over is one unit of its product for that child; a ticket is one for whoever it was bought
for. The next day of it that would be billed takes the unit and costs nothing. Both are appended when the run is kept; a
run killed before that finds the same again.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence

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

__all__ = ["kind_balances", "options_with", "planned_uses", "slots_of", "write_in_kind"]

_DUE = frozenset({Outcome.AS_BOOKED, Outcome.LATE_BOOKING, Outcome.LEFT_EARLY, Outcome.UNPLANNED})


def slots_of(entries: Iterable[KindEntry]) -> frozenset[SlotKey]:
    """The slots that a unit was taken for."""
    return frozenset(
        SlotKey(one.child, one.product, one.on)
        for one in entries
        if one.move is KindMove.USED and one.child is not None
    )


def planned_uses(run: Run, books: Books, uow: UnitOfWork) -> tuple[tuple[HouseholdId, SlotKey], ...]:
    """The slots for which ``run`` takes a unit instead of money, the oldest first. Writes nothing."""
    by_household: dict[HouseholdId, list[KindEntry]] = {}
    for entry in uow.kind_entries.stream():
        by_household.setdefault(entry.household, []).append(entry)
    asked, products = run.selection.households, run.selection.products
    found: list[tuple[HouseholdId, SlotKey]] = []
    taken = {slot for entries in by_household.values() for slot in slots_of(entries)}
    for household in sorted(by_household if asked is None else asked & by_household.keys()):
        entries = by_household[household]
        billed = Billed(stored.model for stored in uow.invoices.of(household))
        family = read_families(uow, home_of(household, uow), Span(run.first, run.last), children_later=True)
        payers_of = payers_among(family)
        for product in sorted({one.product for one in entries}):
            since = min(one.on for one in entries if one.product == product)
            if since > run.last or (products is not None and product not in products):
                continue
            left = in_kind_left(entries, household, product)
            prepaid = product in books.prepaid
            span = Span(max(since, run.first), run.last)
            slots = sorted(
                (
                    slot
                    for child in _served(left, household, uow)
                    for slot in _slots_to_pay(uow, household, child, product, span, billed, prepaid, payers_of)
                    if slot not in taken
                ),
                key=operator.attrgetter("day", "child"),
            )
            used = [slot for slot in slots if _take(left, slot.child)]
            taken.update(used)
            found += ((household, slot) for slot in used)
    return tuple(found)


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


def options_with(uses: Iterable[tuple[HouseholdId, SlotKey]], uow: UnitOfWork) -> Options:
    """What the store tells billing, with the slots that cost no money (those paid in kind before, and ``uses``) and the
    books of tickets that were bought."""
    entries = tuple(uow.kind_entries.stream())
    paid = slots_of(entries)
    bought = tuple(one for one in entries if one.move is KindMove.BOUGHT)
    return attrs.evolve(standing_options(uow), in_kind=paid | {slot for _, slot in uses}, bought=bought)


def write_in_kind(
    carried: Iterable[CarriedOver],
    uses: Iterable[tuple[HouseholdId, SlotKey]],
    uow: UnitOfWork,
    *,
    author: str,
    now: dt.datetime,
) -> None:
    """Append what was carried over, once for each day, and what was taken, which confirms the places held for it."""
    paid = tuple(uses)
    credits = [
        _entry("report", one.payer, one.child, one.product, one.day, KindMove.CARRIED_OVER, now, author)
        for one in carried
    ]
    taken = [
        _entry("usage", household, one.child, one.product, one.day, KindMove.USED, now, author)
        for household, one in paid
    ]
    wanted = (*credits, *taken)
    if not wanted:
        return
    known = {
        entry.id
        for entries in uow.kind_entries.of_many({one.household for one in wanted}).values()
        for entry in entries
    }
    uow.kind_entries.append({one.id: one for one in wanted if one.id not in known}.values())
    confirm((slot for _, slot in paid), uow, author=author, at=now)


def _entry(
    what: str, household: HouseholdId, child: ChildId, product: ProductCode, day: dt.date, move: KindMove,
    now: dt.datetime, author: str,
) -> KindEntry:  # fmt: skip
    identifier = FactId(f"{what}:{child}:{product}:{day.isoformat()}")  # a day is carried over, or paid in kind, once
    return KindEntry(identifier, household, child, product, move, 1, day, now, author)


def kind_balances(
    household: HouseholdId, uow: UnitOfWork, *, actor: Actor
) -> tuple[tuple[ChildId | None, ProductCode, int], ...]:
    """What a household holds in kind: the child (``None``: any of them), the product, the units left.

    :raises AccessDeniedError: not an adult of the household, nor staff who see invoices.
    """
    require(actor, Operation.VIEW_INVOICES, household_target(uow, household))
    entries = uow.kind_entries.of(household)
    given = {(one.child, one.product) for one in entries if one.move is not KindMove.USED}
    return tuple(
        (child, product, in_kind_left(entries, household, product)[child])
        for child, product in sorted(given, key=lambda one: (one[0] or "", one[1]))
    )
