"""Waiting lists: arrival, priority, draw, offers."""

import datetime as dt
import itertools

import pytest

from periscolaire.booking import Attribution, Order, SlotKey, Wish, allocate, lot, offers, position, ranked
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, HouseholdId, ProductCode

AT = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)


def wish(child: str, household: str, minutes: int, priority: int = 0) -> Wish:
    key = SlotKey(ChildId(child), ProductCode("centre"), dt.date(2026, 10, 19))
    return Wish(key, HouseholdId(household), AT + dt.timedelta(minutes=minutes), priority)


ANNE = wish("anne", "A", 3)
BOB = wish("bob", "B", 1, priority=1)
CLEO = wish("cleo", "C", 2)
AXEL = wish("axel", "A", 0, priority=1)


def test_priority_then_arrival_whatever_the_order_given() -> None:
    for wishes in itertools.permutations((ANNE, BOB, CLEO, AXEL)):
        assert ranked(wishes, Attribution()) == (CLEO, ANNE, AXEL, BOB)


def test_arrival_is_compared_in_utc() -> None:
    paris = dt.timezone(dt.timedelta(hours=2))
    early = Wish(ANNE.key, ANNE.household, dt.datetime(2026, 9, 1, 9, 59, tzinfo=paris))
    assert ranked((CLEO, early), Attribution())[0] is early


def test_a_draw_can_be_drawn_again_and_keeps_siblings_together() -> None:
    allocation = Attribution(Order.DRAW, "tirage du 12 juin")
    wishes = [wish(f"child{n}", f"H{n // 2}", n) for n in range(20)]
    order = ranked(reversed(wishes), allocation)
    assert order == ranked(wishes, allocation)
    households = [household for household, _ in itertools.groupby(found.household for found in order)]
    assert households == sorted(set(households), key=lambda household: lot("tirage du 12 juin", household))
    assert order != ranked(wishes, Attribution(Order.DRAW, "un autre tirage"))


def test_a_draw_without_seed_is_misuse() -> None:
    with pytest.raises(MisuseError, match="seed"):
        Attribution(Order.DRAW)


def test_allocate_serves_the_first_and_tells_the_others_their_position() -> None:
    result = allocate((ANNE, BOB, CLEO, AXEL), 2, Attribution())
    assert result.served == (CLEO, ANNE)
    assert result.waiting == (AXEL, BOB)
    assert position(BOB.key, result.waiting, Attribution()) == 2
    assert position(ANNE.key, result.waiting, Attribution()) is None
    with pytest.raises(MisuseError):
        allocate((ANNE,), -1, Attribution())


def test_offers_end_at_the_latest_useful_instant() -> None:
    hold = dt.timedelta(hours=48)
    (offer,) = offers((BOB, CLEO), 1, Attribution(), AT, hold, AT + dt.timedelta(days=9))
    assert (offer.wish, offer.until) == (CLEO, AT + hold)
    (cut,) = offers((BOB,), 1, Attribution(), AT, hold, AT + dt.timedelta(hours=3))
    assert cut.until == AT + dt.timedelta(hours=3)
    assert offers((BOB,), 1, Attribution(), AT, hold, AT) == ()
    assert offers((BOB,), -3, Attribution(), AT, hold, AT + hold) == ()
