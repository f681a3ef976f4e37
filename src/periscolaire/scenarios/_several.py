"""A step over several children or days: each played alone, with what billing would count, and all in one answer."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs

from periscolaire.calendar import monday_of
from periscolaire.catalogue import Verb
from periscolaire.facts import Facts, FactValue
from periscolaire.files import Step, StepKind
from periscolaire.pricing import DAILY, Scope, When, Who
from periscolaire.reglement import Consequence, EpisodeUnit
from periscolaire.scenarios._compare import Answer
from periscolaire.scenarios._totals import counted_totals
from periscolaire.scenarios._world import World

__all__ = ["counted_alone", "counted_for", "instance_of_step", "is_due", "scope_of", "together"]


def counted_alone(world: World, step: Step) -> Step:
    """A price asked for one child and one day counts them, in the rank and totals that the step does not say."""
    if step.kind is not StepKind.PRICE or step.day is None:
        return step
    said = world.facts(step, step.day)
    alone: dict[str, FactValue] = {} if step.child is None else {"rank": 1, "siblings": 1}
    counted = alone | counted_totals(world, step, step.day)
    counted = {name: n for name, n in counted.items() if name not in said}
    return attrs.evolve(step, facts=Facts({**counted, **step.facts})) if counted else step


def scope_of(world: World, step: Step) -> Scope:
    """What is paid once; a request or an absence is of each child and day."""
    match step.kind:
        case StepKind.PENALTY | StepKind.FEE:
            extras = [(one.code, one.scope) for one in world.reglement.penalties]
            extras += [(one.code, one.scope) for one in world.reglement.fees]
            return dict(extras).get(step.target, DAILY)
        case StepKind.PRICE:
            tariff = world.reglement.tariff_of(step.target)
            version = None if tariff is None else tariff.on(step.day or world.reglement.first_day)
            return DAILY if version is None else version.scope
        case _:
            return DAILY


def instance_of_step(world: World, scope: Scope, child: str | None, day: dt.date | None) -> tuple[object, ...]:
    """What is charged once among the children and days of a step."""
    who = child if scope.who is Who.CHILD else None
    if day is None or scope.when in (When.SERVICE, When.DAY):
        return who, day
    if scope.when in (When.ORDER, When.STAY, When.PURCHASE, When.ROLLING_YEAR):
        return (who,)
    if scope.when is When.SCHOOL_YEAR:
        return who, world.reglement.calendar.school_year(day).label
    return who, scope.instance(day).key


def counted_for(world: World, step: Step, rank: int, day: dt.date | None) -> dict[str, FactValue]:
    """What billing would count, for the child and day of a step over several: siblings, days, episode of absence."""
    found: dict[str, FactValue] = {} if day is None else counted_totals(world, step, day)
    if len(step.children) > 1 or (step.kind is StepKind.PRICE and step.child is not None):
        found |= {"rank": rank, "siblings": max(len(step.children), 1)}
    if step.kind is StepKind.ABSENCE and day is not None and len(step.days) > 1:
        product = world.reglement.product(step.target)
        calendar = world.reglement.calendar.for_product(product.code)
        match world.reglement.absence_policy(product.code).episode.counts:
            case EpisodeUnit.BOOKED:
                ordinals = {one: index for index, one in enumerate(step.days, start=1)}
            case EpisodeUnit.CALENDAR:
                ordinals = {one: (one - step.days[0]).days + 1 for one in step.days}
            case EpisodeUnit.WEEKS:
                ordinals = {one: (monday_of(one) - monday_of(step.days[0])).days // 7 + 1 for one in step.days}
            case EpisodeUnit.OPEN:
                span = [step.days[0] + dt.timedelta(days=n) for n in range((step.days[-1] - step.days[0]).days + 1)]
                opened = [one for one in span if calendar.is_open(product.open_days, one)]
                ordinals = {one: sum(other <= one for other in opened) for one in step.days}
        found |= {"absence_rank": ordinals[day], "absence_length": ordinals[step.days[-1]]}
    return found


def together(answers: list[tuple[Step, Answer]]) -> Answer:
    """One answer for all: sums of prices, what they have in common otherwise, and every reason."""
    every = [answer for _, answer in answers]
    first = every[0]

    def total(values: list[Decimal | None]) -> Decimal | None:
        known = [value for value in values if value is not None]
        return sum(known, Decimal(0)) if len(known) == len(values) else None

    common = {
        field.name: getattr(first, field.name)
        for field in attrs.fields(Answer)
        if all(getattr(answer, field.name) == getattr(first, field.name) for answer in every)
    }
    return Answer(
        **{
            **common,
            "allowed": None if first.allowed is None else all(answer.allowed for answer in every),
            "reasons": tuple(dict.fromkeys(reason for answer in every for reason in answer.reasons)),
            "price": total([answer.price for answer in every]),
            "due": total([answer.due for answer in every]),
            "undecided": any(answer.undecided for answer in every),
            "why": tuple(dict.fromkeys(reason for answer in every for reason in answer.why)),
            "due_days": tuple(dict.fromkeys(step.day for step, answer in answers if step.day and is_due(answer))),
        }
    )


def is_due(answer: Answer) -> bool:
    """Does the family owe something for that day, as far as the règlement says?"""
    return answer.due != 0 if answer.due is not None else answer.effect in _DUE


_DUE = frozenset({Consequence.DUE.value, Verb.DUE.value, Verb.LOST.value})
