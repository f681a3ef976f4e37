"""What becomes of a day: the child comes, or does not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs

from periscolaire.calendar import DayEffect, DayEvent, Focus
from periscolaire.catalogue import ACCEPT, Verb
from periscolaire.facts import Facts
from periscolaire.files import Step
from periscolaire.pricing import PriceKind
from periscolaire.reasons import Reason
from periscolaire.reglement import Consequence, Reglement, absence_outcome, admit
from periscolaire.scenarios._compare import Answer, effect_word
from periscolaire.scenarios._prices import price_of
from periscolaire.scenarios._world import World

__all__ = ["come", "stay_away"]


def come(world: World, step: Step) -> Answer:
    """The child comes: as booked, through the tier that booked it, or unplanned."""
    assert step.day is not None, "the reader asks for the day"
    facts = world.facts(step, step.day)
    product = world.reglement.product(step.target)
    held = world.bookings.get(world.slot(step, step.day))
    booked = step.booked if step.booked is not None else held is not None or not product.needs_booking
    late = held is not None and held.late
    outcome = "non prévu" if not booked else "réservation tardive" if late else "prévu"
    known = Facts({**({} if held is None else held.facts), **facts, "booked": booked, "outcome": outcome})
    against = admit(product, world.day_facts(step, step.day, known), slot=step.slot, derogations=step.derogations)
    effect = next((found for found, _ in against if found.verb is Verb.REFUSE), against[0][0] if against else ACCEPT)
    reasons = tuple(reason for _, reason in against)
    door = Answer(effect_word(effect), effect.allows, reasons, outcome=outcome, why=reasons)
    if world.reglement.tariff_of(product.code) is None:
        return door
    form = None if held is None or not booked else held.form
    priced = price_of(world, step, known, PriceKind.UNIT if booked else PriceKind.UNPLANNED, form)
    return attrs.evolve(
        door, price=priced.price, due=priced.due, undecided=priced.undecided, why=(*reasons, *priced.why)
    )


def stay_away(world: World, step: Step) -> Answer:
    """A booked child does not come: the absence rows say what is due."""
    assert step.day is not None, "the reader asks for the day"
    reglement = world.reglement
    product = reglement.product(step.target)
    held = world.bookings.get(world.slot(step, step.day))
    facts = world.day_facts(step, step.day, world.facts(step, step.day))
    if held is not None:
        facts = Facts({**held.facts, **facts})
    if (closure := _closed(reglement, step.target, facts, step.day)) is not None:
        zero, why = Decimal(0), (Reason.of("scenario.closed", label=closure.label or closure.effect.value),)
        return Answer(effect=Consequence.NOT_DUE.value, outcome="fermé", price=zero, due=zero, why=why)
    proof = None if step.proof_at is None else world.instant(step.proof_at)
    told = None if step.notified_at is None else world.instant(step.notified_at)
    if proof is None and facts.known("proof") == "acceptée" and told is not None:
        proof = told
    outcome = absence_outcome(
        reglement.absence_policy(product.code),
        facts,
        step.day,
        product,
        reglement.calendar,
        notified_at=told,
        proof_at=proof,
        first_day=min(step.days) if step.days else None,
    )
    answer = Answer(effect=outcome.effect.value, reasons=outcome.reasons, outcome="absence", why=outcome.reasons)
    if outcome.effect in (Consequence.NOT_DUE, Consequence.CARRIED_OVER):
        return attrs.evolve(answer, price=Decimal(0), due=Decimal(0))
    if outcome.effect is Consequence.UNDECIDED:
        return attrs.evolve(answer, undecided=True)
    if reglement.tariff_of(product.code) is None:
        return answer
    form = None if held is None else held.form
    priced = price_of(world, step, facts, PriceKind.ABSENCE, form, outcome.price)
    return attrs.evolve(
        answer, price=priced.price, due=priced.due, undecided=priced.undecided, why=(*answer.why, *priced.why)
    )


def _closed(reglement: Reglement, product: str, facts: Facts, day: dt.date) -> DayEvent | None:
    """The event that closes the product to this child on ``day`` and leaves nothing to pay."""
    named = {name: facts.known(fact) for name, fact in _FOCUS.items()}
    focus = Focus(product, **{name: value for name, value in named.items() if isinstance(value, str)})
    for event in reversed(reglement.calendar.focused(focus).events_on(day)):
        if event.effect in _CLOSING:
            return None if event.charged else event
    return None


_FOCUS = {"site": "site", "school": "school", "class_name": "class_name"}


_CLOSING = frozenset({DayEffect.CLOSED, DayEffect.OUTING, DayEffect.ALL_CLOSED, DayEffect.NO_CLASS})
