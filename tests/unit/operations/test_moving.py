"""A family that moves to another commune pays another price from that day on; what it was billed before stands."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from periscolaire.calendar import Span
from periscolaire.households import Household, PostalAddress
from periscolaire.ids import HouseholdId
from periscolaire.operations import record_people
from periscolaire.storage import MemoryStore
from tests.unit.operations.commune import CLERK, Commune

RULES = """
format = 1
commune = "Cercié"
version = "2025"
en_vigueur = "2025-09-01"
zone = "A"

[[produits]]
code = "cantine"
jours = "jours de classe"
reservation = "sans limite"
annulation = "sans limite"
prix = [{ si = { commune = ["Cercié", "Odenas"] }, prix = "3,00" }, { prix = "5,00" }]
"""
HOME = HouseholdId("A")
OCTOBER, NOVEMBER = Span(dt.date(2025, 10, 1), dt.date(2025, 10, 31)), Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
EATEN = (dt.date(2025, 10, 6), dt.date(2025, 11, 3), dt.date(2025, 11, 17))


def lives(commune: Commune, city: str, day: dt.date) -> None:
    with commune.store.unit() as uow:
        home: Household = uow.households.get(HOME).model
        home = attrs.evolve(home, address=PostalAddress(("1 rue Haute",), "69220", city))
        at = dt.datetime.combine(day, dt.time(12), dt.UTC)
        record_people([home], [], uow, actor=CLERK, at=at, channel="guichet")
        uow.commit()


def eaten(city: str) -> Commune:
    commune = Commune(MemoryStore(), RULES)
    lives(commune, city, dt.date(2025, 9, 1))
    commune.eat("A", "cantine", *EATEN)
    return commune


@pytest.mark.parametrize(
    ("first", "then", "billed"),
    [
        ("Cercié", "Lyon", [300, 300 + 500]),
        ("Lyon", "Odenas", [500, 500 + 300]),
        ("Cercié", "Odenas", [300, 300 + 300]),
    ],
)
def test_a_move_counts_from_the_day_on_which_it_is_said(first: str, then: str, billed: list[int]) -> None:
    commune = eaten(first)
    totals = [sum(one.total for one in commune.bill(OCTOBER))]
    lives(commune, then, dt.date(2025, 11, 10))
    totals.append(sum(one.total for one in commune.bill(NOVEMBER)))
    assert totals == billed


def test_a_family_that_moves_twice_keeps_each_stretch() -> None:
    commune = eaten("Lyon")
    lives(commune, "Cercié", dt.date(2025, 11, 1))
    lives(commune, "Lyon", dt.date(2025, 11, 10))
    assert [one.total for one in commune.bill(Span(OCTOBER.first, NOVEMBER.last))] == [500 + 300 + 500]
