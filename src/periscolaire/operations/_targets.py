"""What an operation is about, gathered from the store: never from what a caller says."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable

from periscolaire.access import Actor, Operation, Target, require
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.ports import Repositories

__all__ = ["child_target", "household_target", "require_days"]


def household_target(uow: Repositories, household: HouseholdId, day: dt.date | None = None) -> Target:
    """A household as a target, with the schools of its children on ``day``; one that does not exist has none.

    Without a day, the last school of each child that it ever had: what a child leaves behind, an account for one,
    stays with that school.
    """
    stored = uow.households.find(household)
    if stored is None:
        return Target.of_household(household)
    members = dict.fromkeys(member.child for member in stored.model.members)
    children = members if day is None else stored.model.children_on(day)
    pupils = [found.model for found in map(uow.children.find, children) if found is not None]
    if day is None:
        schoolings = [max(one.schoolings, key=lambda said: said.first_day, default=None) for one in pupils]
    else:
        schoolings = [one.schooling(day) for one in pupils]
    return Target.of_household(household, {schooling.school for schooling in schoolings if schooling is not None})


def child_target(uow: Repositories, child: ChildId, day: dt.date) -> Target:
    """A child, or a child's day, as a target: all households that know the child, and its custody."""
    households = [stored.model for stored in uow.households.of(child)]
    pupil = uow.children.find(child)
    schooling = pupil.model.schooling(day) if pupil is not None else None
    school = schooling.school if schooling is not None else None
    return Target.of_child(child, day, households, uow.custodies.of(child), school)


def require_days(
    actor: Actor, operation: Operation, days: Iterable[tuple[ChildId, dt.date]], uow: Repositories
) -> None:
    """Ask once for each child and day; for none of them, whether the actor may at all.

    :raises AccessDeniedError: the actor may not, for one of them.
    """
    asked = sorted(set(days))
    if not asked:
        require(actor, operation)
    for child, mine in itertools.groupby(asked, key=lambda one: one[0]):
        households = [stored.model for stored in uow.households.of(child)]
        custodies, pupil = uow.custodies.of(child), uow.children.find(child)
        for _, day in mine:
            schooling = pupil.model.schooling(day) if pupil is not None else None
            school = schooling.school if schooling is not None else None
            require(actor, operation, Target.of_child(child, day, households, custodies, school))
