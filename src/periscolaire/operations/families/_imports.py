"""Use case: bring the people of a file in, once its report has been read and its doubts settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import Actor, Operation, audit, require
from periscolaire.errors import ConflictError
from periscolaire.households import (
    INE,
    Adult,
    Child,
    ChildMatch,
    GuardianMatch,
    GuardianRecord,
    Household,
    ImportPlan,
    MatchKind,
    Member,
    PostalAddress,
    PupilRecord,
    Schooling,
    match_people,
    normal_name,
)
from periscolaire.ids import AdultId, ChildId, HouseholdId, SchoolCode
from periscolaire.operations._recording import People
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["Imported", "import_people", "plan_import"]


@attrs.frozen
class Imported:
    """What was written, and the lines (of pupils) that were left out because they are doubtful or refused."""

    created_children: tuple[ChildId, ...]
    updated_children: tuple[ChildId, ...]
    created_households: tuple[HouseholdId, ...]
    left_out: tuple[int, ...]
    without_household: tuple[ChildId, ...]


def plan_import(
    pupils: tuple[PupilRecord, ...], guardians: tuple[GuardianRecord, ...], uow: UnitOfWork, *, actor: Actor
) -> ImportPlan:
    """The report: who would be created, recognised, asked about and refused. Nothing is written."""
    require(actor, Operation.IMPORT_PEOPLE)
    children = [stored.model for stored in uow.children.stream()]
    households = [stored.model for stored in uow.households.stream()]
    return match_people(pupils, guardians, children, households)


def import_people(
    plan: ImportPlan,
    uow: UnitOfWork,
    *,
    actor: Actor,
    school: SchoolCode,
    first_day: dt.date,
    at: dt.datetime,
    channel: str,
    ids: Callable[[], str] = new_id,
) -> Imported:
    """Apply a plan, all of it or nothing: new children, schooling from ``first_day`` on, guardians and households.

    What is known of a person is never overwritten, only completed (a missing birth date or number). Guardians of one
    address share a household; a guardian of another address gets one of their own, and the child is a member of both
    until a custody says who pays. Importing the same plan's file again changes nothing.

    :raises ConflictError: who is known changed since the plan was made (it may have been applied already): plan again.
    """
    require(actor, Operation.IMPORT_PEOPLE)
    _still_true(plan, uow)
    work = _Import(uow, school, first_day, ids, at)
    for match in plan.children:
        work.child(match)
    for guardian in plan.guardians:
        work.guardian(guardian)
    result = work.result()
    line = audit(actor, Operation.IMPORT_PEOPLE, f"school:{school}", at, channel=channel, detail=work.summary)
    uow.audit.append([line])
    uow.commit()
    return result


def _still_true(plan: ImportPlan, uow: UnitOfWork) -> None:
    """Every line would still be told the same, but for those that a person settled: nobody enters the store twice."""
    pupils = tuple(match.record for match in plan.children)
    guardians = tuple(match.record for match in plan.guardians)
    children = [stored.model for stored in uow.children.stream()]
    now = match_people(pupils, guardians, children, [stored.model for stored in uow.households.stream()])
    stale = [
        before.record.line
        for before, after in zip(plan.children, now.children, strict=True)
        if attrs.evolve(after, kind=before.kind, child=before.child) != before
        or (before != after and after.kind is not MatchKind.DOUBTFUL)
    ]
    stale += [after.record.line for before, after in zip(plan.guardians, now.guardians, strict=True) if before != after]
    if stale:
        raise ConflictError(
            f"import plan out of date: lines {stale}", code="import.plan_out_of_date", lines=tuple(sorted(set(stale)))
        )


class _Import:
    def __init__(
        self, uow: UnitOfWork, school: SchoolCode, first_day: dt.date, ids: Callable[[], str], at: dt.datetime
    ) -> None:
        self._uow, self._school, self._first_day, self._ids = uow, school, first_day, ids
        self._people = People(uow, at)
        self._by_line: dict[int, ChildId] = {}
        self._left_out: list[int] = []

    def child(self, match: ChildMatch) -> None:
        record = match.record
        if match.kind in (MatchKind.DOUBTFUL, MatchKind.REFUSED):
            self._left_out.append(record.line)
            return
        child = self._new(record) if match.child is None else self._uow.children.get(match.child).model
        self._people.child(self._completed(child, record))
        self._by_line[record.line] = child.id

    def guardian(self, match: GuardianMatch) -> None:
        children = [self._by_line[line] for line in match.pupils if line in self._by_line]
        if match.kind in (MatchKind.DOUBTFUL, MatchKind.REFUSED) or not children:
            return
        if match.household is not None:
            self._join(match.household, children)
            return
        adult = _adult(match.record, AdultId(self._ids()))
        home = self._home_at(match.record.address, children)
        if home is not None:
            model = self._uow.households.get(home).model
            self._people.household(attrs.evolve(model, adults=(*model.adults, adult)))
            self._join(home, children)
            return
        members = tuple(Member(child) for child in children)
        self._people.household(
            Household(HouseholdId(self._ids()), adult.family_name, (adult,), members, match.record.address)
        )

    def result(self) -> Imported:
        alone = [child for child in self._by_line.values() if not self._uow.households.of(child)]
        return Imported(
            tuple(self._people.created_children),
            tuple(self._people.updated_children),
            tuple(self._people.created_households),
            tuple(self._left_out),
            tuple(alone),
        )

    @property
    def summary(self) -> str:
        return self._people.summary

    def _new(self, record: PupilRecord) -> Child:
        return Child(
            ChildId(self._ids()),
            record.family_name,
            record.first_name,
            record.birth_date,
            record.usual_name,
            record.sex,
            address=record.address,
        )

    def _completed(self, child: Child, record: PupilRecord) -> Child:
        numbers = child.external_ids
        if record.ine and not any(name == INE for name, _ in numbers):
            numbers = (*numbers, (INE, record.ine))
        schooling = Schooling(self._first_day, None, self._school, record.grade, record.class_name)
        return attrs.evolve(
            child.schooled(schooling), external_ids=numbers, birth_date=child.birth_date or record.birth_date
        )

    def _join(self, household: HouseholdId, children: list[ChildId]) -> None:
        new = [child for child in children if child in self._people.created_children]
        self._people.join(household, new, None)
        self._people.join(household, children, self._first_day)

    def _home_at(self, address: PostalAddress | None, children: list[ChildId]) -> HouseholdId | None:
        """The household of one of these children at the same address: never a guess when no address is given."""
        if address is None:
            return None
        for child in children:
            for stored in self._uow.households.of(child):
                if stored.model.address is not None and _place(stored.model.address) == _place(address):
                    return stored.model.id
        return None


def _adult(record: GuardianRecord, id: AdultId) -> Adult:
    in_use = record.usual_name or record.family_name
    birth_name = record.family_name if record.usual_name and record.usual_name != record.family_name else ""
    return Adult(
        id, in_use, record.first_name, record.civility, birth_name, record.email, record.phones, record.address
    )


def _place(address: PostalAddress) -> tuple[str, str, str]:
    street = "".join(letter for letter in " ".join(address.lines).casefold() if letter.isalnum())
    return street, address.postcode, normal_name(address.city)
