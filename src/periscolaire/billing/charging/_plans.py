"""Which groups of alike days can be priced at once, and by what: a plan, where nothing that it rests on is of one day.

What looks at the day itself, at other days or at several payments (rolls, packages, orders, deposits, limits on notice
and proof, what nobody checked) has no plan, and is looked at day by day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import attrs

from periscolaire.attendance import Consumption, Outcome
from periscolaire.billing._charges import TariffRef
from periscolaire.billing.charging._books import Book
from periscolaire.billing.charging._endings import Ending, Endings, Resolved
from periscolaire.billing.charging._grouping import nature_of
from periscolaire.billing.charging._options import Options
from periscolaire.billing.charging._rows import COUNT_FACTS, row_of
from periscolaire.catalogue import PriceForm, Scope
from periscolaire.facts import Facts
from periscolaire.ids import HouseholdId, ProductCode
from periscolaire.pricing import Plan, PriceKind, TariffVersion, When, Who
from periscolaire.reglement import Basis, UnknownAbsence

__all__ = ["ABSENT", "FREE", "BulkPlan", "Era", "OneByOneError"]

#: Facts of a consumption that a group does not hold: they tell its days apart.
_OF_ONE_DAY = frozenset(
    {
        "day", "weekday", "season", "school_year", "week_holidays", "arrival", "departure", "minutes", "late_minutes",
        "order_rank",
    }
)  # fmt: skip
_KINDS = {
    Outcome.AS_BOOKED: PriceKind.UNIT,
    Outcome.LATE_BOOKING: PriceKind.UNIT,
    Outcome.LEFT_EARLY: PriceKind.UNIT,
    Outcome.UNPLANNED: PriceKind.UNPLANNED,
}
ABSENT = (Outcome.ABSENCE, Outcome.ABSENCE_JUSTIFIED, Outcome.LATE_CANCELLATION)
FREE = (Outcome.NONE, Outcome.CLOSED, Outcome.SUSPENDED)


class OneByOneError(Exception):
    """Inside the room only: these days must be looked at one by one."""


@attrs.frozen(eq=False)
class BulkPlan:
    """What prices groups at once. ``alike`` numbers what charges of one line share besides payer, child and facts."""

    plan: Plan
    tariff: TariffRef
    nature: str
    alike: int
    reference: str | None = None


@attrs.frozen(eq=False)
class _ProductPlans:
    """What one product may be priced by over an era: ``version`` is ``None`` where only days one by one will do."""

    version: TariffVersion | None
    plain_absence: bool


class Era:
    """Days with one version of the règlement and of every tariff; remembers its plans."""

    def __init__(
        self, book: Book, day: dt.date, on: dt.date, options: Options, alike: dict[tuple[object, ...], int]
    ) -> None:
        self.book = book
        self._day, self._on, self._options, self._alike = day, on, options, alike
        self._products: dict[ProductCode, _ProductPlans] = {}
        self._services: dict[tuple[object, ...], BulkPlan] = {}
        self._absences: dict[tuple[object, ...], BulkPlan | None] = {}

    def service(self, one: Consumption) -> BulkPlan:
        """What prices a service used.

        :raises OneByOneError: nothing prices such days at once.
        """
        where = (one.key.product, one.outcome, one.effect)
        try:
            return self._services[where]
        except KeyError:
            plan = self._services[where] = self._service(one)
            return plan

    def _service(self, one: Consumption) -> BulkPlan:
        kind, effect = _KINDS.get(one.outcome), one.effect
        version = self._of(one.key.product).version
        if kind is None or version is None:
            raise OneByOneError
        form = None
        if kind is PriceKind.UNIT and effect is not None and effect.price is not None:
            form = effect.price
            if effect.scope is not Scope.DAY:
                raise OneByOneError
        return self._plan(one, version, kind, form)

    def absence(self, one: Consumption, payer: HouseholdId, dated: Facts) -> BulkPlan | None:
        """What prices an absence with these facts of who pays; ``None``: nothing is due.

        :raises OneByOneError: nothing prices such days at once.
        """
        product, effect = one.key.product, one.effect
        its = self._of(product)
        if its.version is None or not its.plain_absence or (effect is not None and effect.scope is not Scope.DAY):
            raise OneByOneError
        values = row_of(self.absence_reads(product), one, one.outcome, self.book, dated, {})
        # All that rows without limits look at.
        where = (product, one.outcome, effect, one.proof, one.told_at is None, one.proof_received_at is None, values)
        try:
            return self._absences[where]
        except KeyError:
            plan = self._absences[where] = self._absence(one, its.version, payer, dated)
            return plan

    def _absence(self, one: Consumption, version: TariffVersion, payer: HouseholdId, dated: Facts) -> BulkPlan | None:
        who, rules = Resolved(one, one.outcome), self.book.rules(one.key.product)
        ending = Endings(lambda *_: dated, self._on).of(who, version, self.book, rules, payer)
        if ending is None:
            return None
        if not isinstance(ending, Ending) or ending.provisional:
            raise OneByOneError
        return self._plan(one, ending.version, ending.kind, ending.form, ending.row, ending.reference)

    def absence_reads(self, product: ProductCode) -> tuple[str, ...]:
        """The facts that the absence rows of the product read."""
        return self.book.rules(product).absence_reads if self.book.knows(product) else ()

    def _plan(
        self,
        one: Consumption,
        version: TariffVersion,
        kind: PriceKind,
        form: PriceForm | None,
        row: int | None = None,
        reference: str | None = None,
    ) -> BulkPlan:
        rules = self.book.rules(one.key.product)
        code = rules.tariff or ""
        plan = self.book.plan(code, version, self._day, kind, form)
        if not _OF_ONE_DAY.isdisjoint(plan.reads) or not COUNT_FACTS.isdisjoint(plan.reads):
            raise OneByOneError
        tariff = TariffRef(code, version.first_day, self.book.version)
        where = (one.key.product, one.outcome, tariff, kind, form, row)
        alike = self._alike.setdefault(where, len(self._alike))
        return BulkPlan(plan, tariff, nature_of(rules.product.kind, kind), alike, reference)

    def _of(self, product: ProductCode) -> _ProductPlans:
        found = self._products.get(product)
        if found is None:
            version = self._version(product)
            plain = version is not None and self._has_plain_absence(product)
            found = self._products[product] = _ProductPlans(version, plain)
        return found

    def _version(self, product: ProductCode) -> TariffVersion | None:
        """The tariff of an ordinary service: checked against its booking, a child's day, borne by the family."""
        if not self.book.knows(product) or self.book.rules(product).schedule is not None:
            return None
        rules = self.book.rules(product)
        if rules.tariff is None or rules.checking.basis is not Basis.BOTH:
            return None
        version = self.book.pricer.version(rules.tariff, self._day)
        if version is None or version.shares:
            return None
        return version if version.scope.when is When.SERVICE and version.scope.who is Who.CHILD else None

    def _has_plain_absence(self, product: ProductCode) -> bool:
        """The absence rows look at neither limits, nor the day, nor other days."""
        rules = self.book.rules(product)
        reads = rules.absence_reads
        return (
            rules.absence.unknown is UnknownAbsence.PROVISIONALLY_DUE
            and not any(row.notified_before or row.proof_within for row in rules.absence.rows)
            and _OF_ONE_DAY.isdisjoint(reads)
            and COUNT_FACTS.isdisjoint(reads)
        )

    def counting(self) -> frozenset[ProductCode]:
        """The products of which a price or an absence rule looks at other days or children."""
        products = [product.code for product in self.book.reglement.products]
        return frozenset(product for product in products if not COUNT_FACTS.isdisjoint(self._all_reads(product)))

    def _all_reads(self, product: ProductCode) -> Collection[str]:
        rules = self.book.rules(product)
        version = None if rules.tariff is None else self.book.pricer.version(rules.tariff, self._day)
        reads = set(rules.absence_reads)
        if version is not None and rules.tariff is not None:
            for kind in PriceKind:
                reads.update(self.book.plan(rules.tariff, version, self._day, kind).reads)
        return reads
