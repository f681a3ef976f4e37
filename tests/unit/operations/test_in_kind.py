"""A paid day that is carried over pays another in kind, once."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire.calendar import Span
from periscolaire.operations import kind_balances
from periscolaire.storage import MemoryStore
from tests.unit.operations.commune import CLERK, Commune
from tests.unit.operations.test_paid_at_booking import CHILD, DAYS, HEAD, HOME, booked, invoiced, product

RULES = HEAD + product("cantine", "R facture", """
[produits.absence]
lignes = [{ si = { motif = "voyage" }, effet = "dû" }, { effet = "reporté" }]
""")  # fmt: skip
NOVEMBER = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
DECEMBER = Span(dt.date(2025, 12, 1), dt.date(2025, 12, 31))
LATER = [dt.date(2025, 12, 4), dt.date(2025, 12, 5)]


def units(commune: Commune) -> list[tuple[str | None, str, int]]:
    with commune.store.unit(write=False) as uow:
        return list(kind_balances(HOME, uow, actor=CLERK))


def carried() -> Commune:
    """Two days paid when booked; the child came to one of them only."""
    commune = Commune(MemoryStore(), RULES)
    assert invoiced(commune, booked(commune, "cantine")) == [("REGIE-2025-000001", 800)]
    commune.eat("A", "cantine", DAYS[0])
    commune.eat("A", "cantine", DAYS[1], present=False)
    assert commune.bill(NOVEMBER) == []
    return commune


def test_a_paid_day_that_is_carried_over_is_a_unit_that_the_next_day_takes() -> None:
    commune = carried()
    assert units(commune) == [(CHILD, "cantine", 1)]
    assert commune.bill(NOVEMBER) == []
    assert units(commune) == [(CHILD, "cantine", 1)]
    commune.book("A", "cantine", LATER)
    for day in LATER:
        commune.eat("A", "cantine", day)
    (bill,) = commune.bill(DECEMBER)
    assert (bill.total, bill.lines[0].days) == (400, (LATER[1],))
    assert units(commune) == [(CHILD, "cantine", 0)]
    assert commune.bill(DECEMBER) == []


@pytest.mark.parametrize("corrected", [True, False])
def test_what_nobody_paid_is_not_carried_over(corrected: bool) -> None:
    commune = Commune(MemoryStore(), RULES.replace('"R facture"', '"C"'))
    commune.book("A", "cantine", DAYS)
    for day in DAYS:
        commune.eat("A", "cantine", day, present=not corrected)
    assert sum(one.total for one in commune.bill(NOVEMBER)) == (0 if corrected else 800)
    assert units(commune) == []
