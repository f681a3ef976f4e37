"""The one way people and what is said of them enter the store, whichever file, screen or family says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, TypeVar

import attrs

from periscolaire.access import Actor, Operation, audit, require
from periscolaire.errors import NotFoundError
from periscolaire.households import Child, DatedFact, Household, amendment
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.operations._reglements import commune_today
from periscolaire.ports import Records, Repositories, Stored, UnitOfWork

__all__ = ["People", "append_facts", "record_facts", "record_people", "replace_file"]

_DAY = dt.timedelta(days=1)
FileT = TypeVar("FileT", Child, Household)
KeyT = TypeVar("KeyT", bound=str)


class People:
    """Writes households and children, each only if it is new or says something else; remembers which.

    Households may be written before their children: a member who is not a child of the store is found out by
    :meth:`check`.
    """

    def __init__(self, uow: Repositories, at: dt.datetime) -> None:
        self._uow, self._at = uow, at
        self.created_children: list[ChildId] = []
        self.updated_children: list[ChildId] = []
        self.created_households: list[HouseholdId] = []
        self.updated_households: list[HouseholdId] = []

    def child(self, child: Child) -> None:
        """Write a child.

        :raises ConflictError: somebody else saved it meanwhile.
        """
        self._write(child, child.id, self._uow.children, self.created_children, self.updated_children)

    def household(self, household: Household) -> None:
        """Write a household.

        :raises ConflictError: somebody else saved it meanwhile.
        """
        self._write(household, household.id, self._uow.households, self.created_households, self.updated_households)

    def join(self, household: HouseholdId, children: Iterable[ChildId], first_day: dt.date | None) -> None:
        """Make ``children`` members of a household; those who have always been, or are already, stay as they are."""
        home = self._uow.households.get(household).model
        for child in children:
            if all(member.child != child for member in home.members):
                home = home.with_child(child, first_day)
        self.household(home)

    def check(self) -> None:
        """Every member of a household written here is a child of the store.

        :raises NotFoundError: one is not.
        """
        for home in (*self.created_households, *self.updated_households):
            for member in self._uow.households.get(home).model.members:
                if self._uow.children.find(member.child) is None:
                    raise NotFoundError(
                        f"child {member.child!r}, member of household {home!r}",
                        code="operation.member_unknown",
                        child=member.child,
                        household=home,
                    )

    @property
    def summary(self) -> str:
        """What the audit trail says of it."""
        children = f"{len(self.created_children)} created, {len(self.updated_children)} updated"
        return f"{len(self.created_households)} households created, children: {children}"

    def _write(
        self,
        model: FileT,
        key: KeyT,
        records: Records[KeyT, Any, FileT],
        created: list[KeyT],
        updated: list[KeyT],
    ) -> None:
        before = records.find(key)
        if before is None:
            records.save(model)
            created.append(key)
        elif before.model != model:
            replace_file(records, before, model, self._uow, self._at)
            updated.append(key)


def replace_file(
    records: Records[KeyT, Any, FileT], before: Stored[FileT], after: FileT, uow: Repositories, at: dt.datetime
) -> None:
    """Write a file over another; days that are past by then are looked at again by the next run.

    A household that moves to another commune lives there from the day of ``at`` on: what was billed before stands.

    :raises ConflictError: somebody else saved it meanwhile.
    """
    records.save(after, before.version)
    found = amendment(before.model, after)
    if found is not None:
        uow.amendments.append([found])
    match before.model, after:
        case Household() as left, Household() as home:
            uow.dated_facts.append(_moved(left, home, uow, at))
        case _:
            pass  # a child's address is no fact of a price


def _moved(before: Household, after: Household, uow: Repositories, at: dt.datetime) -> list[DatedFact]:
    """The commune of residence as facts, once an address that has no days of its own would change the past."""
    if before.address is None or after.address is None or before.address.city == after.address.city:
        return []
    day = commune_today(uow, at)
    here = DatedFact(after.id, "commune", after.address.city, day, None, at, "adresse")
    if any(fact.name == "commune" for fact in uow.dated_facts.of(after.id)):
        return [here]
    return [attrs.evolve(here, value=before.address.city, first_day=dt.date.min, last_day=day - _DAY), here]


def record_people(
    households: Iterable[Household],
    children: Iterable[Child],
    uow: UnitOfWork,
    *,
    actor: Actor,
    at: dt.datetime,
    channel: str,
) -> tuple[tuple[HouseholdId, ...], tuple[ChildId, ...]]:
    """Write the files of households and children as they are given; those that are new or changed. Does not commit.

    :raises AccessDeniedError: the actor may not write people.
    :raises NotFoundError: a member of a household is not a child of the store.
    """
    require(actor, Operation.IMPORT_PEOPLE)
    people = People(uow, at)
    for child in children:
        people.child(child)
    for household in households:
        people.household(household)
    people.check()
    homes = (*people.created_households, *people.updated_households)
    line = audit(actor, Operation.IMPORT_PEOPLE, "commune", at, channel=channel, detail=people.summary)
    uow.audit.append([line])
    return homes, (*people.created_children, *people.updated_children)


def record_facts(facts: Iterable[DatedFact], uow: UnitOfWork, *, actor: Actor, at: dt.datetime, channel: str) -> int:
    """Append dated facts (a quotient received, a diet declared) to the files; how many were new. Does not commit.

    What was said in the very same words before is not said again, whoever says it.

    :raises AccessDeniedError: the actor may not record facts.
    """
    require(actor, Operation.RECORD_FACT)
    new = append_facts(facts, uow)
    subjects = dict.fromkeys(fact.subject for fact in new)
    uow.audit.append([audit(actor, Operation.RECORD_FACT, f"file:{one}", at, channel=channel) for one in subjects])
    return len(new)


def append_facts(facts: Iterable[DatedFact], uow: Repositories) -> tuple[DatedFact, ...]:
    """Append those of ``facts`` that say something new; which. For operations that have asked who may."""
    known: dict[str, set[DatedFact]] = {}
    new = []
    for fact in facts:
        held = known.get(fact.subject)
        if held is None:
            held = known[fact.subject] = {_said(old) for old in uow.dated_facts.of(fact.subject)}
        if _said(fact) not in held:
            held.add(_said(fact))
            new.append(fact)
    uow.dated_facts.append(new)
    return tuple(new)


def _said(fact: DatedFact) -> DatedFact:
    """What a fact says, whoever wrote it down."""
    return attrs.evolve(fact, author="", id=None)
