"""Amounts, roundings and splits by example."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from periscolaire.errors import MisuseError
from periscolaire.money import EUR, XPF, Money, Rounding, RoundingMode, currency, parse_decimal, split


def test_amounts_are_whole_minor_units() -> None:
    assert EUR.amount(Decimal("4.40")) == 440
    assert XPF.amount(Decimal(1200)) == 1200
    assert EUR.value(440) == Decimal("4.40")
    assert Money(440) == Money(440, EUR)


@pytest.mark.parametrize(("value", "money"), [("4.405", EUR), ("0.5", XPF)])
def test_a_finer_value_needs_a_named_rounding(value: str, money: object) -> None:
    assert money in (EUR, XPF)
    unit = EUR if money == EUR else XPF
    with pytest.raises(MisuseError, match="rounding"):
        unit.amount(Decimal(value))
    assert unit.amount(Decimal(value), Rounding()) > 0


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        (RoundingMode.HALF_UP, "2.345", "2.35"),
        (RoundingMode.HALF_EVEN, "2.345", "2.34"),
        (RoundingMode.UP, "2.341", "2.35"),
        (RoundingMode.DOWN, "2.349", "2.34"),
        (RoundingMode.HALF_UP, "-2.345", "-2.35"),
        (RoundingMode.UP, "-2.349", "-2.34"),
    ],
)
def test_each_rounding(mode: RoundingMode, value: str, expected: str) -> None:
    assert Rounding(mode).apply(Decimal(value)) == Decimal(expected)


def test_a_rounding_may_have_its_step() -> None:
    assert Rounding(step=Decimal("0.05")).apply(Decimal("2.32")) == Decimal("2.30")
    assert Rounding(step=Decimal(5)).apply(Decimal(1232), XPF) == 1230
    assert Rounding().apply(Decimal("1232.5"), XPF) == 1233


def test_the_currencies_of_communes() -> None:
    assert (currency("EUR"), currency("XPF")) == (EUR, XPF)
    with pytest.raises(MisuseError, match="EUR, XPF"):
        currency("USD")


@pytest.mark.parametrize(("text", "value"), [("4,40", "4.40"), (" 4.40 ", "4.40"), ("-2,50", "-2.50"), ("+3", "3")])
def test_numbers_as_people_write_them(text: str, value: str) -> None:
    assert parse_decimal(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "NaN", "1e3", "4,40 €", "1 200", "4,", ",5", "Infinity", "٣"])
def test_other_texts_are_no_numbers(text: str) -> None:
    with pytest.raises(MisuseError):
        parse_decimal(text)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], (34, 33, 33)),
        (-100, [1, 1, 1], (-34, -33, -33)),
        (5, [Decimal("0.5"), Fraction(1, 2)], (3, 2)),
        (0, [1, 2], (0, 0)),
        (7, [0, 1], (0, 7)),
    ],
)
def test_splits(total: int, weights: list[int | Decimal | Fraction], parts: tuple[int, ...]) -> None:
    assert split(total, weights) == parts


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_without_meaning(weights: list[int]) -> None:
    with pytest.raises(MisuseError):
        split(10, weights)
