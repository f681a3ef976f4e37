"""Invoices as CSV rows and as JSON: what a municipality gives to its own tools.

Amounts are in units with a comma in CSV (as French spreadsheets read them) and as text with a point in JSON, never as
floating-point numbers.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from periscolaire import i18n
from periscolaire.billing import Invoice, InvoiceLine, explain_line
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import Amount, Currency

__all__ = ["INVOICE_HEADINGS", "invoices_csv", "invoices_json"]

INVOICE_HEADINGS = (
    "facture", "nature", "foyer", "emise_le", "echeance", "ligne", "enfant", "produit", "issue", "jours",
    "quantite", "prix_unitaire", "montant", "tarif", "reglement", "explication",
)  # fmt: skip


def _same(code: str) -> str:
    return code


def _comma(amount: Amount, currency: Currency) -> str:
    return str(currency.value(amount)).replace(".", ",")


def _table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return out.getvalue()


def _steps(line: InvoiceLine, currency: Currency) -> list[str]:
    # The first sentence repeats the line itself: quantity, unit price, days.
    return [i18n.text(said) for said in explain_line(line, currency)[1:]]


def invoices_csv(
    invoices: Iterable[Invoice],
    *,
    child_name: Callable[[ChildId], str] = _same,
    product_name: Callable[[ProductCode], str] = _same,
) -> str:
    """One row a line of an invoice, under :data:`INVOICE_HEADINGS`; separated by ``;``, in UTF-8."""
    return _table(
        INVOICE_HEADINGS,
        (
            (
                invoice.id,
                invoice.kind.value,
                invoice.payer,
                invoice.issued_on,
                invoice.due_on,
                line.number,
                child_name(line.child) if line.child is not None else "",
                product_name(line.product),
                line.outcome.value if line.outcome is not None else line.kind.value,
                " ".join(day.isoformat() for day in line.days),
                line.quantity,
                _comma(line.unit, invoice.currency),
                _comma(line.amount, invoice.currency),
                line.tariff.code if line.tariff is not None else "",
                line.tariff.reglement if line.tariff is not None else "",
                " | ".join(_steps(line, invoice.currency)),
            )
            for invoice in invoices
            for line in invoice.lines
        ),
    )


def invoices_json(invoices: Iterable[Invoice]) -> str:
    """Every invoice with its lines, their days, and the sentences that explain each price."""
    return _json([_invoice(invoice) for invoice in invoices])


def _invoice(invoice: Invoice) -> dict[str, Any]:
    value = invoice.currency.value
    return {
        "facture": invoice.id,
        "nature": invoice.kind.value,
        "serie": invoice.series,
        "exercice": invoice.fiscal_year,
        "numero": invoice.number,
        "foyer": invoice.payer,
        "du": invoice.first_day.isoformat(),
        "au": invoice.last_day.isoformat(),
        "emise_le": invoice.issued_on.isoformat(),
        "echeance": invoice.due_on.isoformat(),
        "monnaie": invoice.currency.code,
        "total": str(value(invoice.total)),
        "lignes": [
            {
                "ligne": line.number,
                "enfant": line.child,
                "produit": line.product,
                "issue": line.outcome.value if line.outcome is not None else line.kind.value,
                "jours": [day.isoformat() for day in line.days],
                "quantite": line.quantity,
                "prix_unitaire": str(value(line.unit)),
                "montant": str(value(line.amount)),
                "tarif": line.tariff.code if line.tariff is not None else None,
                "reglement": line.tariff.reglement if line.tariff is not None else None,
                "explication": _steps(line, invoice.currency),
            }
            for line in invoice.lines
        ],
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
