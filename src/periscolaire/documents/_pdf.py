"""An invoice as a tagged PDF, the same bytes each time, through typst (extra ``documents``)."""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources

import attrs

from periscolaire.documents._sheet import InvoiceSheet
from periscolaire.errors import MisuseError

__all__ = ["invoice_pdf"]


def invoice_pdf(sheet: InvoiceSheet) -> bytes:
    """The invoice as PDF/UA-1: tagged for screen readers, with fonts of its own; dated by its day of issue.

    :raises MisuseError: typst is not installed.
    """
    try:
        import typst
    except ImportError:
        raise MisuseError("printing a PDF needs typst: pip install 'periscolaire[documents]'") from None
    template = (resources.files("periscolaire.documents") / "invoice.typ").read_bytes()
    issued = dt.datetime.combine(sheet.issued_on, dt.time(), tzinfo=dt.UTC)
    data = attrs.asdict(sheet)
    data["issued_on"] = [sheet.issued_on.year, sheet.issued_on.month, sheet.issued_on.day]
    made: bytes = typst.compile(
        template,
        format="pdf",
        # What came from outside goes in as data, never as markup.
        sys_inputs={"sheet": json.dumps(data, ensure_ascii=False)},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        timestamp=int(issued.timestamp()),
    )
    return made
