"""What the steps of a price say: no amount that is not one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from periscolaire.facts import Condition, Facts, Op, Test
from periscolaire.money import EUR
from periscolaire.pricing import Clamp, Flat, Formula, Modified, Node, Plus, Row, Rows, TariffVersion, Times, price

RATE = Formula(Flat(Decimal("0.0036")), "quotient", None, Flat(Decimal("2.60")), Flat(Decimal("4.50")))
LARGE = Condition((Test("household_children", Op.GE, (3,)),))
BY_SIZE = Rows((Row(LARGE, Flat(Decimal("0.003"))), Row(Condition(()), Flat(Decimal("0.004")))))


@pytest.mark.parametrize(
    ("node", "codes"),
    [
        (RATE, ["formula", "floor"]),  # neither the rate nor the bounds are « prix »
        (Formula(BY_SIZE, "quotient"), ["row", "formula"]),  # a rate chosen by a row says which
        (Modified(Flat(Decimal(4)), (Times(Flat(Decimal("0.5"))), Plus(Flat(Decimal(1))))), ["flat", "times", "plus"]),
        (Modified(Flat(Decimal(4)), (Clamp(None, Flat(Decimal(3))),)), ["flat", "ceiling"]),
    ],
)
def test_a_rate_factor_or_bound_is_told_by_the_step_that_uses_it(node: Node, codes: list[str]) -> None:
    version = TariffVersion(dt.date(2025, 9, 1), node)
    found = price(version, Facts({"quotient": Decimal(700), "household_children": 3}), EUR)
    assert [step.code for step in found.steps] == codes
