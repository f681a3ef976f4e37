"""Printed pages as they were last looked at, in a browser and on paper: to see a change, look again.

To renew them after a change that was looked at: ``PERISCOLAIRE_GOLDEN=1 pytest tests/golden``.
"""

from __future__ import annotations

import csv
import datetime as dt
import enum
import html
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
    DeskAccount,
    EntryKind,
    Invoice,
    Means,
    ReportColumn,
    ReportTable,
    balance,
    outstanding,
    receipts_table,
)
from periscolaire.calendar import Span
from periscolaire.documents import Addressee, Document, as_html, as_pdf, as_text, invoice_document, report_document
from periscolaire.errors import BadFileError, MisuseError
from periscolaire.files import (
    invoice_lines,
    invoices_csv,
    load_issuer,
    read_report_csv,
    report_csv,
    report_json,
    write_report_xlsx,
)
from periscolaire.i18n import text
from periscolaire.ids import ChildId, HouseholdId, PaymentId
from periscolaire.money import XPF
from periscolaire.operations import (
    DeskCount,
    ReportKind,
    ReportWanted,
    bill,
    close_cash_desk,
    import_files,
    ledger,
    make_deposit_slip,
    number_quittances,
    publish_reglement,
    read_account,
    reject_payment,
    report,
    send_reminders,
)
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Description
from periscolaire.storage import MemoryStore

HERE = Path(__file__).parent / "pages"
STYLE = Path(__file__).parents[2] / "src" / "periscolaire" / "documents" / "page.css"
EXAMPLE = Path(__file__).parents[2] / "examples" / "le-langon"
CLERK = StaffActor("1", frozenset({Role.ADMINISTRATOR}))
NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
NOVEMBER = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
DECEMBER = Span(dt.date(2025, 12, 1), dt.date(2025, 12, 31))
JANUARY = Span(dt.date(2025, 9, 1), dt.date(2026, 1, 31))
ON = JANUARY.last
HEAD = load_issuer(EXAMPLE / "emetteur.toml")
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


WANTED = {
    "encaissements": ReportWanted(ReportKind.RECEIPTS, DECEMBER, by_month=True),
    "facture-par-prestation": ReportWanted(ReportKind.INVOICED, DECEMBER),
    "bordereau": ReportWanted(ReportKind.SLIP, DECEMBER, "REGIE"),
    "journal": ReportWanted(ReportKind.JOURNAL, DECEMBER, "REGIE"),
    "restes": ReportWanted(ReportKind.OUTSTANDING, JANUARY, "REGIE"),
    "retards": ReportWanted(ReportKind.LATE, JANUARY, "REGIE"),
    "caisse": ReportWanted(ReportKind.CLOSING, DECEMBER, "REGIE"),
    "releve": ReportWanted(ReportKind.STATEMENT, DECEMBER, household=HouseholdId("F001")),
}


def tables(uow: UnitOfWork) -> dict[str, ReportTable]:
    return {name: report(wanted, uow, actor=CLERK) for name, wanted in WANTED.items()}


def documents(uow: UnitOfWork) -> dict[str, Document]:
    found = invoice(uow)
    sheets = {
        f"facture-{language}": invoice_document(
            found,
            HEAD,
            Addressee("M. et Mme <Muller & fils>", ("12 rue du Port", "85370 Le Langon")),
            account=read_account(found.payer, "REGIE", uow, actor=CLERK),
            product_name=lambda product: PRODUCT,
            child_name=lambda child: child_name(uow, child),
            language=language,
        )
        for language in ("fr", "en")
    }
    reports = {name: report_document(table, HEAD, printed_on=ON) for name, table in tables(uow).items()}
    english = {
        f"{name}-en": report_document(table, HEAD, printed_on=ON, language="en") for name, table in tables(uow).items()
    }
    made = sheets | reports | english
    assert sorted(made) == sorted(NAMES)  # none under the name of another
    return made


NAMES = ("facture-fr", "facture-en", *WANTED, *(f"{name}-en" for name in WANTED))


@pytest.fixture(scope="module")
def pages(uow: UnitOfWork) -> dict[str, str]:
    return {name: as_html(document) for name, document in documents(uow).items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_as_it_was_looked_at(pages: dict[str, str], name: str) -> None:
    """Without its style, which is the one that the package holds."""
    before, style, after = re.split("<style>(.*)</style>", pages[name], flags=re.DOTALL)
    assert style == STYLE.read_text(encoding="utf-8")
    page = f'{before}<link rel="stylesheet" href="{os.path.relpath(STYLE, HERE)}">{after}'
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
def test_a_page_is_whole_accessible_and_calls_nothing_from_outside(pages: dict[str, str], name: str) -> None:
    page = pages[name]
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert outline.language == ("en" if name.endswith("-en") else "fr")
    assert {"title", "header", "main", "h1", "table", "thead"} <= set(outline.seen)
    assert (outline.unscoped, outline.outside, "script" in outline.seen, "url(" in page) == (0, [], False, False)


def test_what_a_family_wrote_stays_text(pages: dict[str, str]) -> None:
    page = pages["facture-fr"]
    assert "<Muller" not in page
    assert html.escape("<Muller & fils>") in page


def test_every_export_has_the_rows_and_the_totals_of_its_table(uow: UnitOfWork, tmp_path: Path) -> None:
    calamine = pytest.importorskip("python_calamine", reason="reading workbooks back")
    for name, table in tables(uow).items():
        assert table.rows
        document = json.loads(report_json(table))
        assert len(document["lignes"]) == len(table.rows)
        back = read_report_csv(report_csv(table), table)
        assert back.totals == table.totals
        book = tmp_path / f"{name}.xlsx"
        write_report_xlsx(table, book)
        sheet = calamine.CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python()
        assert len(sheet) == 1 + len(table.rows) + bool(table.totals)
        for index, column in enumerate(table.columns):
            assert [row[index] for row in back.rows] == [
                text(cell) if isinstance(cell, Description) else cell for cell in (row[index] for row in table.rows)
            ]
            if column.kind is ColumnKind.AMOUNT and column.summed:
                total = table.currency.value(table.totals[column.name])
                assert document["totaux"][column.name] == str(total)
                assert sheet[-1][index] == pytest.approx(float(total))


def test_the_lines_of_invoices_are_read_back(uow: UnitOfWork) -> None:
    found = [stored.model for stored in uow.invoices.stream()]
    table = invoice_lines(found, child_name=lambda child: f"={child}")
    written = report_csv(table, totals=False)
    assert written == invoices_csv(found, child_name=lambda child: f"={child}")
    assert ";'=E" in written
    assert read_report_csv(written, table) == table


def test_what_was_changed_by_hand_is_not_read(uow: UnitOfWork) -> None:
    table = tables(uow)["restes"]
    written = report_csv(table)
    total = str(table.currency.value(table.totals["reste"])).replace(".", ",")
    for wrong, found, expected in (
        (written.replace("reste\r", "rest\r"), "rest", "reste"),
        (written.replace("2025-12-31", "31/12/2025", 1), "« 31/12/2025 »", "un jour"),
        (written.replace(f";{total}\r\n", ";1,00\r\n"), "1,00", total),
        (written.replace("F001 ", "F001;"), "10 cellules", "9 cellules"),
        ("", "vide", "foyer"),
    ):
        with pytest.raises(BadFileError) as caught:
            read_report_csv(wrong, table)
        problem = caught.value.problems[0]
        assert found in problem.found
        assert expected in problem.expected


def test_totals_tie_to_the_ledger(uow: UnitOfWork) -> None:
    found, entries = tables(uow), ledger(uow, actor=CLERK)
    terms = balance(entries, first=DECEMBER.first, last=DECEMBER.last)
    assert found["encaissements"].totals["total"] == terms.paid
    assert found["facture-par-prestation"].totals["montant"] == terms.invoiced - terms.credited
    assert found["releve"].totals["montant"] == balance(entries, household=HouseholdId("F001")).remaining
    credit = sum(read_account(HouseholdId(one), "REGIE", uow, actor=CLERK).credit for one in FAMILIES)
    assert found["restes"].totals["reste"] - credit == balance(entries, last=ON).remaining
    assert found["retards"].totals["retard"] == found["restes"].totals["reste"]
    bounced = sum(entry.amount for entry in entries if entry.kind is EntryKind.BOUNCED)
    assert bounced > 0
    received = sum(entry.amount for entry in entries if entry.kind is EntryKind.PAID)
    journal = [row for row in found["journal"].rows if row[2] == Description.of("report.operation.received")]
    assert sum(row[-1] for row in journal if isinstance(row[-1], int)) == -received


def test_what_remains_at_any_date_is_what_the_ledger_says_that_day(uow: UnitOfWork) -> None:
    entries = ledger(uow, actor=CLERK)
    accounts = [read_account(HouseholdId(one), "REGIE", uow, actor=CLERK) for one in FAMILIES]
    for number in range(90):
        day = dt.date(2025, 11, 15) + dt.timedelta(days=number)
        left = sum(row.remaining for row in outstanding(accounts, day))
        credit = sum(account.at(day).credit for account in accounts)
        assert left - credit == balance(entries, last=day).remaining, day


def test_sites_add_up_to_the_whole(uow: UnitOfWork) -> None:
    schools = {
        one.school for stored in uow.children.stream() for one in stored.model.schoolings
    }  # every child of the example has a school
    for kind, series, column in (
        (ReportKind.INVOICED, None, "montant"),
        (ReportKind.OUTSTANDING, "REGIE", "reste"),
    ):
        whole = report(ReportWanted(kind, JANUARY, series), uow, actor=CLERK).totals[column]
        parts = [report(ReportWanted(kind, JANUARY, series, str(one)), uow, actor=CLERK) for one in schools]
        assert sum(part.totals[column] for part in parts) == whole
    received = report(ReportWanted(ReportKind.RECEIPTS, DECEMBER), uow, actor=CLERK)
    sites = [report(ReportWanted(ReportKind.RECEIPTS, DECEMBER, site=str(one)), uow, actor=CLERK) for one in schools]
    advances = sum(row[-1] for row in received.rows if isinstance(row[0], Description) and isinstance(row[-1], int))
    assert sum(site.totals["total"] for site in sites) == received.totals["total"] - advances


def test_a_selection_that_a_report_does_not_know_is_refused() -> None:
    for wanted in (
        {"kind": ReportKind.LATE, "series": "REGIE", "site": "centre"},
        {"kind": ReportKind.RECEIPTS, "number": 3},
        {"kind": ReportKind.STATEMENT},
        {"kind": ReportKind.JOURNAL},
    ):
        with pytest.raises(MisuseError) as caught:
            ReportWanted(span=DECEMBER, **wanted)
        assert text(caught.value, "fr") != text(caught.value, "en")


@pytest.mark.parametrize(("family", "kinds"), [("means", Means), ("entry", EntryKind), ("account", DeskAccount)])
def test_the_words_of_reports_are_those_of_files_and_exist_in_english(family: str, kinds: type[enum.Enum]) -> None:
    for kind in kinds:
        said = Description.of(f"report.{family}.{kind.name.lower()}")
        assert text(said, "fr") == kind.value
        assert text(said, "en")


def test_a_name_never_becomes_a_formula() -> None:
    said = Description.of("report.none")
    columns = (ReportColumn("nom", said), ReportColumn("montant", said, ColumnKind.AMOUNT, summed=True))
    table = ReportTable("essai", said, said, columns, (("=HYPERLINK(1)", -120), ("Martin", 20)), XPF)
    assert report_csv(table) == "nom;montant\r\n'=HYPERLINK(1);-120\r\nMartin;20\r\nTOTAL;-100\r\n"
    assert read_report_csv(report_csv(table), table) == table
    with pytest.raises(MisuseError, match="2 cells"):
        attrs.evolve(table, rows=(("Martin",),))


def test_an_empty_report_says_so() -> None:
    table = receipts_table((), DECEMBER.first, DECEMBER.last)
    assert "Rien pour cette période." in as_html(report_document(table, HEAD, printed_on=ON))


def test_the_pdf_is_tagged_and_the_same_each_time(uow: UnitOfWork) -> None:
    pytest.importorskip("typst", reason="the PDF needs the extra « documents »")
    for name, document in documents(uow).items():
        made = as_pdf(attrs.evolve(document, addressee=Addressee("#set text(red) $x$ *gras*")))
        assert made.startswith(b"%PDF-"), name
        assert b"/MarkInfo" in made
        assert b"/Lang" in made
    assert made == as_pdf(attrs.evolve(document, addressee=Addressee("#set text(red) $x$ *gras*")))


def test_a_mail_says_what_the_page_says_in_lines_that_are_not_too_long(uow: UnitOfWork) -> None:
    for document in documents(uow).values():
        written = as_text(document)
        assert all(len(line) <= 78 for line in written.splitlines())
        assert HEAD.telephone in written.replace("\N{NO-BREAK SPACE}", " ")
