"""What one more booking would cost: the same books, facts and prices as a bill, asked before the fact.

An estimate never guesses: where the bill would wait for something (a quotient that nobody gave), there is none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable

import attrs

from periscolaire.attendance import Booked, Consumption, Outcome
from periscolaire.billing.charging._billed import Billed, delta
from periscolaire.billing.charging._books import Book, Books
from periscolaire.billing.charging._options import Options
from periscolaire.billing.charging._rows import COUNT_FACTS, FactsOf, row_of
from periscolaire.billing.charging._should import should_bill
from periscolaire.errors import NotFoundError
from periscolaire.ids import HouseholdId, ProductCode
from periscolaire.money import Amount
from periscolaire.pricing import Plan, PriceKind, TariffVersion, Unpriced, When, Who

__all__ = ["Estimates"]

_DEFAULT = Options()
#: Far enough behind the day for every scope to be over and every check to be done.
_LATER = dt.timedelta(days=800)


class Estimates:
    """Estimates for one household, as things stand; short-lived (one check, one view), so it remembers.

    ``booked`` are the consumptions that its reservations stand for: what ranks, totals and packages count besides
    the booking that is asked about. Lines of one basket do not see one another, and a surcharge for a whole order is
    counted on each of its lines: the estimate of a basket is then a maximum.
    """

    def __init__(
        self, household: HouseholdId, books: Books, facts_of: FactsOf, booked: Iterable[Consumption] = (),
        options: Options = _DEFAULT,
    ) -> None:  # fmt: skip
        self._household, self._books, self._facts_of, self._options = household, books, facts_of, options
        self._booked = tuple(booked)
        self._found: dict[Consumption, Amount | None] = {}
        self._plain: dict[tuple[object, ...], tuple[Book, Plan] | None] = {}

    def of(self, one: Consumption) -> Amount | None:
        """What ``one``, booked and attended, would add to the household's bill, in minor units.

        ``None`` when it cannot be told: no tariff, a fact that the tariff needs and nobody gave, another payer.
        """
        try:
            plain = self._plan(one)
        except NotFoundError:  # no version of the règlement holds on that day
            return None
        if plain is None:
            if one not in self._found:
                self._found[one] = self._difference(one)
            return self._found[one]
        book, plan = plain
        dated = self._facts_of(self._household, one.key.child, one.key.day)
        price = plan(row_of(plan.reads, one, one.outcome, book, dated, {}))
        return None if isinstance(price, Unpriced) else price.family_amount

    def left_to_bill(self, products: Container[ProductCode], billed: Billed) -> Amount:
        """What its consumptions of ``products`` will still add to the household's bills, besides what was ``billed``.

        Those that were checked count as the règlement charges them, the others as if the child had come, or will. What
        cannot be priced counts for nothing.
        """
        if all(one.key.product not in products for one in self._booked):
            return 0
        days = [one.key.day for one in self._booked]
        first, last = min(days), max(days)
        should = should_bill(
            map(_as_booked, self._booked), self._books, self._facts_of, first=first, last=last, on=last + _LATER,
            billed=billed, options=self._options,
        )  # fmt: skip
        lines = delta(should.charges, billed, first, last, held=should.held).get(self._household, ())
        return sum(line.amount for line in lines if line.product in products)

    def _plan(self, one: Consumption) -> tuple[Book, Plan] | None:
        """What prices a child's day that depends on no other day and is paid by one household."""
        form = one.effect.price if one.effect is not None else None
        asked = (one.key.product, one.key.day, form)
        if asked not in self._plain:
            self._plain[asked] = self._planned(one)
        return self._plain[asked]

    def _planned(self, one: Consumption) -> tuple[Book, Plan] | None:
        book = self._books.on(one.key.day)
        tariff = book.rules(one.key.product).tariff
        version = book.pricer.version(tariff, one.key.day) if tariff is not None else None
        if tariff is None or version is None or self._options.payers is not None or not _daily(version):
            return None
        form = one.effect.price if one.effect is not None else None
        plan = book.plan(tariff, version, one.key.day, PriceKind.UNIT, form)
        return (book, plan) if COUNT_FACTS.isdisjoint(plan.reads) else None

    def _difference(self, one: Consumption) -> Amount | None:
        """The bill with it less the bill without it; a package that is paid already costs nothing more."""
        others = [other for other in self._booked if other.key != one.key]
        without, with_it = self._total(others, one), self._total([*others, one], one)
        return None if without is None or with_it is None else with_it - without

    def _total(self, consumptions: list[Consumption], about: Consumption) -> Amount | None:
        year = self._books.on(about.key.day).calendar.school_year(about.key.day)
        inside = [one for one in consumptions if year.first_day <= one.key.day <= year.last_day]
        should = should_bill(
            inside,
            self._books,
            self._facts_of,
            first=year.first_day,
            last=year.last_day,
            on=year.last_day + _LATER,
            options=self._options,
        )
        if any(wait.product == about.key.product and wait.child in (None, about.key.child) for wait in should.pending):
            return None
        return sum(charge.amount for charge in should.charges if charge.payer == self._household)


def _as_booked(one: Consumption) -> Consumption:
    if one.outcome is not Outcome.UNKNOWN:
        return one
    late = one.booked is Booked.CONFIRMED_LATE
    return attrs.evolve(one, outcome=Outcome.LATE_BOOKING if late else Outcome.AS_BOOKED)


def _daily(version: TariffVersion) -> bool:
    return version.scope.when is When.SERVICE and version.scope.who is Who.CHILD
