"""The commands of the main job as a clerk or a script meets them: output, JSON, exit codes, bad files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from periscolaire.cli._app import COMMANDS, app

EXAMPLE = Path(__file__).parents[2] / "examples" / "le-langon"
PEOPLE = ("foyers", "enfants", "faits", "demandes", "pointages", "justificatifs")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="periscolaire")


def answer(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """November imported, billed and paid."""
    store = tmp_path_factory.mktemp("base") / "novembre.sqlite"
    files = [EXAMPLE / f"{name}.csv" for name in PEOPLE]
    rules = EXAMPLE / "reglement.toml"
    assert run("import", store, "--creer", "--reglement", rules, *files).exit_code == 0
    assert run("bill", store, "--mois", "2025-11", "--le", "2025-12-01").exit_code == 0
    assert run("import", store, EXAMPLE / "encaissements.csv").exit_code == 0
    return store


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_in_french(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 4
    assert "Usage" in result.output


def test_the_demo_shows_the_whole_line(tmp_path: Path) -> None:
    result = run("demo", "--sortie", tmp_path)
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) < 100, "read at one sitting"
    told = " ".join(result.output.split())
    for said in (
        "Refusées, et pourquoi",  # book
        "jour férié : Armistice",
        "absence justifiée",  # come or not, prove
        "Tranche 1",  # bill, and explain
        "Un certificat médical arrive en janvier : avoir",  # prove late, correct
        "est rejeté par la banque",  # pay, bounce
        "23 relances partent",  # remind
        "récapitulatif des prestations",  # report
        "Restes à recouvrer",
        "Le grand livre tombe juste",
        "étapes sur 65 conformes",  # the family's account
        "Alice paie sa facture en ligne",
        "Tout est dans",
    ):
        assert said in told
    written = {path.name for path in tmp_path.iterdir()}
    assert written >= {"le-langon.sqlite", "factures.csv", "factures.json", "encaissements.csv", "restes.html"}
    assert run("demo", "--sortie", tmp_path).exit_code == 0, "a second run is harmless"


def test_invoices_as_json_add_up(base: Path) -> None:
    invoices = answer("invoices", base)
    assert len(invoices) == 120
    for invoice in invoices:
        lines = sum(round(float(line["montant"]) * 100) for line in invoice["lignes"])
        assert lines == round(float(invoice["total"]) * 100)
    (one,) = answer("invoices", base, "--numero", "REGIE-2025-000027")
    assert one["foyer"] == "F027"


def test_reports_tie_to_one_another(base: Path) -> None:
    received = answer("report", base, "encaissements", "--mois", "2025-12")
    assert sum(float(row["total"]) for row in received["lignes"]) == pytest.approx(float(received["totaux"]["total"]))
    due = answer("report", base, "restes", "--au", "2026-01-15")
    (advances,) = (float(row["total"]) for row in received["lignes"] if row["prestation"].startswith("Avances"))
    billed = sum(float(one["total"]) for one in answer("invoices", base))
    remaining = float(due["totaux"]["reste"])
    assert billed - float(received["totaux"]["total"]) == pytest.approx(remaining - advances)


def test_billing_again_issues_nothing(base: Path) -> None:
    again = ("bill", base, "--mois", "2025-11", "--le", "2025-12-02")
    november = {"du": "2025-11-01", "au": "2025-11-30", "hors_cycle": None}
    nothing: dict[str, object] = {**november, "en_attente": [], "presumes": [], "anomalies_non_signalees": 0}
    assert answer(*again, "--apercu") == {**nothing, "brouillons": [], "comparaison": []}
    assert answer(*again, "--processus", "2") == {**nothing, "factures": 0, "total": "0.00", "bloques": []}


def test_without_a_month_the_last_cycle_that_is_over_is_billed(base: Path) -> None:
    found = answer("bill", base, "--le", "2025-12-30", "--apercu")
    assert (found["du"], found["au"], found["hors_cycle"]) == ("2025-11-01", "2025-11-30", None)
    said = run("bill", base, "--le", "2025-12-30", "--apercu").output
    assert said.startswith("Facturation du 01/11/2025 au 30/11/2025")
    said = run("bill", base, "--jours", "2025-11-01..2025-11-15", "--le", "2025-12-30", "--apercu").output
    assert "attention : Le règlement facture par mois" in said
    assert run("bill", base, "--mois", "2025-11", "--jours", "2025-11-01").exit_code == 2


def test_a_refusal_and_a_line_are_explained(base: Path) -> None:
    assert "jour férié : Armistice" in run("explain", base, "demandes.csv:1428").output
    assert "Tranche 1" in run("explain", base, "REGIE-2025-000027:2").output
    assert answer("explain", base, "demandes.csv:1428")[0]["verdict"]["status"] == "refusée"
    english = run("explain", base, "demandes.csv:1428", "--langue", "en").output
    assert "no service" in english


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("explain", "{base}", "demandes.csv:999999"), "ni une demande"),
        (("invoices", "{base}", "--numero", "REGIE-2025-9"), "inconnue"),
        (("invoices", "{base}", "--foyer", "F999"), "foyer « F999 » : inconnu"),
        (("bill", "{base}", "--mois", "2025-13"), "attendu un mois"),
        (("bill", "rien.sqlite", "--mois", "2025-11"), "rien.sqlite : base introuvable"),
        (("import", "{base}", "pyproject.toml"), "nom de fichier inconnu"),
    ],
)
def test_what_cannot_be_done_exits_with_two_and_says_why(base: Path, arguments: tuple[str, ...], said: str) -> None:
    result = run(*(argument.format(base=base) for argument in arguments))
    assert result.exit_code == 2, result.output
    assert said in result.output


def test_all_faults_of_all_files_are_told_and_nothing_is_imported(tmp_path: Path) -> None:
    folder = tmp_path / "fichiers"
    folder.mkdir()
    for name in PEOPLE:
        shutil.copy(EXAMPLE / f"{name}.csv", folder)
    requests = folder / "demandes.csv"
    text = requests.read_text("utf-8").replace("2025-11-03;en ligne", "03-novembre;en ligne", 1)
    requests.write_text(text.replace(";E015;", ";E915;", 1), encoding="utf-8")
    checks = folder / "pointages.csv"
    checks.write_text(checks.read_text("utf-8").replace(";oui;", ";ouais;", 1), encoding="utf-8")
    store = tmp_path / "base.sqlite"
    assert run("import", store, "--creer", "--reglement", EXAMPLE / "reglement.toml", folder).exit_code == 2
    result = run("import", store, "--reglement", EXAMPLE / "reglement.toml", folder)
    assert result.exit_code == 2
    for said in ("demandes.csv : ligne 2", "03-novembre", "E915", "pointages.csv : ligne 2", "ouais", "« oui »"):
        assert said in result.output, result.output
    assert run("invoices", store).exit_code == 2, "not even the règlement was published"
