"""From the rows of a file of receipts to payments: every fault with its line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from periscolaire.access import Actor
from periscolaire.billing import Means, Payment, series_of_document
from periscolaire.errors import BadFileError, MisuseError, Problem
from periscolaire.files import PaymentRow
from periscolaire.operations._series import series_of
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglement

__all__ = ["payments_of_rows"]


def payments_of_rows(
    rows: Iterable[PaymentRow],
    uow: UnitOfWork,
    reglement: Reglement,
    *,
    actor: Actor,
    now: dt.datetime,
    file: str = "encaissements.csv",
) -> tuple[Payment, ...]:
    """The payments that a file says.

    :raises BadFileError: a payment recorded before, an invoice that is not the payer's, an amount that is not above 0
        or finer than the currency, no series: every fault, with its line.
    """
    known = [one.code for one in series_of(reglement)]
    calendar = reglement.calendar
    problems: list[Problem] = []
    found: list[Payment] = []

    def tell(row: PaymentRow, column: str, what: str, expected: str) -> None:
        problems.append(Problem(file, f"ligne {row.line}, colonne {column}", what, expected))

    for row in rows:
        received_on = calendar.today(row.at.at(calendar.tz))
        if uow.payments.find(row.payment) is not None:
            tell(row, "paiement", row.payment, "un numéro qui n'a pas encore été enregistré")
        invoice = None if row.invoice is None else uow.invoices.find(row.invoice)
        if row.invoice is None and len(known) > 1:
            tell(row, "facture", "vide", f"la facture réglée, qui dit sa série ({', '.join(known)})")
            continue
        if row.invoice is not None and (invoice is None or invoice.model.payer != row.household):
            tell(row, "facture", row.invoice, f"une facture du foyer {row.household}")
            continue
        try:
            found.append(
                Payment(
                    row.payment, row.household, known[0] if row.invoice is None else series_of_document(row.invoice),
                    Means(row.means), reglement.currency.amount(row.amount), received_on, now, actor.label,
                    reglement.currency, () if row.invoice is None else (row.invoice,), row.reference or "",
                )
            )  # fmt: skip
        except MisuseError:
            smallest = f"{reglement.currency.value(1)}".replace(".", ",")
            tell(row, "montant", f"{row.amount}", f"un montant d'au moins {smallest} {reglement.currency.code}")
    if problems:
        raise BadFileError(problems)
    return tuple(found)
