"""The period view, the agenda view, and their plain form."""

import datetime as dt
import json
from typing import Any

import attrs
import pytest

from periscolaire.booking import (
    AgendaWish,
    Basket,
    Cell,
    CellState,
    ChangeKind,
    OnWeekdays,
    PeriodView,
    SlotKey,
    Weeks,
    fill,
    period_view,
    to_plain,
)
from periscolaire.calendar import DayEffect, DayEvent, Span, Weekday
from periscolaire.catalogue import Action
from periscolaire.errors import MisuseError
from periscolaire.ids import ProductCode
from tests.unit.booking.commune import (
    CANTINE,
    CENTRE,
    CLARA,
    GUILHEM,
    HOME,
    MATIN,
    RULES,
    SOIR,
    STRANGER,
    at,
    booked,
    context,
    day,
)

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (day(f"2026-10-{n}") for n in range(12, 17))
NOW = at("2026-10-08 15:00")


def cell(view: PeriodView, product: ProductCode, on: dt.date, slot: str = "") -> Cell:
    found = view.cell(SlotKey(CLARA, product, on, slot))
    assert found is not None
    return found


def _triple(key: SlotKey) -> tuple[str, str, dt.date]:
    return key.child, key.product, key.day


def test_weeks_days_labels_and_buttons() -> None:
    view = period_view(RULES, CLARA, THURSDAY, day("2026-10-20"), context(), NOW)
    assert [week.label for week in view.weeks] == [
        "Semaine 42 du 12/10/2026 au 16/10/2026",
        "Semaine 43 du 19/10/2026 au 23/10/2026",
    ]
    assert [found.weekday for found in view.weeks[0].days] == ["lundi", "mardi", "mercredi", "jeudi", "vendredi"]
    assert (view.previous, view.today, view.next) == (day("2026-09-28"), day("2026-10-05"), day("2026-10-26"))
    assert view.weeks[1].days == ()  # autumn holidays: nothing runs


def test_states_of_cells() -> None:
    reservations = [
        booked(CLARA, CANTINE, MONDAY),
        booked(CLARA, CANTINE, TUESDAY, ChangeKind.QUEUE),
        booked(CLARA, CANTINE, THURSDAY, ChangeKind.BOOK, ChangeKind.CANCEL),
        booked(CLARA, MATIN, MONDAY, ChangeKind.REQUEST),
        booked(CLARA, MATIN, TUESDAY, ChangeKind.REQUEST, ChangeKind.LAPSE),
    ]
    basket = Basket.of(HOME).book(CLARA, MATIN, THURSDAY)
    strike = DayEvent(Span(FRIDAY, FRIDAY), DayEffect.CLOSED, "grève", products=[CANTINE])
    rules = attrs.evolve(RULES, settings=attrs.evolve(RULES.settings, events=(strike,)))
    state = context(reservations, taken={"centre/2026-10-14": 1})
    view = period_view(rules, CLARA, MONDAY, MONDAY, state, NOW, basket=basket)
    shown = {(on.day, box.key.product): box.state for on in view.weeks[0].days for box in on.cells if not box.key.slot}
    assert shown == {
        (MONDAY, CANTINE): CellState.CONFIRMED,
        (MONDAY, MATIN): CellState.REQUESTED,
        (TUESDAY, CANTINE): CellState.WAITING,
        (TUESDAY, MATIN): CellState.LAPSED,
        (WEDNESDAY, CENTRE): CellState.FULL,
        (THURSDAY, CANTINE): CellState.CANCELLED,
        (THURSDAY, MATIN): CellState.IN_BASKET,
        (FRIDAY, CANTINE): CellState.CLOSED,
        (FRIDAY, MATIN): CellState.FREE,
    }
    assert [reason.code for reason in cell(view, CANTINE, FRIDAY).reasons] == ["booking.closed"]
    assert view.basket_counts == {MATIN: 1}


def test_what_may_be_done_until_when_and_with_which_effect() -> None:
    view = period_view(RULES, CLARA, MONDAY, MONDAY, context([booked(CLARA, MATIN, TUESDAY)]), NOW)
    late = cell(view, CANTINE, MONDAY)
    assert (late.may_book, late.until, late.places_left) == (True, at("2026-10-11 10:00"), 2)
    assert late.effect is not None
    assert late.effect.price is not None
    undo = cell(view, MATIN, TUESDAY)
    assert (undo.may_book, undo.may_cancel, undo.until) == (False, True, at("2026-10-13 00:00"))
    past = period_view(RULES, CLARA, MONDAY, MONDAY, context(), at("2026-10-13 08:00"), look_ahead=True)
    gone = cell(past, MATIN, MONDAY)
    assert not gone.may_book
    assert {reason.code for reason in gone.reasons} == {"day.past", "limit.closed"}
    assert [alternative.day for alternative in gone.alternatives] == [THURSDAY]


def test_a_product_with_slots_has_a_box_for_each() -> None:
    view = period_view(RULES, CLARA, MONDAY, MONDAY, context(), NOW, products=[SOIR])
    assert [(box.key.slot, box.slot_name) for box in view.weeks[0].days[0].cells] == [
        ("court", "Jusqu'à 17:30"),
        ("long", "Jusqu'à 18:30"),
    ]


def test_outcomes_places_and_prices_are_those_handed_in() -> None:
    key = SlotKey(CLARA, CANTINE, MONDAY)
    state = context(price_of=lambda query: 440)
    view = period_view(RULES, CLARA, MONDAY, MONDAY, state, NOW, show_places=False, outcomes={key: "présent"})
    box = cell(view, CANTINE, MONDAY)
    assert (box.outcome, box.places_left, box.price) == ("présent", None, 440)


def test_a_view_is_ready_for_json() -> None:
    view = period_view(RULES, CLARA, MONDAY, MONDAY, context([booked(CLARA, MATIN, TUESDAY)]), NOW)
    plain = to_plain(view, lambda reason: f"[{reason.code}]")
    assert json.loads(json.dumps(plain)) == plain
    first = plain["weeks"][0]["days"][0]["cells"][0]
    assert first["state"] == "libre"
    assert first["until"] == "2026-10-11T10:00:00+02:00"
    assert first["reasons"] == [] or "text" in first["reasons"][0]


@pytest.mark.parametrize("value", [1.5, object(), {1: "one"}])
def test_what_has_no_plain_form_is_misuse(value: object) -> None:
    with pytest.raises(MisuseError):
        to_plain(value)


def test_a_view_of_somebody_elses_child_is_misuse() -> None:
    with pytest.raises(MisuseError, match="household"):
        period_view(RULES, STRANGER, MONDAY, MONDAY, context(), NOW)
    with pytest.raises(MisuseError, match="last day"):
        period_view(RULES, CLARA, TUESDAY, MONDAY, context(), NOW)


def test_the_view_ends_where_the_calendar_ends() -> None:
    last = RULES.calendar.last_known
    view = period_view(RULES, CLARA, last, last, context(), NOW)
    assert view.next is None


def test_the_agenda_fills_the_basket_and_tells_what_it_left_out() -> None:
    wish = AgendaWish(
        (CLARA, GUILHEM),
        (CANTINE, MATIN),
        day("2026-10-05"),
        day("2026-10-16"),
        frozenset({Weekday.MONDAY, Weekday.WEDNESDAY}),
    )
    state = context([booked(GUILHEM, MATIN, MONDAY)], taken={"cantine/2026-10-12": 1})
    filled = fill(wish, Basket.of(HOME), RULES, state, at("2026-10-05 09:00"))
    assert [line.key for line in filled.added] == [SlotKey(CLARA, CANTINE, MONDAY), SlotKey(CLARA, MATIN, MONDAY)]
    assert filled.basket.lines == filled.added
    told = {_triple(verdict.line.key): verdict.reasons[0].code for verdict in filled.left_out}
    assert told[GUILHEM, CANTINE, MONDAY] == "places.full"
    assert told[GUILHEM, MATIN, MONDAY] == "booking.already"
    assert told[CLARA, CANTINE, WEDNESDAY] == "booking.closed"
    assert told[CLARA, MATIN, day("2026-10-05")] == "limit.closed"


def test_the_agenda_follows_a_pattern_and_passes_over_closed_days_in_silence() -> None:
    wish = AgendaWish(
        (CLARA,),
        (MATIN,),
        day("2026-10-05"),
        day("2026-11-30"),
        pattern=OnWeekdays(frozenset({Weekday.THURSDAY, Weekday.WEDNESDAY}), Weeks.ODD),
    )
    filled = fill(wish, Basket.of(HOME), RULES, context(), at("2026-10-05 09:00"))
    assert [line.key.day for line in filled.added] == [day("2026-10-08"), day("2026-11-05"), day("2026-11-19")]
    assert filled.left_out == ()


def test_the_agenda_cancels_what_is_booked() -> None:
    wish = AgendaWish((CLARA,), (MATIN,), MONDAY, FRIDAY, action=Action.CANCEL)
    filled = fill(wish, Basket.of(HOME), RULES, context([booked(CLARA, MATIN, TUESDAY)]), NOW)
    assert [(line.action, line.key.day) for line in filled.added] == [(Action.CANCEL, TUESDAY)]


@pytest.mark.parametrize(
    "wrong",
    [{"children": ()}, {"products": ()}, {"last": day("2026-10-01")}, {"action": Action.CHANGE}],
)
def test_an_agenda_that_asks_for_nothing_is_misuse(wrong: dict[str, Any]) -> None:
    right = AgendaWish((CLARA,), (MATIN,), MONDAY, FRIDAY)
    with pytest.raises(MisuseError):
        attrs.evolve(right, **wrong)
