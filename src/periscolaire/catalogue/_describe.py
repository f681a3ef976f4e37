"""What a rule says, as a :class:`~periscolaire.reasons.Description`: the words are in ``catalogue.po`` (fr, en)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from periscolaire.calendar import CALENDAR, KINDS, DayKind, Weekday
from periscolaire.catalogue._days import (
    ANCHOR_DAY,
    CALENDAR_ANCHORS,
    Anchor,
    AnnualDate,
    CompleteWeek,
    DayExpr,
    DayOfMonth,
    DaysFrom,
    HoursFrom,
    MonthsFrom,
    NthIn,
    OnDate,
    SameDay,
    WeekdayFrom,
    WeekdayOfWeek,
    WeekOf,
    WeeksFrom,
)
from periscolaire.catalogue._effects import (
    ACCEPT,
    Counter,
    Effect,
    Multiple,
    OtherTariff,
    PriceForm,
    Replacement,
    Scope,
    Surcharge,
    Verb,
)
from periscolaire.catalogue._limits import (
    Between,
    Bound,
    DateTable,
    Hours,
    Limit,
    Moment,
    Never,
    NoLimit,
    OnTheSpot,
    Point,
    Silent,
    WeekdayTable,
)
from periscolaire.catalogue._rules import LimitRule, Tier
from periscolaire.catalogue._units import (
    EachBlock,
    EachDay,
    EachHoliday,
    EachMonth,
    EachPeriod,
    EachSchoolYear,
    EachWeek,
    ListedSpans,
    Unit,
)
from periscolaire.catalogue._windows import Written
from periscolaire.facts import VOCABULARY, Condition, Op, Test
from periscolaire.money import EUR, Currency, Money
from periscolaire.reasons import Description, Parameter

__all__ = [
    "describe_condition",
    "describe_effect",
    "describe_fact",
    "describe_limit",
    "describe_point",
    "describe_rule",
    "describe_unit",
    "describe_written",
    "time_parameter",
]

_of = Description.of
_KIND_CODES = dict(zip(KINDS, ("calendar", "weekday", "workable", "business", "school", "open", "office"), strict=True))
_ANCHOR_CODES: dict[str, str] = dict(
    zip(
        CALENDAR_ANCHORS,
        ("day", "week", "month", "period", "holidays", "holidays_before", "school_year"),
        strict=True,
    )
)


def describe_rule(rule: LimitRule, currency: Currency = EUR) -> Description:
    """The whole rule: its unit, its tiers in order, its condition and its article; amounts are of ``currency``."""
    return _of(
        "limit.rule",
        unit=describe_unit(rule.unit),
        tiers=_joined("limit.next_tier", [_tier(tier, currency) for tier in rule.tiers]),
        condition=""
        if not rule.condition.tests
        else _of("limit.rule.condition", condition=describe_condition(rule.condition)),
        reference="" if rule.reference is None else _of("limit.rule.reference", reference=rule.reference),
    )


def _tier(tier: Tier, currency: Currency) -> Description:
    parts: list[Parameter] = [describe_limit(tier.limit)]
    if tier.hours is not None:
        parts.append(_hours(tier.hours))
    if tier.condition.tests:
        parts.append(describe_condition(tier.condition))
    if tier.counter is not None:
        parts.append(_counter(tier.counter, currency))
    elif tier.effect != ACCEPT:
        parts.append(describe_effect(tier.effect, currency))
    if tier.subject_to_places:
        parts.append(_of("limit.tier.places"))
    return _of("limit.tier", parts=_joined("limit.then", parts))


def _joined(code: str, parts: Iterable[Parameter]) -> Parameter:
    """The parts one after the other: a description within a description, so that no list word comes between."""
    first, *rest = parts
    return first if not rest else _of(code, first=first, rest=_joined(code, rest))


def describe_limit(limit: Limit) -> Description:
    """When it is open."""
    match limit:
        case Never():
            return _of("limit.form.never")
        case NoLimit():
            return _of("limit.form.no_limit")
        case OnTheSpot():
            return _of("limit.form.on_the_spot")
        case Silent():
            return _of("limit.form.silent")
        case Between():
            return _between(limit)
        case WeekdayTable(rows=rows):
            return _of(
                "limit.form.weekdays",
                rows=tuple(
                    _of(
                        "limit.form.weekday_row",
                        weekdays=tuple(_weekday(day) for day in row.weekdays),
                        limit=describe_limit(row.limit),
                    )
                    for row in rows
                ),
            )
        case DateTable(rows=dates):
            return _of(
                "limit.form.dates",
                rows=tuple(
                    _of(
                        "limit.form.date_row",
                        first=row.days.first,
                        last=row.days.last,
                        window=_window(_moment(row.opens, opening=True), _moment(row.closes)),
                    )
                    for row in dates
                ),
            )


def _between(limit: Between) -> Description:
    opens, closes = limit.opens, limit.closes
    if opens is not None and closes is not None and opens == closes and opens.minutes is None:
        return _of("limit.form.during", day=_day(opens.day))
    return _window(None if opens is None else _opening(opens), None if closes is None else describe_point(closes))


def _window(opens: Description | None, closes: Description | None) -> Description:
    if opens is None:
        return _of("limit.form.no_limit") if closes is None else _of("limit.form.closes", closes=closes)
    if closes is None:
        return _of("limit.form.opens", opens=opens)
    return _of("limit.form.between", opens=opens, closes=closes)


def _opening(point: Point) -> Description:
    day = _day(point.day)
    return day if point.minutes is None else _of("limit.point.at", day=day, time=time_parameter(point.minutes))


def describe_point(point: Point) -> Description:
    """A close, with its bound as written."""
    said = _bounded(_day(point.day), point.minutes, point.bound, exact=isinstance(point.day, HoursFrom))
    if point.shift is None:
        return said
    shift = point.shift
    code = "limit.shift.forward" if shift.forward else "limit.shift.back"
    moved = _of(code, point=said, kind=_kind(shift.kind, 1))
    return moved if shift.minutes is None else _of("limit.point.at", day=moved, time=time_parameter(shift.minutes))


def _bounded(day: Description, minutes: int | None, bound: Bound, *, exact: bool = False) -> Description:
    if exact:
        return day
    inside = bound is Bound.UNTIL
    if minutes is None:
        return _of("limit.point.day_until" if inside else "limit.point.day_before", day=day)
    return _of("limit.point.time_until" if inside else "limit.point.time_before", day=day, time=time_parameter(minutes))


def _moment(moment: Moment | None, *, opening: bool = False) -> Description | None:
    if moment is None:
        return None
    day = _of("limit.day.date", date=moment.date)
    if opening:
        return day if moment.minutes is None else _of("limit.point.at", day=day, time=time_parameter(moment.minutes))
    return _bounded(day, moment.minutes, moment.bound)


def _day(expr: DayExpr) -> Description:
    match expr:
        case SameDay(anchor=anchor):
            return _of("limit.day.same") if anchor == ANCHOR_DAY else _anchor(anchor)
        case DaysFrom(n=-1, kind=kind, clear=False, anchor=anchor) if kind == CALENDAR and anchor == ANCHOR_DAY:
            return _of("limit.day.eve")
        case DaysFrom(n=n, kind=kind, clear=clear, anchor=anchor):
            return _from("limit.day.clear_days" if clear else "limit.day.days", n, anchor, kind=_kind(kind, abs(n)))
        case WeeksFrom(n=n, of_class=of_class, anchor=anchor):
            return _from("limit.day.class_weeks" if of_class else "limit.day.weeks", n, anchor)
        case MonthsFrom(n=n, anchor=anchor):
            return _from("limit.day.months", n, anchor)
        case HoursFrom():
            return _hours_from(expr)
        case WeekdayFrom(weekday=weekday, n=n, anchor=anchor):
            code = "limit.day.weekday" if abs(n) == 1 else "limit.day.nth_weekday"
            return _from(code, n, anchor, weekday=_weekday(weekday))
        case WeekdayOfWeek(weekday=weekday, n=n, of_class=of_class, anchor=anchor):
            week = _relative("limit.class_week" if of_class else "limit.week", n)
            return _anchored("limit.day.weekday_of_week", anchor, weekday=_weekday(weekday), week=week)
        case WeekOf(n=n, of_class=of_class, anchor=anchor):
            week = _relative("limit.class_week" if of_class else "limit.week", n)
            return _anchored("limit.day.week", anchor, week=week)
        case DayOfMonth(day=-1, n=n, anchor=anchor):
            return _anchored("limit.day.last_of_month", anchor, month=_relative("limit.month", n))
        case DayOfMonth(day=wanted, n=n, anchor=anchor):
            return _anchored("limit.day.of_month", anchor, day=wanted, month=_relative("limit.month", n))
        case NthIn(rank=rank, what=what, of=of, n=n, anchor=anchor):
            code = "limit.day.nth" if rank > 0 else "limit.day.nth_from_end"
            unit = _of("limit.unit_at", unit=describe_unit(of), place="" if n == 0 else _relative("limit.place", n))
            return _anchored(code, anchor, n=abs(rank), what=_ranked(what), unit=unit)
        case OnDate(date=date):
            return _of("limit.day.date", date=date)
        case AnnualDate(month=month, day=wanted, anchor=anchor):
            return _anchored("limit.day.annual", anchor, day=wanted, month=_of(f"limit.month_name.{month}"))


def _ranked(what: Weekday | DayKind | CompleteWeek) -> Description:
    match what:
        case Weekday():
            return _weekday(what)
        case CompleteWeek(through=through):
            return _of("limit.complete_week", last=_weekday(through))
        case kind:
            return _kind(kind, 1)


def _from(code: str, n: int, anchor: Anchor, **parameters: Parameter) -> Description:
    side = "before" if n < 0 else "after"
    return _of(f"{code}_{side}", n=abs(n), anchor=_anchor(anchor), **parameters)


def _hours_from(expr: HoursFrom) -> Description:
    side = "before" if expr.n < 0 else "after"
    kind: Parameter = "" if expr.kind is None else _of("limit.hours.counted", kind=_kind(expr.kind, 2))
    if expr.from_service:
        reference = _of("limit.hours.from_service", anchor=_anchor(expr.anchor))
    elif expr.from_minutes is not None:
        reference = _of("limit.hours.from_time", anchor=_anchor(expr.anchor), time=time_parameter(expr.from_minutes))
    else:
        reference = _of(f"limit.hours.from_{'start' if expr.n < 0 else 'end'}", anchor=_anchor(expr.anchor))
    return _of(f"limit.day.hours_{side}", n=abs(expr.n), kind=kind, reference=reference)


def _anchored(code: str, anchor: Anchor, **parameters: Parameter) -> Description:
    said = _of(code, anchor=_anchor(anchor), **parameters)
    if anchor == ANCHOR_DAY:
        return said
    return _of("limit.day.since", day=said, anchor=_anchor(anchor))


def _anchor(anchor: Anchor) -> Description:
    if anchor.is_event:
        said = _of("limit.anchor.event", name=anchor.name)
    else:
        said = _of(f"limit.anchor.{_ANCHOR_CODES[anchor.name]}")
    return _of("limit.anchor.end", anchor=said) if anchor.end else said


def _relative(code: str, n: int) -> Description:
    if n in (-1, 0, 1):
        return _of(f"{code}.{('previous', 'this', 'next')[n + 1]}")
    return _of(f"{code}.{'back' if n < 0 else 'ahead'}", n=abs(n))


def _kind(kind: DayKind, n: int) -> Description:
    code = _KIND_CODES.get(kind)
    return _of("limit.kind.own", n=n, name=str(kind)) if code is None else _of(f"limit.kind.{code}", n=n)


def _weekday(weekday: Weekday) -> Description:
    return _of(f"limit.weekday.{weekday.name.lower()}")


def time_parameter(minutes: int) -> Parameter:
    """A wall time as a parameter of a text; the end of the day has no ``time`` of its own."""
    return "24:00" if minutes == 24 * 60 else dt.time(minutes // 60, minutes % 60)


def _hours(hours: Hours) -> Description:
    said = _of("limit.hours", start=time_parameter(hours.start), end=time_parameter(hours.end))
    if hours.weekdays is not None:
        days = tuple(_weekday(day) for day in sorted(hours.weekdays))
        said = _of("limit.hours.weekdays", hours=said, weekdays=days)
    return said if hours.kind is None else _of("limit.hours.kind", hours=said, kind=_kind(hours.kind, 2))


def describe_effect(effect: Effect, currency: Currency = EUR) -> Description:
    """A verb, its price form, its scope; amounts are of ``currency``."""
    said = _of(f"limit.verb.{effect.verb.name.lower()}")
    if effect.share is not None:
        said = _of("limit.verb.due_share", percent=_trimmed(effect.share * 100))
    if effect.price is not None:
        price = _price(effect.price, currency)
        said = price if effect.verb is Verb.ACCEPT else _of("limit.then", first=said, rest=price)
        if effect.scope is not Scope.DAY:
            said = _of(f"limit.scope.{effect.scope.name.lower()}", effect=said)
    return _of("limit.kept", effect=said) if effect.kept else said


def _price(price: PriceForm, currency: Currency) -> Description:
    match price:
        case Surcharge(amount=amount):
            return _of("limit.price.surcharge", amount=Money(currency.amount(amount), currency))
        case Multiple(factor=factor):
            return _of("limit.price.multiple", factor=_trimmed(factor))
        case OtherTariff(code=code):
            return _of("limit.price.other", tariff=code)
        case Replacement(amount=amount):
            return _of("limit.price.replacement", amount=Money(currency.amount(amount), currency))


def _trimmed(value: Decimal) -> Decimal:
    """Without its idle zeros, and without an exponent: 50, 1.5."""
    return Decimal(format(value.normalize(), "f"))


def _counter(counter: Counter, currency: Currency) -> Description:
    return _of(
        "limit.counter",
        per=_of(f"limit.per.{counter.per.name.lower()}"),
        reset=_of(f"limit.reset.{counter.reset.name.lower()}"),
        bands=tuple(
            _of("limit.band", n=band.from_rank, effect=describe_effect(band.effect, currency)) for band in counter.bands
        ),
    )


def describe_condition(condition: Condition) -> Description:
    """In which cases; for a condition that tests something."""
    return _of("limit.condition", tests=tuple(_test(test) for test in condition.tests))


def _test(test: Test) -> Description:
    values: tuple[Parameter, ...] = tuple(
        tuple(sorted(value)) if isinstance(value, frozenset) else value for value in test.values
    )
    code = {
        Op.EQ: "equal",
        Op.IN: "among",
        Op.LT: "below",
        Op.LE: "at_most",
        Op.GT: "above",
        Op.GE: "at_least",
        Op.BETWEEN: "between",
        Op.UNKNOWN: "unknown",
        Op.KNOWN: "known",
        Op.EXPIRED: "expired",
    }[test.op]
    return _of(f"limit.test.{code}", fact=describe_fact(test.fact), values=values)


def describe_fact(name: str) -> Description:
    """A fact by its English name: its meaning, or the name that the commune gave it."""
    return _of(f"fact.{name}") if VOCABULARY.by_name(name) is not None else _of("fact.own", name=name)


def describe_written(written: Written) -> Description:
    """A close with its bound as written: « jusqu'au lundi 12 octobre à 10:00 inclus »."""
    bound = "until" if written.inclusive else "before"
    if written.minutes == 0 and not written.inclusive:
        # Nobody reads « before 00:00 » aright: it is the end of the day before.
        return _of("limit.written.day_until", day=written.day - dt.timedelta(days=1))
    if written.minutes is None:
        return _of(f"limit.written.day_{bound}", day=written.day)
    return _of(f"limit.written.time_{bound}", day=written.day, time=time_parameter(written.minutes))


def describe_unit(unit: Unit) -> Description:
    """What a decision covers."""
    match unit:
        case EachDay():
            return _of("limit.unit.day")
        case EachWeek():
            return _of("limit.unit.week")
        case EachMonth(first_day=1):
            return _of("limit.unit.month")
        case EachMonth(first_day=first_day):
            return _of("limit.unit.month_from", day=first_day)
        case EachPeriod():
            return _of("limit.unit.period")
        case EachHoliday():
            return _of("limit.unit.holiday")
        case EachBlock(weeks=weeks, since=since):
            return _of("limit.unit.block", n=weeks, since=since)
        case EachSchoolYear():
            return _of("limit.unit.school_year")
        case ListedSpans(spans=spans):
            return _of(
                "limit.unit.listed",
                spans=tuple(_of("limit.unit.span", first=span.first, last=span.last) for span in spans),
            )
