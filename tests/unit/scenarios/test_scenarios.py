"""Scenario files: read strictly, played step by step, every disagreement explained."""

# ruff: noqa: E501  # tables of cases and files in texts: one case a line reads best

from __future__ import annotations

import pytest

from periscolaire.errors import BadFileError
from periscolaire.files import read_reglement, read_scenario
from periscolaire.scenarios import Report, report_text, run_scenario

RULES = """
format = 1
commune = "X"
version = "1"
en_vigueur = "2026-09-01"
zone = "B"

[[produits]]
code = "cantine"
jours = "lundi, mardi, jeudi, vendredi"
reservation = "jeudi de la semaine précédente 12:00 ; puis la veille 10:00 : +2,00"
annulation = "2 jours ouvrés avant 10:00 ; puis sans limite : dû 50 %"
prix = { montant = "4,40", non_prevu = "×2" }
places = { lundi = 60, mardi = 70 }

[produits.absence]
lignes = [{ si = { motif = "maladie", preuve = "acceptée" }, preuve_sous = "8 jours après l'absence", effet = "non dû" }, { effet = "dû" }]

[[produits.conditions]]
nom = "dossier complet"
exige = { dossier_complet = true }
inconnu = "accepté"

[[produits]]
code = "épisode"
jours = "lundi, mardi, jeudi, vendredi"
prix = "4,40"
absence = { lignes = [{ si = { "rang d'absence" = "<= 2" }, effet = "non dû" }, { effet = "dû" }] }

[quotient]
effet = "période non facturée"

[[frais]]
code = "dossier"
prix = "25,00"
assiette = { qui = "foyer", quand = "année scolaire" }

[[tarifs]]
code = "mensuel"
prix = "10,00"
assiette = { qui = "enfant", quand = "mois" }

[[tarifs]]
code = "fratrie"
prix = [{ si = { rang = 1 }, prix = "4,00" }, { prix = "3,00" }]

[[penalites]]
code = "retard"
declencheur = "départ après"
limite = "18:45"
franchise = "5 min"
prix = "10,00"
effet = "proposée"
suites = [{ a_partir_du = 3, effet = "exclusion possible" }]
"""
REGLEMENT = read_reglement(RULES)
FAMILIES = """
[[familles]]
nom = "Martin"
enfants = [{ prenom = "Clara" }, { prenom = "Guilhem", faits = { dossier_complet = false } }]
"""


def play(steps: str) -> Report:
    return run_scenario(read_scenario(f"format = 1\n{FAMILIES}\n{steps}", REGLEMENT, file="s.toml"), REGLEMENT)


def step(action: str, expected: str, more: str = "") -> str:
    return f"[[etapes]]\n{action}\n{more}\nattendu = {{ {expected} }}\n"


BOOK = 'enfant = "Clara"\nreserver = "cantine"\npour = "2026-10-12"'


@pytest.mark.parametrize(
    "text",
    [
        step(BOOK, 'effet = "majoration", montant = "2,00", limite = "2026-10-08 12:00", prix = "6,40"', 'le = "2026-10-08 12:00"'),
        step(BOOK, 'effet = "accepté", limite = "2026-10-08 12:00", prix = "4,40", palier = 1', 'le = "2026-10-08 11:59:59"'),
        step(BOOK, 'refus = "limite dépassée", limite = "2026-10-11 10:00", prochaine = "2026-10-13"', 'le = "2026-10-11 10:00"'),
        step(BOOK, 'refus = "jour passé"', 'le = "2026-10-13 10:00"'),
        step(BOOK.replace("12", "14"), 'refus = "jour fermé"', 'le = "2026-10-01 10:00"'),
        step(BOOK.replace("Clara", "Guilhem"), 'refus = "dossier complet"', 'le = "2026-10-01 10:00"'),
        step(BOOK, 'refus = "plus de place"', 'le = "2026-10-01 10:00"\ndeja_reserves = 60'),
        step(BOOK, "autorise = true", 'le = "2026-10-01 10:00"\ndeja_reserves = 59'),
        step('annuler = "cantine"\npour = "2026-10-12"', 'effet = "dû", prix = "4,40", du = "2,20"', 'le = "2026-10-09 10:00"'),
        step('annuler = "cantine"\npour = "2026-10-12"', 'effet = "non dû", facture = false', 'le = "2026-10-08 09:59"'),
        step('presence = "cantine"\npour = "2026-10-12"', 'issue = "non prévu", prix = "8,80"'),
        step('presence = "cantine"\npour = "2026-10-12"\nreserve = true', 'issue = "prévu", prix = "4,40"'),
        step('presence = "cantine"\npour = "2026-10-12"\narrivee = "12:10"', 'autorise = true'),
        step('absence = "cantine"\npour = "2026-10-12"\nmotif = "maladie"\npreuve = "acceptée"',
             'effet = "non dû"', 'preuve_le = "2026-10-20 23:00"'),
        step('absence = "cantine"\npour = "2026-10-12"\nmotif = "maladie"\npreuve = "acceptée"',
             'effet = "dû", du = "4,40"', 'preuve_le = "2026-10-21 00:00"'),
        step('reserver = "cantine"\nenfants = ["Clara", "Guilhem"]\nle = "2026-10-01 10:00"\npour = "2026-10-12"',
             'autorise = false, refus = "dossier complet"'),
        step('prix_de = "fratrie"\nenfants = ["Clara", "Guilhem"]\npour = ["2026-10-12", "2026-10-13"]', 'prix = "14,00"'),
        step('prix_de = "fratrie"\nenfants = ["Clara", "Guilhem"]\npour = "2026-10-12"\nfaits = { rang = 1 }', 'prix = "8,00"'),
        step('frais = "dossier"\nenfants = ["Clara", "Guilhem"]\npour = ["2026-10-12", "2026-11-13"]', 'prix = "25,00"'),
        step('prix_de = "mensuel"\nenfants = ["Clara", "Guilhem"]\npour = ["2026-10-12", "2026-10-13", "2026-11-13"]',
             'prix = "40,00"'),
        step('famille = "Martin"\nle = "2026-12-05 10:00"\ndeclarer = { quotient = "100" }\nevenements = { "la facture" = "2026-10-31" }',
             'effet_le = "2026-11-01"'),
        step('absence = "épisode"\nenfant = "Clara"\npour = ["2026-10-12", "2026-10-13", "2026-10-15"]',
             'prix = "4,40", jours_dus = ["2026-10-15"]'),
        step('absence = "épisode"\nenfant = "Clara"\npour = ["2026-10-12", "2026-10-13"]', 'effet = "non dû", jours_dus = []'),
        step('penalite = "retard"\ndepart = "18:50"', 'suite = "aucune"', "compteurs = { retard = 1 }"),
        step('penalite = "retard"\ndepart = "18:50"', 'suite = "exclusion possible"', "compteurs = { retard = 2 }"),
        step('penalite = "retard"\ndepart = "18:49"', 'prix = "0,00"'),
        step('penalite = "retard"\ndepart = "18:50"', 'prix = "10,00", suite = "exclusion possible"', 'faits = { "rang de retard" = 3 }'),
    ],
)  # fmt: skip
def test_a_step_that_agrees(text: str) -> None:
    report = play(text)
    assert report.agrees, report_text(report)


GIVEN_FIRST = """
[[produits.places]]
attribution = "priorités"
priorites = [{ "transporté" = true }, { "parents actifs" = true }]
"""
ASKING = """
[[familles]]
nom = "Car"
enfants = [{ prenom = "Tina", faits = { "transporté" = true } }]

[[familles]]
nom = "Bureau"
faits = { "parents actifs" = true }
enfants = [{ prenom = "Paul" }, { prenom = "Lise" }]

[[familles]]
nom = "Autre"
enfants = [{ prenom = "Noé", faits = { "transporté" = false } }]
"""


@pytest.mark.parametrize(
    ("places", "served"), [(1, ["Tina"]), (2, ["Tina", "Lise"]), (9, ["Tina", "Lise", "Paul", "Noé"])]
)
def test_places_go_by_priorities_and_then_by_arrival(places: int, served: list[str]) -> None:
    rules = read_reglement(
        RULES.replace("places = { lundi = 60, mardi = 70 }", "").replace(
            "[[penalites]]",
            '[[produits]]\ncode = "centre"\njours = "mercredis"\nreservation = "la veille"\nannulation = "la veille"\n'
            + GIVEN_FIRST
            + "\n[[penalites]]",
        )
    )
    asked = 'attribuer = "centre"\npour = "2026-10-14"\nenfants = ["Noé", "Lise", "Paul", "Tina"]'
    steps = step(asked, f"places_a = {served}".replace("'", '"'), f"places_restantes = {places}")
    report = run_scenario(read_scenario(f"format = 1\n{ASKING}\n{steps}", rules), rules)
    assert report.agrees, report_text(report)
    unsaid = run_scenario(read_scenario(f"format = 1\n{ASKING}\n{step(asked, 'places_a = []')}", rules), rules)
    assert "places_restantes" in report_text(unsaid)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('attribuer = "cantine"\npour = "2026-10-12"', "qui demande les places"),
        (f'{BOOK}\nle = "2026-10-08 11:00"\nenfants = ["Clara"]', "un seul de « enfant » et « enfants »"),
        ('attribuer = "cantine"\npour = "2026-10-12"\nenfants = ["Zoé"]', r"enfants.*« Zoé »"),
    ],
)
def test_children_are_listed_where_they_must_be(text: str, expected: str) -> None:
    with pytest.raises(BadFileError, match=expected):
        play(step(text, "autorise = true"))


def test_a_booking_is_remembered_with_its_tier() -> None:
    report = play(
        f'[[etapes]]\n{BOOK}\nle = "2026-10-09 09:00"\npreparation = true\n'
        + step(
            'enfant = "Clara"\npresence = "cantine"\npour = "2026-10-12"',
            'issue = "réservation tardive", prix = "6,40"',
        )
        + step('enfant = "Guilhem"\npresence = "cantine"\npour = "2026-10-12"', 'issue = "non prévu"')
    )
    assert report.agrees, report_text(report)


def test_a_disagreement_says_what_was_expected_found_and_why() -> None:
    report = play(step(BOOK, 'effet = "accepté", prix = "4,40"', 'exemple = "x#1"\nle = "2026-10-08 12:00"'))
    assert [found.key for found in report.disagreeing[0].disagreements] == ["effet", "prix"]
    text = report_text(report)
    assert "s.toml : étape 1 (ligne 7) [x#1]" in text
    assert "prix : attendu 4,40 ; trouvé 6,40" in text
    assert "parce que" in text


def test_a_step_that_cannot_be_played_disagrees() -> None:
    report = play(step('prix_de = "garderie"', 'prix = "1"'))
    assert "garderie" in report_text(report)
    assert not report.agrees


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (f'[[etapes]]\n{BOOK}\nle = "2026-10-08 12:00"\n', "attendu = { … }"),
        (step(BOOK, "", 'le = "2026-10-08 12:00"'), "attendu = { … }"),
        (step(BOOK, 'prix = "1"'), "« le »"),
        (step("", 'prix = "1"'), "une et une seule action"),
        (step(BOOK + '\nannuler = "cantine"', 'prix = "1"', 'le = "2026-10-08 12:00"'), "une et une seule action"),
        (step(BOOK.replace("Clara", "Zoé"), 'prix = "1"', 'le = "2026-10-08 12:00"'), "un prénom de [[familles]]"),
        (step(BOOK, "prix = 4.4", 'le = "2026-10-08 12:00"'), "entre guillemets"),
        (step(BOOK, 'prix = "1"', 'le = "hier"'), "un jour et une heure"),
        (step(BOOK, 'effe = "refus"', 'le = "2026-10-08 12:00"'), "« effet »"),
    ],
)
def test_a_bad_step_is_refused_with_its_line(steps: str, expected: str) -> None:
    with pytest.raises(BadFileError) as caught:
        play(steps)
    assert expected in str(caught.value)
    assert "ligne " in str(caught.value)


def test_a_step_may_say_that_nobody_knows_what_the_family_had_told() -> None:
    known = FAMILIES.replace('nom = "Martin"', 'nom = "Martin"\nfaits = { dossier_complet = true, quotient = "500" }')
    rules = RULES.replace('montant = "4,40"', 'selon = "quotient", tranches = [{ prix = "4,40" }], sans = "9,00"')
    reglement = read_reglement(rules)
    text = f"format = 1\n{known}\n" + step('prix_de = "cantine"', 'prix = "9,00"', 'faits = { quotient = "inconnu" }')
    report = run_scenario(read_scenario(text + step('prix_de = "cantine"', 'prix = "4,40"'), reglement), reglement)
    assert report.agrees, report_text(report)


def test_a_step_over_several_days_counts_them_as_the_tariff_says() -> None:
    total = (
        '{ fait = "part des jours", parmi = "présents", mesure = "part des jours proposés", '
        'assiette = { quand = "mois" }, si = { jour = ["lundi", "mardi"] } }'
    )
    rules = RULES.replace(
        'montant = "4,40", non_prevu = "×2"',
        f'lignes = [{{ si = {{ "part des jours" = ">= 0,5" }}, prix = "1,00" }}, {{ prix = "2,00" }}], totaux = [{total}]',
    )
    reglement = read_reglement(rules)
    # January 2027 has 4 Mondays and 4 Tuesdays of class in zone B; a Thursday does not count.
    days = '"2027-01-04", "2027-01-05", "2027-01-11", "2027-01-12"'
    steps = step(f'prix_de = "cantine"\npour = [{days}]', 'prix = "4,00"') + step(
        f'prix_de = "cantine"\npour = [{days.rpartition(",")[0]}, "2027-01-14"]', 'prix = "8,00"'
    )
    report = run_scenario(read_scenario(f"format = 1\n{steps}", reglement), reglement)
    assert report.agrees, report_text(report)


@pytest.mark.parametrize(("meals", "price"), [(10, "35,00"), (11, "70,00"), (12, "70,00")])
def test_tickets_are_sold_by_the_book(meals: int, price: str) -> None:
    reglement = read_reglement(RULES + '[[carnets]]\ncode = "carnet"\ntaille = 10\nprix = "35,00"\n')
    text = step('prix_de = "carnet"', f'prix = "{price}"', f'faits = {{ "quantité" = "{meals}" }}')
    report = run_scenario(read_scenario(f"format = 1\n{text}", reglement), reglement)
    assert report.agrees, report_text(report)


def test_what_the_family_owes_for_a_booking_leaves_out_the_part_of_a_third_party() -> None:
    rules = RULES.replace('montant = "4,40"', 'montant = "4,40", parts = [{ payeur = "CCAS", montant = "0,40" }]')
    reglement = read_reglement(rules)
    facts = 'le = "2026-10-08 11:00"\nfaits = { dossier_complet = true }'
    text = step('reserver = "cantine"\npour = "2026-10-12"', 'prix = "4,40", du = "4,00"', facts)
    report = run_scenario(read_scenario(f"format = 1\n{text}", reglement), reglement)
    assert report.agrees, report_text(report)


@pytest.mark.parametrize(("booked", "effect"), [("[]", "refus"), ('["garderie"]', "accepté")])
def test_a_step_may_say_that_nothing_else_is_booked_that_day(booked: str, effect: str) -> None:
    rules = RULES.replace('prix = { montant = "4,40"', 'exige = ["garderie"]\nprix = { montant = "4,40"')
    reglement = read_reglement(rules)
    facts = f'le = "2026-10-08 11:00"\nfaits = {{ dossier_complet = true, "produits du jour" = {booked} }}'
    text = step('reserver = "cantine"\npour = "2026-10-12"', f'effet = "{effect}"', facts)
    report = run_scenario(read_scenario(f"format = 1\n{text}", reglement), reglement)
    assert report.agrees, report_text(report)
