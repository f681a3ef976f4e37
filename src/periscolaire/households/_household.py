"""A household: who is responsible, and which children are of it, from when to when."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.households._people import Adult, PostalAddress, covers
from periscolaire.ids import AdultId, ChildId, HouseholdId

__all__ = ["Household", "Member"]


@attrs.frozen
class Member:
    """A child is of the household over a closed span; ``None`` leaves an end open."""

    child: ChildId
    first_day: dt.date | None = None
    last_day: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        if self.first_day is not None and self.last_day is not None and self.last_day < self.first_day:
            raise MisuseError(f"member leaves on {self.last_day} before joining on {self.first_day}")


@attrs.frozen
class Household:
    """A paying household (« foyer »).

    ``adults`` are in the order of the family account: responsable 1, then responsable 2. Separated parents have a
    household each, and their child is a member of both: :class:`~periscolaire.households.Custody` says who pays.
    """

    id: HouseholdId
    name: str
    adults: tuple[Adult, ...] = ()
    members: tuple[Member, ...] = ()
    address: PostalAddress | None = None
    language: str = "fr"

    def adult(self, adult: AdultId) -> Adult:
        """That adult.

        :raises NotFoundError: not an adult of this household.
        """
        for candidate in self.adults:
            if candidate.id == adult:
                return candidate
        raise NotFoundError(
            f"adult {adult} in household {self.id}",
            code="operation.person_of_another_household",
            person=adult,
            household=self.id,
        )

    def children_on(self, day: dt.date) -> tuple[ChildId, ...]:
        """The children of the household on ``day``, in the order of the file, each once."""
        present = (member.child for member in self.members if covers(member.first_day, member.last_day, day))
        return tuple(dict.fromkeys(present))

    def has_child(self, child: ChildId, day: dt.date) -> bool:
        """Whether that child is of the household on ``day``."""
        return child in self.children_on(day)

    def check_child(self, child: ChildId, day: dt.date) -> None:
        """Nothing, if that child is of the household on ``day``.

        :raises NotFoundError: it is not.
        """
        if not self.has_child(child, day):
            raise NotFoundError(
                f"child {child} in household {self.id} on {day}",
                code="operation.child_of_other_household",
                child=child,
                household=self.id,
                day=day,
            )

    def with_child(self, child: ChildId, first_day: dt.date | None = None) -> Household:
        """The household once ``child`` has joined it.

        :raises MisuseError: the child already is of the household from that day on.
        """
        if any(
            member.child == child and (member.last_day is None or (first_day is None or member.last_day >= first_day))
            for member in self.members
        ):
            raise MisuseError(f"child {child} already is of household {self.id}")
        return attrs.evolve(self, members=(*self.members, Member(child, first_day)))

    def without_child(self, child: ChildId, last_day: dt.date) -> Household:
        """The household once ``child`` has left it after ``last_day``; the past keeps the child.

        :raises NotFoundError: the child is not of the household on ``last_day``.
        """
        self.check_child(child, last_day)
        return attrs.evolve(
            self,
            members=tuple(
                attrs.evolve(member, last_day=last_day)
                if member.child == child and covers(member.first_day, member.last_day, last_day)
                else member
                for member in self.members
            ),
        )
