"""Where one document stands in its account: what settled it, what is owed besides, what is left to use."""

from __future__ import annotations

import attrs

from periscolaire.billing._documents import Invoice, InvoiceKind
from periscolaire.billing.accounts._account import Account
from periscolaire.ids import InvoiceId
from periscolaire.money import Amount

__all__ = ["Standing", "standing"]


@attrs.frozen
class Standing:
    """``paid`` by payments, ``credits`` by credit notes, ``written_off`` by acts of the commune; ``left`` is the rest.

    ``owed_before`` is what former documents (``open_before``) still ask for; ``credit`` is what settles nothing yet.
    """

    paid: Amount
    credits: Amount
    written_off: Amount
    left: Amount
    owed_before: Amount = 0
    open_before: tuple[InvoiceId, ...] = ()
    credit: Amount = 0


def standing(invoice: Invoice, account: Account | None = None) -> Standing:
    """Where ``invoice`` stands; without an account nothing has settled it and nothing else is known.

    ``total = paid + credits + written off + left`` for an invoice.
    """
    if account is None:
        return Standing(0, 0, 0, invoice.total if invoice.kind is InvoiceKind.INVOICE else 0)
    notes = {one.id for one in account.invoices if one.kind is InvoiceKind.CREDIT_NOTE}
    acts = {one.id for one in account.write_offs}
    sums = {"paid": 0, "credits": 0, "written_off": 0}
    for allocation in account.allocations:
        if allocation.line.invoice == invoice.id:
            source = allocation.source
            kind = "credits" if source in notes else "written_off" if source in acts else "paid"
            sums[kind] += allocation.amount
    remaining = account.remaining()
    before = [
        one
        for one in account.pending()
        if (one.issued_on, one.fiscal_year, one.number) < (invoice.issued_on, invoice.fiscal_year, invoice.number)
    ]
    return Standing(
        **sums,
        left=remaining.get(invoice.id, 0),
        owed_before=sum(remaining[one.id] for one in before),
        open_before=tuple(one.id for one in before),
        credit=account.credit,
    )
