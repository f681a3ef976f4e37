"""The invoice that comes with a receipt, told beside it: what is paid as it is booked, deposits, credit notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import attrs

from periscolaire import i18n
from periscolaire.access import StaffActor
from periscolaire.billing import Invoice, InvoiceKind
from periscolaire.booking import Receipt, SlotKey
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.money import Money
from periscolaire.operations import invoice_booking, invoice_places
from periscolaire.ports import UnitOfWork

__all__ = ["AtOnce", "invoice_at_once", "invoice_given"]


@attrs.frozen
class AtOnce:
    """What was issued with a receipt, or why nothing could be: it then waits for the run of its month."""

    issued: tuple[Invoice, ...] = ()
    refused: ConflictError | MisuseError | None = None

    def words(self, language: str) -> tuple[str, ...]:
        """A sentence for each document, and one for what waits."""
        waits = () if self.refused is None else (f"Facture à émettre plus tard : {i18n.text(self.refused, language)}",)
        return (*(_told(one, language) for one in self.issued), *waits)

    def plain(self, language: str) -> dict[str, object]:
        """The same for a script."""
        documents = [
            {
                "numero": one.id,
                "genre": one.kind,
                "montant": Money(one.total, one.currency),
                "echeance": one.due_on if one.kind is InvoiceKind.INVOICE else None,
            }
            for one in self.issued
        ]
        return {"factures": documents, "facture_en_attente": self.refused and i18n.text(self.refused, language)}


def invoice_at_once(receipt: Receipt, uow: UnitOfWork, *, actor: StaffActor, now: dt.datetime) -> AtOnce:
    """Issue what a validated basket owes at once, and commit.

    The booking stands already: an invoice that cannot be issued now is told, it does not undo what was booked.
    """
    return _issued(lambda: invoice_booking(receipt, uow, actor=actor, now=now), uow)


def invoice_given(slots: Iterable[SlotKey], uow: UnitOfWork, *, actor: StaffActor, now: dt.datetime) -> AtOnce:
    """As :func:`invoice_at_once`, for places given after their basket."""
    return _issued(lambda: invoice_places(slots, uow, actor=actor, now=now), uow)


def _issued(issue: Callable[[], tuple[Invoice, ...]], uow: UnitOfWork) -> AtOnce:
    try:
        issued = issue()
    except (ConflictError, MisuseError) as error:
        uow.rollback()
        return AtOnce(refused=error)
    uow.commit()
    return AtOnce(issued)


def _told(invoice: Invoice, language: str) -> str:
    amount = i18n.amount(Money(invoice.total, invoice.currency), language)
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        return f"Avoir {invoice.id} : {amount}"
    return f"Facture {invoice.id} : {amount}, à payer au plus tard le {invoice.due_on:%d/%m/%Y}"
