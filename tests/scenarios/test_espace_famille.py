"""The whole guide as one file that a clerk can read, played through the use cases; and what it refuses to play."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from periscolaire.errors import BadFileError
from periscolaire.files import (
    Expectation,
    Scenario,
    StepKind,
    load_reglement,
    load_scenario,
    read_reglement,
    read_scenario,
)
from periscolaire.frozen import FrozenMap
from periscolaire.scenarios import Report, report_text, run_scenario

EXAMPLE = Path(__file__).parents[2] / "examples" / "le-langon"
REGLEMENT = load_reglement(EXAMPLE / "reglement.toml")
GUIDE = load_scenario(EXAMPLE / "espace-famille.toml", REGLEMENT)
HEAD = """format = 1
[[familles]]
nom = "Martin"
faits = { quotient = "1000" }
adultes = [{ prenom = "Alice", courriel = "alice@exemple.fr" }]
enfants = [{ prenom = "Clara", ecole = "bourg", niveau = "CP" }]
[[familles]]
nom = "Petit"
adultes = [{ prenom = "Zoé", courriel = "zoe@exemple.fr" }]
"""


def read(*steps: str) -> Scenario:
    return read_scenario(HEAD + "".join(f"[[etapes]]\n{step}\n" for step in steps), REGLEMENT)


def play(*steps: str) -> Report:
    return run_scenario(read(*steps), REGLEMENT)


def test_the_guide_from_the_invitation_to_the_answered_request() -> None:
    report = run_scenario(GUIDE, REGLEMENT)
    assert report.agrees, report_text(report)
    assert {step.kind for step in GUIDE.steps} >= {kind for kind in StepKind if kind.of_account} - {StepKind.UNINVITE}


def _other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | Decimal():
            return value + 1
        case str():
            return f"{value} ?"
        case tuple():
            return (*value, "autre chose")
        case FrozenMap():
            return FrozenMap({**value, "autre chose": "?"})
        case _:
            raise AssertionError(value)


def _said(expected: Expectation) -> dict[str, Any]:
    return {name: value for name, value in attrs.asdict(expected, recurse=False).items() if value is not None}


def test_nothing_that_the_guide_expects_is_taken_for_granted() -> None:
    """Another value in the place of any of its expectations, and its step disagrees on just that."""
    wrong = [
        attrs.evolve(one, expected=Expectation(**{name: _other(said) for name, said in _said(one.expected).items()}))
        for one in GUIDE.steps
    ]
    report = run_scenario(attrs.evolve(GUIDE, steps=tuple(wrong)), REGLEMENT)
    found = [len(step.disagreements) for step in report.steps]
    assert found == [len(_said(step.expected)) for step in GUIDE.steps]


INVITED = 'le = "2025-09-01 09:00"\ninviter = "Alice"\npreparation = true'
PASSWORD = 'mot_de_passe = "sept petits mots sans aucun rapport entre eux"\n'
ALICE = 'le = "2025-09-01 20:00"\nadulte = "Alice"\n'
IN = (
    INVITED,
    f'{ALICE}activer = "compte famille"\n{PASSWORD}preparation = true',
    f'{ALICE}activer = "responsables"\npreparation = true',
    f'{ALICE}activer = "enfants"\npreparation = true',
    f'{ALICE}activer = "s\'enregistrer"\npreparation = true',
    f'le = "2025-09-01 20:00"\nse_connecter = "Alice"\n{PASSWORD}preparation = true',
)


@pytest.mark.parametrize(
    "step",
    [
        'voir = "mes factures"\n',
        'voir = "mes actualités"\n',
        'voir = "mes demandes"\n',
        'voir = "mes réservations"\nenfant = "Clara"\npour = "2025-09-15"\n',
        'cocher = "cantine"\nenfant = "Clara"\npour = "2025-09-15"\n',
        "valider = true\n",
        'ecrire = "autre"\ntexte = "Bonjour."\n',
        'payer_en_ligne = "toutes"\n',
        'lire = "Photo"\n',
    ],
)
def test_nothing_opens_before_signing_in(step: str) -> None:
    report = play(f'{ALICE}{step}attendu = {{ autorise = false, refus = "accès refusé" }}')
    assert report.agrees, report_text(report)
    assert not play(f"{ALICE}{step}preparation = true").agrees, "it is a fault where it is not expected"


def test_a_cancelled_activation_leaves_the_invitation_and_nothing_else() -> None:
    report = play(
        *IN[:3],
        f'{ALICE}activer = "annuler"\nattendu = {{ autorise = true }}',
        f'{ALICE}activer = "s\'enregistrer"\nattendu = {{ autorise = false }}',
        f'{ALICE}activer = "compte famille"\n{PASSWORD}attendu = {{ ecran = "responsables" }}',
    )
    assert report.agrees, report_text(report)


def test_an_account_of_another_family_does_not_see_the_child() -> None:
    report = play(
        *(step.replace("Alice", "Zoé") for step in IN),
        'le = "2025-09-01 21:00"\nadulte = "Zoé"\nenfant = "Clara"\ncocher = "cantine"\npour = "2025-09-15"\n'
        "attendu = { autorise = false }",
    )
    assert report.agrees, report_text(report)


@pytest.mark.parametrize(("payment", "invoiced"), [("R facture", '{ Martin = "0,95" }'), ("C", "{}")])
def test_what_is_paid_as_it_is_booked_is_invoiced_when_the_basket_is_validated(payment: str, invoiced: str) -> None:
    text = (EXAMPLE / "reglement.toml").read_text("utf-8").replace('paiement = "C"', f'paiement = "{payment}"', 1)
    scenario = read(
        *IN,
        f'{ALICE}enfant = "Clara"\ncocher = "cantine"\npour = "2025-09-15"\npreparation = true',
        f"{ALICE}valider = true\nattendu = {{ autorise = true, factures = {invoiced} }}",
    )
    report = run_scenario(scenario, read_reglement(text))
    assert report.agrees, report_text(report)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (f'{ALICE}activer = "compte famille"\n{PASSWORD}preparation = true', "n'a pas reçu d'invitation"),
        ('le = "2025-09-01 09:00"\nreinviter = "Zoé"\npreparation = true', "n'a pas été invité"),
        ('le = "2025-09-01 09:00"\nrepondre = "accepter"\nnumero = "D9"\npreparation = true', "demande « D9 »"),
        (f'{ALICE}ecrire = "absence"\ntexte = "Malade."\npreparation = true', "qui était absent"),
    ],
)
def test_a_step_that_cannot_be_played_says_why(step: str, says: str) -> None:
    report = play(*(IN if "ecrire" in step else ()), step)
    assert not report.steps[-1].agrees
    assert says in report_text(report)


@pytest.mark.parametrize(
    ("corrections", "says"),
    [
        ('{ Paul = { "Nom" = "Roy" } }', "« Paul » n'est pas sur cet écran ; on y voit Alice Martin"),
        ('{ Alice = { "Taille" = "1,70" } }', "« Taille » ; attendu une de Civilité, Nom"),
        ('{ Alice = { "Civilité" = "Mademoiselle" } }', "« Mademoiselle » ne convient pas à « Civilité »"),
    ],
)
def test_a_correction_that_the_screen_does_not_have_says_why(corrections: str, says: str) -> None:
    step = f'{ALICE}activer = "responsables"\ncorrections = {corrections}\npreparation = true'
    assert says in report_text(play(*IN[:2], step))


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ('inviter = "Alice"\npreparation = true', "« le »"),
        ('le = "2025-09-01 09:00"\ninviter = "Paul"\npreparation = true', "« Paul »"),
        ('le = "2025-09-01 09:00"\nvalider = true\npreparation = true', "« adulte »"),
        ('le = "2025-09-01 09:00"\nadulte = "Alice"\ncocher = "cantine"\npour = "2025-09-15"\npreparation = true',
         "« enfant »"),
        ('le = "2025-09-01 09:00"\nse_connecter = "Alice"\npreparation = true', "« mot_de_passe »"),
        ('le = "2025-09-01 09:00"\npublier = "Photo"\npreparation = true', "« texte »"),
        ('le = "2025-09-01 09:00"\nadulte = "Alice"\nvoir = "mes actus"\npreparation = true', "mes actualités"),
        ('le = "2025-09-01 09:00"\npublier = "Photo"\ntexte = "Oui."\npublic = { ecoles = ["a"], familles = ["b"] }\n'
         "preparation = true", "une seule"),
    ],
)  # fmt: skip
def test_a_step_that_says_too_little_or_too_much_is_a_fault_of_the_file(step: str, says: str) -> None:
    with pytest.raises(BadFileError) as caught:
        read(step)
    assert says in str(caught.value)


def test_a_custody_names_the_child_of_another_family() -> None:
    wrong = HEAD + 'gardes = [{ enfant = "Paul", famille = "Martin", semaines = "paires" }]\n'
    with pytest.raises(BadFileError, match=r"gardes\[1\]\.enfant : trouvé « Paul » ; attendu un prénom de la famille"):
        read_scenario(wrong + '[[etapes]]\nle = "2025-09-01 09:00"\ninviter = "Alice"\npreparation = true\n')
