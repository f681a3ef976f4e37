"""Use cases of billing: prepare a run, issue it, bill a period; nothing is numbered before it is issued."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

import attrs

from periscolaire.access import Actor, Operation, audit, require
from periscolaire.billing import (
    EVERYTHING,
    Books,
    CarriedOver,
    Comparison,
    Draft,
    Invoice,
    Options,
    Pending,
    Presumed,
    Run,
    Selection,
    Series,
    compare,
    drafts,
    gather_lines,
    invoice_id,
    issue,
    parts_by_child,
    third_parties,
)
from periscolaire.calendar import Span
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.frozen import FrozenMap
from periscolaire.ids import HouseholdId
from periscolaire.operations._accounts import impute_credits, take_turn
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._series import series_on
from periscolaire.operations.billing._families import bill_families, cut_families, horizon_of
from periscolaire.operations.billing._in_kind import KindPlan, options_with, planned_moves, write_in_kind
from periscolaire.operations.billing._look_back import LookBack, finished_run, look_back, marks_of, waiting_of, year_of
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.reasons import Reason
from periscolaire.reglement import Reglement, Reglements, off_cycle

__all__ = [
    "AT_ONCE",
    "PreparedRun",
    "bill",
    "compare_run",
    "draft_run",
    "go_by_site",
    "issue_run",
    "keep_run",
    "last_numbers",
    "prepare_run",
    "require_in_order",
    "require_known",
    "run_of",
]

#: Families read, billed and issued together: enough to spread the cost of a reading, few enough to keep memory flat.
AT_ONCE = 400


def run_of(
    period: Span,
    reglements: Reglements,
    identifier: str,
    issued_on: dt.date,
    actor: Actor,
    selection: Selection = EVERYTHING,
) -> Run:
    """The run that bills ``period``, from the beginning of its school year on."""
    reglement = reglements.on(period.last)
    first = year_of(period.first, reglements)
    return Run(
        identifier, first, period.last, issued_on, period_first=period.first, currency=reglement.currency,
        author=actor.label, selection=selection, unchecked=reglement.billing.unchecked,
    )  # fmt: skip


def go_by_site(series: Iterable[Series], selection: Selection) -> bool:
    """Whether lines must be told apart by site."""
    return selection.sites is not None or any(one.sites is not None for one in series)


def require_known(selection: Selection, series: Iterable[Series], reglement: Reglement) -> None:
    """:raises MisuseError: the selection names a product or a series that does not exist."""
    named = (reglement.products, reglement.penalties, reglement.fees, reglement.ticket_books)
    codes = {str(one.code) for those in named for one in those}
    known = {"produit": (selection.products, codes), "série": (selection.series, {one.code for one in series})}
    for what, (asked, held) in known.items():
        if unknown := sorted(set(asked or ()) - held):
            raise MisuseError(
                f"{what} {', '.join(unknown)}: expected some of {', '.join(sorted(held))}",
                code="billing.selection_unknown",
                what=what,
                found=tuple(unknown),
                expected=tuple(sorted(held)),
            )


def require_in_order(series: Sequence[Series], issued_on: dt.date, uow: UnitOfWork) -> None:
    """The numbers of a series and year follow the days of issue.

    :raises ConflictError: a document of a later day was issued: the clock has gone back, or the date is wrong.
    """
    for one in series:
        number = uow.numbers.last(one.code, issued_on.year)
        held = uow.invoices.find(invoice_id(one.code, issued_on.year, number)) if number else None
        if held is not None and issued_on < held.model.issued_on:
            raise ConflictError(
                f"run of {issued_on}: {held.model.id} was issued on {held.model.issued_on}",
                code="billing.issued_before_last",
                day=issued_on,
                invoice=held.model.id,
                last=held.model.issued_on,
            )


def last_numbers(series: Iterable[Series], year: int, uow: UnitOfWork) -> FrozenMap[str, int]:
    """The last number issued in each series that year: they differ once anybody has issued something."""
    return FrozenMap({one.code: uow.numbers.last(one.code, year) for one in series})


@attrs.frozen
class PreparedRun:
    """What a run would issue, what cannot be billed yet with why, and the days that nobody checked and that are billed
    as ``presumed``; it can be made again at will. ``off_cycle`` tells that its period is none that the règlement bills.
    """

    run: Run
    series: tuple[Series, ...]
    drafts: tuple[Draft, ...]
    pending: tuple[Pending, ...]
    marks: FrozenMap[str, int] = attrs.field(factory=FrozenMap)
    waiting: tuple[tuple[HouseholdId, dt.date], ...] = ()
    carried: tuple[CarriedOver, ...] = ()
    moves: KindPlan = attrs.field(factory=KindPlan)
    presumed: tuple[Presumed, ...] = ()
    others: frozenset[HouseholdId] = frozenset()  # third parties
    off_cycle: Reason | None = None
    numbers: FrozenMap[str, int] = attrs.field(factory=FrozenMap)  # the last of each series, when it was made


def prepare_run(
    period: Span,
    uow: UnitOfWork,
    *,
    actor: Actor,
    issued_on: dt.date,
    series: Sequence[Series] | None = None,
    selection: Selection = EVERYTHING,
    options: Options | None = None,
    make_id: Callable[[], str] = new_id,
) -> PreparedRun:
    """The drafts that bring what has been billed to what should be, up to the end of ``period``. Writes nothing.

    The run looks back to the beginning of the school year, and further for the families of whom something older
    changed since the last one: late facts of past months and years are corrected. ``selection`` limits it to some
    products, sites, series or households: the draft of one family is made again by selecting it.

    :raises AccessDeniedError: the actor may not run billing.
    :raises MisuseError: the selection names a product or a series that does not exist.
    :raises ConflictError: documents of a later day were issued.
    """
    require(actor, Operation.RUN_BILLING)
    return draft_run(
        period, uow, actor=actor, issued_on=issued_on, series=series, selection=selection, options=options,
        make_id=make_id,
    )  # fmt: skip


def draft_run(
    period: Span,
    uow: UnitOfWork,
    *,
    actor: Actor,
    issued_on: dt.date,
    series: Sequence[Series] | None = None,
    selection: Selection = EVERYTHING,
    options: Options | None = None,
    this_year_only: bool = False,
    make_id: Callable[[], str] = new_id,
) -> PreparedRun:
    """As :func:`prepare_run`, for use cases that have asked who may.

    ``this_year_only``: without looking for what changed before.
    """
    reglements = published_reglements(uow)
    chosen = tuple(series) if series is not None else series_on(period.last, reglements)
    require_in_order(chosen, issued_on, uow)
    require_known(selection, chosen, reglements.on(period.last))
    numbers = last_numbers(chosen, issued_on.year, uow)
    run = run_of(period, reglements, make_id(), issued_on, actor, selection)
    marks = FrozenMap() if this_year_only else marks_of(uow)
    look = LookBack(run.first) if this_year_only else look_back(run, uow, reglements)
    books, sites = Books(reglements), go_by_site(chosen, selection)
    moves = planned_moves(run, books, uow) if options is None else KindPlan()
    standing = options_with(moves, uow) if options is None else options
    others = frozenset(third_parties(reglements))
    apart = parts_by_child(stored.model for payer in sorted(others) for stored in uow.invoices.of(payer))
    homes = cut_families(uow, run, look, horizon_of(run, books), others)
    bills = [
        one
        for start in range(0, len(homes), AT_ONCE)
        for one in bill_families(uow, homes[start : start + AT_ONCE], run, look, books, standing, apart, sites=sites)
    ]
    pending = tuple(waits for one in bills for waits in one.pending if selection.tells(waits, chosen))
    presumed = tuple(day for one in bills for day in one.presumed if selection.tells(day, chosen))
    lines = gather_lines(one.lines for one in bills)
    made = drafts(lines, chosen, run, pending=pending)
    waiting = tuple(waiting_of(pending, made, others))
    carried = tuple(one for bill in bills for one in bill.carried)
    told = None if this_year_only else off_cycle(reglements, period)
    return PreparedRun(run, chosen, made, pending, marks, waiting, carried, moves, presumed, others, told, numbers)


def compare_run(prepared: PreparedRun, uow: UnitOfWork, *, actor: Actor) -> tuple[Comparison, ...]:
    """What each payer is about to be billed beside what the period just before was billed, the greatest change first.

    :raises AccessDeniedError: the actor may not run billing.
    """
    require(actor, Operation.RUN_BILLING)
    run = prepared.run
    eve = (run.period_first or run.first) - dt.timedelta(days=1)
    codes, asked = {one.code for one in prepared.series}, run.selection
    before = (
        stored.model
        for stored in uow.invoices.stream()
        if stored.model.first_day <= eve <= stored.model.last_day and stored.model.series in (asked.series or codes)
    )
    return compare(
        prepared.drafts, (one for one in before if asked.households is None or one.payer in asked.households)
    )


def issue_run(prepared: PreparedRun, uow: UnitOfWork, *, actor: Actor, now: dt.datetime) -> tuple[Invoice, ...]:
    """Number and keep the drafts of a run, in canonical order, and let credits settle them. Does not commit.

    Families come first, third parties last: as when a city is billed in parts, what they owe is known at the end only.
    Numbers are taken in this very transaction: if it does not commit, none is lost.

    :raises AccessDeniedError: the actor may not run billing.
    :raises MisuseError: a draft is blocked by an error.
    :raises ConflictError: documents of a later day were issued; or any of these series since it was prepared: it may
        rest on what is no longer so, prepare it again.
    """
    require(actor, Operation.RUN_BILLING)
    take_turn(uow)
    if last_numbers(prepared.series, prepared.run.issued_on.year, uow) != prepared.numbers:
        raise ConflictError("documents were issued since the run was prepared", code="billing.prepared_before")
    issued = keep_run(prepared, uow, now)
    uow.finished_runs.append([finished_run(prepared.run, prepared.marks, prepared.waiting, now)])
    uow.audit.append([audit(actor, Operation.RUN_BILLING, "commune", now, detail=f"{len(issued)}:{prepared.run.id}")])
    return issued


def keep_run(prepared: PreparedRun, uow: UnitOfWork, now: dt.datetime) -> tuple[Invoice, ...]:
    """As :func:`issue_run`, for use cases that have asked who may and tell what they do."""
    require_in_order(prepared.series, prepared.run.issued_on, uow)
    issued: list[Invoice] = []
    year = prepared.run.issued_on.year
    families = [draft for draft in prepared.drafts if draft.payer not in prepared.others]
    elsewhere = [draft for draft in prepared.drafts if draft.payer in prepared.others]
    for series in prepared.series:
        for documents in (families, elsewhere):
            count = sum(draft.series == series.code and not draft.carried_over for draft in documents)
            if count:
                first = uow.numbers.take(series.code, year, count)
                issued += issue(documents, series, prepared.run, next_number=first)
    uow.invoices.add(issued)
    for series in prepared.series:
        payers = sorted({invoice.payer for invoice in issued if invoice.series == series.code})
        impute_credits(payers, series, uow, on=prepared.run.issued_on, author=prepared.run.author, now=now)
    write_in_kind(prepared.carried, prepared.moves, uow, author=prepared.run.author, now=now)
    return tuple(issued)


def bill(
    period: Span,
    uow: UnitOfWork,
    *,
    actor: Actor,
    issued_on: dt.date,
    now: dt.datetime,
    series: Sequence[Series] | None = None,
    selection: Selection = EVERYTHING,
    make_id: Callable[[], str] = new_id,
) -> tuple[tuple[Invoice, ...], tuple[Pending, ...]]:
    """Prepare a run and issue it: the invoices, and what is pending. Running it again issues nothing."""
    take_turn(uow)
    prepared = prepare_run(
        period, uow, actor=actor, issued_on=issued_on, series=series, selection=selection, make_id=make_id
    )
    return issue_run(prepared, uow, actor=actor, now=now), prepared.pending
