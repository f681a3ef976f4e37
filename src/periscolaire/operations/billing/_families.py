"""Families in billing: how a city is cut into them, and what each is to be billed, many read at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from periscolaire.attendance import Consumption
from periscolaire.billing import (
    Billed,
    Books,
    BulkBiller,
    CarriedOver,
    Invoice,
    InvoiceLine,
    Options,
    Pending,
    Presumed,
    Run,
    by_site,
    delta,
    families,
)
from periscolaire.calendar import Span
from periscolaire.households import Payer, payers
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.operations._family import Family, read_families
from periscolaire.operations.billing._known_facts import KnownFacts
from periscolaire.operations.billing._look_back import LookBack
from periscolaire.ports import UnitOfWork

__all__ = ["FamilyBill", "Home", "bill_families", "cut_families", "home_of", "horizon_of", "payers_among"]

_ONE_DAY = dt.timedelta(days=1)

#: The households that are billed together: one, or all those that share a child, however far; sorted.
Home = tuple[HouseholdId, ...]


def cut_families(
    uow: UnitOfWork, run: Run, look: LookBack, horizon: dt.date, others: frozenset[HouseholdId]
) -> tuple[Home, ...]:
    """The families that have something to bill or to take back as far as ``run`` looks, by their first household.

    ``others`` are the third parties, which are not households.
    """
    if run.selection.households is not None:
        return tuple(sorted({home_of(household, uow) for household in run.selection.households - others}))
    span = Span(look.first, horizon)
    active = set(uow.consumptions.households(span.first, span.last))
    active.update(look.older)
    active.update(HouseholdId(payer) for payer, _ in uow.invoices.ties())
    active.update(one.household for one in uow.incidents.stream(span.first, span.last))
    active.update(one.household for one in uow.kind_entries.stream(span.first, span.last))
    active -= others
    tied = families((HouseholdId(home), ChildId(child)) for child, home in uow.households.ties())
    found = [home for home in tied if not active.isdisjoint(home)]
    lone = active.difference(*found)
    return tuple(sorted((*found, *((household,) for household in lone))))


@attrs.frozen
class FamilyBill:
    """What one family is to be billed: the lines of each payer, what waits, what is given back in kind, presumed."""

    home: Home
    lines: Mapping[HouseholdId, tuple[InvoiceLine, ...]]
    pending: tuple[Pending, ...]
    credited: frozenset[HouseholdId]
    carried: tuple[CarriedOver, ...] = ()
    presumed: tuple[Presumed, ...] = ()


def home_of(household: HouseholdId, uow: UnitOfWork) -> Home:
    """The household and all those with which it shares a child, however far."""
    found, new = {household}, {household}
    while new:
        children = {
            member.child for stored in uow.households.find_many(new).values() for member in stored.model.members
        }
        sharing = {HouseholdId(home) for homes in uow.households.keys_of(children).values() for home in homes}
        new = sharing - found
        found |= new
    return tuple(sorted(found))


def horizon_of(run: Run, books: Books) -> dt.date:
    """How far a run reads: beyond its last day where something is paid as it is booked, as far as rules are known."""
    if not books.prepaid:
        return run.last
    versions = books.reglements
    last = versions.versions[-1]
    ends = [gap.first - _ONE_DAY for gap in versions.gaps if gap.first > run.last]
    ends += [last.calendar.known.last] if last.last_day is None else [last.last_day, last.calendar.known.last]
    return max(run.last, min(ends))


def bill_families(
    uow: UnitOfWork,
    homes: Sequence[Home],
    run: Run,
    look: LookBack,
    books: Books,
    options: Options,
    apart: Mapping[ChildId, tuple[Invoice, ...]],
    *,
    sites: bool = False,
) -> Iterator[FamilyBill]:
    """What each of these families is to be billed, read together; any cutting gives the same.

    ``apart`` is what third parties were billed for each child. ``credited`` are the payers that were ever given a
    credit note. ``sites``: lines are told apart by site.
    """
    by_first: dict[dt.date, list[Home]] = {}
    for home in homes:
        by_first.setdefault(look.of(home), []).append(home)
    bills = {
        bill.home: bill
        for first, some in by_first.items()
        for bill in _bill_from(first, uow, some, run, books, options, apart, sites)
    }
    return (bills[home] for home in homes)


def _bill_from(
    first: dt.date,
    uow: UnitOfWork,
    homes: Sequence[Home],
    run: Run,
    books: Books,
    options: Options,
    apart: Mapping[ChildId, tuple[Invoice, ...]],
    sites: bool,
) -> Iterator[FamilyBill]:
    """As :func:`bill_families`, for families that are looked at from the same day on."""
    span, prepaid = Span(first, run.last), books.prepaid
    horizon = horizon_of(run, books)
    households = [household for home in homes for household in home]
    known = read_families(uow, households, Span(first, horizon), children_later=True)
    groups = uow.consumptions.groups(households, span.first, span.last)
    later = uow.consumptions.groups(households, run.last + _ONE_DAY, horizon) if horizon > run.last else {}
    invoices = uow.invoices.of_many(households)
    facts, settled = KnownFacts(known), _family_options(options, known)
    biller = BulkBiller(
        books, facts, first=span.first, last=span.last, on=run.issued_on, options=settled, ahead=bool(prepaid)
    )
    for home in homes:
        mine = [group for household in home for group in groups.get(household, ())]
        booked = [group for household in home for group in later.get(household, ())]
        mine += (group for group in booked if group.sample.key.product in prepaid)
        rest = [group for group in booked if group.sample.key.product not in prepaid]
        issued = [stored.model for household in home for stored in invoices.get(household, ())]
        if apart:
            children = {child for household in home for child in known[household].children}
            children.update(group.sample.key.child for group in mine)
            issued += (part for child in sorted(children) for part in apart.get(child, ()))
        billed = Billed(issued)
        incidents = tuple(one for one in settled.incidents if one.household in home)
        bought = tuple(one for one in settled.bought if one.household in home)
        should = biller.bill(mine, billed, incidents, bought, rest)
        charges = tuple(by_site(should.charges, facts.site)) if sites else should.charges
        lines = delta(charges, billed, span.first, span.last, held=should.held, ahead=prepaid)
        credited = frozenset(one.payer for one in issued if one.total < 0)
        yield FamilyBill(home, lines, should.pending, credited, should.carried_over, should.presumed)


def _family_options(options: Options, known: dict[HouseholdId, Family]) -> Options:
    """``options`` with what the family's own records say: who pays, who is the eldest, who is registered since when."""
    homes = {child: family for family in known.values() for child in family.children}
    spans: dict[tuple[ChildId, ProductCode], list[Span]] = {}
    for family in known.values():
        for child, registrations in family.registrations.items():
            for one in registrations:
                spans.setdefault((child, one.product), []).append(one.span)

    def seniority(child: ChildId) -> tuple[dt.date]:
        born = homes[child].children[child].birth_date if child in homes else None
        return (born or dt.date.max,)

    def registered(child: ChildId, product: ProductCode) -> tuple[dt.date | None, dt.date | None]:
        held = spans.get((child, product))
        return (None, None) if held is None else (min(one.first for one in held), max(one.last for one in held))

    return attrs.evolve(
        options,
        incidents=tuple(one for one in options.incidents if one.household in known),
        bought=tuple(one for one in options.bought if one.household in known),
        payers=payers_among(known),
        seniority=seniority,
        registered=registered,
        since=lambda child, product: registered(child, product)[0],
    )


def payers_among(families: dict[HouseholdId, Family]) -> Callable[[Consumption], Sequence[Payer]]:
    """Who pays for a consumption of one of these families: its household, or those that have the child on that day."""

    def payers_of(one: Consumption) -> Sequence[Payer]:
        family = families.get(one.household)
        custodies = () if family is None else family.custodies.get(one.key.child, ())
        if family is None or not custodies or not any(custody.covers(one.key.day) for custody in custodies):
            return (Payer(one.household),)
        return payers(one.key.child, one.key.day, custodies, family.homes.get(one.key.child, ()))

    return payers_of
