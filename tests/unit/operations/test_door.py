"""The door: what stands against a child is recorded with it; closures of a site; bookings that the commune took off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from periscolaire.access import Role, StaffActor
from periscolaire.attendance import Closure, Outcome
from periscolaire.booking import Basket, SlotKey
from periscolaire.calendar import Span
from periscolaire.files import read_reglement
from periscolaire.households import Child, DatedFact, Household, Member, Schooling
from periscolaire.ids import ChildId, FactId, HouseholdId, Key, ProductCode, SchoolCode
from periscolaire.operations import (
    DoorLine,
    DoorList,
    ProofHandedIn,
    check_door_list,
    close_service,
    decide_proof,
    door_warnings,
    hand_in_proof,
    lift_closure,
    publish_reglement,
    validate,
)
from periscolaire.ports import Store, UnitOfWork
from tests.stores import new_store

CLERK = StaffActor("1", frozenset({Role.ADMINISTRATOR}))
HOME, ANNE, BOB = HouseholdId("H"), ChildId("anne"), ChildId("bob")
CANTINE, GARDERIE = ProductCode("cantine"), ProductCode("garderie")
MONDAY = dt.date(2026, 10, 12)
WEEK = Span(MONDAY, MONDAY + dt.timedelta(days=6))
TEXT = """
format = 1
commune = "Trifouillis"
version = "2026-2027"
en_vigueur = "2026-09-01"
zone = "B"

[[produits]]
code = "cantine"
jours = "jours de classe"
reservation = "la veille"
annulation = "la veille"
prix = "4,00"

[produits.absence]
lignes = [
  { si = { preuve = "acceptée" }, preuve_sous = "8 jours après l'absence", effet = "non dû" },
  { effet = "dû" },
]

[[produits]]
code = "garderie"
jours = "jours de classe"
reservation = "la veille"
annulation = "la veille"
horaires = "16:30-18:30"
prix = "1,00"

[[produits.conditions]]
nom = "pai"
sur_place = true
exige = { pai = false }
message = "Un PAI se présente à l'accueil."
"""
RULES = read_reglement(TEXT)


def at(day: dt.date, hour: int = 13) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC)


@pytest.fixture(params=["memory", "sqlite"])
def uow(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UnitOfWork]:
    store: Store = new_store(request.param, tmp_path)
    with store.unit() as unit:
        publish_reglement(TEXT, unit, actor=CLERK, now=at(dt.date(2026, 9, 1)))
        for child, site in ((ANNE, "nord"), (BOB, "sud")):
            school = Schooling(dt.date(2026, 9, 1), None, SchoolCode("moulin"))
            unit.children.save(Child(child, "Petit", str(child), dt.date(2018, 1, 1), schoolings=(school,)))
            said = DatedFact(child, "site", site, dt.date(2026, 9, 1), None, at(dt.date(2026, 9, 1)))
            unit.dated_facts.append([said])
        unit.dated_facts.append([DatedFact(BOB, "pai", True, MONDAY, None, at(MONDAY, 6))])
        unit.dated_facts.append([DatedFact(ANNE, "pai", False, MONDAY, None, at(MONDAY, 6))])
        unit.households.save(Household(HOME, "Petit", members=(Member(ANNE), Member(BOB))))
        unit.commit()
    with store.unit() as unit:
        basket = Basket.of(HOME).book(ANNE, CANTINE, MONDAY).book(BOB, CANTINE, MONDAY)
        validate(basket, unit, actor=CLERK, key=Key("k"), at=at(dt.date(2026, 10, 5)), reglement=RULES)
    with store.unit() as unit:
        yield unit
    store.close()


def seen(uow: UnitOfWork, child: ChildId) -> list[Outcome]:
    return [one.outcome for one in uow.consumptions.of_child(child, MONDAY, MONDAY)]


def test_what_stands_against_a_child_is_recorded_with_it_and_never_refused(uow: UnitOfWork) -> None:
    lines = (
        DoorLine(ANNE, arrival=dt.time(16, 20), departure=dt.time(18, 29)),
        DoorLine(BOB, arrival=dt.time(16, 30), departure=dt.time(18, 45)),
    )
    made = check_door_list(DoorList(GARDERIE, MONDAY, lines), uow, actor=CLERK, now=at(MONDAY, 18))
    codes = {one.key.child: [reason.code for reason in one.warnings] for one in made}
    assert codes == {ANNE: ["door.not_open"], BOB: ["door.closed", "gate.message"]}
    assert seen(uow, BOB) == [Outcome.UNKNOWN, Outcome.UNPLANNED]
    assert [one.key.child for one in door_warnings(WEEK, uow, actor=CLERK)] == [ANNE, BOB]
    later = DoorList(GARDERIE, MONDAY, (DoorLine(ANNE, arrival=dt.time(16, 30)), DoorLine(BOB, present=False)))
    check_door_list(later, uow, actor=CLERK, now=at(MONDAY, 19))
    assert door_warnings(WEEK, uow, actor=CLERK) == ()


def test_a_child_checked_on_a_day_without_the_service_is_recorded_and_said(uow: UnitOfWork) -> None:
    wednesday = MONDAY + dt.timedelta(days=2)
    lines = (DoorLine(ANNE), DoorLine(BOB, present=False))
    made = check_door_list(DoorList(CANTINE, wednesday, lines), uow, actor=CLERK, now=at(wednesday))
    codes = {one.key.child: [reason.code for reason in one.warnings] for one in made}
    assert codes == {ANNE: ["booking.closed"], BOB: []}


def test_a_closure_of_a_site_closes_for_its_children_and_takes_no_presence_away(uow: UnitOfWork) -> None:
    closure = Closure(FactId("c"), MONDAY, MONDAY, "grève", at(MONDAY, 6), "mairie", sites=frozenset({"nord"}))
    closed = close_service(closure, uow, actor=CLERK, at=at(MONDAY, 6), reglement=RULES)
    assert [one.key.child for one in closed.touched] == [ANNE]
    assert (seen(uow, ANNE), seen(uow, BOB)) == ([Outcome.CANCELLED], [Outcome.UNKNOWN])
    # Minimum service: who had booked and comes all the same comes as booked, not unplanned.
    check_door_list(DoorList(CANTINE, MONDAY, (DoorLine(ANNE),)), uow, actor=CLERK, now=at(MONDAY))
    assert seen(uow, ANNE) == [Outcome.AS_BOOKED]


def test_a_lifted_closure_is_folded_wherever_it_had_been(uow: UnitOfWork) -> None:
    check_door_list(DoorList(GARDERIE, MONDAY, (DoorLine(ANNE),)), uow, actor=CLERK, now=at(MONDAY, 17))
    slot = SlotKey(ANNE, GARDERIE, MONDAY)
    closure = Closure(FactId("c"), MONDAY, MONDAY, "grève", at(MONDAY, 18), "mairie")
    close_service(closure, uow, actor=CLERK, at=at(MONDAY, 18), reglement=RULES)
    known = uow.consumptions.find(slot)
    assert known is not None
    assert (known.service.name, known.outcome) == ("CLOSED", Outcome.UNPLANNED)
    lift_closure(FactId("c"), uow, actor=CLERK, now=at(MONDAY, 19))
    again = uow.consumptions.find(slot)
    assert again is not None
    assert again.service.name == "OPEN"


def test_the_rank_in_an_order_is_fixed_when_it_is_made(uow: UnitOfWork) -> None:
    days = [MONDAY + dt.timedelta(days=n) for n in (1, 3, 4)]
    basket = Basket.of(HOME)
    for day in days:
        basket = basket.book(ANNE, CANTINE, day)
    validate(basket, uow, actor=CLERK, key=Key("o"), at=at(dt.date(2026, 10, 6)), reglement=RULES)
    check_door_list(DoorList(CANTINE, days[2], (DoorLine(ANNE),)), uow, actor=CLERK, now=at(days[2]))
    found = uow.consumptions.of_child(ANNE, days[0], days[2])
    assert [one.order_rank for one in found] == [1, 2, 3]


def test_the_limit_for_handing_a_proof_in_is_told_and_kept_when_it_is_handed_in(uow: UnitOfWork) -> None:
    check_door_list(DoorList(CANTINE, MONDAY, (DoorLine(BOB, present=False),)), uow, actor=CLERK, now=at(MONDAY))
    handed = ProofHandedIn(BOB, MONDAY, MONDAY, "certificat médical")
    limit = MONDAY + dt.timedelta(days=8)  # the 8th day after, included
    in_time = attrs.evolve(handed, received_at=at(limit, 20))
    early = hand_in_proof(in_time, uow, actor=CLERK, now=at(limit, 21), key=Key("p"))
    assert [(one.product, one.day) for one in early.limits] == [(CANTINE, MONDAY)]
    assert early.late_for == ()
    assert hand_in_proof(in_time, uow, actor=CLERK, now=at(limit, 21), key=Key("p")) == early
    after = limit + dt.timedelta(days=1)
    late = hand_in_proof(handed, uow, actor=CLERK, now=at(after, 9))
    assert late.late_for == late.limits
    assert decide_proof(BOB, late.id, uow, accepted=True, actor=CLERK, now=at(after, 10)).late_for == late.limits
