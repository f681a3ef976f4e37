"""The cycles of invoicing: each day in one, one after the other; what a run bills when nobody says more."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periscolaire.calendar import Span
from periscolaire.frozen import FrozenMap
from periscolaire.i18n import text
from periscolaire.ids import ProductCode
from periscolaire.pricing import Instalments
from periscolaire.reglement import (
    BillingPolicy,
    CalendarSettings,
    Cycle,
    Reglement,
    Reglements,
    billing_cycle,
    last_cycle,
    off_cycle,
)

FIRST, LAST = dt.date(2024, 9, 1), dt.date(2026, 7, 1)
DAYS = st.dates(FIRST, LAST)
ONE = dt.timedelta(days=1)


def rules(cycle: Cycle, name: str = "a", first: dt.date = FIRST, last: dt.date | None = None) -> Reglement:
    settings = CalendarSettings(zone="B")
    return Reglement("X", name, first, last, settings=settings, billing=BillingPolicy(cycle, reference="art. 8"))


def days(text: str) -> Span:
    first, last = map(dt.date.fromisoformat, text.split(".."))
    return Span(first, last)


@pytest.mark.parametrize(("cycle", "day", "expected"), [
    (Cycle.MONTH, "2025-11-30", "2025-11-01..2025-11-30"),
    (Cycle.MONTH, "2024-02-01", "2024-02-01..2024-02-29"),
    (Cycle.TWO_MONTHS, "2025-09-01", "2025-09-01..2025-10-31"),
    (Cycle.TWO_MONTHS, "2025-12-31", "2025-11-01..2025-12-31"),
    (Cycle.TERM, "2025-09-30", "2025-07-01..2025-09-30"),
    (Cycle.TERM, "2025-10-01", "2025-10-01..2025-12-31"),
    (Cycle.SCHOOL_YEAR, "2026-07-15", "2025-09-01..2026-08-31"),
    # Zone B: autumn from 18 October to 2 November 2025, Christmas from 20 December to 4 January.
    (Cycle.PERIOD, "2025-10-01", "2025-09-01..2025-11-02"),
    (Cycle.PERIOD, "2025-10-22", "2025-09-01..2025-11-02"),
    (Cycle.PERIOD, "2025-11-03", "2025-11-03..2026-01-04"),
])  # fmt: skip
def test_the_cycle_of_a_day(cycle: Cycle, day: str, expected: str) -> None:
    assert billing_cycle(rules(cycle), dt.date.fromisoformat(day)) == days(expected)


@given(cycle=st.sampled_from(Cycle), day=DAYS)
def test_cycles_follow_one_another_and_a_run_of_the_day_after_bills_the_one_that_is_over(
    cycle: Cycle, day: dt.date
) -> None:
    reglement = rules(cycle)
    found = billing_cycle(reglement, day)
    assert day in found
    assert billing_cycle(reglement, found.first) == billing_cycle(reglement, found.last) == found
    following = billing_cycle(reglement, found.last + ONE)
    assert following.first == found.last + ONE
    versions = Reglements((reglement,))
    assert last_cycle(versions, following.first) == found
    assert last_cycle(versions, following.last) == found, "it is not over on its last day"
    assert off_cycle(versions, found) is None
    assert off_cycle(versions, Span(found.first, following.last)) is None, "several whole ones"
    assert off_cycle(versions, Span(found.first, found.last + ONE)) is not None
    if len(found) > 1:
        assert off_cycle(versions, Span(found.first + ONE, found.last)) is not None


def test_each_end_of_a_period_is_looked_at_under_the_rules_of_its_day() -> None:
    monthly = rules(Cycle.MONTH, last=dt.date(2025, 9, 30))
    versions = Reglements((monthly, rules(Cycle.TERM, "b", dt.date(2025, 10, 1))))
    assert off_cycle(versions, days("2025-09-01..2025-12-31")) is None
    assert last_cycle(versions, dt.date(2025, 11, 5)) == days("2025-09-01..2025-09-30")
    assert last_cycle(versions, dt.date(2026, 1, 1)) == days("2025-10-01..2025-12-31")


def test_a_run_off_the_cycle_is_told_with_the_article_unless_parts_come_due_in_between() -> None:
    november = days("2025-11-01..2025-11-30")
    told = off_cycle(Reglements((rules(Cycle.TWO_MONTHS),)), november)
    assert told is not None
    assert told.reference == "art. 8"
    assert "deux mois" in text(told)
    assert "31 décembre 2025" in text(told)
    by_parts: FrozenMap[ProductCode, Instalments] = FrozenMap({ProductCode("accueil"): Instalments(10)})
    parts = Reglement(
        "X", "a", FIRST, settings=CalendarSettings(zone="B"), billing=BillingPolicy(Cycle.SCHOOL_YEAR),
        instalments=by_parts,
    )  # fmt: skip
    assert off_cycle(Reglements((parts,)), november) is None


def test_nothing_is_told_of_a_school_year_that_nobody_knows_yet() -> None:
    assert off_cycle(Reglements((rules(Cycle.SCHOOL_YEAR),)), days("2060-11-01..2060-11-30")) is None
