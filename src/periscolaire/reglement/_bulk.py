"""Many days at once: the verdict, tier and effect of :func:`decide`, from the cached table of instants."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.calendar import CommuneCalendar, Span
from periscolaire.catalogue import (
    REFUSE,
    Action,
    Answer,
    EachDay,
    InstantTable,
    Product,
    instant_table,
)
from periscolaire.reglement._decide import decide, product_calendar, request_facts, service_start
from periscolaire.reglement._request import LIMIT_DEROGATION, Context, Request

__all__ = ["decide_days", "table_of"]


def decide_days(request: Request, context: Context, last: dt.date) -> list[Answer]:
    """The answers to ``request`` for every day from its own to ``last``, as :func:`decide` would give them.

    ``context.facts`` are taken as those of every day. A product with gates, with places to count, or whose rules
    cover more than a day is decided day by day; any other is read from its table.
    """
    product = context.reglement.product(request.product)
    span = Span(request.day, last)
    if not _plain(request, product, context):
        return [_answer(request, context, day) for day in span]
    calendar = product_calendar(context, product)
    found = table_of(request, context, product, calendar, _year(calendar, span)).answers(span.first, last, request.at)
    today = calendar.today(request.at)
    past = min(max((today - span.first).days, 0), len(found))
    found[:past] = [Answer(False, answer.tier, REFUSE) for answer in found[:past]]
    return found


def table_of(
    request: Request, context: Context, product: Product, calendar: CommuneCalendar, span: Span
) -> InstantTable:
    """The table of instants that answers ``request`` over ``span``."""
    return instant_table(
        product.table(request.action) or (),
        request.action,
        calendar,
        span,
        open_days=product.open_days,
        start=service_start(product, request.slot),
        facts=request_facts(request, context),
        counters=context.counters,
        places_left=context.places_left,
        events=context.events,
        only_open=request.action is not Action.CANCEL,
    )


def _plain(request: Request, product: Product, context: Context) -> bool:
    """Whether nothing but the day, the opening and the limits decides."""
    gated = any(request.action in gate.actions and not gate.at_door for gate in product.gates)
    booking = request.action is not Action.CANCEL
    between = booking and bool(product.requires or product.excludes or product.needs_registration or product.places)
    changes = request.action is Action.CHANGE
    return not (gated or between or changes or LIMIT_DEROGATION in context.derogations or _units(request, product))


def _units(request: Request, product: Product) -> bool:
    return any(not isinstance(rule.unit, EachDay) for rule in product.table(request.action) or ())


def _year(calendar: CommuneCalendar, span: Span) -> Span:
    """The school years that hold ``span``: tables are kept by year, whatever the days asked."""
    return Span(calendar.school_year(span.first).first_day, calendar.school_year(span.last).last_day)


def _answer(request: Request, context: Context, day: dt.date) -> Answer:
    decision = decide(attrs.evolve(request, day=day), context, look_ahead=False)
    return Answer(decision.allowed, decision.tier, decision.effect)
