"""Deciding one request: gates, limits, places, and what the family may do instead.

In order: the day (past, closed), the gates, the limits, the places. All reasons are collected; the most severe effect
wins, a refusal before a request before an acceptance.
"""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.calendar import OPEN, CommuneCalendar, Focus, Span
from periscolaire.catalogue import (
    ACCEPT,
    REFUSE,
    REQUEST,
    Action,
    EachDay,
    Effect,
    Frame,
    Gate,
    LimitRule,
    LimitTable,
    Outcome,
    Product,
    Verb,
    choose_rule,
    day_facts,
    decide_tiers,
    describe_fact,
    unit_span,
)
from periscolaire.clock import utc
from periscolaire.facts import ALWAYS, Condition, Facts, FactValue, Truth
from periscolaire.ids import ProductCode
from periscolaire.reasons import Reason
from periscolaire.reglement._request import LIMIT_DEROGATION, Context, Decision, NextOpen, Request

__all__ = ["admit", "day_facts", "decide", "product_calendar", "request_facts", "service_start"]

_DAY = dt.timedelta(days=1)
#: How far ahead the next open unit is looked for.
_HORIZON = dt.timedelta(days=120)
#: Gates with a text of their own; any other says its message.
_KNOWN_GATES = frozenset(
    {"file", "documents", "arrears", "residence", "school", "level", "age", "registration", "suspension"}
)
_SEVERITY = {Verb.REFUSE: 3, Verb.DUE: 2, Verb.LOST: 2, Verb.REQUEST: 1, Verb.POSSIBLE: 1}


def decide(request: Request, context: Context, *, look_ahead: bool = True) -> Decision:
    """Whether ``request`` is allowed, with which effect, why, until when, and what is open instead.

    Without rules of its own, a change is a cancellation of ``day`` and a booking of ``instead``, each within its own
    limit (LIMITS A15). ``look_ahead=False`` leaves ``next`` out, for who decides many days at once.

    :raises MisuseError: ``at`` is naive, or the limits differ by channel and none is given (LIMITS A18).
    :raises UnknownYearError: the calendar does not reach the days that the limits count.
    """
    product = context.reglement.product(request.product)
    if request.action is not Action.CHANGE:
        return _decide(request, context, product, look_ahead)
    if product.change is None:
        cancelled = _decide(attrs.evolve(request, action=Action.CANCEL, instead=None), context, product, False)
        if request.instead is None:
            return cancelled
        booking = attrs.evolve(request, action=Action.BOOK, day=request.instead, instead=None)
        return _both(cancelled, _decide(booking, context, product, look_ahead))
    changed = _decide(request, context, product, look_ahead)
    if request.instead is None:
        return changed
    if product.change_may_add is False:
        reason = Reason.of("change.may_not_add", reference=product.reference)
        return attrs.evolve(changed, allowed=False, effect=REFUSE, reasons=(*changed.reasons, reason))
    moved = attrs.evolve(request, day=request.instead, instead=None)
    return _both(changed, _decide(moved, context, product, look_ahead))


def _both(left: Decision, joined: Decision) -> Decision:
    """One answer for the day left and the day joined: the more severe, with the reasons of both."""
    worst, other = (left, joined) if _rank(left.effect) > _rank(joined.effect) else (joined, left)
    reasons = tuple(dict.fromkeys(left.reasons + joined.reasons))
    return attrs.evolve(worst, allowed=left.allowed and joined.allowed, reasons=reasons, next=worst.next or other.next)


def _rank(effect: Effect) -> int:
    return _SEVERITY.get(effect.verb, 0)


def product_calendar(context: Context, product: Product) -> CommuneCalendar:
    """The calendar as the product and the child's school and site see it."""
    facts = context.facts
    school, site = facts.known("school"), facts.known("site")
    calendar = context.reglement.calendar
    return calendar.focused(
        Focus(
            product=product.code,
            site=site if isinstance(site, str) else None,
            school=school if isinstance(school, str) else None,
            class_name=calendar.focus.class_name,
        )
    )


def request_facts(request: Request, context: Context) -> Facts:
    """The facts of the context, and those that the request itself states."""
    asked: dict[str, FactValue] = {"author": request.author}
    if request.channel is not None:
        asked["channel"] = request.channel
    if request.slot is not None:
        asked["slot"] = request.slot
    if context.places_left is not None:
        asked["places_left"] = context.places_left
    return context.facts.and_(asked)


def _decide(request: Request, context: Context, product: Product, look_ahead: bool) -> Decision:
    calendar = product_calendar(context, product)
    facts = request_facts(request, context)
    table = product.table(request.action) or ()
    local = facts.and_(day_facts(calendar, request.day))
    rule = choose_rule(table, local)
    unit = rule.unit if isinstance(rule, LimitRule) else EachDay()
    frame = Frame(calendar, request.day, unit, product.open_days, service_start(product, request.slot), context.events)
    span = unit_span(unit, request.day, calendar) or Span.one(request.day)
    outcome = _limits(rule, request, context, frame, local)
    found = [
        *_day_findings(request, span, frame),
        *_gate_findings(request.action, product, local, context.derogations),
        *_place_findings(request, context, product, outcome),
    ]
    effect = outcome.effect
    for worse, _ in found:
        if _rank(worse) > _rank(effect):
            effect = worse
    # What the limits grant says nothing of why something else refuses.
    granted = outcome.effect.allows and not effect.allows
    reasons = tuple(dict.fromkeys([*(reason for _, reason in found), *(() if granted else outcome.reasons)]))
    plain = effect.allows and effect.price is None
    ahead = _ahead(request, context, product, frame, facts, span.last) if look_ahead and not plain else (None, None)
    return _decision(effect, reasons, outcome, rule, context, product, calendar, span, ahead)


def _decision(
    effect: Effect,
    reasons: tuple[Reason, ...],
    outcome: Outcome,
    rule: LimitRule | Reason,
    context: Context,
    product: Product,
    calendar: CommuneCalendar,
    span: Span,
    ahead: tuple[NextOpen | None, NextOpen | None],
) -> Decision:
    window, limit = outcome.window, outcome.limit_window
    chosen = rule if isinstance(rule, LimitRule) else None
    tier = None if chosen is None or outcome.tier is None else chosen.tiers[outcome.tier]
    return Decision(
        allowed=effect.allows,
        effect=effect,
        reasons=reasons,
        reference=product.reference if chosen is None or chosen.reference is None else chosen.reference,
        version=context.reglement.version,
        tier=outcome.tier,
        unit=span,
        opens=None if window is None or window.opens is None else calendar.local(window.opens),
        closes=None if window is None or window.closes is None else calendar.local(window.closes),
        written=None if window is None else window.written,
        limit=None if outcome.limit is None else calendar.local(outcome.limit),
        limit_written=None if limit is None else limit.written,
        next=ahead[0],
        next_request=ahead[1],
        counter=None if tier is None or tier.counter is None else tier.counter.name,
        rank=outcome.rank,
        recorded=effect.verb in (Verb.DUE, Verb.LOST, Verb.CARRIED_OVER, Verb.NOTHING),
    )


def _limits(rule: LimitRule | Reason, request: Request, context: Context, frame: Frame, facts: Facts) -> Outcome:
    if LIMIT_DEROGATION in context.derogations:
        effect = Effect(Verb.NOTHING) if request.action is Action.CANCEL else ACCEPT
        return Outcome(effect, reasons=(Reason.of("limit.derogation"),))
    if isinstance(rule, Reason):
        utc(request.at)  # a naive instant is misuse even where the règlement is silent
        return Outcome(REQUEST, reasons=(rule,))
    return decide_tiers(
        rule, request.action, frame, request.at, facts, context.counters, context.places_left,
        context.reglement.currency,
    )  # fmt: skip


def service_start(product: Product, code: str | None) -> int | None:
    """The hour at which the slot, or else the product, starts."""
    slot = None if code is None else product.slot(code)
    return product.start if slot is None else slot.start


def _day_findings(request: Request, span: Span, frame: Frame) -> list[tuple[Effect, Reason]]:
    """A day already past, and a day on which the product does not run."""
    found: list[tuple[Effect, Reason]] = []
    if frame.calendar.today(request.at) > span.last:
        found.append((REFUSE, Reason.of("day.past", day=span.last)))
    alone = isinstance(frame.unit, EachDay) and frame.open_days is not None
    if alone and request.action is not Action.CANCEL and not frame.calendar.is_a(request.day, OPEN, frame.open_days):
        found.append((REFUSE, Reason.of("day.closed", day=request.day)))
    return found


def _gate_findings(
    action: Action, product: Product, facts: Facts, derogations: frozenset[str]
) -> list[tuple[Effect, Reason]]:
    found: list[tuple[Effect, Reason]] = []
    found += [
        finding
        for gate in product.gates
        if action in gate.actions and not gate.at_door and gate.code not in derogations
        if (finding := _gate(gate, facts)) is not None
    ]
    if action is Action.CANCEL:
        return found
    if product.needs_registration and facts.known("registered") is not True:
        unknown = facts.known("registered") is None
        found.append((REQUEST if unknown else REFUSE, Reason.of("gate.registration", reference=product.reference)))
    return found + _same_day(product, facts)


def admit(
    product: Product, facts: Facts, *, slot: str | None = None, derogations: frozenset[str] = frozenset()
) -> tuple[tuple[Effect, Reason], ...]:
    """What stands against a child's coming or leaving: the hours of the service, and the gates kept for the door.

    ``facts`` hold the ``arrival`` and ``departure`` that are known; without a ``slot`` the hours are those of the
    product, or from the first of its slots to the end of the last. Nothing stands against it: an empty tuple.
    """
    found: list[tuple[Effect, Reason]] = []
    spans = [(one.start, one.end) for one in product.slots if slot in (None, one.code)]
    if not spans and product.start is not None and product.end is not None:
        spans = [(product.start, product.end)]
    arrival, departure = facts.known("arrival"), facts.known("departure")
    if spans and isinstance(arrival, dt.time) and _minutes(arrival) < (opens := min(start for start, _ in spans)):
        found.append((REFUSE, Reason.of("door.not_open", hour=_hour(opens))))
    if spans and isinstance(departure, dt.time) and _minutes(departure) > (closes := max(end for _, end in spans)):
        found.append((REFUSE, Reason.of("door.closed", hour=_hour(closes))))
    local = facts if slot is None else facts.and_({"slot": slot})
    kept = (gate for gate in product.gates if gate.at_door and gate.code not in derogations)
    found += [finding for gate in kept if (finding := _gate(gate, local)) is not None]
    return tuple(found)


def _minutes(hour: dt.time) -> int:
    return hour.hour * 60 + hour.minute


def _hour(minutes: int) -> dt.time:
    return dt.time(minutes // 60 % 24, minutes % 60)


def _gate(gate: Gate, facts: Facts) -> tuple[Effect, Reason] | None:
    when = gate.when.evaluate(facts)
    if when is Truth.FALSE:
        return None
    required = (gate.requires or ALWAYS).evaluate(facts)
    forbidden = Truth.FALSE if gate.forbids is None else gate.forbids.evaluate(facts)
    if required is Truth.TRUE and forbidden is Truth.FALSE:
        return None
    if when is Truth.TRUE and (required is Truth.FALSE or forbidden is Truth.TRUE):
        return gate.otherwise, _gate_reason(gate)
    if gate.unknown == ACCEPT:
        return None  # nothing to check
    missing = _first_unknown((gate.when, gate.requires, gate.forbids), facts)
    return gate.unknown, Reason.of(
        "gate.fact_unknown", reference=gate.reference, gate=gate.code, fact=describe_fact(missing)
    )


def _gate_reason(gate: Gate) -> Reason:
    if gate.message is not None:
        return Reason.of("gate.message", reference=gate.reference, gate=gate.code, message=gate.message)
    if gate.code in _KNOWN_GATES:
        return Reason.of(f"gate.{gate.code}", reference=gate.reference)
    return Reason.of("gate.refused", reference=gate.reference, gate=gate.code)


def _first_unknown(conditions: tuple[Condition | None, ...], facts: Facts) -> str:
    for condition in conditions:
        for test in () if condition is None else condition.tests:
            if test.evaluate(facts) is Truth.UNKNOWN:
                return test.fact
    return ""


def _same_day(product: Product, facts: Facts) -> list[tuple[Effect, Reason]]:
    """Products that must, or must not, be booked for the same day."""
    if not product.requires and not product.excludes:
        return []
    booked = facts.known("same_day_products")
    if not isinstance(booked, frozenset):
        reason = Reason.of(
            "gate.fact_unknown", reference=product.reference, gate="", fact=describe_fact("same_day_products")
        )
        return [(REQUEST, reason)]
    found: list[tuple[Effect, Reason]] = []
    missing: tuple[ProductCode, ...] = tuple(code for code in product.requires if code not in booked)
    excluded: tuple[ProductCode, ...] = tuple(code for code in product.excludes if code in booked)
    if missing:
        found.append((REFUSE, Reason.of("gate.product_required", reference=product.reference, products=missing)))
    if excluded:
        found.append((REFUSE, Reason.of("gate.product_excluded", reference=product.reference, products=excluded)))
    return found


def _place_findings(
    request: Request, context: Context, product: Product, outcome: Outcome
) -> list[tuple[Effect, Reason]]:
    """Without a free place a booking is refused; what was only a request stays one, and says so."""
    waits = outcome.effect.verb in (Verb.REQUEST, Verb.POSSIBLE)
    if request.action is not Action.BOOK or not product.places or not (outcome.allowed or waits):
        return []
    if context.places_left is None or context.places_left > 0:
        return []
    return [
        (
            outcome.effect if waits else REFUSE,
            Reason.of("places.full", reference=product.places[0].reference, day=request.day),
        )
    ]


def _ahead(
    request: Request, context: Context, product: Product, frame: Frame, facts: Facts, last: dt.date
) -> tuple[NextOpen | None, NextOpen | None]:
    """The next unit that some tier lets through, and the next that may be asked for."""
    calendar, now = frame.calendar, utc(request.at)
    first = max(last + _DAY, calendar.today(now))
    final = min(calendar.last_known, first + _HORIZON)
    table: LimitTable = product.table(request.action) or ()
    asked: NextOpen | None = None
    for day in calendar.days(first, final, OPEN, product.open_days) if first <= final else ():
        if day <= last:
            continue
        local = facts.and_(day_facts(calendar, day))
        rule = choose_rule(table, local)
        if isinstance(rule, Reason):
            continue
        span = unit_span(rule.unit, day, calendar) or Span.one(day)
        last = span.last
        there = attrs.evolve(frame, day=day, unit=rule.unit)
        outcome = decide_tiers(rule, request.action, there, now, local, context.counters)
        closes = None if outcome.window is None or outcome.window.closes is None else outcome.window.closes
        found = NextOpen(
            day if isinstance(rule.unit, EachDay) else span.first,
            span.last,
            outcome.effect,
            None if closes is None else calendar.local(closes),
        )
        if outcome.allowed:
            return found, asked
        if asked is None and outcome.effect.verb in (Verb.REQUEST, Verb.POSSIBLE):
            asked = found
    return None, asked
