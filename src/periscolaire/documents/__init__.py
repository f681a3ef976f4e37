"""What is printed: door lists, invoices and reports as accessible HTML pages (A4), and invoices as PDF.

A page is one self-contained text: no script, no font or picture from elsewhere, everything that came from outside
escaped. :func:`invoice_sheet` says what an invoice tells a family, in words; the HTML page and the PDF (extra
``documents``) are two forms of it.
"""

from periscolaire.documents._door_list import door_list_page
from periscolaire.documents._invoice import invoice_page
from periscolaire.documents._pdf import invoice_pdf
from periscolaire.documents._reports import report_page
from periscolaire.documents._sheet import Addressee, InvoiceSheet, Letterhead, SheetGroup, SheetLine, invoice_sheet

__all__ = [
    "Addressee",
    "InvoiceSheet",
    "Letterhead",
    "SheetGroup",
    "SheetLine",
    "door_list_page",
    "invoice_page",
    "invoice_pdf",
    "invoice_sheet",
    "report_page",
]
