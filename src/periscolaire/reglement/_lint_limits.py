"""The linter's checks of limits: each is tried on every open day of one school year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import attrs

from periscolaire.calendar import OPEN, CommuneCalendar, Weekday
from periscolaire.catalogue import (
    Action,
    Between,
    Bound,
    DateTable,
    DayOfMonth,
    Effect,
    Frame,
    LimitRule,
    LimitTable,
    Never,
    NoLimit,
    OnDate,
    Point,
    Product,
    Reset,
    Silent,
    State,
    Tier,
    Verb,
    WeekdayOfWeek,
    WeekdayTable,
    WeekOf,
    Window,
    day_facts,
    window,
)
from periscolaire.errors import UnknownYearError
from periscolaire.facts import ALWAYS, Condition, Facts, Truth
from periscolaire.pricing import Severity
from periscolaire.reasons import Parameter
from periscolaire.reglement._procedures import Procedure
from periscolaire.reglement._reglement import Reglement

__all__ = ["limit_findings", "procedure_findings"]

Path: TypeAlias = tuple[str | int, ...]
_Found: TypeAlias = Iterator[tuple[Severity, Path, str, dict[str, Parameter]]]
_YEAR = dt.timedelta(days=366)


@attrs.frozen
class _Ground:
    """What a rule is tried on: the product's calendar and its open days of a year."""

    product: Product
    calendar: CommuneCalendar
    days: tuple[dt.date, ...]
    before: tuple[Condition, ...] = ()
    condition: Condition = ALWAYS

    def windows(self, tier: Tier, rule: LimitRule) -> Iterator[tuple[dt.date, Window]]:
        """The tier's window for every day; days whose limit leaves the known years are left out."""
        for day in self.days_of(tier):
            frame = Frame(self.calendar, day, rule.unit, self.product.open_days, self.product.start)
            try:
                yield day, window(tier.limit, frame)
            except UnknownYearError:
                continue

    def days_of(self, tier: Tier) -> tuple[dt.date, ...]:
        """The days to try: those of the year, or those between the rows of a date table."""
        if not isinstance(tier.limit, DateTable):
            return self.days
        rows = [row.days for row in tier.limit.rows]
        first = max(min(span.first for span in rows), self.calendar.first_known)
        last = min(max(span.last for span in rows), self.calendar.last_known)
        days = self.calendar.days(first, last, OPEN, self.product.open_days) if first <= last else ()
        return tuple(day for day in days if self.reads(day))

    def reads(self, day: dt.date) -> bool:
        """May the rule be read for ``day``, as far as the day itself says?"""
        facts = Facts(day_facts(self.calendar, day)) if self.before or self.condition != ALWAYS else Facts()
        taken = any(condition.evaluate(facts) is Truth.TRUE for condition in self.before)
        return not taken and self.condition.evaluate(facts) is not Truth.FALSE

    def under(self, table: LimitTable, index: int) -> _Ground:
        """The ground of one rule of a table: without the days that its condition, or a rule before it, takes away."""
        before = tuple(rule.condition for rule in table[:index])
        ground = attrs.evolve(self, before=before, condition=table[index].condition)
        return attrs.evolve(ground, days=tuple(day for day in self.days if ground.reads(day)))


def procedure_findings(reglement: Reglement, procedure: Procedure) -> _Found:
    """Everything to say of the limit of ``procedure``, tried on every day of one year."""
    calendar = reglement.calendar
    first = max(reglement.first_day, calendar.first_known)
    last = min(reglement.last_day or first + _YEAR, first + _YEAR, calendar.last_known)
    product = procedure.product
    days = calendar.days(first, last, OPEN, product.open_days) if first <= last else ()
    yield from _table("limite", Action.BOOK, procedure.limits, _Ground(product, calendar, days))


def limit_findings(reglement: Reglement, product: Product) -> _Found:
    """Everything to say of the limits of ``product``; paths begin inside it."""
    calendar = reglement.calendar.for_product(product.code)
    first = max(reglement.first_day, calendar.first_known)
    last = min(reglement.last_day or first + _YEAR, first + _YEAR, calendar.last_known)
    days = calendar.days(first, last, OPEN, product.open_days) if first <= last else ()
    if not days and first <= last:
        yield Severity.ERROR, ("jours",), "never_open", {"first": first, "last": last}
    ground = _Ground(product, calendar, days)
    for key, action, table in (
        ("reservation", Action.BOOK, product.booking),
        ("annulation", Action.CANCEL, product.cancellation),
        ("modification", Action.CHANGE, product.change),
    ):
        if table is not None:
            yield from _table(key, action, table, ground)
    order = reglement.orders.get(product.code)
    if order:
        yield from _order(order, ground)
    yield from _firm_at_once(ground)


def _table(key: str, action: Action, table: LimitTable, ground: _Ground) -> _Found:
    if not table:
        if ground.product.needs_booking:
            yield Severity.ERROR, (key,), "missing", {"action": action.value}
        return
    for index, rule in enumerate(table):
        path: Path = (key,) if len(table) == 1 else (key, index)
        if index and table[index - 1].condition == ALWAYS:
            yield Severity.ERROR, path, "rule_unreachable", {"rule": index}
        read = ground.under(table, index)
        for position, tier in enumerate(rule.tiers):
            where = path if len(rule.tiers) == 1 else (*path, position)
            yield from _tier(where, action, tier, rule, position, read)
    if table[-1].condition != ALWAYS and table[-1].condition.facts_read != {"channel"}:
        yield Severity.INFORMATION, (key,), "no_last_rule", {"action": action.value}


def _tier(path: Path, action: Action, tier: Tier, rule: LimitRule, position: int, ground: _Ground) -> _Found:
    if isinstance(tier.limit, Silent):
        yield Severity.WARNING, path, "silent", {"action": action.value}
        return
    if tier.counter is not None and tier.counter.reset is Reset.NEVER:
        yield Severity.WARNING, path, "counter_never_reset", {"counter": tier.counter.name}
    yield from _holes(path, tier, ground)
    for point in _points(tier):
        yield from _ambiguous(path, point)
    if position and (before := _hides(rule.tiers[:position])) is not None:
        yield Severity.ERROR, path, "tier_unreachable", {"tier": position + 1, "by": before + 1}
    free = isinstance(tier.limit, NoLimit) and _frees(tier.effect) and tier.condition == ALWAYS
    if action is Action.CANCEL and free and ground.product.needs_booking:
        yield Severity.WARNING, path, "cancellation_always_open", {}
    if isinstance(tier.limit, Between | DateTable | WeekdayTable):
        yield from _tried(path, action, tier, rule, ground)


def _frees(effect: Effect) -> bool:
    return effect.verb in (Verb.ACCEPT, Verb.NOTHING)


def _hides(tiers: Iterable[Tier]) -> int | None:
    """The earlier tier that is open whatever happens."""
    for index, tier in enumerate(tiers):
        if (
            isinstance(tier.limit, NoLimit)
            and tier.condition == ALWAYS
            and not tier.subject_to_places
            and tier.hours is None
        ):
            return index
    return None


def _holes(path: Path, tier: Tier, ground: _Ground) -> _Found:
    """Weekdays and days on which the product runs and the table says nothing."""
    if isinstance(tier.limit, WeekdayTable):
        said = {weekday for row in tier.limit.rows for weekday in row.weekdays}
        missing = sorted({Weekday.of(day) for day in ground.days} - said)
        if missing:
            names = tuple(weekday.french for weekday in missing)
            yield Severity.ERROR, path, "weekday_without_limit", {"weekdays": names}
        unused = sorted(said - {Weekday.of(day) for day in ground.days})
        everyday = len(said) == len(Weekday)  # « les autres jours »
        if unused and ground.days and not everyday:
            yield Severity.WARNING, path, "weekday_never_open", {"weekdays": tuple(day.french for day in unused)}
    if isinstance(tier.limit, DateTable):
        spans = [row.days for row in tier.limit.rows]
        outside = [day for day in ground.days_of(tier) if not any(day in span for span in spans)]
        if outside:
            yield Severity.WARNING, path, "day_without_row", {"day": outside[0], "count": len(outside)}


def _points(tier: Tier) -> Iterator[Point]:
    match tier.limit:
        case Between(opens, closes):
            yield from (point for point in (opens, closes) if point is not None)
        case WeekdayTable(rows):
            for row in rows:
                if isinstance(row.limit, Between):
                    yield from (point for point in (row.limit.opens, row.limit.closes) if point is not None)
        case _:
            return


def _ambiguous(path: Path, point: Point) -> _Found:
    """LIMITS A3: « avant le 18 » is read as excluding the 18th; ask."""
    if isinstance(point.day, DayOfMonth | OnDate) and point.minutes is None and point.bound is Bound.BEFORE:
        day = point.day.day if isinstance(point.day, DayOfMonth) else point.day.date
        yield Severity.INFORMATION, path, "before_a_day", {"day": day}


def _tried(path: Path, action: Action, tier: Tier, rule: LimitRule, ground: _Ground) -> _Found:
    """What only shows on real days: a window that never opens, that outlives the service, that falls in holidays."""
    calendar, start = ground.calendar, ground.product.start
    tried = 0
    opened = False
    after: dt.date | None = None
    in_holidays: tuple[dt.date, dt.date] | None = None
    literal_week = any(isinstance(p.day, WeekdayOfWeek | WeekOf) and not p.day.of_class for p in _points(tier))
    for day, found in ground.windows(tier, rule):
        tried += 1
        if found.state is State.ANCHOR_UNKNOWN:
            opened = True  # it depends on a date that comes with the request
            continue
        if found.state is not State.WINDOW:
            continue
        opened = opened or found.opens is None or found.closes is None or found.opens < found.closes
        if found.closes is None or found.written is None:
            continue
        if after is None and found.closes > calendar.instant(day, 24 * 60 if start is None else start):
            after = day
        limit_day = found.written.day
        if (
            literal_week
            and in_holidays is None
            and calendar.knows(limit_day)
            and calendar.holiday(limit_day) is not None
            and calendar.holiday(day) is None  # a holiday centre's week before lies in the holidays, as it must
        ):
            in_holidays = (day, limit_day)
    if tried and not opened:
        yield Severity.ERROR, path, "window_never_opens", {"days": tried}
    if after is not None and action is Action.CANCEL and _frees(tier.effect):
        yield Severity.ERROR, path, "cancellation_after_service", {"day": after}
    elif after is not None and any(point.shift is not None for point in _points(tier)):
        yield Severity.ERROR, path, "shift_after_service", {"day": after}
    elif after is not None and action is not Action.CANCEL and isinstance(tier.limit, Between):
        yield Severity.WARNING, path, "booking_after_service", {"day": after}
    if in_holidays is not None:
        yield Severity.WARNING, path, "previous_week_in_holidays", {"day": in_holidays[0], "limit": in_holidays[1]}


def _last_close(tiers: Iterable[Tier], rule: LimitRule, ground: _Ground) -> dict[dt.date, dt.datetime | None]:
    """Per day, the last close of these tiers; ``None``: they never close."""
    closes: dict[dt.date, dt.datetime | None] = {}
    for tier in tiers:
        if isinstance(tier.limit, Never | Silent):
            continue
        for day, found in ground.windows(tier, rule):
            if found.state is not State.WINDOW:
                continue
            held = closes.get(day, found.closes)
            closes[day] = None if held is None or found.closes is None else max(held, found.closes)
    return closes


def _order(order: LimitTable, ground: _Ground) -> _Found:
    """The kitchen's order is frozen while families may still book at the usual price."""
    frozen = _last_close(order[0].tiers, order[0], ground)
    for rule in ground.product.booking:
        for day, close in _last_close(_plain(rule), rule, ground).items():
            if (limit := frozen.get(day)) is not None and (close is None or close > limit):
                yield Severity.WARNING, ("commande",), "order_before_limit", {"day": day}
                return


def _firm_at_once(ground: _Ground) -> _Found:
    """Booking closes after cancelling: what is booked in between is firm at once (LIMITS A14)."""
    booking, cancellation = ground.product.booking, ground.product.cancellation
    if len(booking) != 1 or len(cancellation) != 1:
        return
    free = [tier for tier in cancellation[0].tiers if _frees(tier.effect) and tier.counter is None]
    cancels = _last_close(free, cancellation[0], ground)
    for day, close in _last_close(_plain(booking[0]), booking[0], ground).items():
        limit = cancels.get(day)
        if limit is not None and close is not None and close > limit:
            yield Severity.INFORMATION, ("annulation",), "firm_at_once", {"day": day}
            return


def _plain(rule: LimitRule) -> tuple[Tier, ...]:
    return tuple(tier for tier in rule.tiers if tier.effect == Effect() and tier.counter is None)
