"""What the basket says, in the words of the guide."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from periscolaire import i18n
from periscolaire.booking import BASKET_BUTTONS, Basket, basket_words
from tests.unit.booking.commune import CANTINE, CLARA, GUILHEM, HOME, MATIN, RULES, day

DAYS = ("2026-10-12", "2026-10-13", "2026-10-15")


def said(basket: Basket, language: str = "fr") -> list[str]:
    return [i18n.text(words, language) for words in basket_words(basket, RULES)]


def test_the_buttons_and_the_empty_basket_are_those_of_the_guide() -> None:
    assert [i18n.text(words) for words in BASKET_BUTTONS] == ["Valider", "Vider"]
    assert said(Basket.of(HOME)) == ["Votre panier est vide"]
    assert said(Basket.of(HOME), "en") == ["Your basket is empty"]


def test_what_is_booked_and_cancelled_is_counted_apart() -> None:
    basket = Basket.of(HOME).book(CLARA, MATIN, day(DAYS[0])).book(GUILHEM, MATIN, day(DAYS[0]))
    name = RULES.product(MATIN).name
    assert said(basket) == [f"2 {name}", "Vos demandes sont en cours"]
    assert said(basket.cancel(CLARA, CANTINE, day(DAYS[1])))[1].startswith("1 annulation : ")


@given(st.lists(st.tuples(st.sampled_from(DAYS), st.sampled_from((CANTINE, MATIN)), st.booleans())))
def test_nothing_of_the_basket_is_left_out(wishes: list[tuple[str, str, bool]]) -> None:
    basket = Basket.of(HOME)
    for on, product, booked in wishes:
        basket = (basket.book if booked else basket.cancel)(CLARA, product, day(on))
    counts = [words.parameters.get("count", 0) for words in basket_words(basket, RULES)]
    assert sum(count for count in counts if isinstance(count, int)) == len(basket)
