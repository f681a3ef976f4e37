"""Invoices as CSV rows and as JSON: what a municipality gives to its own tools.

Amounts are in units with a comma in CSV (as French spreadsheets read them) and as text with a point in JSON, never as
floating-point numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from periscolaire import i18n
from periscolaire.billing import ColumnKind, Invoice, InvoiceLine, ReportColumn, ReportTable, explain_line
from periscolaire.files.tables._reports import report_csv
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import EUR, Currency
from periscolaire.reasons import Description

__all__ = ["INVOICE_HEADINGS", "invoice_lines", "invoices_csv", "invoices_json"]

_NUMBERS = {"ligne": ColumnKind.COUNT, "quantite": ColumnKind.COUNT}
_DAYS = dict.fromkeys(("emise_le", "echeance"), ColumnKind.DAY)
_AMOUNTS = dict.fromkeys(("prix_unitaire", "montant"), ColumnKind.AMOUNT)
_KINDS = {**_NUMBERS, **_DAYS, **_AMOUNTS}
INVOICE_HEADINGS = (
    "facture", "nature", "foyer", "emise_le", "echeance", "ligne", "enfant", "produit", "issue", "jours",
    "quantite", "prix_unitaire", "montant", "tarif", "reglement", "explication",
)  # fmt: skip


def _same(code: str) -> str:
    return code


def _steps(line: InvoiceLine, currency: Currency) -> list[str]:
    # The first sentence repeats the line itself: quantity, unit price, days.
    return [i18n.text(said) for said in explain_line(line, currency)[1:]]


def invoice_lines(
    invoices: Iterable[Invoice],
    *,
    child_name: Callable[[ChildId], str] = _same,
    product_name: Callable[[ProductCode], str] = _same,
) -> ReportTable:
    """One row a line of an invoice, under :data:`INVOICE_HEADINGS`, in the currency of the invoices."""
    found = tuple(invoices)
    columns = tuple(
        ReportColumn(name, Description.of(f"export.{name}"), _KINDS.get(name, ColumnKind.TEXT))
        for name in INVOICE_HEADINGS
    )
    rows = tuple(
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
            line.unit,
            line.amount,
            line.tariff.code if line.tariff is not None else "",
            line.tariff.reglement if line.tariff is not None else "",
            " | ".join(_steps(line, invoice.currency)),
        )
        for invoice in found
        for line in invoice.lines
    )
    title = Description.of("export.title")
    return ReportTable("factures", title, title, columns, rows, found[0].currency if found else EUR)


def invoices_csv(
    invoices: Iterable[Invoice],
    *,
    child_name: Callable[[ChildId], str] = _same,
    product_name: Callable[[ProductCode], str] = _same,
) -> str:
    """:func:`invoice_lines` as CSV, which :func:`~periscolaire.files.read_report_csv` reads back strictly."""
    return report_csv(invoice_lines(invoices, child_name=child_name, product_name=product_name), totals=False)


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
