"""Use cases of billing: prepare a run, issue it, bill a period; nothing is numbered before it is issued."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from periscolaire.access import Actor, Operation, audit, require
from periscolaire.attendance import Consumption
from periscolaire.billing import (
    Billed,
    Books,
    Draft,
    Invoice,
    InvoiceLine,
    Options,
    Pending,
    Run,
    Series,
    Timeline,
    delta,
    drafts,
    gather_lines,
    issue,
    parts_by_child,
    should_bill,
    third_parties,
)
from periscolaire.calendar import Span
from periscolaire.facts import Facts
from periscolaire.households import Household, Payer, facts_of_day, payers
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.operations._appeals import standing_options
from periscolaire.operations._gather import Family, read_family
from periscolaire.operations._payments import impute_credits
from periscolaire.operations._reglements import published_reglements
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.reglement import Collection, Reglement

__all__ = ["PreparedRun", "bill", "issue_run", "prepare_run", "series_of"]


def series_of(reglement: Reglement) -> tuple[Series, ...]:
    """The one series of invoices that a règlement's billing policy makes: a régie's, or titres."""
    policy = reglement.billing
    code = "REGIE" if policy.collection is Collection.REGIE else "TITRE"
    due_days = 30 if policy.due_days is None else policy.due_days
    return (Series(code, policy.collection, due_days=due_days, minimum=policy.minimum),)


@attrs.frozen
class PreparedRun:
    """What a run would issue, and what cannot be billed yet with why; it can be made again at will."""

    run: Run
    series: tuple[Series, ...]
    drafts: tuple[Draft, ...]
    pending: tuple[Pending, ...]


def prepare_run(
    period: Span,
    uow: UnitOfWork,
    *,
    actor: Actor,
    issued_on: dt.date,
    series: Sequence[Series] | None = None,
    options: Options | None = None,
    make_id: Callable[[], str] = new_id,
) -> PreparedRun:
    """The drafts that bring what has been billed to what should be, up to the end of ``period``. Writes nothing.

    The run looks back to the beginning of the school year, so that late facts of past months are corrected.

    :raises AccessDeniedError: the actor may not run billing.
    """
    require(actor, Operation.RUN_BILLING)
    reglements = published_reglements(uow)
    reglement = reglements.on(period.last)
    chosen = tuple(series) if series is not None else series_of(reglement)
    first = min(period.first, reglement.calendar.school_year(period.first).first_day)
    run = Run(
        make_id(), first, period.last, issued_on, period_first=period.first, currency=reglement.currency,
        author=actor.label,
    )  # fmt: skip
    books = Books(reglements)
    standing = options if options is not None else standing_options(uow)
    lines: list[dict[HouseholdId, tuple[InvoiceLine, ...]]] = []
    pending: list[Pending] = []
    others = third_parties(reglements)  # their documents are about many families: each reads its own part
    apart = parts_by_child(stored.model for payer in others for stored in uow.invoices.of(payer))
    for homes, consumptions in _families(uow, Span(first, period.last), frozenset(others)):
        known = {home: read_family(uow, home, Span(first, period.last)) for home in homes}
        children = {child for family in known.values() for child in family.children}
        children.update(one.key.child for one in consumptions)
        billed = Billed(
            [
                *(stored.model for home in homes for stored in uow.invoices.of(home)),
                *(part for child in sorted(children) for part in apart.get(child, ())),
            ]
        )
        should = should_bill(
            consumptions,
            books,
            _facts_of(known),
            first=first,
            last=period.last,
            on=issued_on,
            billed=billed,
            options=_family_options(standing, known),
        )
        pending += should.pending
        lines.append(delta(should.charges, billed, first, period.last, held=should.held))
    return PreparedRun(run, chosen, drafts(gather_lines(lines), chosen, run, pending=pending), tuple(pending))


def issue_run(prepared: PreparedRun, uow: UnitOfWork, *, actor: Actor, now: dt.datetime) -> tuple[Invoice, ...]:
    """Number and keep the drafts of a run, in canonical order, and let credits settle them. Does not commit.

    Numbers are taken in this very transaction: if it does not commit, none is lost.

    :raises AccessDeniedError: the actor may not run billing.
    :raises MisuseError: a draft is blocked by an error.
    """
    require(actor, Operation.RUN_BILLING)
    issued: list[Invoice] = []
    year = prepared.run.issued_on.year
    for series in prepared.series:
        count = sum(draft.series == series.code and not draft.carried_over for draft in prepared.drafts)
        if count:
            first = uow.numbers.take(series.code, year, count)
            issued += issue(prepared.drafts, series, prepared.run, next_number=first)
    for invoice in issued:
        uow.invoices.save(invoice)
    for series in prepared.series:
        payers_ = sorted({invoice.payer for invoice in issued if invoice.series == series.code})
        impute_credits(payers_, series, uow, on=prepared.run.issued_on)
    if issued:
        uow.audit.append(
            [audit(actor, Operation.RUN_BILLING, "commune", now, channel="", detail=f"{len(issued)}:{prepared.run.id}")]
        )
    return tuple(issued)


def bill(
    period: Span,
    uow: UnitOfWork,
    *,
    actor: Actor,
    issued_on: dt.date,
    now: dt.datetime,
    series: Sequence[Series] | None = None,
    make_id: Callable[[], str] = new_id,
) -> tuple[tuple[Invoice, ...], tuple[Pending, ...]]:
    """Prepare a run and issue it: the invoices, and what is pending. Running it again issues nothing."""
    prepared = prepare_run(period, uow, actor=actor, issued_on=issued_on, series=series, make_id=make_id)
    return issue_run(prepared, uow, actor=actor, now=now), prepared.pending


def _families(
    uow: UnitOfWork, span: Span, others: frozenset[HouseholdId]
) -> Iterator[tuple[tuple[HouseholdId, ...], tuple[Consumption, ...]]]:
    """The consumptions of each family: a household, or all those that share a child; also those billed before."""
    shared = _sharing(stored.model for stored in uow.households.stream())
    waiting: dict[HouseholdId, list[Consumption]] = {}
    seen: set[HouseholdId] = set()
    for household, consumptions in uow.consumptions.by_household(span.first, span.last):
        seen.add(household)
        eldest = shared.get(household)
        if eldest is None:
            yield (household,), consumptions
        else:
            waiting.setdefault(eldest, []).extend(consumptions)
    groups: dict[HouseholdId, list[HouseholdId]] = {}
    for household, eldest in shared.items():
        groups.setdefault(eldest, []).append(household)
    for eldest in sorted(groups):
        seen.update(groups[eldest])
        yield tuple(sorted(groups[eldest])), tuple(waiting.get(eldest, ()))
    known = {stored.model.payer for stored in uow.invoices.stream()}
    known.update(one.household for one in uow.incidents.stream(span.first, span.last))
    for household in sorted(known - seen - others):
        yield (household,), ()  # nothing is left of what was billed, to be taken back; or an incident without a day


def _sharing(households: Iterable[Household]) -> dict[HouseholdId, HouseholdId]:
    """For each household that shares a child with another, the first of those tied to it, however far."""
    parent: dict[HouseholdId, HouseholdId] = {}
    home_of: dict[ChildId, HouseholdId] = {}

    def root(home: HouseholdId) -> HouseholdId:
        while parent.get(home, home) != home:
            home = parent[home]
        return home

    for household in households:
        for member in household.members:
            other = home_of.setdefault(member.child, household.id)
            if other != household.id:
                low, high = sorted((root(other), root(household.id)))
                parent[high] = low
                parent.setdefault(low, low)
    return {home: root(home) for home in parent}


def _family_options(options: Options, known: dict[HouseholdId, Family]) -> Options:
    """``options`` with what the family's own records say: who pays, who is the eldest, who is registered since when."""
    births = {
        child: (person.birth_date or dt.date.max,)
        for family in known.values()
        for child, person in family.children.items()
    }
    spans: dict[tuple[ChildId, ProductCode], list[Span]] = {}
    for family in known.values():
        for child, registrations in family.registrations.items():
            for one in registrations:
                spans.setdefault((child, one.product), []).append(one.span)

    def registered(child: ChildId, product: ProductCode) -> tuple[dt.date | None, dt.date | None]:
        held = spans.get((child, product))
        return (None, None) if held is None else (min(one.first for one in held), max(one.last for one in held))

    return attrs.evolve(
        options,
        incidents=tuple(one for one in options.incidents if one.household in known),
        payers=_payers_of(known),
        seniority=lambda child: births.get(child, (dt.date.max,)),
        registered=registered,
        since=lambda child, product: registered(child, product)[0],
    )


def _facts_of(families: dict[HouseholdId, Family]) -> Callable[[HouseholdId, ChildId | None, dt.date], Facts]:
    lines: dict[tuple[HouseholdId, ChildId | None], Timeline] = {}

    def facts_of(household: HouseholdId, child: ChildId | None, day: dt.date) -> Facts:
        line = lines.get((household, child))
        if line is None:
            line = lines[household, child] = _timeline(families[household], child)
        return line.on(day)

    return facts_of


def _timeline(family: Family, child: ChildId | None) -> Timeline:
    one = dt.timedelta(days=1)
    days: list[dt.date | None] = []
    for fact in family.dated:
        days += (fact.first_day, None if fact.last_day is None else fact.last_day + one)
    for paper in family.documents:
        days += (paper.first_day, None if paper.last_day is None else paper.last_day + one)
    for member in family.household.members:
        days += (member.first_day, None if member.last_day is None else member.last_day + one)
    if child is None or child not in family.children:
        return Timeline(_known(days), lambda day: facts_of_day(day, family.household, None, family.dated))
    person = family.children[child]
    for schooling in person.schoolings:
        days += (schooling.first_day, None if schooling.last_day is None else schooling.last_day + one)
    for registration in family.registrations.get(child, ()):
        days += (registration.span.first, registration.span.last + one)
    for suspension in family.suspensions.get(child, ()):
        days += (suspension.first, suspension.last + one)
    if person.birth_date is not None:
        born = person.birth_date
        days += (dt.date(born.year + age, 3, 1) if (born.month, born.day) == (2, 29) else born.replace(born.year + age)
                 for age in range(1, 19))  # fmt: skip
    return Timeline(_known(days), lambda day: family.facts(child, day))


def _known(days: Iterable[dt.date | None]) -> list[dt.date]:
    return [day for day in days if day is not None]


def _payers_of(families: dict[HouseholdId, Family]) -> Callable[[Consumption], Sequence[Payer]]:
    def payers_of(one: Consumption) -> Sequence[Payer]:
        family = families.get(one.household)
        custodies = () if family is None else family.custodies.get(one.key.child, ())
        if family is None or not any(custody.covers(one.key.day) for custody in custodies):
            return (Payer(one.household),)
        return payers(one.key.child, one.key.day, custodies, family.homes.get(one.key.child, ()))

    return payers_of
