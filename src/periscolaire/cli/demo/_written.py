"""What the demonstration leaves in its folder: the invoices, one as a page, the reports of the régie."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from periscolaire.access import StaffActor
from periscolaire.billing import Invoice
from periscolaire.calendar import Span
from periscolaire.cli._store import Names
from periscolaire.cli.billing._invoices import export, issued
from periscolaire.cli.documents._people import addressee_of
from periscolaire.cli.documents._writing import write_document, write_report
from periscolaire.documents import invoice_document, report_document
from periscolaire.operations import ReportKind, ReportWanted, issuer_of, report
from periscolaire.ports import Store

__all__ = ["most_varied", "write_all"]


def most_varied(documents: list[Invoice]) -> Invoice:
    """The invoice whose lines show most sorts of outcome, then the first."""
    return max(documents, key=lambda one: (len({(line.outcome, line.unit) for line in one.lines}), -one.number))


def write_all(
    store: Store, folder: Path, received: Span, on: dt.date, actor: StaffActor
) -> list[tuple[str, list[Path]]]:
    """Every file written, by what it is."""
    with store.unit(write=False) as uow:
        names, issuer, documents = Names.of(uow), issuer_of(uow), issued(uow)
        (series,) = {one.series for one in documents}
        shown = most_varied(documents)
        page = folder / f"{shown.id}.html"
        made = invoice_document(
            shown, issuer, addressee_of(shown.payer, uow), product_name=names.product, child_name=names.child,
            tariff_name=names.tariff, act_of=names.act,
        )  # fmt: skip
        write_document(made, (page,))
        reports = []
        for kind, wanted in (
            ("encaissements", ReportWanted(ReportKind.RECEIPTS, received)),
            ("restes", ReportWanted(ReportKind.OUTSTANDING, Span(on.replace(day=1), on), series)),
        ):
            files = [folder / f"{kind}.{form}" for form in ("html", "csv", "json")]
            found = report(wanted, uow, actor=actor)
            write_report(found, report_document(found, issuer, printed_on=on), tuple(files))
            reports.append((_TITLES[kind], files))
        return [("les factures", list(export(documents, names, folder))), ("une facture, à imprimer", [page]), *reports]


_TITLES = {"encaissements": "l'état des encaissements", "restes": "les restes à recouvrer"}
