"""Registrations, closures, waiting lists, the kitchen's order, the turn of the year: on both stores."""

import datetime as dt
from typing import Any

import attrs
import pytest

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.attendance import CancelledBy, Closure, Outcome
from periscolaire.booking import (
    Attribution,
    Basket,
    CheckPolicy,
    LineStatus,
    OnWeekdays,
    PatternFrom,
    Registration,
    SlotKey,
    State,
)
from periscolaire.calendar import SchoolYear, Span, Weekday
from periscolaire.errors import AccessDeniedError, ConflictError, MisuseError, UnknownYearError
from periscolaire.households import Grade
from periscolaire.ids import AccountId, AdultId, ChildId, FactId, Key, ProductCode, SchoolCode
from periscolaire.operations import (
    change_registration,
    close_service,
    day_order,
    door_rows,
    expire_holds,
    freeze_kitchen_order,
    make_offers,
    next_grade,
    register,
    register_many,
    turn_school_year,
    validate,
    waiting_position,
)
from periscolaire.ports import Store, UnitOfWork
from tests.unit.booking.commune import CANTINE, CLARA, GUILHEM, HOME, MATIN, OTHER_HOME, RULES, at, day

MONDAY, TUESDAY = day("2026-10-12"), day("2026-10-13")
EARLY = at("2026-10-05 09:00")
PARENT = FamilyActor(AccountId("a"), AdultId("anne"), frozenset({HOME}))
AGENT = StaffActor("lucie", frozenset({Role.BOOK, Role.ATTEND, Role.ADMINISTRATOR}))
ZOE = ChildId("zoe")
YEAR = Span(day("2026-09-01"), day("2027-07-02"))


def school_year(label: str, first: str, last: str) -> SchoolYear:
    return SchoolYear(label, first_day=day(first), last_day=day(last), last_class_day=day(last))


def mondays(identifier: str = "i1", product: ProductCode = MATIN, child: ChildId = CLARA) -> Registration:
    pattern = PatternFrom(YEAR.first, OnWeekdays(frozenset({Weekday.MONDAY})), EARLY, "anne")
    return Registration(FactId(identifier), child, product, HOME, "2026-2027", YEAR, patterns=(pattern,))


def book(
    uow: UnitOfWork, key: str, child: ChildId, product: ProductCode = CANTINE, waiting: bool = False
) -> LineStatus:
    home = OTHER_HOME if child == ZOE else HOME
    receipt = validate(
        Basket.of(home).book(child, product, MONDAY),
        uow,
        actor=AGENT,
        key=Key(key),
        at=EARLY,
        reglement=RULES,
        policy=CheckPolicy(waiting=waiting),
    )
    return receipt.lines[0].status


def state(uow: UnitOfWork, child: ChildId, product: ProductCode = CANTINE, on: dt.date = MONDAY) -> State | None:
    stored = uow.reservations.find(SlotKey(child, product, on))
    return stored.model.state if stored is not None else None


def test_a_registration_books_the_days_of_its_pattern_once(store: Store) -> None:
    for _ in range(2):
        with store.unit() as uow:
            done = register(mondays(), uow, actor=PARENT, key=Key("r"), at=EARLY, reglement=RULES)
    with store.unit(write=False) as uow:
        booked = [one.model for one in uow.reservations.of_child(CLARA, YEAR.first, YEAR.last)]
        assert {one.key.day.weekday() for one in booked} == {0}
        assert {one.mode for one in booked} == {"annuel"}
        assert min(one.key.day for one in booked) == MONDAY  # that very Monday was over at 9:00
        assert len(uow.booking_changes.of(CLARA)) == len(booked)
        assert uow.registrations.get(FactId("i1")).model == attrs.evolve(done.registration, version=1)


def test_a_second_registration_of_the_same_days_is_a_conflict(store: Store) -> None:
    with store.unit() as uow:
        register(mondays(), uow, actor=PARENT, key=Key("r"), at=EARLY, reglement=RULES)
        with pytest.raises(ConflictError):
            register(mondays("i2"), uow, actor=PARENT, key=Key("r2"), at=EARLY, reglement=RULES)


def test_only_the_child_s_household_registers(store: Store) -> None:
    with store.unit() as uow:
        with pytest.raises(AccessDeniedError):
            register(mondays(child=ZOE), uow, actor=PARENT, key=Key("r"), at=EARLY, reglement=RULES)
        with pytest.raises(MisuseError, match="household"):
            register(mondays(child=ZOE), uow, actor=AGENT, key=Key("r"), at=EARLY, reglement=RULES)
        with pytest.raises(MisuseError, match="piscine"):
            register(mondays(product=ProductCode("piscine")), uow, actor=AGENT, key=Key("r"), at=EARLY, reglement=RULES)


def test_many_registrations_go_on_past_a_failure(store: Store) -> None:
    with store.unit() as uow:
        many = [mondays(), mondays("i2"), mondays("i3", child=GUILHEM)]
        report = register_many(many, uow, actor=AGENT, key=Key("bulk"), at=EARLY, reglement=RULES)
        assert [one.registration.id for one in report.registered] == ["i1", "i3"]
        assert [one.id for one, _ in report.failed] == ["i2"]


def test_a_pattern_changes_with_the_notice_of_the_reglement(store: Store) -> None:
    with store.unit() as uow:
        register(mondays(), uow, actor=PARENT, key=Key("r"), at=EARLY, reglement=RULES)
        tuesdays = OnWeekdays(frozenset({Weekday.TUESDAY}))
        late = at("2026-10-12 08:00")  # this Monday's booking can no longer be undone
        dry = change_registration(
            FactId("i1"), tuesdays, MONDAY, uow, actor=PARENT, key=Key("c"), at=late, reglement=RULES, dry_run=True
        )
        assert dry.effective == TUESDAY
        assert state(uow, CLARA, MATIN, TUESDAY) is None
        done = change_registration(
            FactId("i1"), tuesdays, MONDAY, uow, actor=PARENT, key=Key("c"), at=late, reglement=RULES
        )
        assert done.effective == TUESDAY
        assert state(uow, CLARA, MATIN, MONDAY) is State.CONFIRMED
        assert state(uow, CLARA, MATIN, TUESDAY) is State.CONFIRMED
        assert state(uow, CLARA, MATIN, day("2026-11-02")) is State.CANCELLED_BY_FAMILY


@pytest.mark.parametrize("by", CancelledBy)
def test_a_closure_withdraws_bookings_unless_the_family_is_to_cancel(store: Store, by: CancelledBy) -> None:
    outing = Closure(FactId("c1"), MONDAY, MONDAY, "sortie au zoo", EARLY, "lucie", by, classes=frozenset({"CE2/CM1"}))
    with store.unit() as uow:
        book(uow, "a", CLARA)
        book(uow, "b", CLARA, MATIN)
        dry = close_service(outing, uow, actor=AGENT, at=EARLY, reglement=RULES, dry_run=True)
        assert uow.closures.of("") == ()
        done = close_service(outing, uow, actor=AGENT, at=EARLY, reglement=RULES)
        assert dry.touched == done.touched
        assert done.households == (HOME,)
        taken = uow.places.taken(["cantine/2026-10-12"])["cantine/2026-10-12"]
        consumption = uow.consumptions.find(SlotKey(CLARA, CANTINE, MONDAY))
        if by is CancelledBy.COMMUNE:
            assert (state(uow, CLARA), taken) == (State.CANCELLED_BY_COMMUNE, 0)
        else:
            assert (state(uow, CLARA), taken) == (State.CONFIRMED, 1)
            assert consumption is not None
            assert consumption.outcome is not Outcome.NONE
        refused = validate(
            Basket.of(HOME).book(GUILHEM, MATIN, MONDAY), uow, actor=PARENT, key=Key("z"), at=EARLY, reglement=RULES
        )
        assert [one.reasons[0].code for one in refused.refused] == ["booking.closed_because"]


def test_a_freed_place_is_offered_in_order_and_passes_on(store: Store) -> None:
    later = at("2026-10-06 09:00")
    end = at("2026-10-11 10:00")
    with store.unit() as uow:
        assert book(uow, "a", CLARA) is LineStatus.FIRM
        assert book(uow, "b", GUILHEM) is LineStatus.FIRM
        assert book(uow, "z", ZOE, waiting=True) is LineStatus.WAITING
        zoe = SlotKey(ZOE, CANTINE, MONDAY)
        assert waiting_position(zoe, uow, actor=AGENT, attribution=Attribution()) == 1

        def offer() -> int:
            hold = dt.timedelta(hours=24)
            return len(
                make_offers(
                    CANTINE, MONDAY, uow, actor=AGENT, at=later, reglement=RULES, attribution=Attribution(),
                    hold=hold, last=end,
                )
            )  # fmt: skip

        assert offer() == 0
    with store.unit() as uow:
        validate(
            Basket.of(HOME).cancel(CLARA, CANTINE, MONDAY), uow, actor=PARENT, key=Key("c"), at=later, reglement=RULES
        )
        assert offer() == 1
        assert offer() == 0
        assert state(uow, ZOE) is State.REQUESTED
        assert uow.places.taken(["cantine/2026-10-12"]) == {"cantine/2026-10-12": 2}
        over = later + dt.timedelta(hours=24)
        expire_holds(uow, span=Span(MONDAY, MONDAY), actor=AGENT, at=over, reglement=RULES)
        assert state(uow, ZOE) is State.LAPSED
        assert uow.places.taken(["cantine/2026-10-12"]) == {"cantine/2026-10-12": 1}


def test_the_kitchen_s_order_is_frozen_and_later_changes_are_differences(store: Store) -> None:
    with store.unit() as uow:
        book(uow, "a", CLARA)
        order = freeze_kitchen_order(CANTINE, MONDAY, uow, actor=AGENT, at=EARLY)
        assert order.meals == 1
        book(uow, "b", GUILHEM)
        assert freeze_kitchen_order(CANTINE, MONDAY, uow, actor=AGENT, at=EARLY) == order
        now = day_order(CANTINE, MONDAY, uow, actor=AGENT, at=EARLY)
        assert now.order == order
        assert [(one.ordered, one.expected) for one in now.differences] == [(1, 2)]
        assert [row.cells()[4:7] for row in door_rows(CANTINE, MONDAY, uow, actor=AGENT)] == [
            ("CE2/CM1", "Martin", "clara"),
            ("CE2/CM1", "Martin", "guilhem"),
        ]
        with pytest.raises(AccessDeniedError):
            door_rows(CANTINE, MONDAY, uow, actor=PARENT)


def test_the_turn_of_the_year_is_tried_first_and_runs_once(store: Store) -> None:
    old = school_year("2025-2026", "2025-09-01", "2026-08-31")
    new = school_year("2026-2027", "2026-09-01", "2027-08-31")
    with store.unit() as uow:
        grades = {CLARA: (Grade.GS, "maternelle"), GUILHEM: (Grade.CM2, "moulin"), ZOE: (Grade.CE1, "moulin")}
        for child, (grade, school) in grades.items():
            stored = uow.children.get(child)
            (schooling,) = stored.model.schoolings
            before = attrs.evolve(
                schooling, first_day=old.first_day, last_day=old.last_day, grade=grade, level=grade.level,
                school=SchoolCode(school), class_name="CE1/CE2",
            )  # fmt: skip
            uow.children.save(attrs.evolve(stored.model, schoolings=(before,)), stored.version)
        span = Span(old.first_day, old.last_day)
        for child in (CLARA, GUILHEM):
            one = attrs.evolve(mondays(f"i{child}", child=child), span=span, minus=frozenset({day("2026-01-05")}))
            uow.registrations.save(one)
        uow.commit()
        turn: dict[str, Any] = {"actor": AGENT, "at": EARLY, "old": old, "new": new, "reglement": RULES}
        assert turn_school_year(uow, **turn).unknown_school == (CLARA,)
        schools = {SchoolCode("maternelle"): SchoolCode("moulin")}
        dry = turn_school_year(uow, **turn, schools=schools, make_id=lambda: "n1")
        assert uow.children.get(ZOE).model.schooling(new.first_day) is None
        done = turn_school_year(uow, **turn, schools=schools, make_id=lambda: "n1", dry_run=False)
        assert dry == done
        assert done.leaving == (GUILHEM,)
        assert [(one.child, one.minus, one.school_year) for one in done.renewed] == [(CLARA, frozenset(), "2026-2027")]
        zoe = uow.children.get(ZOE).model.schooling(new.first_day)
        assert zoe is not None
        assert (zoe.grade, zoe.class_name) == (Grade.CE2, "")
        assert uow.children.get(GUILHEM).model.schooling(new.first_day) is None
        versions = [stored.version for stored in uow.children.stream()]
        again = turn_school_year(uow, **turn, schools=schools, dry_run=False)
        assert ([one.child for one in again.promotions], again.renewed) == ([GUILHEM], ())
        assert [stored.version for stored in uow.children.stream()] == versions
        far = school_year("2040-2041", "2040-09-01", "2041-08-31")
        with pytest.raises(UnknownYearError):
            turn_school_year(uow, **(turn | {"new": far}))
        with pytest.raises(AccessDeniedError):
            turn_school_year(uow, **(turn | {"actor": PARENT}))


def test_grades_follow_one_another() -> None:
    assert [next_grade(grade) for grade in (Grade.TPS, Grade.GS, Grade.CM1, Grade.CM2)] == [
        Grade.PS, Grade.CP, Grade.CM2, None,
    ]  # fmt: skip
