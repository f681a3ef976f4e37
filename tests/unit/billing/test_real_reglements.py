"""Billing counts by itself what the scenarios of the real règlements hand in: ranks, episodes, slots of the day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from periscolaire.attendance import Booked, Consumption, Notice, ProofState, Seen
from periscolaire.billing import Books, Incident, Options
from periscolaire.facts import Facts
from periscolaire.files import read_reglement
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.reglement import Reglements
from periscolaire.testing.billing import bill, eaten

REAL = Path(__file__).parents[2] / "reglements"
H1 = HouseholdId("H1")


def real(slug: str, more: str = "") -> Books:
    text = (REAL / slug / "reglement.toml").read_text(encoding="utf-8")
    return Books(Reglements((read_reglement(text + more),)))


def used(child: str, day: str, product: str, **more: Any) -> Consumption:
    return eaten(child, dt.date.fromisoformat(day), product=ProductCode(product), **more)


def billed(
    slug: str, consumptions: list[Consumption], month: str, options: Options | None = None, more: str = "", **facts: Any
) -> Any:
    first = dt.date.fromisoformat(f"{month}-01")
    last = first + dt.timedelta(days=27)
    return bill(
        consumptions,
        lambda household, child, day: Facts(facts),
        rules=real(slug, more),
        first=first,
        last=last,
        on=last + dt.timedelta(days=60),
        options=options,
    )


def total(
    slug: str, consumptions: list[Consumption], month: str, options: Options | None = None, more: str = "", **facts: Any
) -> int:
    should, lines = billed(slug, consumptions, month, options, more, **facts)
    assert not should.pending
    return sum(line.amount for line in lines.get(H1, ()))


@pytest.mark.parametrize(
    ("children", "slots", "cents"),
    [("A", ("matin",), 190), ("A", ("matin", "soir"), 220), ("AB", ("matin", "soir"), 380), ("AB", ("matin",), 320)],
)
def test_vigeois_pays_the_day_not_its_slots(children: str, slots: tuple[str, ...], cents: int) -> None:
    day = [used(child, "2025-09-09", "garderie", slot=slot) for child in children for slot in slots]
    assert total("vigeois", day, "2025-09") == cents


@pytest.mark.parametrize(("children", "cents"), [("A", 417), ("AB", 750), ("ABC", 1083)])
def test_vitry_pays_the_third_child_as_the_second(children: str, cents: int) -> None:
    meals = [used(child, "2025-03-11", "cantine") for child in children]
    facts: dict[str, Any] = {"tarif social": False}
    assert total("vitry-en-artois", meals, "2025-03", **facts) == cents


def test_vatteville_pays_half_hours_and_the_last_quarter() -> None:
    morning = used("A", "2025-09-09", "matin", arrival=dt.time(7, 30))
    evening = used("A", "2025-09-09", "soir", departure=dt.time(17, 20))
    assert total("vatteville-la-rue", [morning, evening], "2025-09") == 290 + 345


def test_roncq_has_two_payers() -> None:
    facts: dict[str, Any] = {"quotient": 300, "resident": True}
    _, lines = billed("roncq", [used("A", "2025-10-14", "repas")], "2025-10", **facts)
    assert {payer: [line.amount for line in mine] for payer, mine in lines.items()} == {"H1": [50], "CCAS": [76]}


def test_roncq_adds_the_surcharge_once_a_day() -> None:
    facts: dict[str, Any] = {"quotient": 1000, "resident": True}
    unplanned = [
        used("A", "2025-10-14", "accueil", booked=Booked.NONE, arrival=dt.time(16, 30), departure=dt.time(18, 40))
    ]
    assert total("roncq", unplanned, "2025-10", **facts) == 5 * 110 + 300


def absent(day: str, told: dt.datetime | None = None, **more: Any) -> Consumption:
    notice = Notice.NONE if told is None else Notice.TOLD
    return used("A", day, "cantine", seen=Seen.ABSENT, notice=notice, told_at=told, motive="maladie", **more)


DAYS = ("2025-09-08", "2025-09-09", "2025-09-11", "2025-09-12")


@pytest.mark.parametrize(("count", "asked", "due"), [(3, True, 3), (4, True, 0), (4, False, 4)])
def test_saint_leu_refunds_four_days_with_a_certificate_on_request(count: int, asked: bool, due: int) -> None:
    sick = [absent(day, proof=ProofState.ACCEPTED, refund_requested=asked) for day in DAYS[:count]]
    should, _ = billed("saint-leu", sick, "2025-09")
    assert len(should.pending) == due  # the amounts, on a picture, are left open


@pytest.mark.parametrize(
    ("count", "told", "cents"), [(2, None, 0), (4, dt.time(9, 30), 0), (4, dt.time(10, 30), 600), (4, None, 600)]
)
def test_saint_jean_bears_two_days_of_an_unforeseen_absence(count: int, told: dt.time | None, cents: int) -> None:
    at = None if told is None else dt.datetime.combine(dt.date(2025, 9, 9), told, ZoneInfo("Europe/Paris"))
    priced = '\n[[tarifs]]\ncode = "cantine"\nprix = "3,00"\n'
    sick = [absent(day, at) for day in DAYS[:count]]
    assert total("saint-jean-du-bois", sick, "2025-09", more=priced) == cents


def test_saint_colomban_fines_the_family_once() -> None:
    at = dt.datetime(2025, 9, 9, 10, tzinfo=dt.UTC)
    incidents = tuple(
        Incident(FactId(f"I{child}"), "inscription tardive", H1, at.date(), at, "agent", ChildId(child))
        for child in "AB"
    )
    meals = [used(child, "2025-09-09", "cantine") for child in "AB"]
    assert total("saint-colomban", meals, "2025-09", Options(incidents=incidents), own_meal=False) == 2500 + 750


WEDNESDAYS = ("2026-01-07", "2026-01-14", "2026-01-21", "2026-01-28")
CLASS_DAYS = tuple(f"2026-01-{day:02}" for day in (5, 6, 8, 9, 12, 13, 15, 16, 19, 20, 22, 23, 26, 27, 29, 30))


@pytest.mark.parametrize(
    ("days", "cents"),
    [(CLASS_DAYS[:8], 3200), (CLASS_DAYS[:7], 4200), ((*CLASS_DAYS[:8], *WEDNESDAYS), 4800)],
)
def test_les_rousses_makes_regular_who_eats_half_of_the_month_wednesdays_left_out(
    days: tuple[str, ...], cents: int
) -> None:
    facts: dict[str, Any] = {"prix régulier": Decimal(4), "prix occasionnel": Decimal(6)}
    assert total("les-rousses", [used("A", day, "cantine") for day in days], "2026-01", **facts) == cents


@pytest.mark.parametrize(("count", "cents"), [(1, 1000 + 200), (2, 1500 + 400), (4, 1500 + 800)])
def test_massy_turns_to_the_package_at_the_second_wednesday(count: int, cents: int) -> None:
    facts: dict[str, Any] = {
        "tarif journalier": Decimal(10),
        "forfait mensuel": Decimal(15),
        "prix du repas": Decimal(2),
    }
    assert total("massy", [used("A", day, "mercredi") for day in WEDNESDAYS[:count]], "2026-01", **facts) == cents


def test_strasbourg_doubles_from_the_eleventh_unplanned_meal() -> None:
    facts: dict[str, Any] = {"tarif de la famille": Decimal("1.50")}
    meals = [used("A", day, "cantine", booked=Booked.NONE) for day in CLASS_DAYS[:12]]
    assert total("strasbourg", meals, "2026-01", **facts) == 10 * 150 + 2 * 300


def test_la_motte_asks_one_membership_of_the_family() -> None:
    facts: dict[str, Any] = {
        "quotient": Decimal(800),
        "resident": True,
        "formula": "journée avec repas",
        "autre CAF": False,
    }
    since = Options(since=lambda child, product: dt.date(2025, 9, 1))
    days = [used(child, "2026-01-07", "loisirs") for child in "AB"]
    assert total("la-motte-servolex", days, "2026-01", since, **facts) == 2 * 1850 + 1700
