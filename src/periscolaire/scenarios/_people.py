"""The families of a scenario, settled in a store: households, adults, children, custody, facts."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.facts import Facts
from periscolaire.files import ScenarioAdult, ScenarioChild, ScenarioFamily
from periscolaire.households import (
    Adult,
    Child,
    Custody,
    DatedFact,
    EvenOddWeeks,
    Household,
    Member,
    Schooling,
)
from periscolaire.ids import AdultId, ChildId, HouseholdId, SchoolCode
from periscolaire.ports import UnitOfWork

__all__ = ["People", "dated"]


def dated(subject: ChildId | HouseholdId, facts: Facts, first: dt.date, at: dt.datetime) -> list[DatedFact]:
    """What a file says of somebody, from ``first`` on."""
    return [DatedFact(subject, name, facts[name], first, None, at, "scénario") for name in sorted(facts)]  # type: ignore[arg-type]  # a file holds known values only


@attrs.frozen
class People:
    """Who is who in a scenario: by first name, or first and family name, as its steps call them."""

    children: dict[str, tuple[ChildId, HouseholdId]] = attrs.field(factory=dict)
    adults: dict[str, tuple[AdultId, HouseholdId]] = attrs.field(factory=dict)

    def settle(self, families: tuple[ScenarioFamily, ...], uow: UnitOfWork, first: dt.date, at: dt.datetime) -> None:
        """Write every family, as known since ``first``; a file's names are one each: its reader saw to it."""
        for family in families:
            home = HouseholdId(family.name)
            for one in family.children:
                child = _child(one, family.name, first)
                self.children[child.id] = self.children[one.name] = (child.id, home)
                uow.children.save(child)
                uow.dated_facts.append(dated(child.id, one.facts, first, at))
            uow.dated_facts.append(dated(home, family.facts, first, at))
        for family in families:
            uow.households.save(self._household(family))
            uow.custodies.append(self._custody(family, index) for index in range(len(family.custodies)))

    def _household(self, family: ScenarioFamily) -> Household:
        members = [Member(ChildId(f"{child.name} {family.name}")) for child in family.children]
        members += [Member(ChildId(f"{one.child} {one.of}")) for one in family.custodies]
        adults = tuple(_adult(adult, family.name) for adult in family.adults)
        for adult in adults:
            self.adults[adult.full_name] = self.adults[adult.first_name] = (adult.id, HouseholdId(family.name))
        return Household(HouseholdId(family.name), family.name, adults, tuple(members))

    def _custody(self, family: ScenarioFamily, index: int) -> Custody:
        said = family.custodies[index]
        here, there = HouseholdId(family.name), HouseholdId(said.of)
        weeks = EvenOddWeeks(here, there) if said.even else EvenOddWeeks(there, here)
        return Custody(ChildId(f"{said.child} {said.of}"), weeks)


def _child(one: ScenarioChild, family: str, first: dt.date) -> Child:
    schoolings: tuple[Schooling, ...] = ()
    if one.school is not None or one.grade is not None or one.class_name is not None:
        schoolings = (Schooling(first, None, SchoolCode(one.school or ""), one.grade, one.class_name or ""),)
    return Child(ChildId(f"{one.name} {family}"), family, one.name, one.birth_date, schoolings=schoolings)


def _adult(one: ScenarioAdult, family: str) -> Adult:
    name = one.family_name or family
    return Adult(AdultId(f"{one.name} {name}"), name, one.name, one.civility, email=one.email)
