"""The commands of attendance and of the régie that a clerk uses between the door and the comptable public."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from periscolaire.cli._app import app
from tests.unit.operations.test_life import DAYS, FILES, RULES

Run = Callable[..., Any]
INVOICE, OTHER = "REGIE-2025-000001", "REGIE-2025-000002"
PENALTY = """
[[penalites]]
code = "retard"
declencheur = "départ après"
limite = "13:30"
prix = "10,00"
effet = "proposée"

[[penalites]]
code = "carte"
declencheur = "pièce perdue"
prix = "5,00"
"""
BOOKS = """
[[carnets]]
code = "carnet"
taille = 10
prix = "35,00"
produit = "cantine"
"""
MOTIVES = """
format = 1
commune = "Exemple"
version = "2025"
en_vigueur = "2025-09-01"
zone = "B"

[[produits]]
code = "cantine"
jours = "jours de classe"
reservation = "la veille"
annulation = "la veille"
prix = "4,00"

[produits.absence]
lignes = [{ si = { motif = ["maladie", "grève"] }, effet = "non dû" }, { effet = "dû" }]
"""
GROUPS = {
    "absence",
    "proof",
    "closure",
    "suspension",
    "anomalies",
    "penalty",
    "plan",
    "dispute",
    "online",
    "desk",
    "pay",
    "tickets",
    "reprise",
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The Martin and Petit families' November, booked; then any command, its answer read as JSON."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reglement.toml").write_text(RULES + PENALTY + BOOKS, encoding="utf-8")
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")

    def invoke(line: str, *more: str, code: int = 0, plain: bool = False) -> Any:
        words = [*line.split(), *more]
        depth = 2 if words[0] in GROUPS else 1
        asked = [*words[:depth], "base.sqlite", *words[depth:], *(() if plain or words[0] == "import" else ("--json",))]
        result = CliRunner().invoke(app, asked, prog_name="periscolaire")
        assert result.exit_code == code, result.output
        return result.output if plain or code == 2 or words[0] == "import" else json.loads(result.stdout)

    invoke("import foyers.csv enfants.csv demandes.csv --reglement reglement.toml --creer")
    return invoke


def at(day: str) -> tuple[str, str]:
    return "--le", f"{day} 14:00"


def checked(run: Run) -> None:
    for day in DAYS:
        run(f"attend cantine {day} --present E1 --present E3 --complet", "--le", f"{day} 13:00")


def billed(run: Run) -> None:
    checked(run)
    run("bill --mois 2025-11 --le 2025-12-01", plain=True)


def test_absences_are_told_listed_and_withdrawn(run: Run) -> None:
    told = run("absence tell Clara 2025-11-03..2025-11-04 --motif maladie --service cantine", *at("2025-11-02"))
    (one,) = run("absence list 2025-11-03")
    assert (one["absence"], one["motif"], one["au"]) == (told["absence"], "maladie", "2025-11-04")
    (row,) = run("report absences --du 2025-11-04 --au 2025-11-05")["lignes"]
    assert row == {
        "enfant": "Clara Martin", "services": "Restaurant scolaire", "du": "2025-11-03", "au": "2025-11-04",
        "motif": "maladie", "signalee_le": "2025-11-02", "heure": "14:00", "demande": "",
    }  # fmt: skip
    run(f"absence withdraw Clara {told['absence']}", *at("2025-11-03"))
    assert run("report absences --du 2025-11-03 --au 2025-11-05")["lignes"] == []
    assert run("absence list 2025-11-03") == []
    run("absence tell Clara 2025-11-03 --service piscine", *at("2025-11-02"), code=2)
    run("absence tell Clara 2025-11-03 --prevenu-le", "2025-11-09 08:00", *at("2025-11-02"), code=2)


def test_a_proof_is_handed_in_decided_and_never_for_somebody_elses_child(run: Run) -> None:
    made = run("proof hand-in E1 2025-11-03 --foyer F1 --nature", "certificat médical", *at("2025-11-03"))
    assert [one["justificatif"] for one in run("proof list --en-attente")] == [made["justificatif"]]
    assert run(f"proof accept E1 {made['justificatif']}", *at("2025-11-04"))["etat"] == "acceptée"
    assert run(f"proof refuse E1 {made['justificatif']}", *at("2025-11-05"))["etat"] == "refusée"
    assert run("proof list --en-attente") == []
    said = run("proof hand-in E1 2025-11-03 --foyer F2 --nature certificat", *at("2025-11-03"), code=2)
    assert "F2" in said
    run(f"proof accept E3 {made['justificatif']}", *at("2025-11-06"), code=2)


def test_a_strike_is_tried_recorded_and_lifted(run: Run) -> None:
    tried = run("closure add 2025-11-03 --cause grève --ecole nord --essai", *at("2025-11-02"))
    assert (len(tried["reservations"]), tried["foyers"], tried["fermeture"]) == (2, ["F1", "F2"], None)
    assert run("closure list 2025-11-03") == []
    made = run("closure add 2025-11-03 --cause grève --ecole nord", *at("2025-11-02"))
    assert [one["cause"] for one in run("closure list 2025-11-03")] == ["grève"]
    run(f"closure lift {made['fermeture']}", *at("2025-11-02"))
    run(f"closure lift {made['fermeture']}", *at("2025-11-03"), code=2)


@pytest.mark.parametrize(
    ("where", "said"),
    [("--ecole nort", "connus : nord, sud"), ("--site centre", "aucun enfant n'en a"), ("--classe CE9", "« CE9 »")],
)
def test_a_closure_of_nowhere_is_refused(run: Run, where: str, said: str) -> None:
    assert said in run(f"closure add 2025-11-03 --cause grève {where}", *at("2025-11-02"), code=2)
    assert run("closure list 2025-11-03") == []


@pytest.mark.parametrize("line", ["absence tell base E1 2025-11-03", "proof hand-in base E1 2025-11-03 --nature mot"])
def test_a_motive_that_the_reglement_does_not_name_is_recorded_and_doubted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("r.toml").write_text(MOTIVES, encoding="utf-8")
    for name in ("foyers", "enfants"):
        Path(f"{name}.csv").write_text(FILES[name], encoding="utf-8")

    def said(words: str) -> str:
        result = CliRunner().invoke(app, words.split(), prog_name="periscolaire")
        assert result.exit_code == 0, result.output
        return result.stderr

    said("import base foyers.csv enfants.csv --reglement r.toml --creer")
    wrong = said(f"{line} --motif malade")
    assert "ne nomme pas le motif « malade » ; il nomme : grève, maladie" in wrong
    assert said(f"{line} --motif maladie") == ""


def test_an_import_counts_the_presences_on_days_without_the_service(run: Run, tmp_path: Path) -> None:
    text = "enfant;produit;jour;present\nE1;cantine;2025-11-05;oui\nE2;cantine;2025-11-06;oui\n"
    (tmp_path / "pointages.csv").write_text(text, encoding="utf-8")
    assert "1 présence malgré le règlement" in run("import pointages.csv")
    (one,) = run("anomalies door 2025-11-01..2025-11-30")
    assert (one["code"], one["jour"]) == ("E1", "2025-11-05")


def test_a_suspension_is_told_and_lifted(run: Run) -> None:
    made = run("suspension add Clara 2025-11-03..2025-11-07 --motif conduite", *at("2025-11-01"))
    assert [one["code"] for one in run("suspension list")] == ["E1"]
    run(f"suspension lift Clara {made['suspension']}", *at("2025-11-02"))
    assert run("suspension list") == []


def test_families_are_told_before_the_bill_and_may_contest(run: Run) -> None:
    run("attend cantine 2025-11-03 --present E2 --complet", *at("2025-11-03"))
    assert len(run("anomalies find 2025-11-03", *at("2025-11-04"), code=1)) == 3
    assert len(run("anomalies tell 2025-11-03 --essai", *at("2025-11-04"))) == 3
    told = run("anomalies tell 2025-11-03 --recours 5", *at("2025-11-04"))
    assert {one["à_contester_jusqu_au"] for one in told} == {"2025-11-09"}
    assert run("anomalies tell 2025-11-03", *at("2025-11-04")) == []
    made = run("anomalies contest E2 cantine 2025-11-03 --motif malade", *at("2025-11-05"))
    assert [one["état"] for one in run("anomalies contested")] == ["en cours"]
    decided = run(f"anomalies decide E2 {made['contestation']} --accepter", *at("2025-11-06"))
    assert decided["etat"] == "acceptée"
    assert run("anomalies contested") == []
    run("anomalies contest E2 cantine 2025-11-03 --motif encore", *at("2025-11-20"), code=2)


def test_families_are_written_to_before_the_bill_and_the_run_counts_those_who_were_not(run: Run) -> None:
    run("attend cantine 2025-11-03 --present E2 --complet", *at("2025-11-03"))
    preview = "bill --mois 2025-11 --le 2025-12-01 --apercu"
    assert run(preview)["anomalies_non_signalees"] == 3
    assert run(f"{preview} --foyer F1")["anomalies_non_signalees"] == 2
    assert run("bill --mois 2025-11 --le 2025-12-01 --foyer F2")["anomalies_non_signalees"] == 1
    assert run(preview)["anomalies_non_signalees"] == 2  # that of F2 is on its invoice
    assert "2 anomalies n'ont été signalées à aucune famille" in run(preview, plain=True)
    run("anomalies tell 2025-11-03 --courrier lettres --essai", *at("2025-11-04"), code=2)
    run("anomalies tell 2025-11-03 --courriel boite", *at("2025-11-04"), code=1)  # nobody has an address
    assert run(preview)["anomalies_non_signalees"] == 2
    told = run("anomalies tell 2025-11-03 --courrier lettres --forme txt", *at("2025-11-04"))
    assert {one["code"] for one in told} == {"E1", "E2", "E3"}
    letters = sorted(path.name for path in Path("lettres").iterdir())
    assert letters == ["avant-facture-F1-2025-11-04.txt", "avant-facture-F2-2025-11-04.txt"]
    assert "11/11/2025" in Path("lettres", letters[0]).read_text(encoding="utf-8")
    assert run("anomalies tell 2025-11-03 --courrier lettres", *at("2025-11-05")) == []
    assert run(preview)["anomalies_non_signalees"] == 0
    assert "signalée" not in run(preview, plain=True)


def test_a_late_pick_up_is_said_at_the_door_proposed_confirmed_and_dropped(run: Run) -> None:
    late = run("attend cantine 2025-11-03 --present E1 --depart 13:45 --servi panier", *at("2025-11-03"))
    assert late["pointages"][0]["depart"] == "13:45:00"
    (one,) = run("penalty proposed 2025-11-01..2025-11-30", *at("2025-11-30"), code=1)
    assert (one["foyer"], one["enfant"], one["pénalité"]) == ("F1", "E1", "retard")
    run("penalty confirm F1 retard 2025-11-03 --enfant E1", *at("2025-11-30"))
    assert run("penalty proposed 2025-11-01..2025-11-30", *at("2025-11-30")) == []
    run("bill --mois 2025-11 --le 2025-12-01", plain=True)
    assert "10,00" in run("invoices --foyer F1", plain=True)
    run("penalty drop F1 retard 2025-11-03 --enfant E1 --motif embouteillage", *at("2025-12-02"))
    assert "10,00" in run("bill --mois 2025-11 --le 2026-01-05", plain=True)
    run("penalty confirm F1 carte 2025-11-03", *at("2025-11-30"), code=2)
    incident = run("penalty report F1 carte 2025-11-04 --enfant E1", *at("2025-12-02"))
    assert [one["incident"] for one in run("penalty incidents")] == [incident["incident"]]
    run(f"penalty withdraw F1 {incident['incident']}", *at("2025-12-03"))
    assert run("penalty incidents") == []


def test_a_plan_is_agreed_watched_and_broken(run: Run) -> None:
    billed(run)
    words = f"plan agree F1 {INVOICE} --echeance 2026-01-10=1,90 --echeance 2026-02-10=1,90"
    made = run(words, *at("2025-12-20"))
    assert [one["montant"] for one in made["echeances"]] == ["1.90", "1.90"]
    run(words, *at("2025-12-20"), code=2)  # an invoice is in one plan at a time
    run(f"plan agree F2 {OTHER} --echeance 2026-01-10=1,90", *at("2025-12-20"), code=2)
    assert [one["état"] for one in run("plan list", *at("2026-01-10"))] == ["tenu"]
    (late,) = run("plan list", *at("2026-01-12"), code=1)
    assert (late["état"], late["en_retard"], late["prochaine"]) == ("en retard", "1.90", "2026-02-10")
    run("pay record F1 1,90 --moyen espèces", *at("2026-01-12"))
    assert run("plan list", *at("2026-01-12"))[0]["reste"] == "1.90"
    run(f"plan cancel {made['echeancier']}", *at("2026-01-20"))
    assert run("plan list", *at("2026-01-20"))[0]["état"] == "rompu"


def test_a_disputed_invoice_is_not_reminded(run: Run) -> None:
    billed(run)
    made = run(f"dispute open {OTHER} --motif absente", *at("2025-12-20"))
    due = run("remind --le 2026-01-20 --apercu", code=1)
    assert [one["facture"] for one in due["relances"]] == [INVOICE]
    run(f"dispute open {OTHER} --motif encore", *at("2025-12-21"), code=2)
    assert [one["facture"] for one in run("dispute list")] == [OTHER]
    run(f"dispute close {made['contestation']}", *at("2026-01-20"))
    assert run("dispute list") == []


def test_what_is_no_longer_asked_for_needs_an_act_and_the_threshold(run: Run) -> None:
    billed(run)
    made = run(f"write-off {INVOICE} 0,80 --nature remise --acte", "délib. 12", *at("2026-01-20"))
    assert (made["nature"], made["reste"]) == ("remise gracieuse", "3.00")
    assert "15,00" in run(f"transfer {INVOICE} --acte", "titre 41", *at("2026-01-21"), code=2)
    assert "Introuvable" in run("transfer nulle --acte 41", *at("2026-01-21"), code=2)
    assert run(f"write-off {INVOICE} --nature non-valeur --acte", "délib. 13", *at("2026-01-22"))["reste"] == "0.00"


def test_debts_are_handed_over_after_a_dry_run(run: Run, tmp_path: Path) -> None:
    asked = "instant;enfant;action;produit;jour\n"
    days = ("2025-11-10", "2025-11-13", "2025-11-14")
    asked += "".join(f"2025-10-13 08:00;E3;réserver;cantine;{day}\n" for day in days)
    (tmp_path / "demandes.csv").write_text(asked, encoding="utf-8")
    run("import demandes.csv")
    for day in days:
        run(f"attend cantine {day} --present E3", "--le", f"{day} 13:00")
    billed(run)
    tried = run(f"transfer {OTHER} --acte 41 --essai", *at("2026-03-01"))
    assert (tried["enregistre"], tried["total"], tried["factures"][0]["foyer"]) == (False, "21.00", "F2")
    assert run(f"transfer {OTHER} --acte 41", *at("2026-03-01"))["enregistre"] is True
    run(f"transfer {OTHER} --acte 42", *at("2026-03-02"), code=2)


def test_the_desk_has_a_float_hands_over_and_explains(run: Run) -> None:
    billed(run)
    run("desk move fonds-recu 50", *at("2025-12-01"))
    run("desk move fonds-rendu 60", *at("2025-12-01"), code=2)
    run("desk move deficit 1", *at("2025-12-01"), code=2)
    assert run("desk deposit", *at("2025-12-02"), code=1) == {"bordereau": None}
    run("pay record F1 3,80 --moyen espèces --numero P1", *at("2025-12-05"))
    wrong = run("pay record F2 12,00 --moyen espèces --numero P2", *at("2025-12-05"))
    assert wrong["reste"] == "0.00"
    assert run("pay cancel P2 --motif", "autre foyer", *at("2025-12-05"))["reste"] == "12.00"
    assert run("desk status", *at("2025-12-05")) == [{"moyen": "espèces", "montant": "53.80"}]
    short = run("close-desk --compte espèces=53,70 --explication", "rendu de monnaie", *at("2025-12-05"), code=1)
    assert (short["ecart"], short["explication"]) == ("-0.10", "rendu de monnaie")
    run("desk move deficit 0,10 --motif", "rendu de monnaie", *at("2025-12-06"))
    assert run("close-desk --compte espèces=53,70", *at("2025-12-06"))["ecarts"] == []
    tried = run("desk deposit --essai", *at("2025-12-06"))
    assert (tried["total"], tried["enregistre"]) == ("3.80", False)
    assert run("desk deposit", *at("2025-12-06"))["bordereau"] == 1
    run("pay cancel P1 --motif erreur", *at("2025-12-07"), code=2)


def test_what_is_given_back_by_the_rules_is_listed(run: Run) -> None:
    assert run("pay refunds", *at("2025-12-05")) == []


def test_online_payments_are_listed_and_lapse(run: Run) -> None:
    assert run("online list") == []
    assert run("online expire") == {"expires": []}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("pay record F1 0 --moyen chèque", "au-dessus de 0"),
        ("pay refund F1 0", "au-dessus de 0"),
        ("pay record F1 10,00 --moyen chèque --recu-le 2026-01-10", "10 janvier 2026 n'est pas encore venu"),
        (f"write-off {INVOICE} 0 --nature remise --acte 12", "au-dessus de 0"),
        (f"plan agree F1 {INVOICE} --echeance 2026-02-10=0", "ne font pas la somme"),
    ],
)
def test_money_that_cannot_be_is_refused_in_words(run: Run, line: str, said: str) -> None:
    billed(run)
    before = run("report journal --mois 2025-12")
    assert said in run(line, *at("2025-12-20"), code=2)
    assert run("report journal --mois 2025-12") == before


@pytest.mark.parametrize(
    "line", ["desk status", "plan list", "proof list", "dispute list", "online list", "suspension list"]
)
def test_a_list_is_readable_too(run: Run, line: str) -> None:
    assert run(line, plain=True).strip()


def test_what_a_household_has_left_is_told_with_what_makes_it(run: Run) -> None:
    run("pay record Martin 50,00 --moyen chèque", *at("2025-11-01"))
    told = run("pay balance Martin", *at("2025-11-02"))
    assert told == {"foyer": "F1", "credit": "50.00", "du": "0.00", "reserve": "0.00", "reste": "50.00"}
    assert "reste 50,00" in run("pay balance Martin", *at("2025-11-02"), plain=True)


def test_a_book_of_tickets_is_sold_once_held_and_billed(run: Run) -> None:
    assert run("tickets balance Martin") == []
    sold = run("tickets sell Martin carnet --nombre 2 --enfant E1 --cle c", *at("2025-11-01"))
    assert len(sold["ventes"]) == 2
    assert sold == run("tickets sell Martin carnet --nombre 2 --enfant E1 --cle c", *at("2025-11-01"))
    (held,) = run("tickets balance Martin")
    assert (held["service"], held["reste"]) == ("Restaurant scolaire", 20)
    run("tickets sell Martin carnets", *at("2025-11-01"), code=2)
    billed(run)
    (left,) = run("tickets balance Martin")
    assert left["reste"] < held["reste"]
    assert "70,00" in run("invoices", plain=True)


def test_a_run_names_who_is_blocked_and_what_waits(run: Run) -> None:
    said = Path("reglement.toml").read_text(encoding="utf-8")
    policy = '\n[facturation]\nnon_pointes = "bloquer"\n'
    Path("reglement.toml").write_text(said.replace('version = "', 'version = "b') + policy, encoding="utf-8")
    Path("base.sqlite").unlink()
    run("import foyers.csv enfants.csv demandes.csv --reglement reglement.toml --creer")
    for day in DAYS[1:]:
        run(f"attend cantine {day} --present E1 --present E3 --complet", "--le", f"{day} 13:00")
    told = run("bill --mois 2025-11 --le 2025-12-01", code=1, plain=True)
    assert "en attente : F1 Martin, Clara Martin, Restaurant scolaire, " in told
    assert "erreur : F1 Martin : rien n'est émis" in " ".join(told.split())


def test_an_act_lets_new_rules_reach_billed_days(run: Run) -> None:
    billed(run)
    act = run("reprise add 2025-11-03..2025-11-30 --cle c", "--acte", "délibération 12", *at("2025-12-02"))
    assert act == {"reprise": act["reprise"], "acte": "délibération 12", "du": "2025-11-03", "au": "2025-11-30"}
    (held,) = run("reprise list")
    assert (held["acte"], held["services"], held["par"]) == ("délibération 12", [], "agent:mairie")
    assert "délibération 12" in run("reprise withdraw", act["reprise"], *at("2025-12-02"), plain=True)
    assert run("reprise list") == []
    assert "déjà retirée" in run("reprise withdraw", act["reprise"], *at("2025-12-03"), code=2)


def test_the_day_of_issue_is_typed_as_any_other_day(run: Run) -> None:
    checked(run)
    run("bill --mois 2025-11 --le 01/12/2025", plain=True)
    assert "01/12/2025" in run("invoices", plain=True)


def test_what_a_clerk_types_is_understood(run: Run) -> None:
    billed(run)
    paid = run("pay record martin 1,00 --moyen CHEQUE", "--le", "05/12/2025 10h30")
    assert paid["foyer"] == "F1"
    assert "05/12/2025" in run("ledger MARTIN --au 31/12/2025", plain=True)
    assert run("bill --mois 11/2025 --le 06/12/2025 --apercu --foyer Martin")["brouillons"] == []
    assert "attendu un mois, comme 2025-11 ou 11/2025" in run("bill --mois 13/2025", code=2)
    assert "foyer « Durand » : inconnu" in run("report releve --foyer Durand", code=2)


@pytest.mark.parametrize("amount", ["0", "0,00"])
def test_a_payment_of_nothing_is_refused_in_french(run: Run, amount: str) -> None:
    billed(run)
    for command in ("record", "refund"):
        said = run(f"pay {command} F1 {amount} --moyen espèces", *at("2025-12-05"), code=2)
        assert "Le montant doit être au-dessus de 0." in said
    assert "un nombre négatif" in run("pay record F1 -5,00 --moyen espèces", *at("2025-12-05"), code=2)


def test_the_only_proof_that_waits_needs_no_code_and_any_other_only_its_end(run: Run) -> None:
    first = run("proof hand-in E1 2025-11-03 --nature certificat", *at("2025-11-03"))["justificatif"]
    assert run("proof accept Clara", *at("2025-11-04"))["justificatif"] == first
    assert "0 justificatif(s) en attente" in run("proof accept Clara", *at("2025-11-05"), code=2)
    run("proof hand-in E1 2025-11-04 --nature certificat", *at("2025-11-05"))
    run("proof hand-in E1 2025-11-06 --nature certificat", *at("2025-11-06"))
    assert "2 justificatif(s) en attente" in run("proof refuse Clara", *at("2025-11-06"), code=2)
    assert run(f"proof refuse Clara {first[-6:]}", *at("2025-11-07"))["justificatif"] == first


def test_a_rehearsal_reminds_at_the_instant_it_says(run: Run, tmp_path: Path) -> None:
    billed(run)
    run("pay record F1 1,00 --moyen chèque --numero C1", "--le", "2091-01-05 10:00")
    run("pay reject C1", "--le", "2091-01-06 10:00")
    run("remind --courrier lettres --forme txt", "--le", "2091-01-07")
    assert list((tmp_path / "lettres").iterdir())


def test_a_line_tells_what_was_known_when_it_was_issued_and_its_correction_what_came_since(run: Run) -> None:
    for day in DAYS:
        run(f"attend cantine {day} --present E3 --complet", "--le", f"{day} 13:00")
    run("proof hand-in E1 2025-11-03 --nature certificat", *at("2025-11-28"))
    run("bill --mois 2025-11 --le 2025-12-01", plain=True)
    run("proof accept E1", *at("2025-12-02"))
    run("bill --mois 2025-11 --le 2025-12-03", plain=True)
    (line,) = (n for n in (1, 2) if "certificat" in run(f"explain {INVOICE}:{n}", plain=True))
    told = run(f"explain {INVOICE}:{line}", plain=True)
    assert "justificatif à examiner" in told
    assert "justificatif accepté" not in told
    then, _, since = run("explain REGIE-2025-000003:1", plain=True).partition("ne comptait pas alors")
    assert "justificatif à examiner" in then
    assert "justificatif accepté" not in then
    assert "justificatif accepté" in since
    assert "provisoire" not in then


def test_a_day_and_a_child_are_explained_by_the_names_a_clerk_knows(run: Run) -> None:
    billed(run)
    told = run("explain E1/cantine/2025-11-03", plain=True)
    assert "pointage : présent" in told
    assert told == run("explain", "Clara Martin/Restaurant scolaire/03/11/2025", plain=True)
    assert run("explain E1", plain=True) == run("explain clara", plain=True)
    assert "Aucune écriture « Gaspard »" in run("explain Gaspard", code=2)
    said = run(f"plan agree F1 {INVOICE} --echeance 2026-01-15=1,00", *at("2025-12-05"), code=2)
    assert ": 1,00" in said


def test_a_site_that_nobody_goes_to_is_told_and_not_billed_in_silence(run: Run) -> None:
    checked(run)
    for line in ("bill --mois 2025-11 --le 2025-12-01 --apercu --site", "report facture --mois 2025-12 --site"):
        assert "site « zzz » : inconnu ; attendu parmi nord" in run(f"{line} zzz", code=2)
        run(f"{line} nord")
