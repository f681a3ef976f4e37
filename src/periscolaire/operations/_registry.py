"""Use cases of the people: households, children and declared facts, as the commune's files give them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

import attrs

from periscolaire.access import Actor
from periscolaire.calendar import Weekday
from periscolaire.errors import BadFileError, MisuseError, Problem
from periscolaire.facts import UNKNOWN, FactKind, FactSpec, FactValue
from periscolaire.files import ChildRow, FactRow, HouseholdRow
from periscolaire.households import (
    Adult,
    Child,
    Civility,
    DatedFact,
    Grade,
    Household,
    Member,
    Phone,
    PhoneKind,
    PostalAddress,
    Schooling,
    SubjectId,
    effective_day,
)
from periscolaire.ids import AdultId, ChildId, HouseholdId, SchoolCode
from periscolaire.money import parse_decimal
from periscolaire.ports import Records, UnitOfWork
from periscolaire.reglement import Reglement

__all__ = ["declare_facts", "record_families"]

KeyT = TypeVar("KeyT", bound=str)
ModelT = TypeVar("ModelT")


def record_families(
    households: Iterable[HouseholdRow],
    children: Iterable[ChildRow],
    uow: UnitOfWork,
    *,
    actor: Actor,
    reglement: Reglement,
) -> tuple[int, int]:
    """Create or bring up to date households and children; how many of each.

    What a file declares (quotient, residence, PAI, diet) becomes dated facts. A declaration without a day counts
    since the règlement began.
    """
    people: dict[ChildId, Child] = {}
    members: dict[HouseholdId, list[Member]] = {}
    facts: list[DatedFact] = []
    declare = _declaring(reglement, actor)
    for row in children:
        people[row.child] = _child(row, reglement)
        members.setdefault(row.household, []).append(Member(row.child, row.first_day, row.last_day))
        facts += declare(row.child, {"pai": row.pai, "diet": row.diet}, row.first_day)
    homes: dict[HouseholdId, Household] = {}
    for home_row in households:
        homes[home_row.household] = _household(home_row)
        declared: dict[str, FactValue | None] = {"resident": home_row.resident, "quotient": home_row.quotient}
        facts += declare(home_row.household, declared, home_row.first_day)
    for missing in members.keys() - homes.keys():
        homes[missing] = uow.households.get(missing).model
    for name, home in homes.items():
        known = {member.child for member in members.get(name, [])}
        before = uow.households.find(name)
        kept = [] if before is None else [member for member in before.model.members if member.child not in known]
        whole = attrs.evolve(home, members=(*kept, *members.get(name, [])))
        _save(uow.households, name, whole)
    for child in people.values():
        _save(uow.children, child.id, child)
    _append_new(uow, facts)
    return len(homes), len(people)


def declare_facts(rows: Iterable[FactRow], uow: UnitOfWork, *, actor: Actor, reglement: Reglement) -> int:
    """Append declared facts; how many were new.

    The day from which a quotient counts is decided here, once, by the règlement's policy (PRICES.md 3.2).

    :raises BadFileError: a fact that the règlement does not know, or a value that it does not hold.
    """
    problems: list[Problem] = []
    facts: list[DatedFact] = []
    for row in rows:
        spec = reglement.vocabulary.by_key(row.fact)
        if spec is None:
            problems.append(_problem(row, "fait", row.fact, "un mot du vocabulaire des faits"))
            continue
        try:
            value = UNKNOWN if row.value is None else _value(spec, row.value)
        except (ValueError, KeyError):
            problems.append(_problem(row, "valeur", row.value or "", f"un fait de genre « {spec.kind.value} »"))
            continue
        recorded = row.recorded_at.at(reglement.calendar.tz)
        first = row.first_day
        if spec.name == "quotient":
            policy = reglement.quotient
            declared = reglement.calendar.today(recorded)
            first = effective_day(
                policy.effect, declared, valid_from=row.first_day, reference=policy.reference_day or (9, 1)
            )
        subject = HouseholdId(row.subject)  # or a child's: one space of codes, as the file says it
        facts.append(DatedFact(subject, spec.name, value, first, row.last_day, recorded, row.source or "", actor.label))
    if problems:
        raise BadFileError(problems)
    return _append_new(uow, facts)


def _problem(row: FactRow, column: str, found: str, expected: str) -> Problem:
    return Problem("faits.csv", f"ligne {row.line}, colonne {column}", f"« {found} »", expected)


def _append_new(uow: UnitOfWork, facts: Iterable[DatedFact]) -> int:
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
    return len(new)


def _said(fact: DatedFact) -> DatedFact:
    """What a fact says, whoever imported it."""
    return attrs.evolve(fact, author="", id=None)


def _declaring(
    reglement: Reglement, actor: Actor
) -> Callable[[SubjectId, dict[str, FactValue | None], dt.date | None], list[DatedFact]]:
    def declare(subject: SubjectId, values: dict[str, FactValue | None], day: dt.date | None) -> list[DatedFact]:
        first = day or reglement.first_day
        # Recorded as that day began: whatever is declared later wins.
        at = reglement.calendar.instant(first, 0)
        return [
            DatedFact(subject, name, value, first, None, at, "inscription", actor.label)
            for name, value in values.items()
            if value is not None
        ]

    return declare


def _save(records: Records[KeyT, Any, ModelT], key: KeyT, model: ModelT) -> None:
    before = records.find(key)
    if before is None:
        records.save(model)
    elif before.model != model:
        records.save(model, before.version)


def _household(row: HouseholdRow) -> Household:
    adults = tuple(adult for adult in (_adult(row, 1), _adult(row, 2)) if adult is not None)
    address = None
    if row.address or row.postcode or row.city:
        lines = (row.address,) if row.address else ()
        address = PostalAddress(lines, row.postcode or "", row.city or "")
    return Household(row.household, row.name, adults, address=address)


def _adult(row: HouseholdRow, number: int) -> Adult | None:
    def said(field: str) -> str | None:
        value: str | None = getattr(row, f"{field}_{number}")
        return value

    first_name, civility, phone = said("first_name"), said("civility"), said("phone")
    if first_name is None:
        return None
    return Adult(
        AdultId(f"{row.household}-{number}"),
        said("family_name") or row.name,
        first_name,
        None if civility is None else Civility(civility),
        email=said("email"),
        phones=() if phone is None else (Phone(PhoneKind.MOBILE, phone),),
    )


def _child(row: ChildRow, reglement: Reglement) -> Child:
    schoolings: tuple[Schooling, ...] = ()
    if row.school is not None or row.grade is not None or row.class_name is not None:
        grade = None if row.grade is None else Grade(row.grade)
        school = row.school or SchoolCode("")
        schoolings = (Schooling(reglement.first_day, None, school, grade, row.class_name or ""),)
    return Child(row.child, row.family_name, row.first_name, row.birth_date, schoolings=schoolings)


def _yes_no(text: str) -> bool:
    return {"oui": True, "non": False}[text]


def _texts(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split("|") if part.strip())


def _decimal(text: str) -> Decimal:
    try:
        return parse_decimal(text)
    except MisuseError as error:
        raise ValueError(text) from error


_READ: dict[FactKind, Callable[[str], FactValue]] = {
    FactKind.BOOL: _yes_no,
    FactKind.TEXT: str,
    FactKind.TEXTS: _texts,
    FactKind.INTEGER: int,
    FactKind.MINUTES: int,
    FactKind.DECIMAL: _decimal,
    FactKind.MONEY: _decimal,
    FactKind.DATE: dt.date.fromisoformat,
    FactKind.TIME: dt.time.fromisoformat,
    FactKind.WEEKDAY: lambda text: Weekday.parse(text).french,
}


def _value(spec: FactSpec, text: str) -> FactValue:
    return _READ[spec.kind](text)
