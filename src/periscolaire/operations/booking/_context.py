"""What a check or a view of one household rests on, read from the store as the values that booking takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable

from periscolaire.booking import (
    FAMILY,
    BookingContext,
    CheckPolicy,
    Claim,
    PriceOf,
    SlotKey,
    claims,
)
from periscolaire.calendar import Span, monday_of
from periscolaire.catalogue import Reset
from periscolaire.facts import Facts
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.operations._accounts import AmountOn, counted_arrears
from periscolaire.operations._family import read_family
from periscolaire.operations._reglements import all_versions
from periscolaire.operations.booking._estimates import price_estimates
from periscolaire.operations.booking._prepaid import prepaid_by_day
from periscolaire.ports import Repositories
from periscolaire.pricing import When
from periscolaire.reglement import Reglement, booking_reads

__all__ = ["booking_context"]

_WEEK = dt.timedelta(days=6)
#: Prices for so short a time look no further than whole weeks or months.
_NEAR = frozenset({When.SERVICE, When.DAY, When.WEEK, When.MONTH})


def booking_context(
    uow: Repositories,
    household: HouseholdId,
    *,
    reglement: Reglement,
    keys: Iterable[SlotKey] = (),
    span: Span | None = None,
    children: Iterable[ChildId] | None = None,
    channel: str | None = None,
    author: str = FAMILY,
    derogation: str | None = None,
    policy: CheckPolicy | None = None,
    price_of: PriceOf | None = None,
) -> BookingContext:
    """What a check of ``keys``, or a view of ``span``, rests on for this household.

    A basket needs the keys of its lines; a view the span that it shows, and, to be quick, the only children it shows.
    The reservations of whole weeks are read, and of as much more as the counters of the règlement look back. Prices
    are estimated by the tariffs of ``reglement``, and on other days by those of the version published for them;
    ``no_price`` leaves them out.

    :raises NotFoundError: no such household.
    """
    wanted = tuple(keys)
    days = [key.day for key in wanted] + ([span.first, span.last] if span is not None else [])
    shown = Span(min(days), max(days)) if days else Span.one(reglement.first_day)
    reads = booking_reads(reglement)
    family = read_family(uow, household, shown, reglement.requirements if "file_complete" in reads else ())
    seen = _looked_at(reglement, shown)
    reservations = {
        stored.model.key: stored.model
        for child in family.children
        if children is None or child in children
        for stored in uow.reservations.of_child(child, seen.first, seen.last)
    }
    if span is not None:
        chosen = tuple(family.children) if children is None else tuple(children)
        wanted += tuple(_keys(reglement, span, chosen))
    facts: dict[tuple[ChildId, dt.date], Facts] = {}

    def facts_of(child: ChildId, day: dt.date) -> Facts:
        found = facts.get((child, day))
        if found is None:
            found = facts[child, day] = family.facts(child, day)
        return found

    pools = [
        claim.pool
        for key in (*wanted, *reservations)
        if key.child in family.children
        for claim in _claims(reglement, key, facts_of(key.child, key.day))
    ]
    return BookingContext(
        household=household,
        children=frozenset(family.children),
        facts_of=facts_of,
        reservations=reservations,
        taken=uow.places.taken(pools),
        is_ours=family.is_ours,
        facts_at=_facts_at(uow, household, reglement, reads),
        closure_of=family.closure_of,
        registration_of=family.registration_of,
        channel=channel,
        author=author,
        derogation=derogation,
        price_of=price_of
        if price_of is not None
        else price_estimates(family, all_versions(reglement, uow), reservations, facts_of),
        policy=policy if policy is not None else CheckPolicy(),
    )


def _facts_at(
    uow: Repositories, household: HouseholdId, reglement: Reglement, reads: Collection[str]
) -> Callable[[dt.datetime], Facts] | None:
    """What the account of the household says at the instant of a request: its arrears, what its prepaid account has to
    spare."""
    unit, told = reglement.currency, dict[str, AmountOn]()
    if "arrears" in reads:
        told["arrears"] = counted_arrears(household, uow, reglement.recovery, unit)
    if "account_balance" in reads:
        balance_on = prepaid_by_day(household, uow, all_versions(reglement, uow))
        told["account_balance"] = lambda day: balance_on(day).left
    if not told:
        return None

    def facts_at(at: dt.datetime) -> Facts:
        today = reglement.calendar.today(at)
        return Facts({name: unit.value(amount_on(today)) for name, amount_on in told.items()})

    return facts_at


def _looked_at(reglement: Reglement, span: Span) -> Span:
    """The span itself in whole weeks, and what counters and prices look at around it."""
    first, last = monday_of(span.first), monday_of(span.last) + _WEEK
    resets = {
        tier.counter.reset
        for product in reglement.products
        for table in (product.booking, product.cancellation, product.change or ())
        for rule in table
        for tier in rule.tiers
        if tier.counter is not None
    }
    over = {
        scope.when
        for tariff in reglement.tariffs
        for version in tariff.versions
        for scope in (version.scope, *(rank.scope for rank in version.ranks), *(one.scope for one in version.totals))
    }
    if When.MONTH in over:
        first = min(first, span.first.replace(day=1))
        last = max(last, (span.last.replace(day=28) + _WEEK).replace(day=1) - dt.timedelta(days=1))
    if resets - {Reset.WEEK, Reset.REQUEST} or over - _NEAR:
        year_first = reglement.calendar.school_year(span.first).first_day
        year_last = reglement.calendar.school_year(span.last).last_day
        first = min(first, year_first, dt.date(span.first.year, 1, 1))
        last = max(last, year_last, dt.date(span.last.year, 12, 31))
    return Span(first, last)


def _keys(reglement: Reglement, span: Span, children: tuple[ChildId, ...]) -> Iterable[SlotKey]:
    for product in reglement.products:
        if product.places and product.needs_booking:
            slots = tuple(slot.code for slot in product.slots) or ("",)
            for day in reglement.calendar.days(span.first, span.last, open_days=product.open_days):
                for child in children:
                    for slot in slots:
                        yield SlotKey(child, product.code, day, slot)


def _claims(reglement: Reglement, key: SlotKey, facts: Facts) -> tuple[Claim, ...]:
    product = next((product for product in reglement.products if product.code == key.product), None)
    return claims(product, key, facts) if product is not None else ()
