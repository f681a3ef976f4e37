"""What a step costs: a day, a tariff, a book of tickets, a penalty, a fee."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import attrs

from periscolaire.catalogue import PriceForm
from periscolaire.errors import NotFoundError
from periscolaire.facts import Facts, Truth
from periscolaire.files import Step
from periscolaire.ids import TariffCode
from periscolaire.pricing import Node, PriceKind, Tariff, TariffVersion, TicketBook, Unpriced, price_or_reason
from periscolaire.reasons import Description, Reason
from periscolaire.scenarios._compare import Answer
from periscolaire.scenarios._world import World

__all__ = ["price_fee", "price_of", "price_penalty", "price_step"]


def price_of(
    world: World,
    step: Step,
    facts: Facts,
    kind: PriceKind,
    form: PriceForm | None = None,
    node: Node | None = None,
) -> Answer:
    """The price of the step's product (or tariff) on its day."""
    reglement = world.reglement
    day = step.day or reglement.first_day
    tariff = reglement.tariff_of(step.target)
    if tariff is None:
        known = ", ".join(held.code for held in reglement.tariffs) or "aucun"
        raise NotFoundError(f"« {step.target} » n'a pas de tarif ; tarifs du règlement : {known}")
    version = tariff.on(day)
    if version is None:
        reason = Reason.of("pricing.no_version", tariff=tariff.code, day=day)
        return Answer(undecided=True, reasons=(reason,), why=(reason,))
    if node is not None:
        version = attrs.evolve(version, absence=node, late_cancellation=node)
    return _priced(world, step, facts, version, tariff.code, kind, form, day)


def _priced(
    world: World,
    step: Step,
    facts: Facts,
    version: TariffVersion,
    code: str,
    kind: PriceKind,
    form: PriceForm | None,
    day: dt.date,
) -> Answer:
    reglement = world.reglement
    tariffs: Mapping[str, Tariff] = reglement.tariffs_by_code
    local = world.day_facts(step, day, facts)
    found = price_or_reason(
        version, local, reglement.currency, kind=kind, form=form, tariffs=tariffs, day=day, code=code
    )
    if isinstance(found, Unpriced):
        return Answer(undecided=True, reasons=(found.reason,), why=(found.reason,))
    value = reglement.currency.value
    why: tuple[Description, ...] = tuple(one.describe(reglement.currency) for one in found.steps)
    return Answer(price=value(found.amount), due=value(found.family_amount), why=why)


def price_step(world: World, step: Step) -> Answer:
    day = step.day or world.reglement.first_day
    facts = world.facts(step, day)
    book = next((one for one in world.reglement.ticket_books if one.code == step.target), None)
    if book is not None:
        return _tickets(world, step, book, facts, day)
    if (held := world.bookings.get(world.slot(step, day))) is not None:
        return price_of(world, step, Facts({**held.facts, **facts}), PriceKind.UNIT, held.form)
    return price_of(world, step, facts, PriceKind.UNIT)


def _tickets(world: World, step: Step, book: TicketBook, facts: Facts, day: dt.date) -> Answer:
    """What the books cost that hold as many tickets as the fact « quantité » says (one when it does not)."""
    wanted = facts.known("quantity")
    count = book.purchase(int(wanted) if isinstance(wanted, int | Decimal) else 1).books
    one = _priced(world, step, facts, TariffVersion(day, book.price), book.code, PriceKind.UNIT, None, day)
    return one if one.price is None else attrs.evolve(one, price=one.price * count, due=one.price * count)


def price_penalty(world: World, step: Step) -> Answer:
    """A penalty of the règlement, for a departure, a rank, …"""
    reglement = world.reglement
    penalty = next((one for one in reglement.penalties if one.code == step.target), None)
    if penalty is None:
        known = ", ".join(one.code for one in reglement.penalties) or "aucune"
        raise NotFoundError(f"pénalité « {step.target} » ; celles du règlement : {known}")
    day = step.day or reglement.first_day
    facts = world.facts(step, day)
    if penalty.code in step.counters:  # what was counted before this time
        facts = Facts({**facts, "late_pickup_rank": step.counters[penalty.code] + 1})
    departure = facts.known("departure")
    if penalty.limit is not None and isinstance(departure, dt.time):
        late = penalty.late_minutes(departure)
        if late == 0:
            return Answer(price=Decimal(0), due=Decimal(0))
        facts = Facts({"late_minutes": late, **facts})
    if penalty.condition.evaluate(facts) is not Truth.TRUE:
        return Answer(price=Decimal(0), due=Decimal(0))
    version = TariffVersion(day, penalty.price, scope=penalty.scope, reference=penalty.reference)
    answer = _priced(world, step, facts, version, penalty.code, PriceKind.UNIT, None, day)
    rank = facts.known("late_pickup_rank")
    follow = penalty.follow_up(rank) if isinstance(rank, int) else None
    return attrs.evolve(answer, effect=penalty.effect.value, follow_up=None if follow is None else follow.effect)


def price_fee(world: World, step: Step) -> Answer:
    """A fee of the règlement."""
    reglement = world.reglement
    fee = next((one for one in reglement.fees if one.code == step.target), None)
    if fee is None:
        known = ", ".join(one.code for one in reglement.fees) or "aucun"
        raise NotFoundError(f"frais « {step.target} » ; ceux du règlement : {known}")
    day = step.day or reglement.first_day
    facts = world.facts(step, day)
    if fee.condition.evaluate(facts) is not Truth.TRUE:
        return Answer(price=Decimal(0), due=Decimal(0))
    version = TariffVersion(day, fee.price, scope=fee.scope, reference=fee.reference)
    return _priced(world, step, facts, version, TariffCode(fee.code), PriceKind.UNIT, None, day)
