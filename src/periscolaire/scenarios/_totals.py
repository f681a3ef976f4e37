"""Totals of a step over several days, as billing would count them: days and shares of the days offered."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from periscolaire.facts import ALWAYS, Condition, Facts, FactValue, Truth
from periscolaire.files import Step, StepKind
from periscolaire.pricing import Measure, Scope, ScopeInstance, TotalSpec, When, Who, version_reads
from periscolaire.scenarios._world import World

__all__ = ["counted_totals"]

_COUNTING = frozenset({StepKind.PRICE, StepKind.PRESENCE})
#: What billing counts over the scope of a tariff without being told.
_KNOWN = {"quantity": Measure.COUNT, "days": Measure.DAYS, "attendance_ratio": Measure.RATIO_OF_OFFERED}


def counted_totals(world: World, step: Step, day: dt.date) -> dict[str, FactValue]:
    """The totals that the tariff of the step asks for, over the days of the step that share a scope with ``day``."""
    tariff = world.reglement.tariff_of(step.target) if step.kind in _COUNTING else None
    version = None if tariff is None else tariff.on(day)
    if version is None:
        return {}
    read = version_reads(version, tariffs=world.reglement.tariffs_by_code)
    specs = [TotalSpec(name, None, version.scope, measure) for name, measure in _KNOWN.items() if name in read]
    found: dict[str, FactValue] = {}
    for spec in (*specs, *version.totals):
        value = _total(world, step, spec, day)
        if value is not None:
            found[spec.fact] = value
    return found


def _total(world: World, step: Step, spec: TotalSpec, day: dt.date) -> FactValue | None:
    children = max(len(step.children), 1) if spec.scope.who is Who.HOUSEHOLD else 1
    if spec.measure is Measure.CHILDREN:
        return children
    if spec.scope.when is When.SERVICE and spec.measure in (Measure.COUNT, Measure.DAYS):
        return children
    if spec.scope.when is When.DAY and spec.measure is Measure.DAYS:
        return children
    if spec.scope.when in (When.SERVICE, When.DAY, When.ORDER, When.STAY, When.PURCHASE, When.ROLLING_YEAR):
        return None
    span = _instance(world, spec.scope, day)
    counted = sum(
        span.first <= one <= span.last and _counts(world, step, spec.condition, one) for one in dict.fromkeys(step.days)
    )
    match spec.measure:
        case Measure.COUNT | Measure.DAYS:
            return counted * children
        case Measure.RATIO_OF_OFFERED:
            offered = _offered(world, step, spec.condition, span)
            return None if not offered else Decimal(counted) / offered
        case _:
            return None


def _offered(world: World, step: Step, condition: Condition, span: ScopeInstance) -> int:
    """The open days of the scope, those that the condition leaves out deducted."""
    product = next((one for one in world.reglement.products if one.code == step.target), None)
    if product is None:
        return 0
    calendar = world.reglement.calendar.for_product(product.code)
    every = (span.first + dt.timedelta(days=n) for n in range((span.last - span.first).days + 1))
    return sum(
        calendar.is_open(product.open_days, one) and _counts(world, step, condition, one, alone=True) for one in every
    )


def _counts(world: World, step: Step, condition: Condition, day: dt.date, *, alone: bool = False) -> bool:
    """Whether the condition keeps ``day``; ``alone``: as far as the day itself says."""
    if condition == ALWAYS:
        return True
    facts = Facts() if alone else world.facts(step, day)
    truth = condition.evaluate(world.day_facts(step, day, facts))
    return truth is not Truth.FALSE if alone else truth is Truth.TRUE


def _instance(world: World, scope: Scope, day: dt.date) -> ScopeInstance:
    year = world.reglement.calendar.school_year(day) if scope.when is When.SCHOOL_YEAR else None
    return scope.instance(day, school_year=None if year is None else (year.first_day, year.last_day))
