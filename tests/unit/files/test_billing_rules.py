"""``[facturation]``, ``[impayes]``, deposits, packages: read, written back, refused where they are wrong."""

from __future__ import annotations

import pytest

from periscolaire.errors import BadFileError
from periscolaire.files import read_reglement, write_reglement
from periscolaire.pricing import Schedule

HEAD = """
format = 1
commune = "Exemple"
version = "2026-2027"
en_vigueur = "2026-09-01"
zone = "B"

[[produits]]
code = "séjour"
jours = "été"
reservation = "15 jours avant"
annulation = "15 jours avant"
prix = "120,00"
"""
PRODUCT = """
acompte = { a_la_reservation = "30 %", solde = "2 semaines avant", remboursable = false }
echeancier = { nombre = 2, dates = ["04-01", "06-01"] }
forfait = { prorata = "jours d'ouverture", sortie = "aucun", valeur_du_jour = "prix / jours prévus" }
"""
BILLING = """
[facturation]
delai_de_paiement = 20
minimum = "5,00"
avoirs = "si déjà payée"
non_pointes = "bloquer"
garde = "quotient d'un foyer désigné"

[[facturation.series]]
code = "CAMPS"
produits = ["séjour"]
regie = "R12"
avoirs = "fin d'année"

[[facturation.series]]
code = "ROLE"
encaissement = "titre"
sites = ["Le Bourg"]
minimum = "15,00"
"""
UNPAID = """
[impayes]
relances_avant_exclusion = 1
minimum = "50,00"
jours_pour_contester = 10
echeances_maximum = 6
etalement_maximum = 180
echeance_minimum = "20,00"
relances = [{ apres = 10, texte = "rappel" }, { apres = 30, depuis_la_precedente = 20 }]
"""


def test_every_setting_of_money_is_written_back() -> None:
    reglement = read_reglement(HEAD + PRODUCT + BILLING + UNPAID)
    assert read_reglement(write_reglement(reglement)) == reglement
    schedule = reglement.schedule_of("séjour")
    assert isinstance(schedule, Schedule)
    assert schedule.deposit is not None
    assert schedule.deposit.balance_days == 14
    assert [one.level for one in reglement.recovery.reminders] == [1, 2]


def test_what_is_silent_is_not_written() -> None:
    written = write_reglement(read_reglement(HEAD))
    assert "facturation" not in written
    assert "impayes" not in written


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ('acompte = { a_la_reservation = "30 %", solde = "bientôt" }', "acompte.solde"),
        ('echeancier = { nombre = 3, dates = ["04-01"] }', "echeancier"),
        ('forfait = { prorata = "moitié" }', "forfait.prorata"),
        ('[facturation]\nminimum = "0,005"', "facturation.minimum"),
        ('[facturation]\nseries = [{ code = "A" }, { code = "A" }]', "facturation"),
        ('[facturation]\nseries = [{ code = "A", minimum = "0,001" }]', "facturation.series"),
        ("[impayes]\nrelances = [{ apres = 30 }, { apres = 10 }]", "impayes"),
        ("[impayes]\nrelances_avant_exclusion = 4", "impayes"),
        ('[impayes]\necheance_minimum = "0,001"', "impayes.echeance_minimum"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(more: str, where: str) -> None:
    with pytest.raises(BadFileError) as caught:
        read_reglement(HEAD + more + "\n")
    (problem,) = caught.value.problems
    assert where in problem.where
