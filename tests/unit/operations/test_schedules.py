"""Deposits, instalments and packages, from the rules file to the invoices of the right run."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire.calendar import Span
from periscolaire.catalogue import Action
from periscolaire.files import read_reglement
from periscolaire.reglement import lint
from periscolaire.storage import MemoryStore
from tests.unit.operations.commune import Commune

HEAD = """
format = 1
commune = "Exemple"
version = "2025"
en_vigueur = "2025-09-01"
zone = "B"

[[produits]]
code = "séjour"
jours = "jours de classe"
reservation = "sans limite"
annulation = "30 jours avant"
"""
STAY = (
    HEAD
    + """
prix = "100,00"
acompte = { a_la_reservation = "30 %", solde = "15 jours avant" }
"""
)
DAY = dt.date(2026, 1, 15)


def months(*numbers: int) -> list[Span]:
    found = []
    for number in numbers:
        first = dt.date(2025 + (number < 9), number, 1)
        found.append(Span(first, dt.date(first.year + number // 12, number % 12 + 1, 1) - dt.timedelta(days=1)))
    return found


def billed(commune: Commune, *numbers: int) -> list[int]:
    """What the runs of these months issue, one after the other."""
    return [sum(one.total for one in commune.bill(month)) for month in months(*numbers)]


def test_the_deposit_is_due_at_once_and_the_balance_before_the_stay() -> None:
    commune = Commune(MemoryStore(), STAY)
    commune.book("A", "séjour", [DAY])
    # Issued on the first of the next month: the balance is due on 31 December, hence in the run of December.
    assert billed(commune, 10, 11, 12, 1) == [3000, 0, 7000, 0]


@pytest.mark.parametrize(("refundable", "kept"), [("true", 0), ("false", 3000)])
def test_a_deposit_comes_back_when_the_stay_is_cancelled_in_time_or_not(refundable: str, kept: int) -> None:
    commune = Commune(MemoryStore(), STAY.replace('avant" }', f'avant", remboursable = {refundable} }}'))
    commune.book("A", "séjour", [DAY])
    assert billed(commune, 10) == [3000]
    commune.book("A", "séjour", [DAY], Action.CANCEL)
    assert billed(commune, 11, 12, 1) == [kept - 3000, 0, 0]


def test_a_year_is_paid_in_the_instalments_that_were_voted() -> None:
    rules = (
        HEAD
        + """
prix = { prix = "100,00", assiette = { quand = "année scolaire" } }
echeancier = { nombre = 3, poids = ["2", "1", "1"], dates = ["10-10", "01-10", "04-10"] }
"""
    )
    commune = Commune(MemoryStore(), rules)
    commune.book("A", "séjour", [dt.date(2025, 9, 4), DAY])
    assert billed(commune, 9, 10, 11, 12, 1, 2, 3, 4) == [0, 5000, 0, 0, 2500, 0, 0, 2500]


def test_instalments_without_dates_are_monthly() -> None:
    rules = (
        HEAD
        + """
prix = { prix = "100,00", assiette = { quand = "année scolaire" } }
echeancier = { nombre = 3 }
"""
    )
    commune = Commune(MemoryStore(), rules)
    commune.book("A", "séjour", [dt.date(2025, 9, 4)])
    assert billed(commune, 9, 10, 11) == [3334 + 3333, 3333, 0]


@pytest.mark.parametrize(("package", "asked"), [("", True), ('forfait = { prorata = "aucun" }\n', False)])
def test_the_linter_asks_what_a_package_costs_in_part(package: str, asked: bool) -> None:
    rules = HEAD + 'prix = "40,00 par mois"\n' + package
    codes = {finding.code for finding in lint(read_reglement(rules))}
    assert ("lint.package_silent" in codes) is asked
