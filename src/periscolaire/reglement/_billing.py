"""How a règlement invoices: series of documents, days to pay, what is too small to collect, what becomes of credits."""

from __future__ import annotations

import enum
from decimal import Decimal
from typing import TypeVar

import attrs

from periscolaire.errors import MisuseError
from periscolaire.ids import ProductCode, RegieCode
from periscolaire.money import EUR, Amount, Currency
from periscolaire.reglement._payers import CustodyPrice

__all__ = ["TITRE_THRESHOLD", "BillingPolicy", "Collection", "Cycle", "Refund", "SeriesPolicy", "UncheckedDays"]

T = TypeVar("T")

#: Under it a debt is not put into collection by titre; several debts of one debtor may be grouped to pass it
#: (articles L1611-5 and D1611-1 du CGCT: 15 € since 10 April 2017).
TITRE_THRESHOLD = Decimal(15)
_DUE_DAYS = 30


class Cycle(enum.Enum):
    """How often invoices are issued."""

    MONTH = "mois"
    TWO_MONTHS = "deux mois"
    TERM = "trimestre"
    PERIOD = "période"
    SCHOOL_YEAR = "année scolaire"


class Collection(enum.Enum):
    """Who collects: a *régie* of the commune, or the *comptable public* by *titre*."""

    REGIE = "régie"
    TITRE = "titre"


class Refund(enum.Enum):
    """What becomes of a credit note in favour of the family, once the invoices before it are settled."""

    NEXT_INVOICE = "facture suivante"  # it settles the next ones
    ON_REQUEST = "sur demande"  # kept until the family asks for its money
    YEAR_END = "fin d'année"  # given back at once at the end of the school year
    IF_PAID = "si déjà payée"  # given back as soon as nothing earlier is owed


class UncheckedDays(enum.Enum):
    """What a run does with a family of which days are not checked and still waited for."""

    REPORT = "signaler"  # the other days are invoiced, these are in the report
    BLOCK = "bloquer"  # its documents are not issued until they are checked


@attrs.frozen
class SeriesPolicy:
    """``[[facturation.series]]``: the documents of one régie (or budget, for titres), numbered apart by fiscal year.

    ``products`` (codes of products, penalties, fees) and ``sites`` say what it invoices: ``None`` is all that no other
    series names. What is ``None`` besides is what ``[facturation]`` says. ``minimum`` is in units of the currency.
    """

    code: str
    products: tuple[ProductCode, ...] | None = None
    sites: tuple[str, ...] | None = None
    regie: RegieCode | None = None
    collection: Collection | None = None
    due_days: int | None = None
    minimum: Decimal | None = None
    refund: Refund | None = None
    reference: str | None = None

    @property
    def precision(self) -> int:
        """How much it names: of two series that could take a line, the one that names more does."""
        return 2 * (self.products is not None) + (self.sites is not None)


@attrs.frozen
class BillingPolicy:
    """``[facturation]``: cycle, days to pay, smallest invoice issued (units), collection, credits, series of documents.

    ``minimum`` left unsaid is the threshold of the law for titres, nothing for a régie.
    """

    cycle: Cycle = Cycle.MONTH
    due_days: int | None = None
    minimum: Decimal | None = None
    collection: Collection = Collection.REGIE
    refund: Refund = Refund.NEXT_INVOICE
    means: tuple[str, ...] = ()
    unchecked: UncheckedDays = UncheckedDays.REPORT
    custody: CustodyPrice = CustodyPrice.EACH
    series: tuple[SeriesPolicy, ...] = ()
    reference: str | None = None

    def __attrs_post_init__(self) -> None:
        codes = [one.code for one in self.series]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise MisuseError(f"une seule série de code {', '.join(twice)}")

    @property
    def all_series(self) -> tuple[SeriesPolicy, ...]:
        """The series, one for everything where none is written."""
        return self.series or (SeriesPolicy("REGIE" if self.collection is Collection.REGIE else "TITRE"),)

    def collection_of(self, series: SeriesPolicy) -> Collection:
        """Who collects the documents of ``series``."""
        return series.collection or self.collection

    def refund_of(self, series: SeriesPolicy) -> Refund:
        """What becomes of its credit notes."""
        return series.refund or self.refund

    def due_days_of(self, series: SeriesPolicy) -> int:
        """The days to pay one of its documents."""
        return _first_said(series.due_days, self.due_days, _DUE_DAYS)

    def minimum_of(self, series: SeriesPolicy, currency: Currency) -> Amount:
        """The smallest document that ``series`` issues, in minor units."""
        by_law = self.collection_of(series) is Collection.TITRE and currency == EUR
        usual = TITRE_THRESHOLD if by_law else Decimal(0)
        return currency.amount(_first_said(series.minimum, self.minimum, usual))


def _first_said(own: T | None, common: T | None, usual: T) -> T:
    if own is not None:
        return own
    return usual if common is None else common
