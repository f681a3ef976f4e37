"""Sums in words: the hard places of French and English, and no two sums under one text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periscolaire.documents import spelled
from periscolaire.errors import MisuseError
from periscolaire.money import EUR, XPF, Currency, Money


@pytest.mark.parametrize(
    ("amount", "fr", "en"),
    [
        (0, "zéro euro", "zero euros"),
        (1, "un centime", "one cent"),
        (100, "un euro", "one euro"),
        (121, "un euro et vingt et un centimes", "one euro and twenty-one cents"),
        (4915, "quarante-neuf euros et quinze centimes", "forty-nine euros and fifteen cents"),
        (7100, "soixante et onze euros", "seventy-one euros"),
        (7700, "soixante-dix-sept euros", "seventy-seven euros"),
        (8000, "quatre-vingts euros", "eighty euros"),
        (8100, "quatre-vingt-un euros", "eighty-one euros"),
        (9100, "quatre-vingt-onze euros", "ninety-one euros"),
        (20000, "deux cents euros", "two hundred euros"),
        (20100, "deux cent un euros", "two hundred and one euros"),
        (100000, "mille euros", "one thousand euros"),
        (8000000, "quatre-vingt mille euros", "eighty thousand euros"),
        (20000000, "deux cent mille euros", "two hundred thousand euros"),
        (123456, "mille deux cent trente-quatre euros et cinquante-six centimes",
         "one thousand two hundred and thirty-four euros and fifty-six cents"),
        (100000000, "un million d'euros", "one million euros"),
        (200000100, "deux millions un euros", "two million and one euros"),
    ],
)  # fmt: skip
def test_a_sum_in_words(amount: int, fr: str, en: str) -> None:
    assert spelled(Money(amount, EUR)) == fr
    assert spelled(Money(amount, EUR), "en") == en


def test_a_currency_without_cents() -> None:
    assert spelled(Money(1200, XPF)) == "mille deux cents francs"
    assert spelled(Money(1, XPF), "en") == "one franc"


@pytest.mark.parametrize("value", [Money(-1, EUR), Money(10**11, EUR), Money(1, Currency("JPY", 0))])
def test_what_cannot_be_written_out(value: Money) -> None:
    with pytest.raises(MisuseError):
        spelled(value)


@given(st.lists(st.integers(0, 10**11 - 1), unique=True, min_size=2, max_size=2), st.sampled_from(["fr", "en"]))
def test_two_sums_are_never_written_alike(amounts: list[int], language: str) -> None:
    first, second = (spelled(Money(amount, EUR), language) for amount in amounts)
    assert first != second
