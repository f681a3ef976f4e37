"""What is printed or sent: invoices, reports, receipts, letters and door lists, in French and English.

Each document is one function that makes a :class:`Document`, words in order before any form; :func:`as_html` (an
accessible page for A4), :func:`as_pdf` (tagged, extra ``documents``) and :func:`as_text` (the text of a mail) are its
forms. A page is self-contained: no script, no font or picture from elsewhere; what came from outside is escaped.
"""

from periscolaire.documents._door_list import door_list_page
from periscolaire.documents._html_page import as_html
from periscolaire.documents._invoice import invoice_document
from periscolaire.documents._letters import Tone, anomaly_notice, invoice_notice, reminder_letter, tone_of
from periscolaire.documents._model import Addressee, Document
from periscolaire.documents._pdf import as_pdf
from periscolaire.documents._quittance import quittance_document
from periscolaire.documents._report import cell_text, report_document
from periscolaire.documents._spelled import spelled
from periscolaire.documents._text import as_text

__all__ = [
    "Addressee",
    "Document",
    "Tone",
    "anomaly_notice",
    "as_html",
    "as_pdf",
    "as_text",
    "cell_text",
    "door_list_page",
    "invoice_document",
    "invoice_notice",
    "quittance_document",
    "reminder_letter",
    "report_document",
    "spelled",
    "tone_of",
]
