"""The whole life as one file that a clerk can read, played through the use cases; and what it refuses to play."""

from __future__ import annotations

from pathlib import Path

import pytest

from periscolaire.errors import BadFileError
from periscolaire.files import StepKind, load_reglement, load_scenario, read_scenario
from periscolaire.scenarios import Report, report_text, run_scenario

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "le-langon"
REGLEMENT = load_reglement(EXAMPLE / "reglement.toml")
HEAD = """format = 1
[[familles]]
nom = "Martin"
faits = { quotient = "1000" }
enfants = [{ prenom = "Clara" }]
"""


def play(*steps: str) -> Report:
    text = HEAD + "".join(f"[[etapes]]\n{step}\n" for step in steps)
    return run_scenario(read_scenario(text, REGLEMENT), REGLEMENT)


def test_the_whole_life_of_the_example() -> None:
    scenario = load_scenario(EXAMPLE / "vie-entiere.toml", REGLEMENT)
    report = run_scenario(scenario, REGLEMENT)
    assert report.agrees, report_text(report)
    told = {step.kind for step in scenario.steps}
    assert told >= {
        StepKind.BOOK, StepKind.CANCEL, StepKind.PRESENCE, StepKind.ABSENCE, StepKind.PROOF, StepKind.BILL,
        StepKind.PAY, StepKind.REJECT, StepKind.REMIND, StepKind.REPORT,
    }  # fmt: skip


def test_two_series_a_deposit_and_its_balance_and_the_reminders_of_each() -> None:
    folder = ROOT / "examples" / "deux-regies"
    rules = load_reglement(folder / "reglement.toml")
    report = run_scenario(load_scenario(folder / "deux-regies.toml", rules), rules)
    assert report.agrees, report_text(report)


def test_the_life_told_in_the_documentation() -> None:
    page = (ROOT / "docs" / "reference" / "fichier-scenarios.md").read_text(encoding="utf-8")
    block = page.partition("## La vie entière")[2].partition("```toml\n")[2].partition("```")[0]
    report = run_scenario(read_scenario(block, REGLEMENT), REGLEMENT)
    assert report.agrees, report_text(report)


BOOKED = 'le = "2025-10-13 08:00"\nenfant = "Clara"\nreserver = "cantine"\npour = "2025-11-03"\npreparation = true'
CAME = 'enfant = "Clara"\npresence = "cantine"\npour = "2025-11-03"\npreparation = true'
BILLED = 'le = "2025-12-01 09:00"\nfacturer = "2025-11"\n'


def test_a_wrong_sum_is_told_with_what_was_found() -> None:
    report = play(BOOKED, CAME, BILLED + 'attendu = { factures = { Martin = "0,96" } }')
    assert "factures : attendu Martin 0,96 ; trouvé Martin 0,95" in report_text(report)


def test_a_day_that_nobody_checked_waits_and_says_why() -> None:
    report = play(BOOKED, 'le = "2025-11-05 09:00"\nfacturer = "2025-11"\nattendu = { factures = {}, en_attente = 0 }')
    assert "en_attente : attendu 0 ; trouvé 1" in report_text(report)
    assert "n'est pas pointée" in report_text(report)


def test_a_declaration_counts_from_the_day_that_the_rules_say() -> None:
    declared = 'le = "2025-10-20 09:00"\nfamille = "Martin"\ndeclarer = { quotient = "3500" }\n'
    report = play(
        declared + 'attendu = { effet_le = "2025-11-01" }',
        BOOKED,
        CAME,
        BILLED + 'attendu = { factures = { Martin = "3,00" } }',
    )
    assert report.agrees, report_text(report)


def test_a_credit_is_given_back_and_no_more() -> None:
    paid = 'le = "2025-12-02 09:00"\nfamille = "Martin"\npayer = "1,00"\nattendu = { reste = "0,00", credit = "0,05" }'
    given = 'le = "2025-12-03 09:00"\nfamille = "Martin"\nrembourser = "0,05"\n'
    report = play(
        BOOKED,
        CAME,
        BILLED + "preparation = true",
        paid,
        given + 'attendu = { credit = "0,00" }',
        given + "attendu = { autorise = false }",
        'le = "2026-02-01 09:00"\netat = "retards"\npour = "2026-01-31"\nattendu = { total = "0,00" }',
    )
    assert report.agrees, report_text(report)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ('le = "2025-12-02 09:00"\nfamille = "Martin"\npayer = "0"\npreparation = true', "more than 0"),
        ('le = "2025-12-02 09:00"\nrejeter = "P9"\nattendu = { reste = "0,00" }', "P9"),
        ('le = "2025-12-02 09:00"\ndemander = "prélèvement"\npreparation = true', "prélèvement"),
        ('le = "2025-10-02 09:00"\nreserver = "cantine"\npour = "2025-11-03"\npreparation = true', "de qui il parle"),
    ],
)
def test_a_step_that_cannot_be_played_says_why(step: str, says: str) -> None:
    report = play(step, BILLED + "preparation = true")
    assert not report.steps[0].agrees
    assert says in report_text(report)


@pytest.mark.parametrize(
    "step",
    [
        'facturer = "2025-11"\npreparation = true',
        'le = "2025-12-02 09:00"\njustificatif = "certificat"\nenfant = "Clara"\npreparation = true',
        'le = "2025-12-02 09:00"\netat = "météo"\npour = "2025-12-01"\npreparation = true',
        'le = "2025-12-02 09:00"\npayer = "1"\nmoyen = "coquillages"\npreparation = true',
    ],
)
def test_a_step_that_says_too_little_is_a_fault_of_the_file(step: str) -> None:
    with pytest.raises(BadFileError):
        play(step)
