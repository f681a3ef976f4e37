"""The faults reproduced on the peers (PEERS 3), each a test of ours."""

from __future__ import annotations

from decimal import Decimal

import pytest

from periscolaire.errors import MisuseError
from periscolaire.facts import Facts
from periscolaire.households import QuotientReading
from periscolaire.ids import TariffCode
from periscolaire.pricing import Price, Pricer, Tariff, TariffVersion, price, price_or_reason

from . import saying
from .saying import cents, reason

BANDS = {
    "selon": "quotient",
    "tranches": [{"jusqu_a": 500, "prix": "1,00"}, {"jusqu_a": 1000, "prix": "2,00"}, {"prix": "5,00"}],
    "sans": "tranche la plus haute",
}
BY_HOUR = {"selon": "départ", "tranches": [{"jusqu_a": "17:30", "prix": BANDS}, {"prix": "9,00"}]}
BY_LENGTH = {"selon": "durée", "tranches": [{"jusqu_a": 60, "prix": BANDS}, {"prix": "9,00"}]}
BY_SIBLINGS = {"lignes": [{"si": {"fratrie": "<= 2"}, "prix": BANDS}, {"prix": "9,00"}]}


@pytest.mark.parametrize("grid", [BANDS, BY_HOUR, BY_LENGTH, BY_SIBLINGS])
def test_a_quotient_of_zero_is_in_the_first_band(grid: object) -> None:
    assert cents(grid, quotient=0, départ="17:00", durée=45, fratrie=1) == 100


def test_no_value_falls_in_a_hole_between_two_bands() -> None:
    assert cents(BANDS, quotient="500,50") == 200
    read = QuotientReading.WHOLE_BELOW.read(Decimal("500.50"))
    assert price(saying.version(BANDS), Facts(quotient=read)).amount == 100


def test_the_line_of_the_very_date_is_found() -> None:
    rate = {"taux": "0,003", "de": "quotient"}
    grid = [{"si": {"date": "2026-02-10"}, "prix": rate}, {"prix": "0,00"}]
    assert cents(grid, date="2026-02-10", quotient=1000) == 300
    assert cents(grid, date="2026-02-11", quotient=1000) == 0


def test_half_a_cent_goes_up() -> None:
    assert cents({"taux": "0,005", "de": "quotient"}, quotient=535) == 268


def test_the_unit_is_rounded_before_it_is_multiplied() -> None:
    grid = {"par": "1 repas", "a": {"taux": "0,0042", "de": "quotient"}}
    assert cents(grid, quotient=987, quantité=17) == 7055


def test_missing_hours_are_a_reason_not_a_crash() -> None:
    assert reason({"par": "30 min", "a": "1,00"}) == "pricing.fact_missing"
    assert reason({"par": "30 min", "ancre": "07:30", "a": "1,00"}, arrivée="08:00") == "pricing.fact_missing"
    assert reason({"par": "30 min", "fenetre": "16:00-18:00", "a": "1,00"}) == "pricing.fact_missing"


def test_hours_are_whole_minutes_until_the_end() -> None:
    assert cents({"par": "1 h", "compte": "prorata", "a": "3,00"}, durée=20) == 100
    assert cents({"par": "45 min", "compte": "prorata", "a": "0,01"}, durée="67") == 1
    # 0,15 an hour for 10 min is 2.5 cents exactly, though neither 10/60 nor 1/60 is.
    assert cents({"par": "1 h", "compte": "prorata", "a": "0,15"}, durée=10) == 3
    third_then_half = {"par": "45 min", "compte": "prorata", "a": "0,01", "puis": ["×1,5"]}
    assert cents(third_then_half, durée=15) == 1  # 0.01 / 3 × 1.5 is half a cent


def test_rounding_is_half_up_not_half_even() -> None:
    assert cents({"montant": "3,05", "puis": [{"fois": "0,5"}]}) == 153
    assert cents({"montant": "3,15", "puis": [{"fois": "0,5"}]}) == 158


@pytest.mark.parametrize("value", [600.5, "600", True, None])
def test_a_quotient_that_is_no_exact_number_never_matches_silently(value: object) -> None:
    version: TariffVersion = saying.version(BANDS)
    held = Facts() if value is None else Facts(quotient=value)
    if value is None:
        assert isinstance(price_or_reason(version, held), Price)  # « sans » answers
        return
    with pytest.raises(MisuseError, match="quotient"):
        price_or_reason(version, held)


def test_overlapping_versions_are_answered_in_one_way() -> None:
    old = saying.version("1,00")
    new = saying.version("2,00", label="later")

    tariff = Tariff(TariffCode("t"), (old, new))
    pricer = Pricer([tariff])
    found = [pricer.price("t", Facts(), saying.DAY) for _ in range(3)]
    assert len(set(found)) == 1
    assert tariff.on(saying.DAY) is pricer.version("t", saying.DAY)
