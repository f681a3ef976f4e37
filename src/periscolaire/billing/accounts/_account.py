"""What a household has received, paid and been given back: its documents, its movements, and what settled what."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.billing._documents import Invoice, InvoiceKind, LineRef
from periscolaire.billing.accounts._payments import Allocation, Payment, Refund, Rejection
from periscolaire.billing.accounts._recovery import WriteOff
from periscolaire.errors import NotFoundError
from periscolaire.ids import HouseholdId, InvoiceId
from periscolaire.money import Amount

__all__ = ["Account"]


@attrs.frozen
class Account:
    """One household in one series: its documents, its movements, and how they were allocated.

    ``credit`` is what was received or credited and has settled nothing yet; ``overdrawn`` what was given back out of
    a payment that bounced afterwards. The ledger's remaining due is what all invoices still ask for, less the credit,
    plus what is overdrawn.
    """

    household: HouseholdId
    series: str
    invoices: tuple[Invoice, ...] = ()
    payments: tuple[Payment, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    refunds: tuple[Refund, ...] = ()
    write_offs: tuple[WriteOff, ...] = ()
    allocations: tuple[Allocation, ...] = ()

    def at(self, day: dt.date) -> Account:
        """The account as it stood at the end of ``day``, by the dates of its operations.

        What was recorded since and is dated later is not in it; what was recorded since and is dated so is. A payment
        received before its invoice was issued is a credit until then.
        """
        invoices = tuple(one for one in self.invoices if one.issued_on <= day)
        payments = tuple(one for one in self.payments if one.received_on <= day)
        write_offs = tuple(one for one in self.write_offs if one.on <= day)
        known = {one.id for one in invoices}
        sources = {*known, *(one.id for one in payments), *(one.id for one in write_offs)}
        return attrs.evolve(
            self,
            invoices=invoices,
            payments=payments,
            rejections=tuple(one for one in self.rejections if one.on <= day),
            refunds=tuple(one for one in self.refunds if one.on <= day),
            write_offs=write_offs,
            allocations=tuple(
                one for one in self.allocations if one.on <= day and one.line.invoice in known and one.source in sources
            ),
        )

    def invoice(self, invoice_id: InvoiceId) -> Invoice:
        """That invoice.

        :raises NotFoundError: it is not of this account.
        """
        for invoice in self.invoices:
            if invoice.id == invoice_id:
                return invoice
        raise NotFoundError(
            f"invoice {invoice_id} in the account of {self.household}",
            code="account.no_invoice",
            invoice=invoice_id,
            household=self.household,
        )

    def settled(self) -> dict[LineRef, Amount]:
        """How much of each line has been settled, by whatever means."""
        found: dict[LineRef, Amount] = {}
        for allocation in self.allocations:
            found[allocation.line] = found.get(allocation.line, 0) + allocation.amount
        return found

    def remaining(self) -> dict[InvoiceId, Amount]:
        """What each invoice still asks for (credit notes ask for nothing)."""
        left = {invoice.id: invoice.total for invoice in self.invoices if invoice.kind is InvoiceKind.INVOICE}
        for allocation in self.allocations:
            left[allocation.line.invoice] -= allocation.amount
        return left

    def open_since(self, invoice: Invoice) -> dt.date:
        """The day since which it has asked for what it asks for: issued, or opened again by a payment that was undone.

        From that day on it is only settled more and more: nothing that settles it may be dated before.
        """
        undone = {rejection.payment for rejection in self.rejections}
        days = [one.on for one in self.allocations if one.line.invoice == invoice.id and one.source in undone]
        return max([invoice.issued_on, *days])

    def pending(self) -> tuple[Invoice, ...]:
        """The invoices not settled yet, the oldest due first."""
        left = self.remaining()
        return tuple(invoice for invoice in self._by_due() if left.get(invoice.id, 0) > 0)

    def settled_history(self) -> tuple[Invoice, ...]:
        """The documents that ask for nothing any more, the latest first."""
        left = self.remaining()
        return tuple(invoice for invoice in reversed(self._by_due()) if left.get(invoice.id, 0) <= 0)

    def _by_due(self) -> list[Invoice]:
        return sorted(self.invoices, key=lambda invoice: (invoice.due_on, invoice.issued_on, invoice.number))

    def free(self) -> dict[str, Amount]:
        """What each payment or credit note has left to settle something with, by its id, the oldest first."""
        return {source: amount for source, (_, amount) in self.free_since().items()}

    def free_since(self) -> dict[str, tuple[dt.date, Amount]]:
        """As :meth:`free`, with the day on which each came in."""
        return self._free()[0]

    def _free(self) -> tuple[dict[str, tuple[dt.date, Amount]], Amount]:
        """What is free of each source, and what was given back that no source bears any more."""
        sources: list[tuple[dt.date, str, Amount]] = [
            (invoice.issued_on, invoice.id, -invoice.total)
            for invoice in self.invoices
            if invoice.kind is InvoiceKind.CREDIT_NOTE
        ]
        bounced = {rejection.payment for rejection in self.rejections}
        sources += [
            (payment.received_on, payment.id, 0 if payment.id in bounced else payment.amount)
            for payment in self.payments
        ]
        spent: dict[str, Amount] = {}
        for allocation in self.allocations:
            spent[allocation.source] = spent.get(allocation.source, 0) + allocation.amount
        given_back = sum(refund.amount for refund in self.refunds)
        found: dict[str, tuple[dt.date, Amount]] = {}
        for day, source, amount in sorted(sources):  # refunds use the oldest credit first
            left = amount - spent.get(source, 0)
            used = min(max(left, 0), given_back)
            found[source] = (day, left - used)
            given_back -= used
        return found, given_back

    @property
    def credit(self) -> Amount:
        """What the commune owes this household, before anything it may be used for."""
        return sum(self.free().values())

    @property
    def overdrawn(self) -> Amount:
        """What was given back and bounced afterwards: owed, though no invoice asks for it."""
        return self._free()[1]

    @property
    def owed(self) -> Amount:
        """All that the household owes: what its invoices still ask for, and what is overdrawn."""
        return sum(max(0, left) for left in self.remaining().values()) + self.overdrawn
