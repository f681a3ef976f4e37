"""What is known of families over some days, read from the store: what booking and billing both rest on."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from periscolaire.attendance import Closure, Place, Suspension
from periscolaire.booking import Registration, SlotKey
from periscolaire.calendar import Span
from periscolaire.errors import NotFoundError
from periscolaire.facts import Facts, FactValue
from periscolaire.households import (
    Child,
    Consent,
    Custody,
    DatedFacts,
    Document,
    Household,
    Requirement,
    completeness,
    facts_of_day,
    payers,
)
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.operations._refold import place_on
from periscolaire.ports import Repositories, Stored

__all__ = ["FILE_FACTS", "Family", "read_families", "read_family"]

#: The facts of :meth:`Family.facts` that follow from the file; every other one is what was recorded with its days.
FILE_FACTS = frozenset(
    {
        "age", "class_name", "commune", "documents", "file_complete", "grade", "household_children", "inclusive_class",
        "level", "pai", "registrations", "school", "suspended",
    }
)  # fmt: skip


@attrs.frozen
class Family:
    """A household and all that is known of its children over a span: other households of theirs, custody, facts."""

    household: Household
    children: Mapping[ChildId, Child]
    homes: dict[ChildId, tuple[Household, ...]]
    custodies: dict[ChildId, tuple[Custody, ...]]
    dated: DatedFacts
    documents: tuple[Document, ...]
    registrations: dict[ChildId, tuple[Registration, ...]]
    suspensions: dict[ChildId, tuple[Suspension, ...]]
    closures: tuple[Closure, ...]
    consents: tuple[Consent, ...] = ()
    requirements: tuple[Requirement, ...] = ()

    def facts(self, child: ChildId, day: dt.date) -> Facts:
        """What rules may read of the child and its household on ``day``."""
        found = facts_of_day(
            day, self.household, self.children[child], self.dated, self.documents, self.is_complete(child, day)
        )
        current = [one for one in self.registrations.get(child, ()) if one.covers(day)]
        more: dict[str, FactValue] = {"registrations": frozenset(str(one.product) for one in current)}
        if any(one.products is None and one.first <= day <= one.last for one in self.suspended(child)):
            more["suspended"] = True
        return found.and_(more)

    def is_complete(self, child: ChildId, day: dt.date) -> bool | None:
        """Whether the file of the household and of that child is complete; unknown where nothing is required."""
        if not self.requirements:
            return None
        return completeness(
            self.household, (self.children[child],), self.documents, self.consents, self.requirements, day
        ).allowed

    def suspended(self, child: ChildId) -> tuple[Suspension, ...]:
        """The suspensions of the child that were not lifted."""
        last = {one.id: one for one in self.suspensions.get(child, ())}
        return tuple(one for one in last.values() if not one.lifted)

    def is_ours(self, child: ChildId, day: dt.date) -> bool:
        """Whether that day of the child is this household's: by custody, else as long as the child is of it."""
        if not self.household.has_child(child, day):
            return False
        paying = payers(child, day, self.custodies.get(child, ()), self.homes.get(child, ()))
        return not paying or any(payer.household == self.household.id for payer in paying)

    def registration_of(self, key: SlotKey) -> Registration | None:
        """The registration of this household under which the key falls."""
        for one in self.registrations.get(key.child, ()):
            if one.product == key.product and one.household == self.household.id and one.covers(key.day):
                return one
        return None

    def closure_of(self, key: SlotKey) -> str | None:
        """Why the service is closed for that child on that day, if it is."""
        child = self.children.get(key.child)
        place = place_on(child, self.dated, key.day) if child is not None else Place()
        last = {one.id: one for one in self.closures}
        for closure in last.values():
            if closure.covers(key, site=place.site, school=place.school, class_name=place.class_name):
                return closure.cause
        for suspension in self.suspended(key.child):
            if suspension.products is not None and suspension.covers(key):
                return suspension.motive
        return None


def read_family(
    uow: Repositories, household: HouseholdId, span: Span, requirements: tuple[Requirement, ...] = ()
) -> Family:
    """The household and its children over the closed span; ``requirements`` are what makes a file complete.

    :raises NotFoundError: no such household.
    """
    return read_families(uow, (household,), span, requirements)[household]


def read_families(
    uow: Repositories,
    households: Iterable[HouseholdId],
    span: Span,
    requirements: tuple[Requirement, ...] = (),
    *,
    children_later: bool = False,
) -> dict[HouseholdId, Family]:
    """As :func:`read_family`, for many households in as few readings as for one.

    ``children_later``: the records of the children are read, all together, the first time that one of them is asked
    for, while ``uow`` is open; most bills ask for none.

    :raises NotFoundError: one of them does not exist.
    """
    wanted = tuple(households)
    homes = uow.households.find_many(wanted)
    for household in wanted:
        if household not in homes:
            raise NotFoundError(f"households {household!r}", code="operation.no_household", household=household)
    members = {household: _members(homes[household].model, span) for household in wanted}
    every = tuple(dict.fromkeys(child for children in members.values() for child in children))
    records = functools.cache(functools.partial(_children, uow, every))
    if not children_later:
        records()
    dated, documents = uow.dated_facts.of_many((*wanted, *every)), uow.documents.of_many((*wanted, *every))
    custodies, homes_of = uow.custodies.of_many(every), _homes_of(uow, every, homes)
    registrations, suspensions = uow.registrations.of_many(every), uow.suspensions.of_many(every, span.first, span.last)
    consents = uow.consents.of_many((*wanted, *every)) if requirements else {}
    closures = uow.closures.of("", span.first, span.last)
    found = {}
    for household, mine in members.items():
        subjects = (household, *mine)
        found[household] = Family(
            household=homes[household].model,
            children=_Children(mine, records),
            homes={child: homes_of.get(child, ()) for child in mine},
            custodies={child: custodies.get(child, ()) for child in mine},
            dated=DatedFacts(tuple([fact for subject in subjects for fact in dated.get(subject, ())])),
            documents=tuple([paper for subject in subjects for paper in documents.get(subject, ())]),
            registrations={child: tuple([one.model for one in registrations.get(child, ())]) for child in mine},
            suspensions={child: suspensions.get(child, ()) for child in mine},
            closures=closures,
            consents=tuple([consent for subject in subjects for consent in consents.get(subject, ())]),
            requirements=requirements,
        )
    return found


def _children(uow: Repositories, wanted: tuple[ChildId, ...]) -> Mapping[str, Stored[Child]]:
    found = uow.children.find_many(wanted)
    for child in wanted:
        if child not in found:
            raise NotFoundError(f"children {child!r}", code="operation.no_child", child=child)
    return found


@attrs.frozen(eq=False)
class _Children(Mapping[ChildId, Child]):
    """The children of a household, taken out of ``records`` (of many households) when they are asked for."""

    _ids: tuple[ChildId, ...]
    _records: Callable[[], Mapping[str, Stored[Child]]]

    def __getitem__(self, child: ChildId) -> Child:
        if child not in self._ids:
            raise KeyError(child)
        return self._records()[child].model

    def __contains__(self, child: object) -> bool:
        return child in self._ids

    def __iter__(self) -> Iterator[ChildId]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def _homes_of(
    uow: Repositories, children: tuple[ChildId, ...], known: dict[str, Stored[Household]]
) -> dict[str, tuple[Household, ...]]:
    """The households of each child, those that are known not read again."""
    ties = uow.households.keys_of(children)
    away = {key for keys in ties.values() for key in keys} - known.keys()
    homes = {**known, **uow.households.find_many(sorted(map(HouseholdId, away)))}
    return {child: tuple([homes[key].model for key in keys]) for child, keys in ties.items()}


def _members(household: Household, span: Span) -> tuple[ChildId, ...]:
    """The children of the household on some day of the span."""
    return tuple(
        dict.fromkeys(
            member.child
            for member in household.members
            if (member.first_day is None or member.first_day <= span.last)
            and (member.last_day is None or member.last_day >= span.first)
        )
    )
