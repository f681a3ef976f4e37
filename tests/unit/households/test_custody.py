"""Who pays on which day, and what cannot be right."""

import datetime as dt
from decimal import Decimal

import pytest

from periscolaire.errors import MisuseError
from periscolaire.frozen import FrozenMap
from periscolaire.households import (
    AlternatingWeeks,
    Custody,
    EvenOddWeeks,
    Household,
    Member,
    Payer,
    Shares,
    SpansFirst,
    WeekdayTable,
    Whole,
    custody_conflicts,
    payers,
)
from periscolaire.ids import ChildId, HouseholdId

DAY = dt.date
A, B, LEA = HouseholdId("a"), HouseholdId("b"), ChildId("lea")
HOME_A = Household(A, "A", members=(Member(LEA),))
HOME_B = Household(B, "B", members=(Member(LEA),))


def on(sharing: object, day: dt.date) -> list[HouseholdId]:
    return [payer.household for payer in sharing.on(day)]  # type: ignore[attr-defined]  # any of the sharings


@pytest.mark.parametrize(
    ("day", "home"),
    [
        (DAY(2026, 1, 5), A),  # ISO week 2
        (DAY(2026, 1, 11), A),
        (DAY(2026, 1, 12), B),  # week 3
        (DAY(2026, 12, 28), B),  # week 53 …
        (DAY(2027, 1, 4), B),  # … and week 1: two odd weeks in a row
        (DAY(2027, 1, 11), A),
    ],
)
def test_even_and_odd_weeks_follow_the_number_on_the_calendar(day: dt.date, home: HouseholdId) -> None:
    assert on(EvenOddWeeks(A, B), day) == [home]


def test_a_handover_on_friday_gives_the_week_end_the_number_of_the_coming_week() -> None:
    weeks = EvenOddWeeks(A, B, handover=4)
    assert on(weeks, DAY(2026, 1, 8)) == [A]  # Thursday of week 2
    assert on(weeks, DAY(2026, 1, 9)) == [B]  # Friday: already the odd week 3
    assert on(weeks, DAY(2026, 1, 15)) == [B]
    assert on(weeks, DAY(2026, 1, 16)) == [A]


def test_alternating_weeks_never_stutter_and_reach_back() -> None:
    weeks = AlternatingWeeks(DAY(2026, 12, 28), (A, B))
    homes = [on(weeks, DAY(2026, 12, 28) + dt.timedelta(weeks=n))[0] for n in range(-2, 3)]
    assert homes == [A, B, A, B, A]
    with pytest.raises(MisuseError):
        AlternatingWeeks(DAY(2026, 1, 1), (A,))


def test_a_weekday_table_may_leave_a_day_without_payer() -> None:
    table = WeekdayTable(FrozenMap({0: A, 1: B}))
    assert on(table, DAY(2026, 1, 5)) == [A]
    assert on(table, DAY(2026, 1, 6)) == [B]
    assert on(table, DAY(2026, 1, 7)) == []


def test_shares_add_up_to_one_and_are_positive() -> None:
    half = Shares((Payer(A, Decimal("0.6")), Payer(B, Decimal("0.4"))))
    assert [payer.part for payer in half.on(DAY(2026, 1, 5))] == [Decimal("0.6"), Decimal("0.4")]
    with pytest.raises(MisuseError, match="add up"):
        Shares((Payer(A, Decimal("0.6")), Payer(B, Decimal("0.5"))))
    with pytest.raises(MisuseError, match="above 0"):
        Shares((Payer(A, Decimal("1.5")), Payer(B, Decimal("-0.5"))))


def test_spans_of_holidays_go_first() -> None:
    sharing = SpansFirst(((DAY(2026, 2, 14), DAY(2026, 2, 21), B),), Whole(A))
    assert [on(sharing, day) for day in (DAY(2026, 2, 13), DAY(2026, 2, 14), DAY(2026, 2, 21), DAY(2026, 2, 22))] == [
        [A], [B], [B], [A],
    ]  # fmt: skip


def test_without_custody_the_only_household_pays_and_two_leave_it_open() -> None:
    day = DAY(2026, 1, 5)
    assert payers(LEA, day, (), (HOME_A,)) == (Payer(A),)
    assert payers(LEA, day, (), (HOME_A, HOME_B)) == ()
    assert payers(LEA, day, (), ()) == ()


def test_the_custody_that_began_last_wins() -> None:
    old, new = Custody(LEA, Whole(A)), Custody(LEA, Whole(B), DAY(2026, 1, 5))
    assert payers(LEA, DAY(2026, 1, 4), (new, old), (HOME_A, HOME_B)) == (Payer(A),)
    assert payers(LEA, DAY(2026, 1, 5), (new, old), (HOME_A, HOME_B)) == (Payer(B),)


@pytest.mark.parametrize(
    ("custodies", "homes", "codes"),
    [
        ((), (HOME_A, HOME_B), ["custody.missing"]),
        ((), (), ["custody.nobody_pays"]),
        ((Custody(LEA, WeekdayTable(FrozenMap({1: A}))),), (HOME_A, HOME_B), ["custody.nobody_pays"]),
        ((Custody(LEA, Whole(B)),), (HOME_A,), ["custody.not_a_member"]),
        ((Custody(LEA, Whole(A)), Custody(LEA, Whole(B))), (HOME_A, HOME_B), ["custody.overlap"]),
        ((Custody(LEA, EvenOddWeeks(A, B)),), (HOME_A, HOME_B), []),
    ],
)
def test_conflicts_are_found_once_with_their_first_day(
    custodies: tuple[Custody, ...], homes: tuple[Household, ...], codes: list[str]
) -> None:
    days = [DAY(2026, 1, 5) + dt.timedelta(weeks=n) for n in range(4)]
    found = custody_conflicts(LEA, days, custodies, homes)
    assert [reason.code for reason in found] == codes
    assert all(reason.parameters["day"] == days[0] for reason in found)
