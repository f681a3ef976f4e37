"""The règlements as billing reads them: per version its pricer, the order of products, and what each product needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import attrs

from periscolaire.calendar import CommuneCalendar
from periscolaire.catalogue import PaymentMode, PriceForm, Product
from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.households import QuotientReading
from periscolaire.ids import ProductCode
from periscolaire.money import Currency
from periscolaire.pricing import (
    Fee,
    Flat,
    Node,
    Penalty,
    Plan,
    PriceKind,
    Pricer,
    Schedule,
    TariffVersion,
    TicketBook,
)
from periscolaire.reglement import AbsencePolicy, CheckingPolicy, PackageRule, Reglement, Reglements

__all__ = ["Book", "Books", "ProductRules"]


@attrs.frozen(eq=False)
class ProductRules:
    """What one version of the règlement says of one product, as billing needs it."""

    product: Product
    rank: int
    tariff: str | None
    absence: AbsencePolicy
    checking: CheckingPolicy
    absence_reads: tuple[str, ...] = ()
    schedule: Schedule | None = None
    package: PackageRule | None = None

    @property
    def prepaid(self) -> bool:
        """It is billed as soon as it is booked (R, deposit, instalments), not when it was consumed (C or wallet)."""
        return self.schedule is not None or self.product.payment in (PaymentMode.TO_CONFIRM, PaymentMode.AT_VALIDATION)


class Book:
    """One version of the règlement, with everything that is looked up thousands of times kept at hand."""

    def __init__(self, reglement: Reglement) -> None:
        self.reglement = reglement
        self.version = reglement.version
        self.currency: Currency = reglement.currency
        self.calendar: CommuneCalendar = reglement.calendar
        self.pricer = Pricer(reglement.tariffs, reglement.currency)
        self.floor_quotient = reglement.quotient.reading is QuotientReading.WHOLE_BELOW
        self._rules: dict[str, ProductRules] = {}
        self._absence: dict[tuple[int, int], tuple[TariffVersion, TariffVersion]] = {}
        self._extras: dict[int, TariffVersion] = {}
        self._values: dict[Decimal, TariffVersion] = {}
        for rank, product in enumerate(reglement.products):
            tariff = reglement.tariff_of(product.code)
            self._rules[product.code] = ProductRules(
                product=product,
                rank=rank,
                tariff=tariff.code if tariff is not None else None,
                absence=(absence := reglement.absence_policy(product.code)),
                absence_reads=tuple(sorted({name for row in absence.rows for name in row.condition.facts_read})),
                checking=reglement.checking_policy(product.code),
                schedule=reglement.schedule_of(product.code),
                package=reglement.packages.get(product.code),
            )

    def rules(self, product: str) -> ProductRules:
        """What is said of ``product``.

        :raises NotFoundError: this version knows no such product.
        """
        try:
            return self._rules[product]
        except KeyError:
            raise NotFoundError(
                f"product {product!r} in version {self.version!r} of the règlement",
                code="reglement.no_product",
                product=product,
                version=self.version,
            ) from None

    @property
    def prepaid(self) -> frozenset[ProductCode]:
        """The products paid as they are booked."""
        return frozenset(rules.product.code for rules in self._rules.values() if rules.prepaid)

    def knows(self, product: str) -> bool:
        """Whether this version knows the product."""
        return product in self._rules

    @property
    def extras(self) -> tuple[Penalty | Fee, ...]:
        """What is charged that is no consumption: penalties, then fees."""
        return (*self.reglement.penalties, *self.reglement.fees)

    def tickets(self, code: str) -> TicketBook | None:
        """The book of tickets of that code, where this version has one."""
        return next((one for one in self.reglement.ticket_books if one.code == code), None)

    def extra(self, code: str) -> Penalty | Fee | TicketBook | None:
        """The penalty, the fee or the book of tickets of that code, where this version has one."""
        return next((one for one in self.extras if one.code == code), None) or self.tickets(code)

    def changes(self) -> Iterator[dt.date]:
        """The days from which this version, or one of its tariffs, may say otherwise."""
        yield from _ends(self.reglement.first_day, self.reglement.last_day)
        for tariff in self.pricer.tariffs.values():
            for version in tariff.versions:
                yield from _ends(version.first_day, version.last_day)

    def plan(
        self, tariff: str, version: TariffVersion, day: dt.date, kind: PriceKind, form: PriceForm | None = None
    ) -> Plan:
        """What prices that ending of a day by ``version`` of ``tariff``.

        :raises MisuseError: the tariff has no version on that day.
        """
        plan = self.pricer.plan(tariff, day, kind, form, version)
        if plan is None:  # cannot be: a version was given
            raise MisuseError(f"tariff {tariff!r} has no version on {day}")
        return plan

    def with_absence(self, version: TariffVersion, node: Node) -> TariffVersion:
        """``version`` with the price that an absence row says, the same object each time."""
        key = (id(version), id(node))
        held = self._absence.get(key)
        if held is None:
            held = (attrs.evolve(version, absence=node, late_cancellation=node), version)
            self._absence[key] = held
        return held[0]

    def version_of(self, price: Node, reference: str | None) -> TariffVersion:
        """The price of what is no consumption as a tariff version of this règlement, the same object each time."""
        held = self._extras.get(id(price))
        if held is None:
            held = TariffVersion(first_day=self.reglement.first_day, node=price, reference=reference)
            self._extras[id(price)] = held
        return held

    def day_value(self, value: Decimal, reference: str | None) -> TariffVersion:
        """The credit for a day of a package, as a tariff version, the same object each time."""
        held = self._values.get(value)
        if held is None:
            held = TariffVersion(first_day=self.reglement.first_day, node=Flat(-value), reference=reference)
            self._values[value] = held
        return held


def _ends(first: dt.date, last: dt.date | None) -> Iterator[dt.date]:
    yield first
    if last is not None:
        yield last + dt.timedelta(days=1)


class Books:
    """The versions of the règlement, by day and by name, each made ready once."""

    def __init__(self, reglements: Reglements | Reglement) -> None:
        self.reglements = reglements if isinstance(reglements, Reglements) else Reglements((reglements,))
        self._books: dict[str, Book] = {}
        self._days: dict[dt.date, Book] = {}

    def on(self, day: dt.date) -> Book:
        """The version in force on ``day``.

        :raises NotFoundError: none is.
        """
        book = self._days.get(day)
        if book is None:
            book = self._days[day] = self.named(self.reglements.on(day).version)
        return book

    def hold_on(self, day: dt.date) -> bool:
        """Whether a version is in force on ``day``."""
        return day in self._days or bool(self.over(day, day))

    def over(self, first: dt.date, last: dt.date) -> tuple[Book, ...]:
        """The versions in force on some day from ``first`` to ``last``, oldest first."""
        return tuple(
            self.named(version.version)
            for version in self.reglements.versions
            if version.first_day <= last and (version.last_day is None or first <= version.last_day)
        )

    def named(self, version: str) -> Book:
        """The version of that name, in force or not: what a charge pins.

        :raises NotFoundError: none.
        """
        book = self._books.get(version)
        if book is None:
            book = self._books[version] = Book(self.reglements.named(version))
        return book

    @property
    def prepaid(self) -> frozenset[ProductCode]:
        """The products that a version has paid as they are booked."""
        books = map(self.named, (version.version for version in self.reglements.versions))
        return frozenset(code for book in books for code in book.prepaid)

    def rank(self, product: ProductCode, day: dt.date) -> int:
        """The place of a product in the règlement of ``day``: what canonical order follows."""
        book = self.on(day)
        return book.rules(product).rank if book.knows(product) else len(book.reglement.products)
