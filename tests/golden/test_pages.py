"""Printed pages as they were last looked at, in a browser and on paper: to see a change, look again.

To renew them after a change that was looked at: ``PERISCOLAIRE_GOLDEN=1 pytest tests/golden``.
"""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import attrs
import pytest

from periscolaire.access import Role, StaffActor
from periscolaire.billing import (
    ColumnKind,
    EntryKind,
    Invoice,
    InvoiceKind,
    Means,
    ReportColumn,
    ReportTable,
    balance,
    closing_table,
    deposit_table,
    journal_table,
    late_payers_table,
    outstanding_table,
    receipts_table,
    statement,
    statement_table,
)
from periscolaire.calendar import Span
from periscolaire.documents import Addressee, Letterhead, invoice_page, invoice_pdf, invoice_sheet, report_page
from periscolaire.errors import MisuseError
from periscolaire.files import report_csv, report_json
from periscolaire.ids import ChildId, HouseholdId, PaymentId
from periscolaire.money import XPF
from periscolaire.operations import (
    DeskCount,
    bill,
    close_cash_desk,
    import_files,
    late_payers_report,
    ledger,
    make_deposit_slip,
    number_quittances,
    outstanding_report,
    publish_reglement,
    read_account,
    receipts_report,
    regie_journal,
    reject_payment,
    send_reminders,
)
from periscolaire.ports import UnitOfWork
from periscolaire.storage import MemoryStore

HERE = Path(__file__).parent / "pages"
EXAMPLE = Path(__file__).parents[2] / "examples" / "le-langon"
CLERK = StaffActor("1", frozenset({Role.ADMINISTRATOR}))
NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
NOVEMBER = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
DECEMBER = Span(dt.date(2025, 12, 1), dt.date(2025, 12, 31))
ON = dt.date(2026, 1, 31)
HEAD = Letterhead(
    "Mairie du Langon", "Service périscolaire", ("1 place de l'Église", "85370 Le Langon"), "02 51 00 00 00",
    "mairie@exemple.invalid",
)  # fmt: skip
PRODUCT = "Restaurant scolaire"


@pytest.fixture(scope="module")
def uow() -> Iterator[UnitOfWork]:
    """The example's November, billed, collected, one debit bounced, the desk closed and emptied, late payers told."""
    numbers = iter(range(1, 1_000_000))
    store = MemoryStore()
    with store.unit() as unit:
        publish_reglement((EXAMPLE / "reglement.toml").read_text(encoding="utf-8"), unit, actor=CLERK, now=NOW)
        # Only some families, so that a page can be read in a review.
        files = {
            path.stem: "".join(
                line
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(keepends=True))
                if number == 0 or _kept(line)
            ).encode()
            for path in EXAMPLE.glob("*.csv")
        }
        paid = files.pop("encaissements")
        import_files(files, unit, actor=CLERK, now=NOW, make_id=lambda: f"n{next(numbers)}")
        bill(
            NOVEMBER, unit, actor=CLERK, issued_on=dt.date(2025, 12, 1), now=NOW,
            make_id=lambda: f"n{next(numbers)}",
        )  # fmt: skip
        import_files({"encaissements": paid}, unit, actor=CLERK, now=NOW)
        reject_payment(
            PaymentId("P0001"), unit, on=dt.date(2025, 12, 20), actor=CLERK, now=NOW, motive="compte clos",
            make_id=lambda: "rejet-1",
        )  # fmt: skip
        number_quittances("REGIE", unit, actor=CLERK, now=NOW)
        count = DeskCount("REGIE", DECEMBER.last, ((Means.CHEQUE, 1975),))
        close_cash_desk(count, unit, actor=CLERK, now=NOW, make_id=lambda: "arrete-1")
        make_deposit_slip("REGIE", unit, on=DECEMBER.last, actor=CLERK, now=NOW)
        send_reminders("REGIE", unit, actor=CLERK, on=dt.date(2026, 1, 20), now=NOW)
        yield unit
    store.close()


FAMILIES = ("F001", "F002", "F003", "F027")


_CHILDREN = (EXAMPLE / "enfants.csv").read_text(encoding="utf-8").splitlines()
HOMES = {row["enfant"]: row["foyer"] for row in csv.DictReader(_CHILDREN, delimiter=";")}


def _kept(line: str) -> bool:
    codes = re.findall(r"\b[EF]\d{3}\b", line)
    return all(HOMES.get(code, code) in FAMILIES for code in codes[:1])


def child_name(uow: UnitOfWork, child: ChildId) -> str:
    found = uow.children.get(child).model
    return f"{found.first_name} {found.family_name}"


def invoice(uow: UnitOfWork) -> Invoice:
    return max((stored.model for stored in uow.invoices.stream()), key=lambda one: len(one.lines))


def tables(uow: UnitOfWork) -> dict[str, ReportTable]:
    def name(household: HouseholdId) -> str:
        return f"{household} {uow.households.get(household).model.name}"

    payments = {stored.model.id: stored.model for stored in uow.payments.stream()}
    (slip,) = uow.deposit_slips.of("REGIE")
    (closing,) = uow.desk_closings.of("REGIE")
    entries = ledger(uow, actor=CLERK)
    rows = regie_journal(DECEMBER, uow, actor=CLERK, series="REGIE")
    found = (
        receipts_table(
            receipts_report(DECEMBER, uow, actor=CLERK),
            DECEMBER.first,
            DECEMBER.last,
            product_name=lambda product: PRODUCT,
        ),
        deposit_table(slip, payments, household_name=name),
        journal_table(rows, DECEMBER.first, DECEMBER.last, series="REGIE", household_name=name),
        outstanding_table(outstanding_report(ON, uow, actor=CLERK, series="REGIE"), ON, household_name=name),
        late_payers_table(late_payers_report(ON, uow, actor=CLERK, series="REGIE"), ON, household_name=name),
        closing_table(closing),
        statement_table(statement(entries, HouseholdId("F001"), DECEMBER.first, DECEMBER.last), household_name=name),
    )
    return {table.name: table for table in found}


def pages(uow: UnitOfWork) -> dict[str, str]:
    found = invoice(uow)
    sheets = {
        f"facture-{language}": invoice_sheet(
            found,
            HEAD,
            Addressee("M. et Mme <Muller & fils>", ("12 rue du Port", "85370 Le Langon")),
            settled=500,
            product_name=lambda product: PRODUCT,
            child_name=lambda child: child_name(uow, child),
            language=language,
        )
        for language in ("fr", "en")
    }
    signed = {"bordereau": ("Le régisseur", "Le comptable public")}
    return {name: invoice_page(sheet) for name, sheet in sheets.items()} | {
        name: report_page(table, HEAD, printed_on=ON, signatures=signed.get(name, ()))
        for name, table in tables(uow).items()
    }


NAMES = (
    "facture-fr", "facture-en", "encaissements", "bordereau", "journal", "restes", "retards", "caisse", "releve",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_as_it_was_looked_at(uow: UnitOfWork, name: str) -> None:
    page = pages(uow)[name]
    kept = HERE / f"{name}.html"
    if os.environ.get("PERISCOLAIRE_GOLDEN"):
        kept.write_text(page, encoding="utf-8")
    assert page == kept.read_text(encoding="utf-8")


class Outline(HTMLParser):
    """Tags opened and closed, and what a screen reader needs of them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.language: str | None = None
        self.seen: list[str] = []
        self.unscoped = 0
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        held = dict(attributes)
        self.seen.append(tag)
        if tag == "html":
            self.language = held.get("lang")
        if tag == "th" and "scope" not in held and "class" not in held:
            self.unscoped += 1
        self.outside += [value for name, value in attributes if name in ("src", "href") and value and value[0] != "#"]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole_accessible_and_calls_nothing_from_outside(uow: UnitOfWork, name: str) -> None:
    page = pages(uow)[name]
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert outline.language == ("en" if name == "facture-en" else "fr")
    assert {"title", "header", "main", "h1", "table", "thead"} <= set(outline.seen)
    assert (outline.unscoped, outline.outside, "script" in outline.seen, "url(" in page) == (0, [], False, False)


def test_what_a_family_wrote_stays_text(uow: UnitOfWork) -> None:
    page = pages(uow)["facture-fr"]
    assert "<Muller" not in page
    assert html.escape("<Muller & fils>") in page


def test_every_export_has_the_rows_and_the_totals_of_its_table(uow: UnitOfWork) -> None:
    for table in tables(uow).values():
        rows = list(csv.reader(io.StringIO(report_csv(table)), delimiter=";"))
        assert rows[0] == [column.name for column in table.columns]
        assert len(rows) == 1 + len(table.rows) + bool(table.totals)
        document = json.loads(report_json(table))
        assert len(document["lignes"]) == len(table.rows)
        for index, column in enumerate(table.columns):
            if column.kind is ColumnKind.AMOUNT and column.summed:
                total = str(table.currency.value(table.totals[column.name]))
                assert document["totaux"][column.name] == total
                assert rows[-1][index] == total.replace(".", ",")


def test_totals_tie_to_the_ledger(uow: UnitOfWork) -> None:
    found, entries = tables(uow), ledger(uow, actor=CLERK)
    paid = balance(entries, first=DECEMBER.first, last=DECEMBER.last).paid
    assert found["encaissements"].totals["total"] == paid
    assert found["releve"].totals["montant"] == balance(entries, household=HouseholdId("F001")).remaining
    credit = sum(read_account(HouseholdId(one), "REGIE", uow, actor=CLERK).credit for one in FAMILIES)
    assert found["restes"].totals["reste"] - credit == balance(entries, last=ON).remaining
    assert found["retards"].totals["retard"] == found["restes"].totals["reste"]
    bounced = sum(entry.amount for entry in entries if entry.kind is EntryKind.BOUNCED)
    assert bounced > 0
    received = sum(entry.amount for entry in entries if entry.kind is EntryKind.PAID)
    journal = [row for row in found["journal"].rows if row[2] == "encaissement"]
    assert sum(row[-1] for row in journal if isinstance(row[-1], int)) == -received


def test_a_name_never_becomes_a_formula() -> None:
    columns = (ReportColumn("nom", "Nom"), ReportColumn("montant", "Montant", ColumnKind.AMOUNT, summed=True))
    table = ReportTable("essai", "Essai", "", columns, (("=HYPERLINK(1)", -120), ("Martin", 20)), XPF)
    assert report_csv(table) == "nom;montant\r\n'=HYPERLINK(1);-120\r\nMartin;20\r\nTOTAL;-100\r\n"
    with pytest.raises(MisuseError, match="2 cells"):
        attrs.evolve(table, rows=(("Martin",),))


def test_an_empty_report_says_so() -> None:
    table = receipts_table((), DECEMBER.first, DECEMBER.last)
    assert "Rien pour cette période." in report_page(table, HEAD, printed_on=ON)


def test_the_pdf_is_tagged_and_the_same_each_time(uow: UnitOfWork) -> None:
    pytest.importorskip("typst", reason="the PDF needs the extra « documents »")
    sheet = invoice_sheet(invoice(uow), HEAD, Addressee("#set text(red) $x$ *gras*"))
    made = invoice_pdf(sheet)
    assert made == invoice_pdf(sheet)
    assert made.startswith(b"%PDF-")
    assert b"/MarkInfo" in made
    assert b"/Lang" in made
    note = attrs.evolve(invoice(uow), kind=InvoiceKind.CREDIT_NOTE)
    assert invoice_pdf(invoice_sheet(note, HEAD, Addressee("Martin"))) != made
