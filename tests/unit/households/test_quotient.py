"""When a quotient counts, how it is read and computed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from periscolaire.errors import MisuseError
from periscolaire.facts import Expired, Unknown
from periscolaire.households import (
    DatedFacts,
    EffectPolicy,
    QuotientReading,
    QuotientRecord,
    QuotientSource,
    caf_parts,
    effective_day,
    quotient_from_tax,
    quotient_on,
)
from periscolaire.ids import ChildId, HouseholdId

DECLARED = dt.date(2026, 2, 10)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (EffectPolicy.RECEPTION, dt.date(2026, 2, 10)),
        (EffectPolicy.NEXT_MONTH, dt.date(2026, 3, 1)),
        (EffectPolicy.UNBILLED_PERIOD, dt.date(2026, 2, 1)),
        (EffectPolicy.REFERENCE_DATE, dt.date(2026, 9, 1)),
        (EffectPolicy.CAF_DATE, dt.date(2026, 1, 1)),
    ],
)
def test_each_policy_turns_the_dates_into_one(policy: EffectPolicy, expected: dt.date) -> None:
    january = (dt.date(2026, 1, 1), dt.date(2026, 1, 31))
    assert effective_day(policy, DECLARED, valid_from=january[0], last_invoiced=january[1]) == expected


def test_a_household_never_invoiced_is_served_from_the_earlier_date() -> None:
    policy = EffectPolicy.UNBILLED_PERIOD
    assert effective_day(policy, DECLARED, valid_from=dt.date(2026, 1, 1)) == dt.date(2026, 1, 1)
    assert effective_day(policy, DECLARED) == DECLARED


def test_the_date_of_the_caf_is_needed_by_its_policy() -> None:
    with pytest.raises(MisuseError, match="date CAF"):
        effective_day(EffectPolicy.CAF_DATE, DECLARED)


def test_the_month_after_december_is_january() -> None:
    assert effective_day(EffectPolicy.NEXT_MONTH, dt.date(2026, 12, 31)) == dt.date(2027, 1, 1)


def record(value: str | None, effective: dt.date, *, hour: int = 8, **more: object) -> QuotientRecord:
    return QuotientRecord(
        HouseholdId("h"),
        None if value is None else Decimal(value),
        QuotientSource.CAF,
        effective,
        effective,
        dt.datetime(2026, 1, 1, hour, tzinfo=dt.UTC),
        **more,  # type: ignore[arg-type]  # the tests name the fields
    )


def test_the_last_effective_record_counts_and_zero_is_a_quotient() -> None:
    records = [record("3200", dt.date(2025, 9, 1)), record("0", dt.date(2026, 3, 1))]
    assert quotient_on(records, dt.date(2026, 2, 12)) == 3200
    assert quotient_on(reversed(records), dt.date(2026, 3, 5)) == 0
    assert quotient_on(records, dt.date(2025, 8, 31)) == Unknown()


def test_of_two_records_of_one_day_the_last_recorded_counts() -> None:
    day = dt.date(2026, 3, 1)
    assert quotient_on([record("700", day, hour=9), record("600", day, hour=8)], day) == 700


def test_a_foster_child_has_its_own() -> None:
    child = ChildId("c")
    records = [record("900", dt.date(2026, 1, 1)), record("100", dt.date(2025, 1, 1), child=child)]
    assert quotient_on(records, DECLARED, child) == 100
    assert quotient_on(records, DECLARED, ChildId("other")) == 900


def test_expired_refused_and_read_to_the_whole_number_below() -> None:
    day = dt.date(2026, 1, 1)
    assert quotient_on([record("600.9", day, expires=DECLARED)], DECLARED) == Expired(Decimal("600.9"), DECLARED)
    assert quotient_on([record(None, day, why="refused")], DECLARED) == Unknown("refused")
    assert quotient_on([record("600.9", day)], DECLARED, reading=QuotientReading.WHOLE_BELOW) == 600


def test_as_a_dated_fact_it_holds_from_its_effective_day_to_its_expiry() -> None:
    day = dt.date(2026, 1, 1)
    facts = DatedFacts((record("600.9", day, expires=DECLARED).dated_fact(QuotientReading.WHOLE_BELOW),))
    assert facts.on(day - dt.timedelta(days=1)).state("quotient") == Unknown()
    assert facts.on(day).state("quotient") == 600
    assert facts.on(DECLARED).state("quotient") == Expired(Decimal(600), DECLARED)


def test_a_quotient_is_an_exact_number_that_is_not_negative() -> None:
    with pytest.raises(MisuseError, match="not negative"):
        record("-1", DECLARED)


def test_computed_from_the_tax_notice() -> None:
    assert quotient_from_tax(Decimal(24000), Decimal("2.5")) == Decimal(800)
    assert quotient_from_tax(Decimal(10000), Decimal(3)) == Decimal("277.78")
    assert quotient_from_tax(Decimal(-50), Decimal(1)) == 0
    with pytest.raises(MisuseError, match="tax parts"):
        quotient_from_tax(Decimal(1), Decimal(0))


@pytest.mark.parametrize(
    ("parents", "children", "disabled", "parts"),
    [
        (1, 1, 0, "2.5"),
        (2, 1, 0, "2.5"),
        (1, 2, 0, "3"),
        (2, 2, 0, "3"),
        (2, 3, 0, "4"),
        (2, 4, 0, "4.5"),
        (1, 1, 1, "3"),
    ],
)
def test_the_parts_of_the_caf(parents: int, children: int, disabled: int, parts: str) -> None:
    assert caf_parts(parents, children, disabled) == Decimal(parts)


def test_parts_of_an_impossible_family() -> None:
    with pytest.raises(MisuseError):
        caf_parts(2, 1, 2)
