"""Baskets, patterns, registrations, places, kitchen, calendar files: values without a règlement."""

import datetime as dt
import itertools

import attrs
import pytest

from periscolaire.booking import (
    DOOR_HEADINGS,
    EVERY_DAY,
    RATIOS,
    Basket,
    ChangeKind,
    Claim,
    Diner,
    Formula,
    HouseholdDays,
    Line,
    Occasional,
    OnWeekdays,
    Overage,
    PatternFrom,
    Recurrence,
    Registration,
    Setting,
    Several,
    SlotKey,
    Weeks,
    chosen,
    claims,
    difference,
    differences,
    door_list,
    expected,
    freeze_order,
    icalendar,
    overages,
    places_left,
    places_rules,
    staff_needed,
    taken_from,
)
from periscolaire.calendar import Span, Weekday
from periscolaire.catalogue import Action, Allocation, PlacesRule
from periscolaire.errors import MisuseError
from periscolaire.facts import Condition, Facts, Op, Test
from periscolaire.ids import FactId
from tests.unit.booking.commune import (
    CANTEEN,
    CANTINE,
    CLARA,
    EVENING,
    GUILHEM,
    HOME,
    MATIN,
    OTHER_HOME,
    PARIS,
    SOIR,
    at,
    booked,
    day,
)

MONDAY, TUESDAY = day("2026-10-12"), day("2026-10-13")
KEY = SlotKey(CLARA, CANTINE, MONDAY)
DAYS = [day("2026-12-28") + dt.timedelta(days=n) for n in range(21)]  # week 53, then weeks 1 and 2


# Basket


def test_a_basket_counts_by_product_and_empties() -> None:
    basket = Basket.of(HOME).book(CLARA, MATIN, MONDAY).book(GUILHEM, MATIN, MONDAY).book(CLARA, CANTINE, MONDAY)
    assert basket.cancel(CLARA, MATIN, TUESDAY).count() == {MATIN: 2, CANTINE: 1}
    assert basket.cancel(CLARA, MATIN, TUESDAY).count(Action.CANCEL) == {MATIN: 1}
    assert basket.children() == {CLARA, GUILHEM}
    assert (len(basket), len(basket.empty()), len(basket.remove(KEY))) == (3, 0, 2)


def test_a_key_has_one_line_at_most() -> None:
    basket = Basket.of(HOME).book(CLARA, CANTINE, MONDAY).cancel(CLARA, CANTINE, MONDAY)
    assert [line.action for line in basket] == [Action.CANCEL]
    moved = basket.book(CLARA, CANTINE, TUESDAY).change(KEY, SlotKey(CLARA, CANTINE, TUESDAY))
    assert [line.action for line in moved] == [Action.CHANGE]
    with pytest.raises(MisuseError, match="at most one"):
        Basket(HOME, (Line(Action.BOOK, KEY), Line(Action.CANCEL, KEY)))


def test_a_click_books_what_is_free_cancels_what_is_booked_and_undoes_itself() -> None:
    free = Basket.of(HOME).toggle(KEY, None)
    assert [line.action for line in free] == [Action.BOOK]
    assert free.toggle(KEY, None).lines == ()
    assert [line.action for line in Basket.of(HOME).toggle(KEY, booked(CLARA, CANTINE, MONDAY))] == [Action.CANCEL]
    gone = booked(CLARA, CANTINE, MONDAY, ChangeKind.BOOK, ChangeKind.CANCEL)
    assert [line.action for line in Basket.of(HOME).toggle(KEY, gone)] == [Action.BOOK]


def test_the_canonical_order_does_not_depend_on_the_order_of_clicks() -> None:
    keys = [KEY, SlotKey(GUILHEM, CANTINE, MONDAY), SlotKey(CLARA, MATIN, MONDAY), SlotKey(CLARA, CANTINE, TUESDAY)]
    orders = {
        Basket.of(HOME).add(*(Line(Action.BOOK, key) for key in order)).canonical()
        for order in itertools.permutations(keys)
    }
    assert [[line.key for line in order] for order in orders] == [[keys[0], keys[1], keys[2], keys[3]]]


@pytest.mark.parametrize(
    ("action", "to"),
    [
        (Action.CHANGE, None),
        (Action.BOOK, KEY),
        (Action.CHANGE, KEY),
        (Action.CHANGE, SlotKey(GUILHEM, CANTINE, TUESDAY)),
    ],
)
def test_a_change_keeps_the_child_and_leads_elsewhere(action: Action, to: SlotKey | None) -> None:
    with pytest.raises(MisuseError):
        Line(action, KEY, to)


# Patterns and registrations


def test_weeks_by_their_iso_number() -> None:
    odd = chosen(OnWeekdays(frozenset({Weekday.MONDAY}), Weeks.ODD), DAYS)
    assert sorted(odd) == [day("2026-12-28"), day("2027-01-04")]  # weeks 53 and 1: odd twice in a row
    assert chosen(OnWeekdays(frozenset({Weekday.MONDAY}), Weeks.EVEN), DAYS) == {day("2027-01-11")}


def test_patterns_choose_among_open_days() -> None:
    assert chosen(EVERY_DAY, DAYS) == frozenset(DAYS)
    assert chosen(Occasional(), DAYS) == frozenset()
    assert chosen(HouseholdDays(), DAYS, lambda on: on.day == 28) == {day("2026-12-28")}
    every_third = Recurrence("FREQ=DAILY;INTERVAL=3", day("2026-12-27"))
    assert sorted(chosen(every_third, DAYS[:7])) == [day("2026-12-30"), day("2027-01-02")]
    mixed = Several((OnWeekdays(frozenset({Weekday.MONDAY})), every_third))
    assert len(chosen(mixed, DAYS[:7])) == 3
    assert chosen(every_third, []) == frozenset()


@pytest.mark.parametrize("rule", ["", "every monday", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=8"])
def test_a_recurrence_speaks_of_days(rule: str) -> None:
    with pytest.raises(MisuseError, match="recurrence"):
        Recurrence(rule, MONDAY)


def test_patterns_that_cannot_be() -> None:
    with pytest.raises(MisuseError):
        OnWeekdays(frozenset())
    with pytest.raises(MisuseError, match="custody"):
        chosen(HouseholdDays(), DAYS)


def _registration() -> Registration:
    mondays = PatternFrom(MONDAY, OnWeekdays(frozenset({Weekday.MONDAY})), at("2026-09-01 08:00"), "anne")
    return Registration(
        FactId("i"), CLARA, CANTINE, HOME, "2026-2027", Span(MONDAY, day("2026-11-30")), Formula.REGULAR, (mondays,)
    )


def test_a_registration_is_its_pattern_plus_and_minus_exceptions() -> None:
    one = _registration()
    running = [day("2026-10-05") + dt.timedelta(days=n) for n in range(14)]
    assert one.days(running) == (MONDAY,)
    assert one.adding(TUESDAY).without(MONDAY).days(running) == (TUESDAY,)
    assert one.without(MONDAY).adding(MONDAY).days(running) == (MONDAY,)
    assert one.ending(MONDAY).adding(TUESDAY).days(running) == (MONDAY,)
    with pytest.raises(MisuseError, match="before"):
        one.ending(day("2026-10-11"))
    with pytest.raises(MisuseError, match="both"):
        attrs.evolve(one, plus=frozenset({MONDAY}), minus=frozenset({MONDAY}))


def test_the_last_decided_pattern_that_has_begun_counts() -> None:
    one = _registration().with_pattern(EVERY_DAY, day("2026-10-19"), at("2026-10-13 08:00"), "anne")
    assert isinstance(one.pattern_on(MONDAY), OnWeekdays)
    assert one.pattern_on(day("2026-10-19")) == EVERY_DAY
    assert one.pattern_on(day("2026-10-01")) == Occasional()


def test_the_difference_leaves_other_reservations_alone() -> None:
    found = difference(
        _registration(),
        [
            booked(CLARA, CANTINE, TUESDAY),
            booked(CLARA, MATIN, TUESDAY),
            booked(GUILHEM, CANTINE, TUESDAY),
            booked(CLARA, CANTINE, day("2026-10-15"), household=OTHER_HOME),
            booked(CLARA, CANTINE, day("2026-10-16"), ChangeKind.BOOK, ChangeKind.CANCEL),
        ],
        [MONDAY, TUESDAY, day("2026-10-15"), day("2026-10-16")],
    )
    assert found.book == (KEY,)
    assert found.cancel == (SlotKey(CLARA, CANTINE, TUESDAY),)


# Places


def test_tables_of_places_first_match_in_each_and_all_tables_at_once() -> None:
    monday = Condition((Test("weekday", Op.EQ, ("lundi",)),))
    product = attrs.evolve(
        CANTEEN, places=(PlacesRule(60, monday), PlacesRule(70), PlacesRule(24, pool=("site", "slot")))
    )
    facts = Facts({"site": "Moulin"})
    assert claims(product, KEY, facts) == (
        Claim("cantine/2026-10-12", 60),
        Claim("cantine/2026-10-12/site=Moulin/slot=", 24),
    )
    assert claims(product, attrs.evolve(KEY, day=TUESDAY), Facts())[0] == Claim("cantine/2026-10-13", 70)
    assert claims(product, attrs.evolve(KEY, day=TUESDAY), Facts())[1].pool == "cantine/2026-10-13/site=?/slot="


def test_an_unknown_fact_counts_as_holding() -> None:
    small = Condition((Test("level", Op.EQ, ("maternelle",)),))
    product = attrs.evolve(CANTEEN, places=(PlacesRule(8, small), PlacesRule(70)))
    assert claims(product, KEY, Facts())[0].maximum == 8
    assert claims(product, KEY, Facts({"level": "élémentaire"}))[0].maximum == 70


def test_a_rule_that_does_not_say_how_many_bounds_nothing_and_ranks_children() -> None:
    transported = Condition((Test("transported", Op.EQ, (True,)),))
    working = Condition((Test("both_parents_work", Op.EQ, (True,)),))
    rule = PlacesRule(None, allocation=Allocation.PRIORITIES, priorities=(transported, working))
    product = attrs.evolve(CANTEEN, places=(rule,))
    assert places_rules(product, KEY, Facts()) == (rule,)
    assert claims(product, KEY, Facts()) == ()
    assert rule.priority(Facts({"transported": True})) == 0
    assert rule.priority(Facts({"both_parents_work": True})) == 1  # nobody knows how the child travels
    assert rule.priority(Facts()) == 2


def test_places_left_taken_and_over() -> None:
    wanted = (Claim("a", 3), Claim("b", 2))
    assert places_left(wanted, {"a": 1, "b": 1}) == 1
    assert places_left(wanted, {"a": 9}) == 0
    assert places_left((), {"a": 9}) is None
    assert overages(wanted, {"a": 3, "b": 5}) == (Overage("b", 2, 5),)
    reservations = [booked(CLARA, CANTINE, MONDAY), booked(CLARA, MATIN, MONDAY, ChangeKind.REQUEST)]
    assert taken_from(reservations, lambda key: (Claim(str(key.product), 9),)) == {"cantine": 1}


# Kitchen and door


def _diner(key: SlotKey) -> Diner:
    if key.child == CLARA:
        facts = Facts({"school": "Moulin", "class_name": "CP", "diet": "sans porc", "age": 6, "pai": True})
    else:
        facts = Facts({"school": "Moulin", "class_name": "CP", "own_meal": True})
    return Diner.of(key.child, "Martin", str(key.child), facts)


def test_the_order_counts_confirmed_children_by_class_and_diet() -> None:
    reservations = [
        booked(CLARA, CANTINE, MONDAY),
        booked(GUILHEM, CANTINE, MONDAY),
        booked(GUILHEM, CANTINE, TUESDAY),
        booked(CLARA, MATIN, MONDAY, ChangeKind.QUEUE),
    ]
    order = freeze_order(CANTINE, MONDAY, reservations, _diner, at("2026-10-09 10:00"))
    assert [(line.group.diet, line.group.own_meal, line.count) for line in order.lines] == [
        ("", True, 1),
        ("sans porc", False, 1),
    ]
    assert order.meals == 1
    (changed,) = differences(order, expected(reservations[1:2], _diner))
    assert (changed.ordered, changed.expected, changed.change) == (1, 0, -1)
    assert differences(order, order.lines) == ()


def test_the_door_list_names_the_expected_first() -> None:
    rows = door_list(
        [
            booked(CLARA, CANTINE, MONDAY, ChangeKind.QUEUE),
            booked(GUILHEM, CANTINE, MONDAY),
            booked(CLARA, MATIN, MONDAY, ChangeKind.BOOK, ChangeKind.CANCEL),
        ],
        _diner,
    )
    assert [row.diner.child for row in rows] == [GUILHEM, CLARA]
    cells = dict(zip(DOOR_HEADINGS, rows[0].cells(), strict=True))
    assert (cells["repas"], cells["réservation"], cells["présent"]) == ("panier repas", "confirmée", "")


def test_an_unknown_age_counts_as_under_six() -> None:
    diners = [_diner(SlotKey(child, CANTINE, MONDAY)) for child in (CLARA, GUILHEM)]
    assert staff_needed(diners, RATIOS[Setting.HOLIDAYS]).required == 2


# Calendar files


def test_an_icalendar_file_follows_rfc_5545() -> None:
    reservations = [
        booked(CLARA, SOIR, MONDAY, slot="court"),
        booked(CLARA, CANTINE, TUESDAY, ChangeKind.BOOK, ChangeKind.CANCEL),
    ]
    text = icalendar(
        reservations,
        lambda key: EVENING if key.product == SOIR else CANTEEN,
        lambda key: f"{key.product}, {key.child} ; l'été à l'école élémentaire du Moulin à vent",
        PARIS,
        name="Clara",
        at=at("2026-10-01 08:00"),
    )
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    unfolded = text.replace("\r\n ", "")
    assert "DTSTART:20261012T143000Z\r\nDTEND:20261012T153000Z\r\n" in unfolded
    assert "DTSTART;VALUE=DATE:20261013\r\nDTEND;VALUE=DATE:20261014\r\n" in unfolded
    assert "SUMMARY:garderie-soir\\, clara \\; l'été à l'école élémentaire du Moulin à vent\r\n" in unfolded
    assert (unfolded.count("STATUS:CONFIRMED"), unfolded.count("STATUS:CANCELLED")) == (1, 1)
    assert "UID:clara-garderie-soir-2026-10-12-court@periscolaire" in unfolded
