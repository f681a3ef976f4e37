"""Reading from the store what a check or a view of one household rests on, as the values that booking takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import attrs

from periscolaire.attendance import Closure, Suspension
from periscolaire.booking import (
    FAMILY,
    BookingContext,
    CheckPolicy,
    Claim,
    PriceOf,
    Registration,
    SlotKey,
    claims,
)
from periscolaire.calendar import Span, monday_of
from periscolaire.catalogue import Reset
from periscolaire.errors import NotFoundError
from periscolaire.facts import Facts, FactValue
from periscolaire.households import (
    Child,
    Consent,
    Custody,
    DatedFacts,
    Document,
    Household,
    Requirement,
    completeness,
    facts_of_day,
    payers,
)
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.operations.booking._estimates import price_estimates
from periscolaire.operations.money._recovery import arrears_by_day
from periscolaire.ports import Repositories, Stored
from periscolaire.reglement import Reglement, booking_reads

__all__ = ["Family", "booking_context", "read_families", "read_family"]

_WEEK = dt.timedelta(days=6)


@attrs.frozen
class Family:
    """A household and all that is known of its children over a span: other households of theirs, custody, facts."""

    household: Household
    children: dict[ChildId, Child]
    homes: dict[ChildId, tuple[Household, ...]]
    custodies: dict[ChildId, tuple[Custody, ...]]
    dated: DatedFacts
    documents: tuple[Document, ...]
    registrations: dict[ChildId, tuple[Registration, ...]]
    suspensions: dict[ChildId, tuple[Suspension, ...]]
    closures: tuple[Closure, ...]
    consents: tuple[Consent, ...] = ()
    requirements: tuple[Requirement, ...] = ()

    def facts(self, child: ChildId, day: dt.date) -> Facts:
        """What rules may read of the child and its household on ``day``."""
        found = facts_of_day(
            day, self.household, self.children[child], self.dated, self.documents, self.is_complete(child, day)
        )
        current = [one for one in self.registrations.get(child, ()) if one.covers(day)]
        more: dict[str, FactValue] = {"registrations": frozenset(str(one.product) for one in current)}
        if any(one.products is None and one.first <= day <= one.last for one in self.suspended(child)):
            more["suspended"] = True
        return found.and_(more)

    def is_complete(self, child: ChildId, day: dt.date) -> bool | None:
        """Whether the file of the household and of that child is complete; unknown where nothing is required."""
        if not self.requirements:
            return None
        return completeness(
            self.household, (self.children[child],), self.documents, self.consents, self.requirements, day
        ).allowed

    def suspended(self, child: ChildId) -> tuple[Suspension, ...]:
        """The suspensions of the child that were not lifted."""
        last = {one.id: one for one in self.suspensions.get(child, ())}
        return tuple(one for one in last.values() if not one.lifted)

    def is_ours(self, child: ChildId, day: dt.date) -> bool:
        """Whether that day of the child is this household's: by custody, else as long as the child is of it."""
        if not self.household.has_child(child, day):
            return False
        paying = payers(child, day, self.custodies.get(child, ()), self.homes.get(child, ()))
        return not paying or any(payer.household == self.household.id for payer in paying)

    def registration_of(self, key: SlotKey) -> Registration | None:
        """The registration of this household under which the key falls."""
        for one in self.registrations.get(key.child, ()):
            if one.product == key.product and one.household == self.household.id and one.covers(key.day):
                return one
        return None

    def closure_of(self, key: SlotKey) -> str | None:
        """Why the service is closed for that child on that day, if it is."""
        child = self.children.get(key.child)
        schooling = child.schooling(key.day) if child is not None else None
        school, class_name = (schooling.school, schooling.class_name) if schooling is not None else (None, None)
        last = {one.id: one for one in self.closures}
        for closure in last.values():
            if closure.covers(key, school=school, class_name=class_name):
                return closure.cause
        for suspension in self.suspended(key.child):
            if suspension.products is not None and suspension.covers(key):
                return suspension.motive
        return None


def read_family(
    uow: Repositories, household: HouseholdId, span: Span, requirements: tuple[Requirement, ...] = ()
) -> Family:
    """The household and its children over the closed span; ``requirements`` are what makes a file complete.

    :raises NotFoundError: no such household.
    """
    return read_families(uow, (household,), span, requirements)[household]


def read_families(
    uow: Repositories, households: Iterable[HouseholdId], span: Span, requirements: tuple[Requirement, ...] = ()
) -> dict[HouseholdId, Family]:
    """As :func:`read_family`, for many households in as few readings as for one.

    :raises NotFoundError: one of them does not exist.
    """
    wanted = tuple(households)
    homes = uow.households.find_many(wanted)
    for household in wanted:
        if household not in homes:
            raise NotFoundError(f"households {household!r}", code="operation.no_household", household=household)
    members = {household: _members(homes[household].model, span) for household in wanted}
    every = tuple(dict.fromkeys(child for children in members.values() for child in children))
    children = uow.children.find_many(every)
    for child in every:
        if child not in children:
            raise NotFoundError(f"children {child!r}", code="operation.no_child", child=child)
    dated, documents = uow.dated_facts.of_many((*wanted, *every)), uow.documents.of_many((*wanted, *every))
    custodies, homes_of = uow.custodies.of_many(every), _homes_of(uow, every, homes)
    registrations, suspensions = uow.registrations.of_many(every), uow.suspensions.of_many(every, span.first, span.last)
    consents = uow.consents.of_many((*wanted, *every)) if requirements else {}
    closures = uow.closures.of("", span.first, span.last)
    found = {}
    for household, mine in members.items():
        subjects = (household, *mine)
        found[household] = Family(
            household=homes[household].model,
            children={child: children[child].model for child in mine},
            homes={child: homes_of.get(child, ()) for child in mine},
            custodies={child: custodies.get(child, ()) for child in mine},
            dated=DatedFacts(tuple([fact for subject in subjects for fact in dated.get(subject, ())])),
            documents=tuple([paper for subject in subjects for paper in documents.get(subject, ())]),
            registrations={child: tuple([one.model for one in registrations.get(child, ())]) for child in mine},
            suspensions={child: suspensions.get(child, ()) for child in mine},
            closures=closures,
            consents=tuple([consent for subject in subjects for consent in consents.get(subject, ())]),
            requirements=requirements,
        )
    return found


def _homes_of(
    uow: Repositories, children: tuple[ChildId, ...], known: dict[str, Stored[Household]]
) -> dict[str, tuple[Household, ...]]:
    """The households of each child, those that are known not read again."""
    ties = uow.households.keys_of(children)
    away = {key for keys in ties.values() for key in keys} - known.keys()
    homes = {**known, **uow.households.find_many(sorted(map(HouseholdId, away)))}
    return {child: tuple([homes[key].model for key in keys]) for child, keys in ties.items()}


def _members(household: Household, span: Span) -> tuple[ChildId, ...]:
    """The children of the household on some day of the span."""
    return tuple(
        dict.fromkeys(
            member.child
            for member in household.members
            if (member.first_day is None or member.first_day <= span.last)
            and (member.last_day is None or member.last_day >= span.first)
        )
    )


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
    are estimated by the tariffs of ``reglement``; ``no_price`` leaves them out.

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
        facts_at=_facts_at(uow, household, reglement) if "arrears" in reads else None,
        closure_of=family.closure_of,
        registration_of=family.registration_of,
        channel=channel,
        author=author,
        derogation=derogation,
        price_of=price_of if price_of is not None else price_estimates(family, reglement, reservations, facts_of),
        policy=policy if policy is not None else CheckPolicy(),
    )


def _facts_at(uow: Repositories, household: HouseholdId, reglement: Reglement) -> Callable[[dt.datetime], Facts]:
    """The arrears of the household at the instant of a request, from its account: what is past due, not contested."""
    late_on = arrears_by_day(household, uow)

    def facts_at(at: dt.datetime) -> Facts:
        return Facts({"arrears": reglement.currency.value(late_on(reglement.calendar.today(at)))})

    return facts_at


def _looked_at(reglement: Reglement, span: Span) -> Span:
    """The span itself in whole weeks, and what counters look back to."""
    first, last = monday_of(span.first), monday_of(span.last) + _WEEK
    resets = {
        tier.counter.reset
        for product in reglement.products
        for table in (product.booking, product.cancellation, product.change or ())
        for rule in table
        for tier in rule.tiers
        if tier.counter is not None
    }
    if resets - {Reset.WEEK, Reset.REQUEST}:
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
