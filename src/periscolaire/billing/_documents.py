"""Invoices and credit notes: series, numbered lines, immutable once issued."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator

import attrs

from periscolaire.attendance import Outcome
from periscolaire.billing._charges import NO_FACTS, ChargeKey, ChargeKind, Instance, TariffRef
from periscolaire.errors import MisuseError
from periscolaire.facts import Facts
from periscolaire.ids import ChildId, FactId, HouseholdId, InvoiceId, ProductCode, RegieCode
from periscolaire.money import EUR, Amount, Currency
from periscolaire.pricing import Step
from periscolaire.reasons import Reason
from periscolaire.reglement import Collection, Refund

__all__ = ["Draft", "Invoice", "InvoiceKind", "InvoiceLine", "LineRef", "Remark", "Series"]


@attrs.frozen
class Series:
    """A continuous numbering of invoices: one per régie (or budget, for titres) and fiscal year.

    ``products`` and ``sites`` are those it invoices (when ``None``, all that no series naming more takes); a series
    that was given up invoices no product, and still takes what corrects its documents.
    ``due_days`` after the day of issue an invoice is due. ``minimum``: a smaller one is carried over to the next run
    (régie) or grouped until it reaches the threshold (titre: :data:`~periscolaire.reglement.TITRE_THRESHOLD`).
    ``refund`` is what becomes of its credit notes.
    """

    code: str
    collection: Collection = Collection.REGIE
    regie: RegieCode | None = None
    products: frozenset[ProductCode] | None = None
    due_days: int = 30
    minimum: Amount = 0
    sites: frozenset[str] | None = None
    refund: Refund = Refund.NEXT_INVOICE

    def __attrs_post_init__(self) -> None:
        if self.due_days < 0 or self.minimum < 0:
            raise MisuseError(f"series {self.code}: expected due days and minimum of 0 or more")

    def takes(self, product: ProductCode, site: str | None = None) -> bool:
        """Whether the series invoices ``product``, for a child of ``site``."""
        return (self.products is None or product in self.products) and (self.sites is None or site in self.sites)

    @property
    def precision(self) -> int:
        """How much it names: of two series that could take a line, the one that names more does."""
        return 2 * (self.products is not None) + (self.sites is not None)


class InvoiceKind(enum.Enum):
    """A document that asks for money, or one that gives some back."""

    INVOICE = "facture"
    CREDIT_NOTE = "avoir"  # with titres, a reduction, which names its original


@attrs.frozen(order=True)
class LineRef:
    """A line of an issued document: ``number`` counts from 1."""

    invoice: InvoiceId
    number: int


@attrs.frozen
class InvoiceLine:
    """``quantity`` × ``unit`` = ``amount``, for keys that share one price and one explanation.

    A line that takes back what was billed has a negative quantity and names the lines that it corrects. ``site`` is
    said where series or runs go by site.

    :raises MisuseError: the amount is not quantity × unit, or the quantity does not count the instances.
    """

    number: int
    product: ProductCode
    child: ChildId | None
    instances: tuple[Instance, ...]
    quantity: int
    unit: Amount
    amount: Amount
    kind: ChargeKind = ChargeKind.SERVICE
    component: str = ""
    nature: str | None = None
    outcome: Outcome | None = None
    tariff: TariffRef | None = None
    facts: Facts = NO_FACTS
    steps: tuple[Step, ...] = ()
    evidence: tuple[FactId, ...] = ()
    corrects: tuple[LineRef, ...] = ()
    full: Amount | None = None
    provisional: bool = False
    reference: str | None = None
    site: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.amount != self.quantity * self.unit:
            raise MisuseError(f"line {self.number}: {self.amount} is not {self.quantity} × {self.unit}")
        if abs(self.quantity) != len(self.instances):
            raise MisuseError(f"line {self.number}: quantity {self.quantity} for {len(self.instances)} instances")

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The first day of each instance, in order."""
        return tuple(instance.day for instance in self.instances)

    def keys(self, payer: HouseholdId) -> Iterator[ChargeKey]:
        """The key of each instance, for whom the document is addressed to."""
        for instance in self.instances:
            yield ChargeKey(payer, self.child, self.product, instance, self.component)


@attrs.frozen
class Remark:
    """Something a clerk should look at before issuing; an ``error`` keeps the draft from being issued."""

    reason: Reason
    error: bool = False


@attrs.frozen
class Draft:
    """An invoice not yet issued: no number, and nothing rests on it; it is made again at will."""

    series: str
    payer: HouseholdId
    lines: tuple[InvoiceLine, ...]
    first_day: dt.date
    last_day: dt.date
    kind: InvoiceKind = InvoiceKind.INVOICE
    original: InvoiceId | None = None
    remarks: tuple[Remark, ...] = ()
    carried_over: bool = False

    @property
    def total(self) -> Amount:
        """The sum of the lines."""
        return sum(line.amount for line in self.lines)

    @property
    def blocked(self) -> bool:
        """A remark is an error: it must not be issued as it is."""
        return any(remark.error for remark in self.remarks)


@attrs.frozen
class Invoice:
    """A document as issued: immutable. ``number`` has no gap within ``series`` and ``fiscal_year``.

    ``payer`` is the paying household or the code of a third party; ``original`` the document that a titre's reduction
    reduces. ``due_on`` is the last day to pay. ``total`` is the sum of the lines, negative for a credit note.
    """

    id: InvoiceId
    series: str
    fiscal_year: int
    number: int
    kind: InvoiceKind
    payer: HouseholdId
    first_day: dt.date
    last_day: dt.date
    issued_on: dt.date
    due_on: dt.date
    lines: tuple[InvoiceLine, ...]
    total: Amount
    currency: Currency = EUR
    regie: RegieCode | None = None
    original: InvoiceId | None = None
    run: str = ""
    author: str = ""

    def __attrs_post_init__(self) -> None:
        if self.total != sum(line.amount for line in self.lines):
            raise MisuseError(f"invoice {self.id}: total {self.total} is not the sum of its lines")

    def line(self, number: int) -> InvoiceLine:
        """The line of that number.

        :raises MisuseError: no such line.
        """
        for line in self.lines:
            if line.number == number:
                return line
        raise MisuseError(
            f"invoice {self.id}: no line {number}", code="invoice.no_line", invoice=self.id, number=number
        )
