"""The facts of many families over time, each stretch of days read once, and no more of them than a price reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from periscolaire.billing import Timeline
from periscolaire.facts import Facts
from periscolaire.households import DatedFact, DatedFacts, Document, Member, Schooling, facts_of_day
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.operations._family import FILE_FACTS, Family

__all__ = ["KnownFacts"]

_SITE = ("site",)
_DAY = dt.timedelta(days=1)


class KnownFacts:
    """The facts of households and children, for billing: a :class:`~periscolaire.billing.FamilyFacts`."""

    def __init__(self, families: Mapping[HouseholdId, Family]) -> None:
        self._families = families
        self._whole: dict[tuple[HouseholdId, ChildId | None], Timeline[Facts]] = {}
        self._recorded: dict[tuple[HouseholdId, ChildId | None], Timeline[Facts]] = {}
        self._from_file: dict[Sequence[str], bool] = {}

    def of(self, household: HouseholdId, child: ChildId | None, day: dt.date) -> Facts:
        """The facts of a day."""
        where = (household, child)
        line = self._whole.get(where)
        if line is None:
            line = self._whole[where] = _whole(self._families[household], child)
        return line.on(day)

    def timeline(self, household: HouseholdId, child: ChildId, names: Sequence[str]) -> Timeline[Facts]:
        """Facts over time that hold at least those of ``names``.

        Most prices read a quotient and nothing of the file: then neither age, nor school, nor papers are looked at.
        """
        from_file = self._from_file.get(names)
        if from_file is None:
            from_file = self._from_file[names] = not FILE_FACTS.isdisjoint(names)
        where = (household, child)
        if from_file:
            if where not in self._whole:
                self._whole[where] = _whole(self._families[household], child)
            return self._whole[where]
        line = self._recorded.get(where)
        if line is None:
            line = self._recorded[where] = self._recorded_of(self._families[household], child)
        return line

    def _recorded_of(self, family: Family, child: ChildId | None) -> Timeline[Facts]:
        """What was recorded with its days: of the household, then of the child over it."""
        home = family.household.id
        own = [] if child is None else [fact for fact in family.dated if fact.subject == child]
        if child is not None and not own:  # the same for all such children
            where = (home, None)
            if where not in self._recorded:
                self._recorded[where] = self._recorded_of(family, None)
            return self._recorded[where]
        first, then = family.dated.about(home), DatedFacts(tuple(own))
        return Timeline(_ends((*first, *own)), lambda day: first.on(day).and_(then.on(day)) if own else first.on(day))

    def site(self, household: HouseholdId, child: ChildId, day: dt.date) -> str | None:
        """The site of the child."""
        if household not in self._families:
            return None
        found = self.timeline(household, child, _SITE).on(day).known("site")
        return None if found is None else str(found)

    def is_shared(self, household: HouseholdId, child: ChildId) -> bool:
        """Whether the custody of the child was ever said."""
        return bool(self._families[household].custodies.get(child))


def _whole(family: Family, child: ChildId | None) -> Timeline[Facts]:
    """The same with all that follows from the file: age, school, papers, registrations."""
    days = [*_ends((*family.dated, *family.documents, *family.household.members))]
    person = None if child is None else family.children.get(child)
    if person is None:
        return Timeline(days, lambda day: facts_of_day(day, family.household, None, family.dated))
    days += _ends(person.schoolings)
    for registration in family.registrations.get(person.id, ()):
        days += (registration.span.first, registration.span.last + _DAY)
    for suspension in family.suspensions.get(person.id, ()):
        days += (suspension.first, suspension.last + _DAY)
    if person.birth_date is not None:
        days += [_birthday(person.birth_date, age) for age in range(1, 19)]
    return Timeline(days, lambda day: family.facts(person.id, day))


def _birthday(born: dt.date, age: int) -> dt.date:
    if (born.month, born.day) == (2, 29):
        return dt.date(born.year + age, 3, 1)
    return born.replace(year=born.year + age)


def _ends(dated: Iterable[DatedFact | Document | Member | Schooling]) -> Iterator[dt.date]:
    """The days on which one of these begins to hold, or no longer does."""
    for one in dated:
        if one.first_day is not None:
            yield one.first_day
        if one.last_day is not None:
            yield one.last_day + _DAY
