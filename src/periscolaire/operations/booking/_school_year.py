"""The turn of the school year, as one operation: grades go up, registrations are renewed, nothing else moves.

Counters need no reset: they are counted from reservations, each in its own school year. Classes are what schools will
say in September ("CE2/CM1"): they are never derived from grades.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.booking import Occasional, PatternFrom, Registration
from periscolaire.calendar import SchoolYear, Span
from periscolaire.clock import utc
from periscolaire.errors import UnknownYearError
from periscolaire.households import Child, Grade, Schooling
from periscolaire.ids import ChildId, FactId, ProductCode, SchoolCode
from periscolaire.operations._once import trail
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.reglement import Reglement

__all__ = ["Promotion", "YearTurn", "next_grade", "turn_school_year"]

_GRADES = tuple(Grade)
_DAY = dt.timedelta(days=1)


@attrs.frozen
class Promotion:
    """One child's move: ``after`` is ``None`` when it leaves primary school; ``school`` is where it goes."""

    child: ChildId
    before: Grade
    after: Grade | None
    school: SchoolCode | None


@attrs.frozen
class YearTurn:
    """What the turn does (or did): who goes up, who leaves, which registrations are renewed, and what needs a clerk.

    ``unknown_grade`` are children whose grade nobody knows, ``unknown_school`` those who leave a maternelle whose
    élémentaire was not said: they are left as they are. ``unbookable`` are registrations whose product the new
    règlement does not have.
    """

    year: str
    promotions: tuple[Promotion, ...]
    leaving: tuple[ChildId, ...]
    renewed: tuple[Registration, ...]
    already: int
    unknown_grade: tuple[ChildId, ...]
    unknown_school: tuple[ChildId, ...]
    unbookable: tuple[Registration, ...]


def next_grade(grade: Grade) -> Grade | None:
    """The grade of the following year; ``None`` after CM2."""
    rank = _GRADES.index(grade) + 1
    return _GRADES[rank] if rank < len(_GRADES) else None


def turn_school_year(
    uow: UnitOfWork,
    *,
    actor: Actor,
    at: dt.datetime,
    old: SchoolYear,
    new: SchoolYear,
    reglement: Reglement,
    schools: Mapping[SchoolCode, SchoolCode] | None = None,
    repeating: frozenset[ChildId] = frozenset(),
    renew: frozenset[ProductCode] | None = None,
    dry_run: bool = True,
    make_id: Callable[[], str] = new_id,
) -> YearTurn:
    """Turn from ``old`` to ``new``. A dry run (the default) writes nothing and gives the same report.

    ``schools`` says which élémentaire follows a maternelle; ``repeating`` stay in their grade; ``renew`` are the
    products whose registrations are renewed, with their last pattern and without exceptions (``None``: all). Run
    twice, it writes nothing the second time (children who leave are named again). All of it is one transaction.

    :raises AccessDeniedError: the actor may not.
    :raises UnknownYearError: the calendar of ``reglement``, the rules of the new year, does not know that year.
    """
    require(actor, Operation.CHANGE_RULES)
    if not (reglement.calendar.knows(new.first_day) and reglement.calendar.knows(new.last_day)):
        raise UnknownYearError(
            f"{new.label}: the calendar is known to {reglement.calendar.last_known}; load the new year's first",
            code="operation.year_unknown",
            year=new.label,
            last=reglement.calendar.last_known,
        )
    promotions: list[Promotion] = []
    unknown_grade: list[ChildId] = []
    unknown_school: list[ChildId] = []
    already = 0
    for stored in tuple(uow.children.stream()):
        child = stored.model
        last = child.schooling(old.last_class_day)
        following = child.schooling(new.first_day)
        if last is None or (following is not None and following.first_day >= new.first_day):
            already += following is not None
            continue
        if last.grade is None:
            unknown_grade.append(child.id)
            continue
        after = last.grade if child.id in repeating else next_grade(last.grade)
        school: SchoolCode | None = last.school
        if after is not None and after.level is not last.grade.level:
            school = (schools or {}).get(last.school)
            if school is None:
                unknown_school.append(child.id)
                continue
        promotions.append(Promotion(child.id, last.grade, after, school if after is not None else None))
        promoted = _promoted(child, last, after, school, new)
        if not dry_run and promoted != child:
            uow.children.save(promoted, stored.version)
    leaving = tuple(one.child for one in promotions if one.after is None)
    held_back = {*leaving, *unknown_grade, *unknown_school}
    renewed, unbookable, known = _renewals(uow, old, new, reglement, renew, held_back, at, actor.label, make_id)
    if not dry_run:
        for registration in renewed:
            uow.registrations.save(registration)
        trail(uow, actor, Operation.CHANGE_RULES, "commune", at, detail=f"school year {new.label}")
        uow.commit()
    return YearTurn(
        new.label,
        tuple(promotions),
        leaving,
        renewed,
        already + known,
        tuple(unknown_grade),
        tuple(unknown_school),
        unbookable,
    )


def _promoted(child: Child, last: Schooling, after: Grade | None, school: SchoolCode | None, new: SchoolYear) -> Child:
    ended = attrs.evolve(last, last_day=min(last.last_day or new.first_day - _DAY, new.first_day - _DAY))
    schoolings = tuple(ended if one is last else one for one in child.schoolings)
    if after is not None and school is not None:
        schoolings += (Schooling(new.first_day, new.last_day, school, after, inclusive_class=last.inclusive_class),)
    return attrs.evolve(child, schoolings=schoolings)


def _renewals(
    uow: UnitOfWork,
    old: SchoolYear,
    new: SchoolYear,
    reglement: Reglement,
    renew: frozenset[ProductCode] | None,
    held_back: set[ChildId],
    at: dt.datetime,
    author: str,
    make_id: Callable[[], str],
) -> tuple[tuple[Registration, ...], tuple[Registration, ...], int]:
    everything = [stored.model for stored in uow.registrations.stream()]
    there = {(one.child, one.product, one.household, one.slot) for one in everything if one.covers(new.first_day)}
    codes = {product.code for product in reglement.products}
    renewed: list[Registration] = []
    unbookable: list[Registration] = []
    known = 0
    for one in everything:
        if (
            not one.covers(old.last_class_day)
            or one.child in held_back
            or (renew is not None and one.product not in renew)
        ):
            continue
        if (one.child, one.product, one.household, one.slot) in there:
            known += 1
            continue
        if one.product not in codes:
            unbookable.append(one)
            continue
        pattern = one.pattern_on(one.span.last)
        decided = () if isinstance(pattern, Occasional) else (PatternFrom(new.first_day, pattern, utc(at), author),)
        renewed.append(
            Registration(
                id=FactId(make_id()),
                child=one.child,
                product=one.product,
                household=one.household,
                school_year=new.label,
                span=Span(new.first_day, new.last_day),
                formula=one.formula,
                patterns=decided,
                slot=one.slot,
            )
        )
    return tuple(renewed), tuple(unbookable), known
