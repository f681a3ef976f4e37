"""Plays a scenario: each kind of step has one function from (world, step) to an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

import attrs

from periscolaire.booking import Attribution, SlotKey, Wish, allocate, places_rules
from periscolaire.calendar import DayEffect, DayEvent, Focus, monday_of
from periscolaire.catalogue import ACCEPT, Action, Effect, LimitRule, PriceForm, Verb, choose_rule
from periscolaire.errors import AccessDeniedError, ConflictError, MisuseError, NotFoundError, UnknownYearError
from periscolaire.facts import Facts, FactValue, Truth
from periscolaire.files import Scenario, Step, StepKind
from periscolaire.ids import ChildId, HouseholdId, ProductCode, TariffCode
from periscolaire.money import Rounding
from periscolaire.pricing import (
    DAILY,
    Node,
    PriceKind,
    Scope,
    Tariff,
    TariffVersion,
    TicketBook,
    Unpriced,
    When,
    Who,
    price_or_reason,
)
from periscolaire.reasons import Description, Reason
from periscolaire.reglement import (
    Consequence,
    Context,
    Decision,
    EpisodeUnit,
    Reglement,
    Request,
    absence_outcome,
    admit,
    ask,
    decide,
)
from periscolaire.scenarios._compare import Answer, compare, effect_answer, effect_word
from periscolaire.scenarios._life import Life
from periscolaire.scenarios._report import Disagreement, Report, StepReport
from periscolaire.scenarios._totals import counted_totals
from periscolaire.scenarios._world import Held, World

__all__ = ["run_scenario"]

_ACTIONS = {StepKind.BOOK: Action.BOOK, StepKind.CANCEL: Action.CANCEL, StepKind.CHANGE: Action.CHANGE}


def run_scenario(scenario: Scenario, reglement: Reglement) -> Report:
    """Every step of ``scenario``, in order, against ``reglement``.

    A file that speaks of proofs or money is played twice over: decided as any other, and recorded through the use
    cases in a store of its own, which then bills, collects and reports.

    A step that cannot be played (no such product, a channel that is missing, a year that the calendar does not know)
    disagrees, and says why.
    """
    world = World(reglement, scenario)
    life = Life(world) if any(step.kind.needs_store for step in scenario.steps) else None
    reports = []
    for number, step in enumerate(scenario.steps, start=1):
        try:
            answer = Answer() if step.kind.needs_store else _play(world, step)
            if life is not None:
                answer = life.play(step, answer)
        except (AccessDeniedError, ConflictError, MisuseError, NotFoundError, UnknownYearError) as error:
            fault = Disagreement(step.kind.value, "une étape jouable", str(error))
            reports.append(StepReport(number, step, (fault,)))
            continue
        found = () if step.preparation else compare(step.expected, answer, reglement.calendar)
        reports.append(StepReport(number, step, found, answer.why))
    return Report(scenario, tuple(reports))


# Several children, several days


def _play(world: World, step: Step) -> Answer:
    """The answer to a step; over several children or days, what each gives, in one."""
    play = _PLAY[step.kind]
    if step.kind is StepKind.ALLOCATE or not (step.children or len(step.days) > 1):
        answer = play(world, _alone(world, step))
        due_days = (step.day,) if step.day is not None and _due(answer) else ()
        return attrs.evolve(answer, due_days=due_days)
    answers: list[tuple[Step, Answer]] = []
    scope, seen = _scope(world, step), set()
    for rank, child in enumerate(step.children or (step.child,), start=1):
        for day in step.days or (step.day,):
            instance = _instance(world, scope, child, day)
            if instance in seen:
                continue
            seen.add(instance)
            one = attrs.evolve(step, child=child, day=day)
            said = world.facts(one, day or world.reglement.first_day)
            counted = {name: n for name, n in _counted(world, step, rank, day).items() if name not in said}
            one = attrs.evolve(one, facts=Facts({**counted, **step.facts}))
            answers.append((one, play(world, one)))
    return _together(answers)


def _alone(world: World, step: Step) -> Step:
    """A price asked for one child and one day counts them, in the rank and totals that the step does not say."""
    if step.kind is not StepKind.PRICE or step.day is None:
        return step
    said = world.facts(step, step.day)
    alone: dict[str, FactValue] = {} if step.child is None else {"rank": 1, "siblings": 1}
    counted = alone | counted_totals(world, step, step.day)
    counted = {name: n for name, n in counted.items() if name not in said}
    return attrs.evolve(step, facts=Facts({**counted, **step.facts})) if counted else step


def _scope(world: World, step: Step) -> Scope:
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


def _instance(world: World, scope: Scope, child: str | None, day: dt.date | None) -> tuple[object, ...]:
    """What is charged once among the children and days of a step."""
    who = child if scope.who is Who.CHILD else None
    if day is None or scope.when in (When.SERVICE, When.DAY):
        return who, day
    if scope.when in (When.ORDER, When.STAY, When.PURCHASE, When.ROLLING_YEAR):
        return (who,)
    if scope.when is When.SCHOOL_YEAR:
        return who, world.reglement.calendar.school_year(day).label
    return who, scope.instance(day).key


def _counted(world: World, step: Step, rank: int, day: dt.date | None) -> dict[str, FactValue]:
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


def _together(answers: list[tuple[Step, Answer]]) -> Answer:
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
            "due_days": tuple(dict.fromkeys(step.day for step, answer in answers if step.day and _due(answer))),
        }
    )


def _due(answer: Answer) -> bool:
    """Does the family owe something for that day, as far as the règlement says?"""
    return answer.due != 0 if answer.due is not None else answer.effect in _DUE


_DUE = frozenset({Consequence.DUE.value, Verb.DUE.value, Verb.LOST.value})

# Requests


def _request(world: World, step: Step) -> Answer:
    assert step.at is not None, "the reader asks for the instant"
    assert step.day is not None, "the reader asks for the day"
    facts = world.facts(step, step.day)
    held = world.bookings.get(world.slot(step, step.day))
    if held is not None:
        facts = Facts({**_booking_facts(held), **facts})
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


def _booking_facts(held: Held) -> dict[str, bool | str]:
    facts: dict[str, bool | str] = {"booked": True, "late": held.late}
    if held.name is not None:
        facts["tier"] = held.name
    return facts


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
            priced = _price(world, step, facts, PriceKind.UNIT, effect.price)
        case Verb.DUE | Verb.LOST:
            priced = _price(world, step, facts, PriceKind.LATE_CANCELLATION, None if held is None else held.form)
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


# Prices


def _price(
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


def _price_step(world: World, step: Step) -> Answer:
    day = step.day or world.reglement.first_day
    facts = world.facts(step, day)
    book = next((one for one in world.reglement.ticket_books if one.code == step.target), None)
    if book is not None:
        return _tickets(world, step, book, facts, day)
    if (held := world.bookings.get(world.slot(step, day))) is not None:
        return _price(world, step, Facts({**_booking_facts(held), **facts}), PriceKind.UNIT, held.form)
    return _price(world, step, facts, PriceKind.UNIT)


def _tickets(world: World, step: Step, book: TicketBook, facts: Facts, day: dt.date) -> Answer:
    """What the books cost that hold as many tickets as the fact « quantité » says (one when it does not)."""
    wanted = facts.known("quantity")
    count = book.purchase(int(wanted) if isinstance(wanted, int | Decimal) else 1).books
    one = _priced(world, step, facts, TariffVersion(day, book.price), book.code, PriceKind.UNIT, None, day)
    return one if one.price is None else attrs.evolve(one, price=one.price * count, due=one.price * count)


def _presence(world: World, step: Step) -> Answer:
    """The child comes: as booked, through the tier that booked it, or unplanned."""
    assert step.day is not None, "the reader asks for the day"
    facts = world.facts(step, step.day)
    product = world.reglement.product(step.target)
    held = world.bookings.get(world.slot(step, step.day))
    booked = step.booked if step.booked is not None else held is not None or not product.needs_booking
    late = held is not None and held.late
    outcome = "non prévu" if not booked else "réservation tardive" if late else "prévu"
    known = Facts({**({} if held is None else _booking_facts(held)), **facts, "booked": booked, "outcome": outcome})
    against = admit(product, world.day_facts(step, step.day, known), slot=step.slot, derogations=step.derogations)
    effect = next((found for found, _ in against if found.verb is Verb.REFUSE), against[0][0] if against else ACCEPT)
    reasons = tuple(reason for _, reason in against)
    door = Answer(effect_word(effect), effect.allows, reasons, outcome=outcome, why=reasons)
    if world.reglement.tariff_of(product.code) is None:
        return door
    form = None if held is None or not booked else held.form
    priced = _price(world, step, known, PriceKind.UNIT if booked else PriceKind.UNPLANNED, form)
    return attrs.evolve(
        door, price=priced.price, due=priced.due, undecided=priced.undecided, why=(*reasons, *priced.why)
    )


def _absence(world: World, step: Step) -> Answer:
    """A booked child does not come: the absence rows say what is due."""
    assert step.day is not None, "the reader asks for the day"
    reglement = world.reglement
    product = reglement.product(step.target)
    held = world.bookings.get(world.slot(step, step.day))
    facts = world.day_facts(step, step.day, world.facts(step, step.day))
    if held is not None:
        facts = Facts({**_booking_facts(held), **facts})
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
    priced = _price(world, step, facts, PriceKind.ABSENCE, form, outcome.price)
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


def _penalty(world: World, step: Step) -> Answer:
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


def _fee(world: World, step: Step) -> Answer:
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


def _ask(world: World, step: Step) -> Answer:
    """A procedure: within its limit or not, and from when it counts."""
    assert step.at is not None, "the reader asks for the instant"
    at = world.instant(step.at)
    facts = world.facts(step, step.day or world.reglement.calendar.today(at))
    context = Context(world.reglement, facts, step.counters, events=step.events)
    procedure = world.reglement.procedure(step.target)
    decision, effective = ask(procedure, at, context, day=step.day, channel=step.channel, author=step.author)
    return attrs.evolve(_decided(decision, None), effective=effective)


def _allocate(world: World, step: Step) -> Answer:
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


def _declare(world: World, step: Step) -> Answer:
    effective = world.declare(step)
    return Answer(effective=effective, why=(Reason.of("scenario.declared", day=effective),))


_PLAY: dict[StepKind, Callable[[World, Step], Answer]] = {
    StepKind.BOOK: _request,
    StepKind.CANCEL: _request,
    StepKind.CHANGE: _request,
    StepKind.PRICE: _price_step,
    StepKind.PRESENCE: _presence,
    StepKind.ABSENCE: _absence,
    StepKind.PENALTY: _penalty,
    StepKind.FEE: _fee,
    StepKind.DECLARE: _declare,
    StepKind.ALLOCATE: _allocate,
    StepKind.ASK: _ask,
}
