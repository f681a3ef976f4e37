"""The commands of the régie, on one SQLite file: the door, the money, the desk, the reminders, the documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from periscolaire.cli._app import app
from tests.unit.operations.test_life import DAYS, FILES, LOG, RULES

Run = Callable[..., Result]
INVOICE = "REGIE-2025-000001"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The Martin and Petit families' November, imported and checked; then any command, in the folder of the file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reglement.toml").write_text(RULES, encoding="utf-8")
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")

    def invoke(*words: str, code: int = 0) -> Result:
        depth = 2 if words[0] in ("pay", "document") else 1
        result = CliRunner().invoke(app, [*words[:depth], "base.sqlite", *words[depth:]], prog_name="periscolaire")
        assert result.exit_code == code, result.output
        return result

    invoke("import", "foyers.csv", "enfants.csv", "demandes.csv", "--reglement", "reglement.toml", "--creer")
    return invoke


def checked(run: Run) -> None:
    for day in DAYS:
        run("attend", "cantine", str(day), "--present", "Clara", "--present", "E3", "--complet", "--le", f"{day} 13:00")


def billed(run: Run) -> None:
    checked(run)
    run("bill", "--mois", "2025-11", "--le", "2025-12-01")


def paid(run: Run, *more: str, code: int = 0) -> Result:
    amount, *rest = more
    return run("pay", "record", "F1", amount, "--moyen", "chèque", "--le", "2025-12-05 10:00", *rest, code=code)


def test_attend_checks_corrects_and_refuses(run: Run) -> None:
    said = run("attend", "cantine", "2025-11-03", "--present", "Clara Martin", "--complet", "--le", "2025-11-03 13:00")
    assert "Clara Martin : présent" in said.output
    assert "Zoé Petit : absent" in said.output
    again = run("attend", "cantine", "2025-11-03", "--absent", "E1", "--json", "--le", "2025-11-04 08:00")
    assert json.loads(again.output)["pointages"][0]["pointage"] == "absent"
    run("attend", "cantine", "2025-11-03", "--present", "inconnue", code=2)
    run("attend", "piscine", "2025-11-03", "--present", "E1", code=2)
    run("attend", "cantine", "2025-11-04", "--present", "E1", "--le", "2025-11-03 13:00", code=2)
    run("attend", code=2)


def test_attend_reads_the_log_of_a_tablet_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tablette.csv").write_text(LOG, encoding="utf-8")
    assert "2 pointage(s)" in run("attend", "--tablette", "tablette.csv", "--le", "2025-11-03 20:00").output
    assert "0 pointage(s)" in run("attend", "--tablette", "tablette.csv", "--le", "2025-11-03 21:00").output


def test_pay_records_rejects_refunds(run: Run) -> None:
    billed(run)
    assert "reste à régler 0,00" in paid(run, "4,00", "--numero", "P1").output
    run("pay", "refund", "F1", "0", "--le", "2025-12-06 10:00", code=2)
    run("pay", "refund", "F1", "0,21", "--le", "2025-12-06 10:00", code=2)
    refunded = run("pay", "refund", "F1", "0,20", "--le", "2025-12-06 10:00", "--json")
    assert json.loads(refunded.output)["credit"] == "0.00"
    bounced = run("pay", "reject", "P1", "--rejete-le", "2025-12-12", "--le", "2025-12-12 10:00", "--json")
    assert json.loads(bounced.output)["reste"] == "4.00", "the invoice, and what was given back of money that bounced"
    run("pay", "reject", "P1", "--le", "2025-12-13 10:00", code=2)


def test_bad_payments_write_nothing(run: Run) -> None:
    billed(run)
    for amount in ("0", "-5", "quatre", "1,005"):
        paid(run, "--", amount, code=2) if amount.startswith("-") else paid(run, amount, code=2)
    paid(run, "1", "--facture", "inconnue", code=2)
    paid(run, "1", "--serie", "AUTRE", code=2)
    run("pay", "record", "F9", "1", "--moyen", "chèque", code=2)
    paid(run, "3,80", "--facture", INVOICE, "--numero", "P1")
    paid(run, "1", "--facture", INVOICE, code=2)
    paid(run, "1", "--numero", "P1", code=2)
    ledger = json.loads(run("ledger", "F1", "--au", "2025-12-31", "--json").output)
    assert [line["montant"] for line in ledger["lignes"]] == ["3.80", "-3.80"]


def test_ledger_shows_each_movement_and_what_is_owed(run: Run) -> None:
    billed(run)
    paid(run, "1,80")
    said = run("ledger", "F1", "--au", "2025-12-31").output
    assert "facturé" in said
    assert "= reste 2,00\N{NO-BREAK SPACE}€" in said
    run("ledger", "F9", code=2)


def test_close_desk_counts_numbers_and_hands_over(run: Run) -> None:
    billed(run)
    paid(run, "3,80")
    wrong = run("close-desk", "--compte", "chèque=3,00", "--verser", "--le", "2025-12-08 17:00", "--json", code=1)
    answer = json.loads(wrong.output)
    assert (answer["quittances"], answer["ecart"], answer["bordereau"]) == ([1], "-0.80", None)
    assert "chèque" in answer["ecarts"][0]["texte"]
    right = run("close-desk", "--compte", "chèque=3,80", "--verser", "--le", "2025-12-08 18:00").output
    assert "Bordereau de versement n° 1" in right
    run("close-desk", "--compte", "coquillages=3", code=2)


def test_remind_goes_up_level_by_level_and_once(run: Run) -> None:
    billed(run)
    assert len(json.loads(run("remind", "--le", "2026-01-20", "--apercu", "--json", code=1).output)["relances"]) == 2
    assert "2 relance(s) enregistrée(s)" in run("remind", "--le", "2026-01-20").output
    assert json.loads(run("remind", "--le", "2026-01-20", "--json").output)["relances"] == []
    assert "relance niveau 2" in run("remind", "--le", "2026-02-20").output


@pytest.mark.parametrize("name", ["encaissements", "facture", "journal", "restes", "retards", "releve", "absences"])
def test_report_writes_every_report_in_every_form(run: Run, tmp_path: Path, name: str) -> None:
    billed(run)
    paid(run, "1,80")
    more = ("--foyer", "F1") if name == "releve" else ()
    asked = (name, "--du", "2025-12-01", "--au", "2026-01-31", *more)
    forms = ("html", "pdf", "csv", "json", "xlsx")
    run("report", *asked, *(word for form in forms for word in ("-o", f"etats/etat.{form}")))
    written = {form: (tmp_path / "etats" / f"etat.{form}").read_bytes() for form in forms}
    assert json.loads(written["json"])["totaux"] or name == "absences"
    assert written["html"].startswith(b"<!doctype html>")
    assert written["csv"].startswith("\ufeff".encode())
    assert written["pdf"].startswith(b"%PDF")
    assert written["xlsx"].startswith(b"PK")
    assert json.loads(run("report", *asked, "--json").output) == json.loads(written["json"])
    english = run("report", *asked, "--langue", "en").output
    assert english != run("report", *asked).output
    run("report", *asked, "-o", "autre.docx", "-o", "autre.csv", code=2)
    assert not (tmp_path / "autre.csv").exists(), "nothing is half written"


def test_report_says_what_it_cannot_select(run: Run) -> None:
    billed(run)
    for name in ("bordereau", "caisse", "releve"):
        run("report", name, code=2)
    run("report", "retards", "--site", "centre", code=2)
    run("report", "encaissements", "--mois", "2025-12", "--au", "2025-12-31", code=2)
    run("report", "encaissements", "--du", "2026-01-01", "--au", "2025-12-31", code=2)


def test_the_slip_and_the_closing_are_reports_too(run: Run, tmp_path: Path) -> None:
    billed(run)
    paid(run, "3,80")
    run("close-desk", "--compte", "chèque=3,80", "--verser", "--le", "2025-12-08 18:00")
    for name in ("bordereau", "caisse"):
        run("report", name, "-o", f"{name}.html", "--langue", "en")
        assert 'lang="en"' in (tmp_path / f"{name}.html").read_text("utf-8")
    run("report", "bordereau", "--numero", "2", code=2)


def test_document_writes_an_invoice(run: Run, tmp_path: Path) -> None:
    billed(run)
    paid(run, "1,80")
    run("document", "invoice", INVOICE, "-o", "f.html", "-o", "f.pdf", "-o", "f.txt")
    assert "Reste à régler" in (tmp_path / "f.html").read_text("utf-8")
    assert "Reste à régler" in (tmp_path / "f.txt").read_text("utf-8")
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")
    run("document", "invoice", INVOICE, "-o", "f.docx", code=2)
    run("document", "invoice", "inconnue", "-o", "f.html", code=2)
