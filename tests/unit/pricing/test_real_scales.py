"""Every scale and vector of the real tariffs gathered (tests/data/prices/tarifs_reels.json, with their sources)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from periscolaire.households import caf_parts
from periscolaire.pricing import check_node

from . import saying
from .saying import cents, euros

DATA = json.loads((Path(__file__).parents[2] / "data" / "prices" / "tarifs_reels.json").read_text(encoding="utf-8"))
GRIDS = {grid["id"]: grid for grid in DATA["grilles"]}


def said(grid: dict[str, Any]) -> dict[str, Any]:
    """The grid as a rules file says it: each band ends where the next begins."""
    bands = grid["tranches"]
    ends = [{"moins_de": band["qf_min"].replace(".", ",")} for band in bands[1:]] + [{}]
    prices = [{"prix": band["montant"].replace(".", ",")} for band in bands]
    bands_said = [{**end, **price} for end, price in zip(ends, prices, strict=True)]
    return {"selon": "quotient", "tranches": bands_said, "sans": "tranche la plus haute"}


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_a_grid_gives_its_vectors_and_its_own_bounds(grid: dict[str, Any]) -> None:
    node = said(grid)
    for vector in grid["vecteurs"]:
        assert cents(node, quotient=vector["qf"].replace(".", ",")) == euros(vector["montant"]), vector
    for band in grid["tranches"]:
        assert cents(node, quotient=band["qf_min"].replace(".", ",")) == euros(band["montant"]), band
    assert cents(node) == euros(grid["tranches"][-1]["montant"])
    assert not [finding for finding in check_node(saying.node(node)) if finding.severity.name == "ERROR"]


def test_the_third_child_of_bubry_is_half_price_from_the_second_band_on() -> None:
    base = said(GRIDS["bubry-repas-2023"])
    half = [{"fois": "0,5", "si": {"rang": ">= 3"}}]
    for band in base["tranches"][1:]:
        band["prix"] = {"montant": band["prix"], "puis": half}
    for vector in GRIDS["bubry-repas-2023-3e-enfant"]["vecteurs"]:
        assert cents(base, quotient=vector["qf"], rang=3) == euros(vector["montant"])
    assert cents(base, quotient=300, rang=3) == 100


def test_gorges_by_its_own_formula() -> None:
    bands = GRIDS["gorges-repas-2020"]["tranches"]
    for quotient in range(0, 3000, 50):
        index = min(9, max(0, (quotient - 400) // 200))
        assert cents(said(GRIDS["gorges-repas-2020"]), quotient=quotient) == euros(bands[index]["montant"])


@pytest.mark.parametrize("rate", DATA["taux_effort"], ids=lambda rate: str(rate["id"]))
def test_an_effort_rate_gives_its_vectors(rate: dict[str, Any]) -> None:
    node = {
        "taux": rate["taux"].replace(".", ","),
        "de": "quotient",
        "mini": rate["minimum"].replace(".", ","),
        "maxi": rate["maximum"].replace(".", ","),
    }
    rows = [{"si": {"panier repas": True}, "prix": rate["pai"].replace(".", ",")}, {"prix": node}]
    for vector in rate["vecteurs"]:
        assert cents(rows, quotient=vector["qf"]) == euros(vector["montant"]), vector
    assert cents(rows, quotient=1300, panier_repas=True) == euros(rate["pai"])


def test_flat_prices_and_surcharges() -> None:
    listed = {entry["id"]: entry["valeurs"] for entry in DATA["forfaits_et_majorations"]}
    caprais = listed["saint-caprais-2024"]
    by_home = [{"si": {"resident": False}, "prix": caprais["hors commune"]}, {"prix": caprais["résident"]}]
    unplanned = {"lignes": by_home, "puis": [f"+{caprais['majoration sans inscription']}"]}
    assert cents(by_home, resident=True) == 285
    assert cents(unplanned, resident=True) == 485
    assert cents(unplanned, resident=False) == 600
    limons = listed["limons-cantine"]
    by_mode = [{"si": {"mode": "occasionnel"}, "prix": limons["occasionnel"]}, {"prix": limons["régulier"]}]
    assert cents(by_mode, mode="occasionnel") == 370
    assert cents(by_mode, mode="annuel") == 250


@pytest.mark.parametrize("case", DATA["quotient_familial_parts"]["cas"])
def test_the_parts_of_the_caf(case: dict[str, Any]) -> None:
    assert caf_parts(case["parents"], case["enfants"], case["handicap"]) == Decimal(case["parts"])
