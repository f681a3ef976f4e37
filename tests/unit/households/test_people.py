"""Ages, schooling, pick-ups and members over time."""

import datetime as dt

import attrs
import pytest

from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.households import Amendment, Child, Grade, Household, Level, Member, PickUp, Schooling, amendment
from periscolaire.ids import ChildId, HouseholdId, SchoolCode

DAY = dt.date
SCHOOL = SchoolCode("jules-ferry")


def child(**more: object) -> Child:
    return Child(ChildId("c1"), "MARTIN", "Léa", DAY(2020, 2, 29), **more)  # type: ignore[arg-type]  # a helper for many fields


@pytest.mark.parametrize(
    ("day", "age"),
    [
        (DAY(2026, 2, 28), 5),
        (DAY(2026, 3, 1), 6),
        (DAY(2024, 2, 28), 3),
        (DAY(2024, 2, 29), 4),
        (DAY(2020, 2, 28), None),
    ],
)
def test_a_child_of_29_february_turns_older_on_1_march_of_common_years(day: dt.date, age: int | None) -> None:
    assert child().age(day) == age


def test_age_is_unknown_without_a_birth_date() -> None:
    assert Child(ChildId("c"), "A", "B", None).age(DAY(2026, 1, 1)) is None


def test_a_class_of_two_levels_does_not_tell_the_grade() -> None:
    schooling = Schooling(DAY(2025, 9, 1), None, SCHOOL, Grade.CM1, "CE2/CM1")
    assert (schooling.grade, schooling.class_name, schooling.level) == (Grade.CM1, "CE2/CM1", Level.ELEMENTAIRE)
    assert Grade.GS.level is Level.MATERNELLE


def test_level_and_grade_may_not_contradict() -> None:
    with pytest.raises(MisuseError, match="CP is not of level maternelle"):
        Schooling(DAY(2025, 9, 1), None, SCHOOL, Grade.CP, level=Level.MATERNELLE)
    with pytest.raises(MisuseError, match="before it begins"):
        Schooling(DAY(2025, 9, 1), DAY(2025, 8, 31), SCHOOL)


def test_schooling_of_a_day_is_the_one_that_began_last() -> None:
    first = Schooling(DAY(2024, 9, 2), DAY(2025, 8, 31), SCHOOL, Grade.GS)
    second = Schooling(DAY(2025, 9, 1), None, SCHOOL, Grade.CP)
    moved = Schooling(DAY(2026, 1, 5), None, SchoolCode("autre"), Grade.CP)
    pupil = child(schoolings=(first, second, moved))
    assert pupil.schooling(DAY(2025, 8, 31)) == first
    assert pupil.schooling(DAY(2025, 9, 1)) == second
    assert pupil.schooling(DAY(2026, 1, 5)) == moved
    assert pupil.schooling(DAY(2024, 9, 1)) is None


def test_a_forbidden_person_may_not_collect_even_if_also_authorised() -> None:
    uncle = PickUp("Jean Petit", weekdays=frozenset({0, 1}))
    judged = PickUp("JEAN PETIT", forbidden=True, first_day=DAY(2026, 1, 6))
    aunt = PickUp("Anne Petit", last_day=DAY(2026, 1, 5))
    pupil = child(pick_ups=(uncle, judged, aunt))
    assert pupil.authorised_pick_ups(DAY(2026, 1, 5)) == (uncle, aunt)
    assert pupil.authorised_pick_ups(DAY(2026, 1, 6)) == ()


def test_a_child_moves_from_one_household_to_another_and_the_past_stays() -> None:
    old = Household(HouseholdId("h1"), "MARTIN", members=(Member(ChildId("c1")),))
    left = old.without_child(ChildId("c1"), DAY(2026, 1, 31))
    new = Household(HouseholdId("h2"), "PETIT").with_child(ChildId("c1"), DAY(2026, 2, 1))
    assert left.has_child(ChildId("c1"), DAY(2026, 1, 31))
    assert not left.has_child(ChildId("c1"), DAY(2026, 2, 1))
    assert new.children_on(DAY(2026, 2, 1)) == ("c1",)
    assert new.children_on(DAY(2026, 1, 31)) == ()
    assert left.with_child(ChildId("c1"), DAY(2026, 9, 1)).children_on(DAY(2026, 9, 1)) == ("c1",)


def test_joining_twice_or_leaving_without_being_there_is_misuse() -> None:
    home = Household(HouseholdId("h1"), "MARTIN", members=(Member(ChildId("c1")),))
    with pytest.raises(MisuseError, match="already"):
        home.with_child(ChildId("c1"), DAY(2026, 1, 1))
    with pytest.raises(NotFoundError):
        home.without_child(ChildId("c2"), DAY(2026, 1, 1))
    home.check_child(ChildId("c1"), DAY(2026, 1, 1))
    with pytest.raises(NotFoundError, match="child c2 in household h1 on 2026-01-01"):
        home.check_child(ChildId("c2"), DAY(2026, 1, 1))
    with pytest.raises(MisuseError, match="before joining"):
        Member(ChildId("c1"), DAY(2026, 1, 2), DAY(2026, 1, 1))


def test_a_corrected_file_tells_from_which_day_a_bill_may_change() -> None:
    lea = Child(ChildId("c1"), "Martin", "Léa", DAY(2018, 1, 1))
    schooled = attrs.evolve(lea, schoolings=(Schooling(DAY(2024, 9, 1), DAY(2025, 7, 4), SCHOOL),))
    assert amendment(lea, lea) is None
    assert amendment(lea, attrs.evolve(lea, usual_name="Petit")) is None
    assert amendment(lea, schooled) == amendment(schooled, lea) == Amendment(lea.id, DAY(2024, 9, 1))
    assert amendment(lea, attrs.evolve(schooled, birth_date=DAY(2018, 1, 2))) == Amendment(lea.id, None)
    home = Household(HouseholdId("h1"), "Martin")
    assert amendment(home, attrs.evolve(home, language="en")) is None
    assert amendment(home, home.with_child(lea.id, DAY(2025, 3, 1))) == Amendment(home.id, DAY(2025, 3, 1))
    assert amendment(home.with_child(lea.id), home) == Amendment(home.id, None)
