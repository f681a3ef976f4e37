"""A price asked for one child and one day: what the step does not say is counted."""

from __future__ import annotations

import pytest

from periscolaire.files import read_reglement, read_scenario
from periscolaire.scenarios import report_text, run_scenario

RULES = """
format = 1
commune = "Essai"
version = "2025"
en_vigueur = "2025-09-01"
zone = "A"

[[faits]]
nom = "jours de la semaine"
genre = "nombre entier"
de = "compte"

[[produits]]
code = "centre"
jours = "petites vacances"
reservation = "non dit"
annulation = "non dit"

[produits.prix]
montant = "10,00"
rangs = "inscrits"
puis = [{ plus = "-20 %", si = { rang = ">= 2" } }, { plus = "-10 %", si = { "jours de la semaine" = ">= 4" } }]
totaux = [{ fait = "jours de la semaine", parmi = "présents", mesure = "jours", assiette = { quand = "semaine" } }]
"""


@pytest.mark.parametrize(
    ("said", "price"),
    [("", "10,00"), ("faits = { rang = 2 }", "8,00"), ('faits = { "jours de la semaine" = 5 }', "9,00")],
)
def test_a_child_alone_is_the_first_and_a_day_is_one_day(said: str, price: str) -> None:
    rules = read_reglement(RULES)
    asked = 'enfant = "Clara"\nprix_de = "centre"\npour = "2025-10-20"'
    step = f'[[etapes]]\n{asked}\n{said}\nattendu = {{ prix = "{price}" }}\n'
    scenario = 'format = 1\n\n[[familles]]\nnom = "Martin"\nenfants = [{ prenom = "Clara" }]\n\n' + step
    report = run_scenario(read_scenario(scenario, rules), rules)
    assert report.agrees, report_text(report)
