"""The reference implementation: which rule, which tier, what effect, at one instant for one service day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import attrs

from periscolaire.catalogue._describe import describe_effect, describe_fact, describe_written, time_parameter
from periscolaire.catalogue._effects import REQUEST, Effect, Verb
from periscolaire.catalogue._limits import Hours
from periscolaire.catalogue._rules import LimitRule, LimitTable, Tier
from periscolaire.catalogue._units import Action
from periscolaire.catalogue._windows import Frame, State, Window, window
from periscolaire.clock import utc
from periscolaire.errors import MisuseError
from periscolaire.facts import Condition, Facts, Op, Truth
from periscolaire.money import EUR, Currency
from periscolaire.reasons import Reason

__all__ = ["Outcome", "after_the_last", "as_action", "choose_rule", "decide_tiers", "within_hours"]


@attrs.frozen
class Outcome:
    """What the limits say of one action: the effect, the tier that gave it, its window, and why.

    ``limit`` is the coming close when the action is accepted at the usual price, else the close of the last tier
    already passed (LIMITS A11). ``rank`` is the rank of the counter when the tier has one. A cancellation that comes
    too late is ``recorded`` with its consequence, not refused (A14).
    """

    effect: Effect
    tier: int | None = None
    window: Window | None = None
    limit: dt.datetime | None = None
    limit_window: Window | None = None
    reasons: tuple[Reason, ...] = ()
    rank: int | None = None

    @property
    def allowed(self) -> bool:
        """Accepted, at a surcharge maybe."""
        return self.effect.allows


def choose_rule(table: LimitTable, facts: Facts) -> LimitRule | Reason:
    """The first rule whose condition holds, or the reason why none can be chosen (answered by ``demande``).

    A condition on a fact that nobody knows stops the reading, unless a rule says what becomes of those whose fact is
    unknown: wherever it stands in the table, as a row of a price does.

    :raises MisuseError: rules differ by channel and the channel is not given (LIMITS A18).
    """
    for index, rule in enumerate(table):
        match rule.condition.evaluate(facts):
            case Truth.TRUE:
                return rule
            case Truth.UNKNOWN:
                missing = _missing(rule.condition, facts)
                answered = (later for later in table[index + 1 :] if _answers(later.condition, missing, facts))
                return next(answered, _unknown(missing, rule.reference))
            case Truth.FALSE:
                pass
    return Reason.of("limit.silent")


def _missing(condition: Condition, facts: Facts) -> list[str]:
    """The facts for want of which the condition neither holds nor fails."""
    missing = [test.fact for test in condition.tests if test.evaluate(facts) is Truth.UNKNOWN]
    if "channel" in missing:
        raise MisuseError("the limits differ by channel: channel=None, expected the channel of the request")
    return missing


def _unknown(missing: Sequence[str], reference: str | None) -> Reason:
    return Reason.of("limit.fact_unknown", fact=describe_fact(missing[0]), reference=reference)


def _answers(condition: Condition, unknown: Collection[str], facts: Facts) -> bool:
    """Whether the condition holds, and says so of those whose fact is unknown."""
    said = any(test.op is Op.UNKNOWN and test.fact in unknown for test in condition.tests)
    return said and condition.evaluate(facts) is Truth.TRUE


def decide_tiers(
    rule: LimitRule,
    action: Action,
    frame: Frame,
    at: dt.datetime,
    facts: Facts = Facts(),  # noqa: B008  # immutable
    counters: Mapping[str, int] | None = None,
    places_left: int | None = None,
    currency: Currency = EUR,
) -> Outcome:
    """The first open tier of ``rule`` at ``at``, and its effect.

    ``counters`` holds the uses so far by name of counter, 0 when absent. ``places_left`` is read by tiers subject to
    places; when it is not known such a tier answers ``demande``. Amounts in reasons are of ``currency``.

    :raises MisuseError: ``at`` is naive.
    :raises UnknownYearError: the calendar does not reach the days that the limits count.
    """
    now = utc(at)
    passed: Window | None = None
    opens: dt.datetime | None = None
    refusals: list[Reason] = []
    for index, tier in enumerate(rule.tiers):
        truth = tier.condition.evaluate(facts)
        if truth is Truth.FALSE:
            continue
        found = window(tier.limit, frame)
        if found.state is State.SILENT:
            return _ask(index, Reason.of("limit.silent", reference=rule.reference), passed)
        if found.state is State.ANCHOR_UNKNOWN:
            return _ask(index, Reason.of("limit.anchor_unknown", reference=rule.reference), passed)
        if found.opens is None and opens is not None:  # a later tier opens no sooner than the one before it
            found = attrs.evolve(found, opens=opens)
        opens = found.opens
        if found.closes is not None and found.closes <= now and (passed is None or _later(found, passed)):
            passed = found
        if (refusal := _outside(tier, found, now, frame, places_left, rule.reference)) is not None:
            refusals.append(refusal)
            continue
        if truth is Truth.UNKNOWN:
            return _ask(index, _unknown(_missing(tier.condition, facts), rule.reference), passed)
        if tier.subject_to_places and places_left is None:
            return _ask(index, Reason.of("limit.places_unknown", reference=rule.reference), passed)
        used = None if tier.counter is None else (counters or {}).get(tier.counter.name, 0)
        effect = tier.effect if tier.counter is None else tier.counter.effect(used or 0)
        return _inside(index, as_action(effect, action), found, passed, rule.reference, used, currency)
    return _closed(action, passed, refusals, rule.reference)


def as_action(effect: Effect, action: Action) -> Effect:
    """A cancellation that is accepted leaves nothing due; a booking is simply accepted."""
    if action is Action.CANCEL and effect.verb is Verb.ACCEPT:
        return attrs.evolve(effect, verb=Verb.NOTHING)
    return effect


def after_the_last(action: Action) -> Effect:
    """What follows the last tier: refused, or due for a cancellation (recorded all the same, LIMITS A14)."""
    return Effect(Verb.DUE if action is Action.CANCEL else Verb.REFUSE)


def within_hours(hours: Hours, at: dt.datetime, frame: Frame) -> bool:
    """Whether the channel is open at ``at``."""
    local = frame.calendar.local(at)
    day = local.date()
    return (
        hours.start <= local.hour * 60 + local.minute < hours.end
        and (hours.weekdays is None or day.weekday() in hours.weekdays)
        and (hours.kind is None or frame.calendar.is_a(day, hours.kind, frame.open_days))
    )


def _outside(
    tier: Tier, found: Window, now: dt.datetime, frame: Frame, places_left: int | None, reference: str | None
) -> Reason | None:
    """Why the tier is not open now, or ``None`` when it is."""
    if found.state is State.NEVER:
        return Reason.of("limit.never", reference=reference)
    if found.opens is not None and now < found.opens:
        return Reason.of("limit.not_open", opens=frame.calendar.local(found.opens), reference=reference)
    if found.closes is not None and found.closes <= now:
        return _closed_reason(found, reference)
    if tier.hours is not None and not within_hours(tier.hours, now, frame):
        return Reason.of(
            "limit.outside_hours",
            start=time_parameter(tier.hours.start),
            end=time_parameter(tier.hours.end),
            reference=reference,
        )
    if tier.subject_to_places and places_left is not None and places_left <= 0:
        return Reason.of("limit.no_place", reference=reference)
    return None


def _closed_reason(found: Window, reference: str | None) -> Reason:
    """``limit.closed`` with the close as it is written: « 10:00 inclus », never 10:01."""
    written = found.written
    assert written is not None  # a window that closes says how
    return Reason.of("limit.closed", reference=reference, limit=describe_written(written))


def _later(found: Window, passed: Window) -> bool:
    return found.closes is not None and (passed.closes is None or found.closes > passed.closes)


def _ask(index: int, reason: Reason, passed: Window | None) -> Outcome:
    return Outcome(
        REQUEST, index, limit=None if passed is None else passed.closes, limit_window=passed, reasons=(reason,)
    )


def _inside(
    index: int,
    effect: Effect,
    found: Window,
    passed: Window | None,
    reference: str | None,
    used: int | None,
    currency: Currency,
) -> Outcome:
    plain = effect.allows and effect.price is None
    known = found if plain or passed is None else passed
    rank = None if used is None else used + 1
    reasons: tuple[Reason, ...] = ()
    if not plain:
        code = "effect.priced" if effect.price is not None else f"effect.{effect.verb.name.lower()}"
        if effect.share is not None:
            code += "_share"
        said = describe_effect(effect, currency)
        consequence = Reason.of(code, reference=reference, tier=index + 1, rank=rank, effect=said)
        # The limit that was missed comes first: it is why the consequence is another than the plain one.
        reasons = (consequence,) if passed is None else (_closed_reason(passed, reference), consequence)
    return Outcome(effect, index, found, known.closes, known, reasons, rank)


def _closed(action: Action, passed: Window | None, refusals: list[Reason], reference: str | None) -> Outcome:
    reasons = tuple(dict.fromkeys(refusals)) or (Reason.of("limit.no_tier", reference=reference),)
    return Outcome(
        after_the_last(action), limit=None if passed is None else passed.closes, limit_window=passed, reasons=reasons
    )
