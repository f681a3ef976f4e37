"""Payments and what undoes them: appended facts; each is allocated to lines, and the parts add up."""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from periscolaire.billing._documents import LineRef
from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.ids import FactId, HouseholdId, InvoiceId, PaymentId, ProductCode
from periscolaire.money import EUR, Amount, Currency

__all__ = ["MEANS", "Allocation", "Means", "MeansRule", "Payment", "Refund", "Rejection"]


class Means(enum.Enum):
    """How money comes in; the values are the words of files and reports."""

    CASH = "espèces"
    CHEQUE = "chèque"
    CARD = "carte"
    TRANSFER = "virement"
    DEBIT = "prélèvement"
    CESU = "CESU"
    VOUCHER = "chèques-vacances"
    ONLINE = "en ligne"
    WALLET = "compte prépayé"


@attrs.frozen
class MeansRule:
    """What holds for a means: through the cash desk, on a deposit slip, with change, and what it may not pay.

    ``excluded_natures``: natures of price components (``repas``) or kinds of charge that it may not settle. CESU pay
    for childcare only (articles L1271-1 et D7231-1 du code du travail: garde d'enfants): never for meals, nor for what
    is due without any care (an absence, be it from a meal; a penalty).
    """

    means: Means
    at_desk: bool
    on_deposit_slip: bool
    gives_change: bool
    may_bounce: bool
    excluded_natures: frozenset[str] = frozenset()


MEANS: dict[Means, MeansRule] = {
    rule.means: rule
    for rule in (
        MeansRule(Means.CASH, at_desk=True, on_deposit_slip=True, gives_change=True, may_bounce=False),
        MeansRule(Means.CHEQUE, at_desk=True, on_deposit_slip=True, gives_change=False, may_bounce=True),
        MeansRule(Means.CARD, at_desk=True, on_deposit_slip=False, gives_change=False, may_bounce=False),
        MeansRule(Means.TRANSFER, at_desk=False, on_deposit_slip=False, gives_change=False, may_bounce=False),
        MeansRule(Means.DEBIT, at_desk=False, on_deposit_slip=False, gives_change=False, may_bounce=True),
        MeansRule(
            Means.CESU,
            at_desk=True,
            on_deposit_slip=True,
            gives_change=False,
            may_bounce=False,
            excluded_natures=frozenset({"repas", "absence", "pénalité"}),
        ),
        MeansRule(Means.VOUCHER, at_desk=True, on_deposit_slip=True, gives_change=False, may_bounce=False),
        MeansRule(Means.ONLINE, at_desk=False, on_deposit_slip=False, gives_change=False, may_bounce=True),
        MeansRule(Means.WALLET, at_desk=False, on_deposit_slip=False, gives_change=False, may_bounce=False),
    )
}


@attrs.frozen
class Payment:
    """Money received from a household for a series, once. ``invoices`` are those it is meant for, if any is named.

    ``received_on`` is the day of the operation (what books and reports are dated by), ``at`` when it was recorded;
    ``receipt`` the number of its *quittance*, ``drawer`` and ``bank`` those of a cheque.

    :raises MisuseError: the amount is not above 0, or ``at`` is naive.
    """

    id: PaymentId
    household: HouseholdId
    series: str
    means: Means
    amount: Amount
    received_on: dt.date
    at: dt.datetime
    author: str
    currency: Currency = EUR
    invoices: tuple[InvoiceId, ...] = ()
    reference: str = ""
    drawer: str = ""
    bank: str = ""
    receipt: int | None = None
    note: str = ""

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)
        if self.amount <= 0:
            raise MisuseError(f"payment {self.id}: amount {self.amount}, expected more than 0", code="account.amount")


@attrs.frozen
class Rejection:
    """A payment bounced (cheque without funds, debit refused): what it had settled is owed again.

    ``mistake``: it never came in, whatever the means; it was recorded by mistake, for the wrong household or sum.
    """

    id: FactId
    payment: PaymentId
    on: dt.date
    at: dt.datetime
    author: str
    motive: str = ""
    mistake: bool = False

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)


@attrs.frozen
class Refund:
    """Money given back to a household out of its credit.

    :raises MisuseError: the amount is not above 0, or ``at`` is naive.
    """

    id: FactId
    household: HouseholdId
    series: str
    means: Means
    amount: Amount
    on: dt.date
    at: dt.datetime
    author: str
    motive: str = ""

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)
        if self.amount <= 0:
            raise MisuseError(f"refund {self.id}: amount {self.amount}, expected more than 0", code="account.amount")


@attrs.frozen
class Allocation:
    """``amount`` of ``source`` (a payment, a credit note, a write-off) settles one line; below 0: is taken back.

    ``product`` is the line's, repeated so that receipts by product are read without the invoices.
    """

    source: str
    line: LineRef
    product: ProductCode
    amount: Amount
    on: dt.date
