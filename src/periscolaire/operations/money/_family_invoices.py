"""« Mes factures »: what one family sees of its invoices, waiting and settled, in one reading. Writes nothing."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import Account, Invoice, InvoiceKind, OnlineState, online_state
from periscolaire.clock import utc
from periscolaire.ids import HouseholdId, InvoiceId
from periscolaire.money import Amount, Money
from periscolaire.operations._accounts import read_account
from periscolaire.operations._reglements import commune_today
from periscolaire.operations._targets import household_target
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Description

__all__ = ["FamilyInvoice", "FamilyInvoices", "InvoiceStanding", "family_invoices"]


class InvoiceStanding(enum.Enum):
    """Where an invoice stands for the family; the values are the words of the screen."""

    PENDING = "en attente de paiement"
    PAYING = "paiement en cours"
    SETTLED = "soldée"
    CREDIT_NOTE = "avoir"


@attrs.frozen
class FamilyInvoice:
    """One line of the screen: the invoice as issued, what it still asks for, and whether it is late.

    ``left`` is in minor units, never below 0. ``late`` holds from the day after the due date on.
    """

    invoice: Invoice
    standing: InvoiceStanding
    left: Amount
    late: bool

    @property
    def payable(self) -> bool:
        """Whether « payer » is to be offered: it asks for something, and no payment of it is under way."""
        return self.standing is InvoiceStanding.PENDING

    @property
    def words(self) -> Description:
        """The line in words: ``invoice.pending``, ``invoice.late``, ``invoice.paying``, ``invoice.settled`` …"""
        code = "late" if self.standing is InvoiceStanding.PENDING and self.late else self.standing.name.lower()
        return Description.of(
            f"invoice.{code}",
            number=self.invoice.id,
            issued_on=self.invoice.issued_on,
            due_on=self.invoice.due_on,
            total=Money(abs(self.invoice.total), self.invoice.currency),
            left=Money(self.left, self.invoice.currency),
        )


@attrs.frozen
class FamilyInvoices:
    """« Mes factures » of a household, of all its series.

    ``waiting`` has the oldest due first, ``settled`` (credit notes as well) the latest issued first. ``due`` is what
    the waiting ones ask for, ``credit`` what the commune holds for the household; both in minor units.
    """

    household: HouseholdId
    waiting: tuple[FamilyInvoice, ...]
    settled: tuple[FamilyInvoice, ...]
    due: Amount
    credit: Amount


def family_invoices(household: HouseholdId, uow: UnitOfWork, *, actor: Actor, at: dt.datetime) -> FamilyInvoices:
    """What « Mes factures » shows at ``at``: history of settled invoices, invoices waiting, those being paid online.

    :raises AccessDeniedError: not an adult of the household, nor staff who see invoices.
    """
    require(actor, Operation.VIEW_INVOICES, household_target(uow, household))
    series = {stored.model.series for stored in uow.invoices.of(household)}
    series |= {stored.model.series for stored in uow.payments.of(household)}
    accounts = [read_account(household, one, uow) for one in sorted(series)]
    paying = _being_paid(household, uow, at)
    today = commune_today(uow, at)
    lines = [line for account in accounts for line in _lines(account, paying, today)]
    waiting = [one for one in lines if one.left > 0]
    settled = [one for one in lines if one.left <= 0]
    return FamilyInvoices(
        household,
        tuple(sorted(waiting, key=lambda one: (one.invoice.due_on, one.invoice.id))),
        tuple(sorted(settled, key=lambda one: (one.invoice.issued_on, one.invoice.id), reverse=True)),
        due=sum(one.left for one in waiting),
        credit=sum(account.credit for account in accounts),
    )


def _lines(account: Account, paying: frozenset[InvoiceId], today: dt.date) -> Iterable[FamilyInvoice]:
    remaining = account.remaining()
    for invoice in account.invoices:
        left = max(0, remaining.get(invoice.id, 0))
        if invoice.kind is InvoiceKind.CREDIT_NOTE:
            standing = InvoiceStanding.CREDIT_NOTE
        elif left == 0:
            standing = InvoiceStanding.SETTLED
        else:
            standing = InvoiceStanding.PAYING if invoice.id in paying else InvoiceStanding.PENDING
        yield FamilyInvoice(invoice, standing, left, late=left > 0 and invoice.due_on < today)


def _being_paid(household: HouseholdId, uow: UnitOfWork, at: dt.datetime) -> frozenset[InvoiceId]:
    """The invoices for which a payment service may still say that they are paid."""
    started = (stored.model for stored in uow.online_payments.of(household))
    return frozenset(
        invoice
        for payment in started
        if online_state(payment, uow.online_events.of(payment.reference)) in (OnlineState.STARTED, OnlineState.PENDING)
        and (payment.hold_until is None or utc(at) < payment.hold_until)
        for invoice in payment.invoices
    )
