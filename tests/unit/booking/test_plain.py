"""Plain values: a view goes out as JSON knows it, a basket also comes back."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periscolaire.booking import (
    Basket,
    Line,
    SlotKey,
    State,
    basket_from_plain,
    check,
    period_view,
    to_plain,
)
from periscolaire.catalogue import Action
from periscolaire.errors import MisuseError
from periscolaire.i18n import text
from tests.unit.booking.commune import CANTINE, CLARA, GUILHEM, HOME, RULES, SOIR, at, context, day

DAYS = st.dates(dt.date(2026, 9, 1), dt.date(2027, 7, 1))
KEYS = st.builds(
    SlotKey, st.sampled_from([CLARA, GUILHEM]), st.sampled_from([CANTINE, SOIR]), DAYS, st.sampled_from(["", "court"])
)
LINES = st.builds(
    Line,
    st.sampled_from([Action.BOOK, Action.CANCEL]),
    KEYS,
    motive=st.none() | st.text(max_size=5),
    mode=st.none() | st.just("annuel"),
    seen=st.none() | st.sampled_from(State),
    tracked=st.booleans(),
)


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    empty = Basket.of(
        HOME,
        at=draw(st.none() | st.just(at("2026-10-05 09:00"))),
        lifetime=draw(st.none() | st.just(dt.timedelta(minutes=30))),
        reglement=draw(st.none() | st.just("2026-2027")),
    )
    basket = empty.add(*draw(st.lists(LINES, max_size=4)))
    if draw(st.booleans()):
        basket = basket.change(
            SlotKey(CLARA, CANTINE, day("2026-10-12")), SlotKey(CLARA, CANTINE, day("2026-10-13")), motive="échange"
        )
    return basket


@given(baskets())
@settings(max_examples=60, deadline=None)
def test_a_basket_that_went_through_json_is_the_same(basket: Basket) -> None:
    assert basket_from_plain(json.loads(json.dumps(to_plain(basket)))) == basket


@pytest.mark.parametrize(
    "spoil",
    [
        {"household": 12},
        {"lines": None},
        {"lines": [{"action": "voler"}]},
        {"opened_at": "tantôt"},
        {"lifetime": "une heure"},
        {"opened_at": "2026-10-05T09:00:00"},
    ],
)
def test_anything_else_is_refused(spoil: dict[str, Any]) -> None:
    with pytest.raises(MisuseError):
        basket_from_plain({**to_plain(Basket.of(HOME)), **spoil})
    with pytest.raises(MisuseError):
        basket_from_plain({})


def only_plain(value: object) -> bool:
    match value:
        case dict():
            return all(isinstance(key, str) and only_plain(item) for key, item in value.items())
        case list():
            return all(only_plain(item) for item in value)
        case _:
            return value is None or type(value) in (str, int, bool)


def test_views_and_checks_are_plain_through_and_through() -> None:
    basket = Basket.of(HOME).book(CLARA, CANTINE, day("2026-10-12")).book(CLARA, SOIR, day("2026-10-12"))
    now = at("2026-10-05 09:00")
    view = period_view(RULES, CLARA, day("2026-10-12"), day("2026-10-25"), context(), now, basket=basket)
    for value in (view, check(basket, RULES, context(), now)):
        plain = to_plain(value, text)
        assert only_plain(plain)
        assert json.loads(json.dumps(plain)) == plain
