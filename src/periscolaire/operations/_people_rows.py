"""What the rows of the commune's CSV files say of people, as the values that the store keeps. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal

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
from periscolaire.ports import Repositories
from periscolaire.reglement import Reglement

__all__ = ["SaidPeople", "facts_of_rows", "people_of_rows"]


@attrs.frozen
class SaidPeople:
    """The files of people once a CSV file was laid over what is known, and the facts that it declares."""

    households: tuple[Household, ...]
    children: tuple[Child, ...]
    facts: tuple[DatedFact, ...]


def people_of_rows(
    households: Iterable[HouseholdRow],
    children: Iterable[ChildRow],
    uow: Repositories,
    *,
    actor: Actor,
    reglement: Reglement,
) -> SaidPeople:
    """Households and children as the rows say them, over what is known of each: a blank cell takes nothing away.

    What a file declares (quotient, residence, PAI, diet) becomes dated facts. A declaration without a day counts
    since the règlement began.
    """
    people: dict[ChildId, Child] = {}
    members: dict[HouseholdId, dict[ChildId, Member]] = {}
    facts: list[DatedFact] = []
    declare = _declaring(reglement, actor)
    for row in children:
        stored = uow.children.find(row.child)
        people[row.child] = _child(row, stored.model if stored is not None else None, reglement)
        members.setdefault(row.household, {})[row.child] = Member(row.child, row.first_day, row.last_day)
        facts += declare(row.child, {"pai": row.pai, "diet": row.diet}, row.first_day)
    homes: dict[HouseholdId, Household] = {}
    for home_row in households:
        held = uow.households.find(home_row.household)
        homes[home_row.household] = _household(home_row, held.model if held is not None else None)
        declared: dict[str, FactValue | None] = {"resident": home_row.resident, "quotient": home_row.quotient}
        facts += declare(home_row.household, declared, home_row.first_day)
    for name, said in members.items():
        home = homes.get(name) or uow.households.get(name).model
        kept = tuple(member for member in home.members if member.child not in said)
        homes[name] = attrs.evolve(home, members=(*kept, *said.values()))
    return SaidPeople(tuple(homes.values()), tuple(people.values()), tuple(facts))


def facts_of_rows(rows: Iterable[FactRow], *, actor: Actor, reglement: Reglement) -> tuple[DatedFact, ...]:
    """The facts that the rows declare.

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
    return tuple(facts)


def _problem(row: FactRow, column: str, found: str, expected: str) -> Problem:
    return Problem("faits.csv", f"ligne {row.line}, colonne {column}", f"« {found} »", expected)


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


def _household(row: HouseholdRow, known: Household | None) -> Household:
    home = known if known is not None else Household(row.household, row.name)
    said = [adult for adult in (_adult(row, number, home) for number in (1, 2)) if adult is not None]
    ids = {adult.id for adult in said}
    address = home.address
    if row.address or row.postcode or row.city:
        lines = (row.address,) if row.address else ()
        address = PostalAddress(lines, row.postcode or "", row.city or "")
    adults = (*said, *(adult for adult in home.adults if adult.id not in ids))
    return attrs.evolve(home, name=row.name, adults=adults, address=address)


def _adult(row: HouseholdRow, number: int, home: Household) -> Adult | None:
    def said(field: str) -> str | None:
        value: str | None = getattr(row, f"{field}_{number}")
        return value

    first_name, civility, phone, email = said("first_name"), said("civility"), said("phone"), said("email")
    if first_name is None:
        return None
    id = AdultId(f"{row.household}-{number}")
    family_name = said("family_name") or row.name
    known = next((adult for adult in home.adults if adult.id == id), Adult(id, family_name, first_name))
    return attrs.evolve(
        known,
        family_name=family_name,
        first_name=first_name,
        civility=known.civility if civility is None else Civility(civility),
        email=known.email if email is None else email,
        phones=known.phones if phone is None else (Phone(PhoneKind.MOBILE, phone),),
    )


def _child(row: ChildRow, known: Child | None, reglement: Reglement) -> Child:
    child = known if known is not None else Child(row.child, row.family_name, row.first_name, row.birth_date)
    child = attrs.evolve(
        child,
        family_name=row.family_name,
        first_name=row.first_name,
        birth_date=row.birth_date or child.birth_date,
    )
    if row.school is None and row.grade is None and row.class_name is None:
        return child
    grade = None if row.grade is None else Grade(row.grade)
    return child.schooled(
        Schooling(reglement.first_day, None, row.school or SchoolCode(""), grade, row.class_name or "")
    )


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
