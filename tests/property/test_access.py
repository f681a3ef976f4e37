"""Every operation with every role and every household: nothing leaks."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periscolaire.access import (
    ANONYMOUS,
    COMMUNE,
    OPERATIONS,
    FamilyActor,
    Operation,
    Reach,
    Role,
    StaffActor,
    Target,
    TrustedPerson,
    authorise,
    require,
)
from periscolaire.errors import AccessDeniedError
from periscolaire.households import Custody, EvenOddWeeks, Household, Member
from periscolaire.ids import AccountId, AdultId, ChildId, HouseholdId, SchoolCode

DAY = dt.date(2026, 1, 5)  # ISO week 2: even
NAMES = ["mother", "father", "stranger"]
LEA, TOM = ChildId("lea"), ChildId("tom")
MOTHER = Household(HouseholdId("mother"), "A", members=(Member(LEA),))
FATHER = Household(HouseholdId("father"), "B", members=(Member(LEA),))
OTHER = Household(HouseholdId("stranger"), "C", members=(Member(TOM),))
HOMES = (MOTHER, FATHER, OTHER)
CUSTODY = (Custody(LEA, EvenOddWeeks(MOTHER.id, FATHER.id)),)


def adult(*households: str) -> FamilyActor:
    name = households[0]
    return FamilyActor(AccountId(name), AdultId(name), frozenset(map(HouseholdId, households)))


def of_child(child: ChildId, day: dt.date = DAY) -> Target:
    return Target.of_child(child, day, HOMES, CUSTODY, SchoolCode("ferry"))


TARGETS = {
    "commune": COMMUNE,
    **{f"household {home.id}": Target.of_household(home.id) for home in HOMES},
    **{f"account {name}": Target.of_account(AccountId(name)) for name in NAMES},
    "lea, the mother's week": of_child(LEA),
    "lea, the father's week": of_child(LEA, DAY + dt.timedelta(weeks=1)),
    "tom": of_child(TOM),
    "a child of nobody": of_child(ChildId("nobody")),
}
#: What each family may touch, written out a second time and by hand: the oracle of the table.
EXPECTED: dict[Reach, dict[str, set[str]]] = {
    Reach.NOBODY: {name: set() for name in NAMES},
    Reach.ACCOUNT: {name: {f"account {name}"} for name in NAMES},
    Reach.HOUSEHOLD: {name: {f"household {name}"} for name in NAMES},
    Reach.CHILD: {
        "mother": {"lea, the mother's week", "lea, the father's week"},
        "father": {"lea, the mother's week", "lea, the father's week"},
        "stranger": {"tom"},
    },
    Reach.DAY: {"mother": {"lea, the mother's week"}, "father": {"lea, the father's week"}, "stranger": {"tom"}},
}


def test_every_operation_is_in_the_table() -> None:
    assert set(OPERATIONS) == set(Operation)


@pytest.mark.parametrize("operation", Operation)
def test_no_family_reaches_what_is_not_its_own(operation: Operation) -> None:
    for name, (label, target) in itertools.product(NAMES, TARGETS.items()):
        expected = label in EXPECTED[OPERATIONS[operation].family][name]
        assert authorise(adult(name), operation, target).allowed is expected, (operation, name, label)


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_nobody_and_trusted_persons_may_do_nothing(operation: Operation, target: Target) -> None:
    for actor in (ANONYMOUS, TrustedPerson("Mamie")):
        verdict = authorise(actor, operation, target)
        assert not verdict.allowed
        assert [reason.code for reason in verdict.reasons] == ["access.not_signed_in"]


#: Which roles each operation is open to, said a second time, by hand, in the words of the commune.
BY_ROLE: dict[Role, str] = {
    Role.READ: "view_household view_child view_bookings view_attendance view_invoices view_reports view_request",
    Role.BOOK: "view_household view_child view_bookings book book_by_derogation register_child declare_absence "
    "ask view_request reply",
    Role.ATTEND: "view_household view_child view_bookings declare_absence view_attendance record_attendance",
    Role.BILL: "view_household view_child view_bookings view_attendance decide_proof view_invoices run_billing "
    "correct_invoice view_reports view_request reply",
    Role.COLLECT: "view_household view_invoices pay_invoice record_payment view_reports",
    Role.ADMINISTER: "view_household change_household view_child change_child suspend_child register_child "
    "decide_proof publish_news ask view_request reply handle_request invite import_people record_fact",
    Role.ADMINISTRATOR: " ".join(operation.value for operation in Operation),
}


@given(roles=st.frozensets(st.sampled_from(Role)), operation=st.sampled_from(Operation))
def test_staff_may_exactly_what_their_roles_say(roles: frozenset[Role], operation: Operation) -> None:
    allowed = set().union(*(BY_ROLE[role].split() for role in roles))
    assert authorise(StaffActor("x", roles), operation).allowed is (operation.value in allowed)


@given(
    roles=st.frozensets(st.sampled_from(Role)),
    operation=st.sampled_from(Operation),
    schools=st.frozensets(st.sampled_from(["jaurès", "curie"]).map(SchoolCode)),
)
def test_staff_limited_to_some_schools_reach_nothing_of_the_others(
    roles: frozenset[Role], operation: Operation, schools: frozenset[SchoolCode]
) -> None:
    limited = StaffActor("x", roles, schools)
    for target in TARGETS.values():
        assert not authorise(limited, operation, target).allowed
    own = StaffActor("x", roles, schools | {SchoolCode("ferry")})
    assert authorise(own, operation, of_child(LEA)) == authorise(StaffActor("x", roles), operation, of_child(LEA))


@given(households=st.sets(st.sampled_from(NAMES), min_size=1), operation=st.sampled_from(Operation))
def test_an_account_of_several_households_reaches_exactly_their_union(
    households: set[str], operation: Operation
) -> None:
    actor = FamilyActor(AccountId("nobody"), AdultId("x"), frozenset(map(HouseholdId, households)))
    if OPERATIONS[operation].family is Reach.ACCOUNT:
        return
    for target in TARGETS.values():
        alone = any(authorise(adult(name), operation, target).allowed for name in households)
        assert authorise(actor, operation, target).allowed is alone


def test_a_refusal_is_the_same_whether_the_target_exists_or_not() -> None:
    there = authorise(adult("mother"), Operation.VIEW_INVOICES, Target.of_household(OTHER.id))
    nowhere = authorise(adult("mother"), Operation.VIEW_INVOICES, Target.of_household(HouseholdId("no such")))
    assert there == nowhere
    with pytest.raises(AccessDeniedError) as error:
        require(adult("mother"), Operation.VIEW_INVOICES, Target.of_household(OTHER.id))
    assert "stranger" not in str(error.value)
    require(adult("mother"), Operation.VIEW_INVOICES, Target.of_household(MOTHER.id))
