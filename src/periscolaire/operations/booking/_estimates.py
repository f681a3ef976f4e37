"""Prices told before booking: the tariffs of the règlement, the facts of the day, as the bill would have them."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping

from periscolaire.attendance import Booked, Consumption, Outcome, Seen
from periscolaire.billing import Books, Estimates, Options
from periscolaire.booking import PriceOf, PriceQuery, Reservation, SlotKey, no_price
from periscolaire.catalogue import Effect
from periscolaire.facts import Facts
from periscolaire.households import Payer, payers
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.money import Amount
from periscolaire.operations._family import Family
from periscolaire.reglement import Reglements

__all__ = ["books_of", "options_of", "price_estimates"]

_KEPT = 8
_local = threading.local()


def price_estimates(
    family: Family,
    reglements: Reglements,
    reservations: Mapping[SlotKey, Reservation],
    facts_of: Callable[[ChildId, dt.date], Facts],
) -> PriceOf:
    """What one more booking would add to the household's bill, by the tariffs of ``reglements``.

    The quotient is that of the day of service, so far as it is known now; ``reservations`` are what ranks and packages
    count besides. See :class:`periscolaire.billing.Estimates` for what an estimate leaves open.
    """
    if not any(version.tariffs for version in reglements.versions):
        return no_price
    home = family.household.id
    booked = [
        _expected(one.key, home, one.effect, one.tier, one.mode)
        for one in reservations.values()
        if one.state.is_live and one.household == home
    ]

    def of_household(household: HouseholdId, child: ChildId | None, day: dt.date) -> Facts:
        # A charge of the whole household reads what any of its children may tell of it.
        return facts_of(child if child is not None else min(family.children), day)

    estimates = Estimates(home, books_of(reglements), of_household, booked, options_of(family))

    def price_of(query: PriceQuery) -> Amount | None:
        return estimates.of(_expected(query.key, home, query.effect, query.tier, query.mode))

    return price_of


def _expected(
    key: SlotKey, household: HouseholdId, effect: Effect | None, tier: int | None, mode: str | None
) -> Consumption:
    """The consumption of ``key`` when the child will have come as booked."""
    return Consumption(
        key,
        household,
        Outcome.LATE_BOOKING if tier else Outcome.AS_BOOKED,
        booked=Booked.CONFIRMED_LATE if tier else Booked.CONFIRMED,
        seen=Seen.PRESENT,
        mode=mode,
        tier=tier,
        effect=effect,
    )


def options_of(family: Family) -> Options:
    """Who pays for the days of a family, and who is the eldest."""
    births = {child: (person.birth_date or dt.date.max,) for child, person in family.children.items()}

    def payers_of(one: Consumption) -> tuple[Payer, ...]:
        custodies = family.custodies.get(one.key.child, ())
        if not any(custody.covers(one.key.day) for custody in custodies):
            return (Payer(one.household),)
        return tuple(payers(one.key.child, one.key.day, custodies, family.homes.get(one.key.child, ())))

    return Options(
        payers=payers_of if any(family.custodies.values()) else None,
        seniority=lambda child: births.get(child, (dt.date.max,)),
    )


def books_of(reglements: Reglements) -> Books:
    """The règlements made ready for pricing, once a thread: prices are remembered from one family to the next."""
    held: dict[tuple[int, ...], Books] | None = getattr(_local, "books", None)
    if held is None:
        held = _local.books = {}
    versions = tuple(map(id, reglements.versions))  # its own as long as the books hold them
    found = held.get(versions)
    if found is None:
        if len(held) >= _KEPT:
            held.clear()
        found = held[versions] = Books(reglements)
    return found
