"""What an operation is about, gathered from the store: never from what a caller says."""

from __future__ import annotations

import datetime as dt

from periscolaire.access import Target
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.ports import UnitOfWork

__all__ = ["child_target", "household_target"]


def household_target(uow: UnitOfWork, household: HouseholdId, day: dt.date) -> Target:
    """A household as a target, with the schools of its children on ``day``; one that does not exist has none."""
    stored = uow.households.find(household)
    if stored is None:
        return Target.of_household(household)
    pupils = (uow.children.find(child) for child in stored.model.children_on(day))
    schoolings = (pupil.model.schooling(day) for pupil in pupils if pupil is not None)
    return Target.of_household(household, {schooling.school for schooling in schoolings if schooling is not None})


def child_target(uow: UnitOfWork, child: ChildId, day: dt.date) -> Target:
    """A child, or a child's day, as a target: all households that know the child, and its custody."""
    households = [stored.model for stored in uow.households.of(child)]
    pupil = uow.children.find(child)
    schooling = pupil.model.schooling(day) if pupil is not None else None
    school = schooling.school if schooling is not None else None
    return Target.of_child(child, day, households, uow.custodies.of(child), school)
