"""Grids as councils print them: where a band begins, columns, cases, the band below, hourly prices by the quarter."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from periscolaire.facts import Facts
from periscolaire.files.rules._prices import Fault, read_condition, read_node
from periscolaire.i18n import text
from periscolaire.money import currency
from periscolaire.pricing import (
    Flat,
    PerUnit,
    Price,
    Share,
    Subsidy,
    TariffVersion,
    explain,
    parse_price,
    price,
    price_or_reason,
)
from tests.unit.pricing import saying

OPEN = {
    "selon": "quotient",
    "trou": "à décider",
    "tranches": [{"moins_de": 799, "prix": "2"}, {"plus_de": 800, "prix": "3"}],
}
SAFFRE = {
    "selon": "quotient",
    "sans": "tranche la plus haute",
    "decale": [{"de": -1, "si": {"enfants du foyer": ">= 3"}, "nom": "trois enfants"}],
    "tranches": [{"jusqu_a": 450, "prix": "7,20"}, {"jusqu_a": 550, "prix": "7,70"}, {"prix": "8,50"}],
}
COLUMNS = {
    "selon": "quotient",
    "colonnes": {"rang": [1, 2, "sinon"]},
    "tranches": [{"jusqu_a": 308, "prix": ["3,77", "3,42", "3,10"]}, {"prix": ["5,53", "5,00", "4,53"]}],
}


PAI: tuple[dict[str, Any], ...] = ({"pai": True}, {"pai": False}, {})


def faults(raw: Any) -> list[Fault]:
    found: list[Fault] = []
    read_node(raw, (), found)
    return found


@pytest.mark.parametrize(("quotient", "expected"), [("798", 200), ("801", 300)])
def test_a_grid_open_on_both_sides(quotient: str, expected: int) -> None:
    assert saying.cents(OPEN, quotient=quotient) == expected


@pytest.mark.parametrize("orphan", ["799", "800"])
def test_the_values_that_no_band_holds_are_to_be_decided(orphan: str) -> None:
    assert saying.reason(OPEN, quotient=orphan) == "pricing.undecided"


def test_a_hole_may_have_a_price_and_go_on_at_both_ends() -> None:
    grid = {
        "selon": "age",
        "trou": "9,00",
        "tranches": [{"de": 3, "jusqu_a": 5, "prix": "1,00"}, {"de": 8, "jusqu_a": 9, "prix": "2,00"}],
    }
    paid = [saying.cents(grid, age=age) for age in (2, 3, 5, 6, 7, 8, 9, 10)]
    assert paid == [900, 100, 100, 900, 900, 200, 200, 900]


def test_whole_numbers_that_follow_each_other_leave_no_hole() -> None:
    grid = {"selon": "quotient", "tranches": [{"de": 0, "jusqu_a": 470, "prix": "1"}, {"de": 471, "prix": "2"}]}
    assert [saying.cents(grid, quotient=said) for said in ("470", "471")] == [100, 200]


@pytest.mark.parametrize(
    ("tranches", "said"),
    [
        ([{"moins_de": 470, "prix": "1"}, {"de": 471, "prix": "2"}], "trou"),
        ([{"jusqu_a": 470, "prix": "1"}, {"de": 400, "prix": "2"}], "470"),
        ([{"jusqu_a": 470, "prix": "1"}, {"de": 470, "prix": "2"}], "470"),
        ([{"de": 1, "plus_de": 2, "prix": "1"}], "une seule borne"),
    ],
)
def test_a_hole_or_an_overlap_is_told(tranches: list[dict[str, Any]], said: str) -> None:
    assert any(said in fault.expected for fault in faults({"selon": "quotient", "tranches": tranches}))


@pytest.mark.parametrize(
    ("children", "quotient", "expected"), [(2, "500", 770), (3, "500", 720), (3, "1", 720), (3, "9999", 770)]
)
def test_the_band_below_for_large_families(children: int, quotient: str, expected: int) -> None:
    assert saying.cents(SAFFRE, enfants_du_foyer=children, quotient=quotient) == expected


def test_the_band_below_is_of_the_band_that_the_unknown_falls_in() -> None:
    assert saying.cents(SAFFRE, enfants_du_foyer=3) == 770


def told(raw: Any, **said: Any) -> list[str]:
    """What the steps say, after the line that names the tariff."""
    return [text(one) for one in explain(saying.priced(raw, **said))][1:]


def test_the_band_below_is_told() -> None:
    band, shift, *_ = told(SAFFRE, enfants_du_foyer=3, quotient="500")
    assert band.startswith("Tranche 2 : ")
    assert shift == "Tranche 1 à la place (trois enfants)"


def test_a_band_says_whether_its_bounds_are_of_it() -> None:
    grid = {
        "selon": "quotient",
        "tranches": [{"moins_de": 450, "prix": "1"}, {"jusqu_a": 900, "prix": "2"}, {"prix": "3"}],
    }
    first, second, third = (told(grid, quotient=said)[0] for said in ("449", "450", "901"))
    assert first.endswith("449, moins de 450")
    assert second.endswith("450, à partir de 450, jusqu’à 900")
    assert third.endswith("901, au-dessus de 900")


def test_the_quarters_begun_are_told() -> None:
    begun, *_ = told({"par": "1 h", "pas": "15 min", "a": "0,90"}, durée=31)
    assert begun == "31 min, comptées par 15 min : 45 min"


@pytest.mark.parametrize(("quotient", "rank", "expected"), [("308", 2, 342), ("309", 1, 553), ("309", 7, 453)])
def test_columns(quotient: str, rank: int, expected: int) -> None:
    assert saying.cents(COLUMNS, quotient=quotient, rang=rank) == expected


def test_a_band_has_a_price_for_each_column() -> None:
    wrong = {**COLUMNS, "tranches": [{"prix": ["1", "2"]}]}
    assert [fault.expected for fault in faults(wrong)] == ["un prix par colonne, soit 3"]


def test_cases() -> None:
    cases = {"selon": "mode", "cas": {"régulier": "2,50"}, "sinon": "3,70"}
    assert [saying.cents(cases, mode=mode) for mode in ("régulier", "occasionnel")] == [250, 370]
    yes_or_no = {"selon": "pai", "cas": {"oui": "1,75", "non": "3,60"}, "sans": "9,00"}
    assert [saying.cents(yes_or_no, **said) for said in PAI] == [175, 360, 900]
    ranks = {"selon": "rang", "cas": {"1": "4,00", ">= 2": "3,00"}}
    assert [saying.cents(ranks, rang=rank) for rank in (1, 5)] == [400, 300]


def test_an_hourly_price_charged_by_the_quarter_begun() -> None:
    hourly = {"par": "1 h", "pas": "quart d'heure", "a": "0,90"}
    paid = {minutes: saying.cents(hourly, durée=minutes) for minutes in (0, 1, 15, 16, 31, 60, 61)}
    assert paid == {0: 0, 1: 23, 15: 23, 16: 45, 31: 68, 60: 90, 61: 113}


def test_a_step_goes_with_a_pro_rata() -> None:
    assert faults({"par": "1 h", "pas": "15 min", "compte": "pleine", "a": "1"})


def test_a_component_that_only_some_take() -> None:
    parts = {
        "somme": [{"nom": "garde", "prix": "4,00"}, {"nom": "repas", "prix": "3,50", "si": {"formule": "journée"}}]
    }
    assert [saying.cents(parts, formule=package) for package in ("journée", "matin")] == [750, 400]


def test_a_rate_is_a_percentage_in_its_bands_too() -> None:
    bands = [{"jusqu_a": 1, "prix": "0,06 %"}, {"prix": "0,05 %"}]
    rate = {"taux": {"selon": "enfants du foyer", "tranches": bands}, "de": "ressources"}
    assert saying.cents(rate, ressources="4000", enfants_du_foyer=2) == 200
    assert faults({"selon": "quotient", "tranches": [{"prix": "0,06 %"}]})  # elsewhere, a share of what?


@pytest.mark.parametrize(
    ("short", "minutes"),
    [("1,15 par 30 min", 30), ("2,00 € par heure", 60), ("10,00 par quart d'heure", 15), ("3,00 par 2 h", 120)],
)
def test_a_price_for_each_unit_of_time(short: str, minutes: int) -> None:
    node = parse_price(short)
    assert isinstance(node, PerUnit)
    assert (node.unit, isinstance(node.price, Flat)) == (Decimal(minutes), True)


def test_a_subsidy_that_cannot_be_decided_does_not_hold_the_price() -> None:
    poor = read_condition({"quotient": "<= 348"}, (), [])
    assert poor is not None
    version = TariffVersion(
        saying.DAY,
        saying.node({"taux": "0,287 %", "de": "quotient", "sans": "5,97"}),
        subsidies=(Subsidy("cantine à 1 €", Flat(Decimal(3)), poor),),
    )
    found = price_or_reason(version, Facts())
    assert isinstance(found, Price)
    assert (found.amount, found.subsidies) == (597, ())
    assert price(version, saying.facts(quotient="300")).subsidies[0].amount == 300


def test_francs_are_explained_in_francs() -> None:
    version = saying.version("450", shares=(Share("Pays", Flat(Decimal(200))),))
    said = [text(one) for one in explain(price(version, Facts(), currency("XPF")))]
    assert not [line for line in said if "€" in line]
    assert sum("200" in line for line in said) == 1  # the aid is said once, by who bears it


def test_a_price_put_in_place_of_another_is_said_once() -> None:
    package = {"par": "1 présence", "de": "nombre de jours", "a": "2,55"}
    said = told({**package, "puis": [{"remplace": "50,00", "nom": "forfait"}]}, nombre_de_jours=23)
    assert sum("50,00" in line for line in said[:-1]) == 1
    assert any(line.startswith("23 présence × 2,55") for line in said)
