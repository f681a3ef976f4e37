"""Checking a basket: every line against the règlement, the places and one another.

In words:

1. Each line is first looked at for itself: a child of the household, a known product, a day that the calendar knows
   and on which the product runs, the household's own day, something to cancel, nothing booked already.
2. The lines that remain are laid together, in canonical order (day, product, child, slot): cancellations give their
   places back and take their products away, then changes, then bookings. Each is decided with what the day and the
   week would hold if **all** of them were accepted, with the uses of counters by the lines before it, and with the
   places and the prepaid money that those leave.
3. When some are refused, whoever asks for the best part loses as little as may be: lines that would be refused even
   alone go first, all at once; when none of these is left, the **last** refused line in canonical order goes. Then
   everything is decided again without them, until nothing is refused. So the earlier day, then the product whose code
   comes first, then the child, keeps its place.

Nothing here depends on the order in which lines came into the basket.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter as Tally
from collections.abc import Iterable, Sequence

import attrs

from periscolaire.booking._basket import Basket, Line
from periscolaire.booking._context import STAFF, BookingContext, PriceQuery
from periscolaire.booking._counters import Use
from periscolaire.booking._desk import ALONE, Desk, Surroundings
from periscolaire.booking._places import Claim
from periscolaire.booking._reservations import SlotKey, State
from periscolaire.booking._verdicts import Alternative, CheckResult, LineStatus, LineVerdict
from periscolaire.catalogue import ACCEPT, Action, Allocation, PaymentMode, Verb
from periscolaire.errors import MisuseError, UnknownYearError
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import Amount
from periscolaire.reasons import Description, Reason
from periscolaire.reglement import Decision, Reglement

__all__ = ["check", "check_line", "check_lines"]


def check(basket: Basket, reglement: Reglement, context: BookingContext, at: dt.datetime) -> CheckResult:
    """Every verdict of every line of ``basket``, had it been validated at ``at``. Records nothing.

    :raises MisuseError: ``at`` is naive, the basket is another household's, or the rules differ by channel and the
        context names none.
    """
    if basket.household != context.household:
        raise MisuseError(f"basket of household {basket.household!r}, context of {context.household!r}")
    desk = Desk(reglement, context, at)
    lines = basket.canonical()
    expiry = basket.expires_at
    if expiry is not None and basket.is_expired(at):
        reason = Reason.of("booking.basket_expired", expired=desk.calendar.local(expiry))
        return CheckResult(tuple(_refused(line, reason) for line in lines), context.policy.whole)
    if basket.reglement is not None and basket.reglement != reglement.version:
        reason = Reason.of("booking.rules_changed", version=reglement.version)
        return CheckResult(tuple(_refused(line, reason) for line in lines), context.policy.whole)
    return CheckResult(check_lines(lines, desk, whole=context.policy.whole), context.policy.whole)


def check_line(line: Line, desk: Desk) -> LineVerdict:
    """The verdict of one line alone: what a view shows, and by construction what validating it then says."""
    return check_lines((line,), desk, whole=True)[0]


def check_lines(lines: Sequence[Line], desk: Desk, *, whole: bool) -> tuple[LineVerdict, ...]:
    """The verdicts of ``lines`` (in canonical order) together: all of them as asked, or the best part."""
    settled: dict[Line, LineVerdict] = {}
    candidates: list[Line] = []
    for line in lines:
        found = _for_itself(line, desk)
        if found is None:
            candidates.append(line)
        else:
            settled[line] = found
    while candidates:
        together = _together(candidates, desk)
        refused = [line for line in candidates if together[line].refused]
        if not refused or whole or len(candidates) == 1:
            settled.update(together)
            break
        hopeless = [line for line in refused if _together([line], desk)[line].refused]
        for line in hopeless or refused[-1:]:
            settled[line] = together[line]
            candidates.remove(line)
    return tuple(settled[line] for line in lines)


# A line for itself


def _for_itself(line: Line, desk: Desk) -> LineVerdict | None:
    """What can be said of the line whatever the règlement's limits; ``None`` when it is for them to decide."""
    faults = list(_known_faults(line.key, desk)) or [
        fault for key in _booked_by(line) for fault in _booking_faults(key, desk)
    ]
    if faults:
        return _refused(line, *faults)
    reservation = desk.reservation(line.key)
    state = reservation.state if reservation is not None else None
    already = _already(line, state)
    if reservation is not None and reservation.state.is_live and reservation.household != desk.context.household:
        return _refused(line, Reason.of("booking.other_household", day=line.key.day))
    if already:
        return LineVerdict(line, LineStatus.ALREADY, (Reason.of("booking.already", state=_word(state)),))
    if line.tracked and line.seen is not state:
        return _refused(line, Reason.of("booking.stale", seen=_word(line.seen), now=_word(state)))
    if line.action is not Action.BOOK and (state is None or not state.is_live):
        return _refused(line, Reason.of("booking.nothing_booked", day=line.key.day))
    if line.to is not None and (target := desk.reservation(line.to)) is not None and target.state.is_live:
        return _refused(line, Reason.of("booking.target_taken", day=line.to.day))
    return None


def _known_faults(key: SlotKey, desk: Desk) -> Iterable[Reason]:
    if key.child not in desk.context.children:
        yield Reason.of("booking.unknown_child")
    if key.product not in desk.products:
        yield Reason.of("booking.unknown_product", product=key.product)


def _booking_faults(key: SlotKey, desk: Desk) -> Iterable[Reason]:
    """What is wrong with booking ``key``; what is booked may be cancelled all the same, whatever has changed since."""
    product = desk.products.get(key.product)
    if product is None:
        yield Reason.of("booking.unknown_product", product=key.product)
        return
    if not product.needs_booking:
        yield Reason.of("booking.no_booking_needed", product=product.name, reference=product.reference)
    if key.slot and product.slot(key.slot) is None:
        yield Reason.of("booking.unknown_slot", product=product.name, slot=key.slot)
    if not key.slot and product.slots:
        yield Reason.of("booking.slot_missing", product=product.name)
    try:
        running = desk.is_open(product, key)
    except UnknownYearError:
        yield Reason.of("booking.unknown_day", day=key.day)
        return
    if not running:
        why = desk.calendar.describe(key.day)
        yield Reason.of("booking.closed", product=product.name, day=key.day, why=why, reference=product.reference)
    elif (cause := desk.context.closure_of(key)) is not None:
        yield Reason.of("booking.closed_because", product=product.name, day=key.day, cause=cause)
    if desk.facts(key.child, key.day).known("suspended") is True:
        yield Reason.of("booking.suspended", product=product.name, day=key.day)
    if not desk.context.is_ours(key.child, key.day):
        yield Reason.of("booking.not_our_day", day=key.day)


def _already(line: Line, state: State | None) -> bool:
    match line.action:
        case Action.BOOK:
            return state is not None and state.is_live
        case Action.CANCEL:
            return state is State.CANCELLED_BY_FAMILY
        case Action.CHANGE:
            return state is State.REPLACED


# Lines together

#: How the règlement says that places are missing.
_FULL = frozenset({"places.full", "limit.no_place"})


class _Together:
    """Lines on the way through the desk, one evaluation of all of them."""

    def __init__(self, lines: Sequence[Line], desk: Desk) -> None:
        self.desk = desk
        self.pending: list[Use] = []
        self.moved: Tally[str] = Tally()  # places taken (or given back, below zero) by earlier lines
        self.spent: Amount = 0  # of the prepaid account, by earlier lines
        self.gone = {line.key for line in lines if line.action is not Action.BOOK}
        self.come = {line.to or line.key for line in lines if line.action is not Action.CANCEL}

    def on_day(self, key: SlotKey) -> list[SlotKey]:
        """What the child would have on that day, in order, were all lines accepted."""
        kept = [other for other in self.desk.live_on(key.child, key.day) if other not in self.gone]
        joined = [other for other in self.come if other.child == key.child and other.day == key.day]
        return sorted({*kept, *joined})

    def around(self, key: SlotKey) -> Surroundings:
        """Other products of the child on that day, and days of the product in that week, this one included."""
        if not self.desk.looks_around:
            return ALONE
        others = frozenset(str(other.product) for other in self.on_day(key) if other.product != key.product)
        week = _week(key)
        days = {other.day for other in self.desk.live_in(*week) if other not in self.gone}
        days.update(other.day for other in self.come if _week(other) == week)
        return others, len(days | {key.day})

    def left(self, wanted: Iterable[Claim]) -> int | None:
        """Places left for one more line, after those before it."""
        taken = self.desk.context.taken
        free = [claim.maximum - taken.get(claim.pool, 0) - self.moved[claim.pool] for claim in wanted]
        return max(0, min(free)) if free else None

    def ask(self, action: Action, key: SlotKey, line: Line, left: int | None = None) -> Decision:
        """The règlement's word on one action of a line."""
        used = self.desk.used(key, self.pending)
        return self.desk.decide(action, key, line, self.around(key), used, left, self.spent)

    def use(self, key: SlotKey, decision: Decision) -> None:
        """Count the use of the decision's counter for the lines that follow."""
        if decision.counter is not None:
            self.pending.append(Use(decision.counter, self.desk.context.household, key.child, key.product, key.day))


def _together(lines: Sequence[Line], desk: Desk) -> dict[Line, LineVerdict]:
    work = _Together(lines, desk)
    found: dict[Line, LineVerdict] = {}
    for line in lines:
        if line.action is Action.CANCEL:
            found[line] = _cancel(line, work)
    for line in lines:
        if line.action is Action.CHANGE:
            found[line] = _change(line, work)
    for line in lines:
        if line.action is Action.BOOK:
            found[line] = _book(line, line.key, work)
    return found


def _cancel(line: Line, work: _Together) -> LineVerdict:
    key, desk = line.key, work.desk
    orphans = [
        other
        for other in (work.on_day(key) if desk.looks_around else ())
        if other.product in desk.products and key.product in desk.products[other.product].requires
    ]
    reasons = [
        Reason.of("booking.required_by", product=desk.products[other.product].name, day=key.day) for other in orphans
    ]
    decision = work.ask(Action.CANCEL, key, line)
    # LIMITS A14: after the limit a cancellation is recorded with its consequence, not refused.
    passes = decision.effect.allows or decision.effect.verb in (Verb.DUE, Verb.LOST) or desk.past_limits(decision)
    if not passes:
        # What a recorded cancellation would entail ("the price stays due") is not said of one that is refused.
        reasons += [reason for reason in decision.reasons if not reason.code.startswith("effect.")]
    if reasons:
        return _refused(line, *reasons, decision=decision)
    work.use(key, decision)
    released = desk.claims(key) if desk.holds_place(key) else ()
    work.moved.subtract(claim.pool for claim in released)
    return _verdict(line, LineStatus.CANCELLED, decision, released=released, reasons=decision.reasons)


def _change(line: Line, work: _Together) -> LineVerdict:
    """LIMITS A15: a change has its own limit, or is a cancellation and a booking, each within its own."""
    key, to, desk = line.key, line.to, work.desk
    assert to is not None  # a change says what the reservation becomes
    product = desk.products[key.product]
    reasons: list[Reason] = []
    if product.change is not None and to.product == key.product:
        first = work.ask(Action.CHANGE, key, line)
        if to.day != key.day and product.change_may_add is False:
            reasons.append(Reason.of("booking.change_may_not_add", day=to.day, reference=product.reference))
    else:
        first = work.ask(Action.CANCEL, key, line)
    if not first.effect.allows and not desk.past_limits(first):
        reasons += first.reasons or (Reason.of("booking.change_too_late", day=key.day),)
    released = desk.claims(key) if desk.holds_place(key) else ()
    work.moved.subtract(claim.pool for claim in released)
    booked = _book(line, to, work, decided=first if product.change is not None and to.product == key.product else None)
    if booked.refused:
        reasons += booked.reasons
    if reasons:
        # A refused change gives no place back and takes none.
        work.moved.update(claim.pool for claim in released)
        work.moved.subtract(claim.pool for claim in booked.claims)
        return attrs.evolve(booked, status=LineStatus.REFUSED, reasons=tuple(dict.fromkeys(reasons)), claims=())
    status = LineStatus.CHANGED if booked.status is LineStatus.FIRM else booked.status
    return attrs.evolve(booked, status=status, released=released)


def _book(line: Line, key: SlotKey, work: _Together, decided: Decision | None = None) -> LineVerdict:
    desk = work.desk
    product = desk.products[key.product]
    wanted = desk.claims(key)
    left = work.left(wanted)
    decision = decided if decided is not None else work.ask(Action.BOOK, key, line, left)
    full: tuple[Reason, ...] = ()
    if left == 0 and not decision.requestable:
        # What would the règlement say if there were a place? Then only the place is missing.
        full = tuple(reason for reason in decision.reasons if reason.code in _FULL) or (
            Reason.of("places.full", reference=product.reference, day=key.day),
        )
        if decided is None:
            decision = work.ask(Action.BOOK, key, line, 1)
    granted = desk.past_limits(decision)
    verb = Verb.ACCEPT if granted else decision.effect.verb
    if verb in (Verb.REQUEST, Verb.POSSIBLE):
        work.use(key, decision)
        return _verdict(line, LineStatus.REQUEST, decision, desk, key, reasons=decision.reasons, left=left)
    if verb is not Verb.ACCEPT:
        return _refused(line, *full, *decision.reasons, decision=decision)
    if any(rule.allocation is not Allocation.ARRIVAL for rule in desk.places_rules(key)):
        asked = Reason.of("booking.places_by_allocation", product=product.name, day=key.day)
        return _verdict(line, LineStatus.REQUEST, decision, desk, key, reasons=(asked,), left=left)
    if left == 0:
        if not desk.context.policy.waiting:
            return _refused(line, *full, decision=decision)
        return _verdict(line, LineStatus.WAITING, decision, desk, key, reasons=full, left=0)
    work.use(key, decision)
    work.moved.update(claim.pool for claim in wanted)
    held = product.payment is PaymentMode.TO_CONFIRM and desk.context.author != STAFF
    found = _verdict(
        line,
        LineStatus.HELD if held else LineStatus.FIRM,
        decision,
        desk,
        key,
        claims=wanted,
        left=left,
        reasons=() if granted else decision.reasons,
    )
    if product.payment is PaymentMode.WALLET:
        work.spent += found.price or 0
    if granted:
        found = attrs.evolve(found, effect=ACCEPT)
    return attrs.evolve(found, hold_until=desk.at + desk.context.policy.hold) if held else found


# Verdicts


def _verdict(
    line: Line,
    status: LineStatus,
    decision: Decision,
    desk: Desk | None = None,
    key: SlotKey | None = None,
    *,
    reasons: Iterable[Reason] = (),
    claims: tuple[Claim, ...] = (),
    released: tuple[Claim, ...] = (),
    left: int | None = None,
) -> LineVerdict:
    price, payment, until, undoable = None, None, None, False
    if desk is not None and key is not None:
        price = desk.context.price_of(PriceQuery(key, decision.effect, decision.tier, line.mode))
        payment = desk.products[key.product].payment
        if not desk.brief:
            undo = desk.undo(key, line)
            undoable = undo.effect.allows
            until = undo.closes if undoable else None
    return LineVerdict(
        line=line,
        status=status,
        reasons=tuple(dict.fromkeys(reasons)),
        tier=decision.tier,
        effect=decision.effect,
        counter=decision.counter,
        rank=decision.rank,
        closes=decision.closes,
        until=until,
        undoable=undoable,
        claims=claims,
        released=released,
        places_left=left,
        price=price,
        payment=payment,
        reference=decision.reference,
    )


def _refused(line: Line, *reasons: Reason, decision: Decision | None = None) -> LineVerdict:
    alternatives: tuple[Alternative, ...] = ()
    if decision is not None and decision.next is not None:
        alternatives = (Alternative(decision.next.day, decision.next.last, decision.next.effect, decision.next.closes),)
    return LineVerdict(
        line=line,
        status=LineStatus.REFUSED,
        reasons=tuple(dict.fromkeys(reasons)),
        alternatives=alternatives,
        tier=decision.tier if decision is not None else None,
        effect=decision.effect if decision is not None else None,
        closes=decision.limit if decision is not None else None,
        reference=decision.reference if decision is not None else None,
    )


def _booked_by(line: Line) -> tuple[SlotKey, ...]:
    """The key that the line books, if it books one."""
    match line.action:
        case Action.BOOK:
            return (line.key,)
        case Action.CANCEL:
            return ()
        case Action.CHANGE:
            assert line.to is not None  # a change says what the reservation becomes
            return (line.to,)


def _week(key: SlotKey) -> tuple[ChildId, ProductCode, tuple[int, int]]:
    year, week, _ = key.day.isocalendar()
    return key.child, key.product, (year, week)


def _word(state: State | None) -> Description:
    return Description.of(f"booking.state.{'none' if state is None else state.name.lower()}")
