"""Every worked price example of the real communes, said as rules without code, agrees to the cent."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from periscolaire.catalogue import Multiple, PriceForm, Replacement, Surcharge
from periscolaire.facts import ALWAYS, Facts
from periscolaire.files.rules._prices import Fault, read_condition
from periscolaire.households import EffectPolicy, QuotientRecord, QuotientSource, effective_day, quotient_on
from periscolaire.ids import HouseholdId, TariffCode
from periscolaire.pricing import (
    Flat,
    Modified,
    Penalty,
    PriceKind,
    Reference,
    Scope,
    Share,
    Tariff,
    TariffVersion,
    Trigger,
    When,
    Who,
    parse_price,
    price,
)

from . import saying

ROOT = Path(__file__).parents[3]
SAID = tomllib.loads((ROOT / "tests" / "data" / "prices" / "grilles_communes.toml").read_text(encoding="utf-8"))
GRIDS = [(grid, case) for grid in SAID["grille"] for case in grid["cas"]]
PENALTIES = [(rule, case) for rule in SAID["penalite"] for case in rule["cas"]]
#: Their price is the outcome of absence rules (attendance), not of a price node.
ABSENCES = {"saint-jean-du-bois#4", "saint-jean-du-bois#5", "saint-jean-du-bois#6"}


def form_of(text: str) -> PriceForm:
    match parse_price(text):
        case Flat(amount):
            return Replacement(amount)
        case Reference(times=Decimal() as factor):
            return Multiple(factor)
        case Modified(modifiers=(modifier,)) if isinstance(modifier.nodes[0], Flat):
            return Surcharge(modifier.nodes[0].amount)
    raise AssertionError(text)


def version_of(grid: dict[str, Any]) -> TariffVersion:
    more = {}
    for key, name in (("non_prevu", "unplanned"), ("absence_injustifiee", "absence")):
        if key in grid:
            more[name] = saying.node(grid[key])
    shares = tuple(share_of(part) for part in grid.get("parts", ()))
    who, when = grid.get("assiette", ["enfant", "prestation"])
    return saying.version(grid["prix"], shares=shares, scope=Scope(Who(who), When(when)), **more)


def share_of(part: dict[str, Any]) -> Share:
    problems: list[Fault] = []
    condition = read_condition(part.get("si", {}), (), problems)
    assert not problems
    return Share(part["payeur"], amount=saying.node(part["montant"]), condition=condition or ALWAYS)


def facts_of(case: dict[str, Any]) -> Facts:
    if "quotients" not in case:
        return saying.french(case["faits"])
    records = []
    for declared, value in case["quotients"]:
        day = dt.date.fromisoformat(declared)
        counts = effective_day(EffectPolicy(case["effet"]), day)
        recorded = dt.datetime(day.year, day.month, day.day, 8, tzinfo=dt.UTC)
        records.append(QuotientRecord(HouseholdId("h"), Decimal(value), QuotientSource.CAF, day, counts, recorded))
    return Facts(quotient=quotient_on(records, dt.date.fromisoformat(case["jour"])))


@pytest.mark.parametrize(("grid", "case"), GRIDS, ids=[case["id"] for _, case in GRIDS])
def test_a_worked_example(grid: dict[str, Any], case: dict[str, Any]) -> None:
    version = version_of(grid)
    kind = PriceKind(case.get("nature", "prix"))
    form = form_of(case["forme"]) if "forme" in case else None
    every = [saying.french(said) for said in case["addition"]] if "addition" in case else [facts_of(case)]
    prices = [price(version, facts, kind=kind, form=form) for facts in every]
    assert sum(found.family_amount for found in prices) == saying.euros(case["prix"])
    if "tiers" in case:
        assert prices[0].shares[0].amount == saying.euros(case["tiers"])


@pytest.mark.parametrize(("rule", "case"), PENALTIES, ids=[case["id"] for _, case in PENALTIES])
def test_a_late_pick_up(rule: dict[str, Any], case: dict[str, Any]) -> None:
    limit = dt.time.fromisoformat(rule["limite"])
    node = saying.node(rule["prix"])
    penalty = Penalty("retard", Trigger.LATE_PICKUP, node, limit, rule.get("franchise", 0))
    late = penalty.late_minutes(dt.time.fromisoformat(case["depart"]))
    if not late:
        assert saying.euros(case["prix"]) == 0
        return
    evening = saying.version(rule.get("accueil_soir", "1,00"))
    tariffs = {"accueil_soir": Tariff(TariffCode("accueil_soir"), (evening,))}
    facts = saying.french(case.get("faits", {})).and_({"late_minutes": late})
    assert price(saying.version(rule["prix"]), facts, tariffs=tariffs).amount == saying.euros(case["prix"])


def test_no_price_example_is_left_out() -> None:
    listing = ROOT.parent / "shared" / "reglements" / "EXAMPLES.tsv"
    if not listing.exists():
        pytest.skip("the collection of worked examples is not beside the project")
    with listing.open(encoding="utf-8", newline="") as file:
        wanted = {row["id"] for row in csv.DictReader(file, delimiter="\t") if row["kind"] == "price"}
    said = {case["id"] for _, case in GRIDS} | {case["id"] for _, case in PENALTIES}
    assert wanted - said == ABSENCES
