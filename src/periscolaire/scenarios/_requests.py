"""What the règlement answers: to book, cancel or change, to a procedure, to those who ask for the last places."""

from __future__ import annotations

from decimal import Decimal

import attrs

from periscolaire.booking import Attribution, SlotKey, Wish, allocate, places_rules
from periscolaire.catalogue import Action, Effect, LimitRule, Verb, choose_rule
from periscolaire.errors import MisuseError
from periscolaire.facts import Facts
from periscolaire.files import Step, StepKind
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.money import Rounding
from periscolaire.pricing import PriceKind
from periscolaire.reglement import Context, Decision, Request, ask, decide
from periscolaire.scenarios._compare import Answer, effect_answer
from periscolaire.scenarios._prices import price_of
from periscolaire.scenarios._world import Held, World

__all__ = ["answer_request", "ask_procedure", "give_places"]

_ACTIONS = {StepKind.BOOK: Action.BOOK, StepKind.CANCEL: Action.CANCEL, StepKind.CHANGE: Action.CHANGE}


def answer_request(world: World, step: Step) -> Answer:
    assert step.at is not None, "the reader asks for the instant"
    assert step.day is not None, "the reader asks for the day"
    facts = world.facts(step, step.day)
    held = world.bookings.get(world.slot(step, step.day))
    if held is not None:
        facts = Facts({**held.facts, **facts})
    elif step.booked:
        facts = Facts({"booked": True, **facts})
    product = world.reglement.product(step.target)
    context = Context(
        world.reglement,
        facts,
        step.counters,
        world.places_left(step, world.day_facts(step, step.day, facts)),
        step.derogations,
        step.events,
    )
    request = Request(
        _ACTIONS[step.kind],
        ChildId(step.child or ""),
        ProductCode(step.target),
        step.day,
        world.instant(step.at),
        step.channel,
        step.author,
        step.slot,
        step.instead,
    )
    decision = decide(request, context)
    name = _tier_name(world, step, decision, facts)
    answer = _decided(decision, name)
    if step.kind is StepKind.BOOK and decision.allowed:
        world.bookings[world.slot(step, step.day)] = Held(decision.tier, name, decision.effect.price)
    elif step.kind is StepKind.CANCEL:
        world.bookings.pop(world.slot(step, step.day), None)
    if world.reglement.tariff_of(product.code) is None:
        return answer
    return _with_price(world, step, facts, decision.effect, answer, held)


def _tier_name(world: World, step: Step, decision: Decision, facts: Facts) -> str | None:
    """The name that the règlement gives to the tier used."""
    if decision.tier is None or step.day is None:
        return None
    table = world.reglement.product(step.target).table(_ACTIONS[step.kind]) or ()
    local = world.day_facts(step, step.day, facts)
    asked = {"author": step.author} | ({"channel": step.channel} if step.channel is not None else {})
    rule = choose_rule(table, Facts({**local, **asked}))
    return rule.tiers[decision.tier].name if isinstance(rule, LimitRule) else None


def _decided(decision: Decision, name: str | None) -> Answer:
    return Answer(
        **effect_answer(decision.effect),
        reasons=decision.reasons,
        limit=decision.limit,
        limit_written=decision.limit_written,
        next=None if decision.next is None else decision.next.day,
        next_request=None if decision.next_request is None else decision.next_request.day,
        tier=None if decision.tier is None else decision.tier + 1,
        tier_name=name,
        rank=decision.rank,
        covers=None if decision.unit is None else (decision.unit.first, decision.unit.last),
        why=decision.reasons,
    )


def _with_price(world: World, step: Step, facts: Facts, effect: Effect, answer: Answer, held: Held | None) -> Answer:
    """What the family will pay for the day if all goes as decided."""
    assert step.day is not None, "the reader asks for the day"
    match effect.verb:
        case Verb.ACCEPT if step.kind is not StepKind.CANCEL:
            priced = price_of(world, step, facts, PriceKind.UNIT, effect.price)
        case Verb.DUE | Verb.LOST:
            priced = price_of(world, step, facts, PriceKind.LATE_CANCELLATION, None if held is None else held.form)
        case Verb.NOTHING | Verb.CARRIED_OVER:
            zero = Decimal(0)
            return attrs.evolve(answer, price=zero, due=zero)
        case _:
            return answer
    due = priced.due
    if due is not None and effect.share is not None:
        due = _rounded(world, due * effect.share)
    return attrs.evolve(answer, price=priced.price, due=due, undecided=priced.undecided, why=(*answer.why, *priced.why))


def _rounded(world: World, value: Decimal) -> Decimal:
    return Rounding().apply(value, world.reglement.currency)


def ask_procedure(world: World, step: Step) -> Answer:
    """A procedure: within its limit or not, and from when it counts."""
    assert step.at is not None, "the reader asks for the instant"
    at = world.instant(step.at)
    facts = world.facts(step, step.day or world.reglement.calendar.today(at))
    context = Context(world.reglement, facts, step.counters, events=step.events)
    procedure = world.reglement.procedure(step.target)
    decision, effective = ask(procedure, at, context, day=step.day, channel=step.channel, author=step.author)
    return attrs.evolve(_decided(decision, None), effective=effective)


def give_places(world: World, step: Step) -> Answer:
    """The places of a day given among children who asked for them one after the other."""
    assert step.day is not None, "the reader asks for the day"
    product = world.reglement.product(step.target)
    wishes, places = [], step.places_left
    for minute, name in enumerate(step.children):
        asking = attrs.evolve(step, child=name)
        facts = world.day_facts(asking, step.day, world.facts(asking, step.day))
        key = SlotKey(ChildId(name), product.code, step.day, step.slot or "")
        since = world.reglement.calendar.instant(step.day, minute)
        rules = places_rules(product, key, facts)
        if not rules:
            raise MisuseError(f"« {product.name} » n'a pas de règle de places ce jour-là")
        wishes.append(Wish(key, HouseholdId(name), since, rules[0].priority(facts)))
        places = rules[0].maximum if places is None else places
    if places is None:
        raise MisuseError("« places_restantes » : le règlement ne dit pas combien il y a de places")
    return Answer(served=tuple(wish.key.child for wish in allocate(wishes, places, Attribution()).served))
