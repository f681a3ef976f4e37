"""Billing a whole city: families read some hundreds at a time, invoices numbered and kept in short transactions.

Each transaction takes its numbers and keeps its invoices together, household after household by code, third parties
last. A run that is killed, wherever it was, is just run again: who has an invoice is due nothing more, and the next
number follows. Prices may be computed anywhere (``executor``); numbers are only ever given here, in order, so that
the invoices do not depend on how the city was cut nor on who computed them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import TypeAlias

import attrs

from periscolaire.access import Actor, Operation, audit, require
from periscolaire.billing import (
    EVERYTHING,
    Books,
    CarriedOver,
    Draft,
    Invoice,
    InvoiceLine,
    Options,
    Pending,
    Presumed,
    Run,
    Selection,
    Series,
    drafts,
    gather_lines,
    issue,
    parts_by_child,
    third_parties,
)
from periscolaire.calendar import Span
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.money import Amount
from periscolaire.operations._accounts import impute_credits, take_turn
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._series import series_on
from periscolaire.operations.billing._families import Home, bill_families, cut_families, horizon_of
from periscolaire.operations.billing._in_kind import KindPlan, options_with, planned_moves, write_in_kind
from periscolaire.operations.billing._look_back import LookBack, finished_run, look_back, marks_of, waiting_of
from periscolaire.operations.billing._prepare import (
    AT_ONCE,
    go_by_site,
    last_numbers,
    require_in_order,
    require_known,
    run_of,
)
from periscolaire.ports import Store, UnitOfWork, WrittenInvoice, new_id
from periscolaire.reasons import Reason
from periscolaire.reglement import off_cycle

__all__ = ["BillingReport", "run_billing"]

Lines: TypeAlias = Mapping[HouseholdId, tuple[InvoiceLine, ...]]

#: Parts of the city that are handed out before the first of them comes back.
_AHEAD = 8


@attrs.frozen
class BillingReport:
    """What a run issued, credit notes taken off ``total`` (minor units), and what cannot be billed yet with why.

    ``blocked`` are the payers of drafts that an error kept from being issued: mend it and bill them alone.
    ``presumed`` are the days that nobody checked in time and that are billed as the règlement presumes; ``off_cycle``
    tells that the period is none that the règlement bills.
    """

    run: Run
    invoices: int
    total: Amount
    pending: tuple[Pending, ...]
    blocked: tuple[HouseholdId, ...] = ()
    presumed: tuple[Presumed, ...] = ()
    off_cycle: Reason | None = None


@attrs.frozen
class _Task:
    """What any process needs to know to bill a part of the city."""

    run: Run
    series: tuple[Series, ...]
    look: LookBack
    options: Options
    others: frozenset[HouseholdId]

    @property
    def sites(self) -> bool:
        """Whether lines are told apart by site."""
        return go_by_site(self.series, self.run.selection)


@attrs.frozen
class _Made:
    """A part of the city, billed: invoices that only lack their numbers, and the lines of payers elsewhere."""

    homes: tuple[Home, ...]
    written: tuple[WrittenInvoice, ...] = ()
    elsewhere: tuple[Lines, ...] = ()
    pending: tuple[Pending, ...] = ()
    credited: frozenset[HouseholdId] = frozenset()
    waiting: tuple[tuple[HouseholdId, dt.date], ...] = ()
    carried: tuple[CarriedOver, ...] = ()
    blocked: tuple[HouseholdId, ...] = ()
    presumed: tuple[Presumed, ...] = ()


def run_billing(
    period: Span,
    store: Store,
    *,
    actor: Actor,
    issued_on: dt.date,
    now: dt.datetime,
    series: Sequence[Series] | None = None,
    selection: Selection = EVERYTHING,
    options: Options | None = None,
    at_once: int = AT_ONCE,
    executor: Executor | None = None,
    opener: Callable[[], Store] | None = None,
    told: Callable[[int, int], None] | None = None,
    make_id: Callable[[], str] = new_id,
) -> BillingReport:
    """Bill ``period`` and issue what is due, ``at_once`` families in each transaction. Running it again issues nothing.

    ``executor`` (a process pool, Dask, Ray …) computes; ``opener`` opens the same store over there, and must be
    something that can be sent to it (``functools.partial(open_store, path)``). ``told`` is called after each part of
    the city with how many are done, and of how many.

    :raises AccessDeniedError: the actor may not run billing.
    :raises ConflictError: documents of a later day were issued; or another run issued those of a third party meanwhile:
        run it again.
    :raises MisuseError: an executor without an opener; a selection that names what does not exist.
    """
    require(actor, Operation.RUN_BILLING)
    if executor is not None and opener is None:
        raise MisuseError("an executor opens the store by itself: give an opener", code="billing.opener_missing")
    with store.unit(write=False) as uow:
        reglements = published_reglements(uow)
        chosen = tuple(series) if series is not None else series_on(period.last, reglements)
        require_in_order(chosen, issued_on, uow)
        require_known(selection, chosen, reglements.on(period.last))
        run = run_of(period, reglements, make_id(), issued_on, actor, selection)
        marks, look = marks_of(uow), look_back(run, uow, reglements)
        others = frozenset(third_parties(reglements))
        moves = planned_moves(run, _books(uow), uow) if options is None else KindPlan()
        standing = options_with(moves, uow) if options is None else options
        task = _Task(run, chosen, look, standing, others)
        homes = cut_families(uow, run, look, horizon_of(run, _books(uow)), others)
        issuing = _Issuing(task, store, actor, now, uow)
    parts = [homes[start : start + at_once] for start in range(0, len(homes), at_once)]
    pending: list[Pending] = []
    elsewhere: list[Lines] = []
    waiting: list[tuple[HouseholdId, dt.date]] = []
    blocked: list[HouseholdId] = []
    carried: list[CarriedOver] = []
    presumed: list[Presumed] = []
    for index, made in enumerate(_each(task, parts, store, executor, opener)):
        following = parts[index + 1][0][0] if index + 1 < len(parts) else None
        made = issuing.issue(made, following)
        pending += made.pending
        waiting += made.waiting
        blocked += made.blocked
        carried += made.carried
        presumed += made.presumed
        elsewhere += made.elsewhere
        if told is not None:
            told(index + 1, len(parts))
    others_made = drafts(gather_lines(elsewhere), chosen, run)
    issuing.issue_elsewhere(others_made)
    waiting += waiting_of((), others_made, others)
    with store.unit() as uow:
        write_in_kind(carried, moves, uow, author=actor.label, now=now)
        uow.finished_runs.append([finished_run(run, marks, waiting, now)])
        uow.audit.append([audit(actor, Operation.RUN_BILLING, "commune", now, detail=f"finished:{run.id}")])
        uow.commit()
    return BillingReport(
        run,
        issuing.count,
        issuing.total,
        tuple(pending),
        tuple(blocked),
        tuple(presumed),
        off_cycle(reglements, period),
    )


def _each(
    task: _Task,
    parts: Sequence[Sequence[Home]],
    store: Store,
    executor: Executor | None,
    opener: Callable[[], Store] | None,
) -> Iterator[_Made]:
    """Every part billed, in order, wherever it was."""
    if executor is None or opener is None:
        for part in parts:
            with store.unit(write=False) as uow:
                made = _make(uow, part, task)
            yield made
        return
    sent: deque[Future[_Made]] = deque()
    for part in parts:
        sent.append(executor.submit(_make_there, opener, part, task))
        if len(sent) >= _AHEAD:
            yield sent.popleft().result()
    while sent:
        yield sent.popleft().result()


_THERE = threading.local()


def _make_there(opener: Callable[[], Store], part: Sequence[Home], task: _Task) -> _Made:
    """The same in another process or thread, which keeps its store open from one part of a run to the next."""
    if getattr(_THERE, "run", None) != task.run.id:
        with contextlib.suppress(AttributeError):
            _THERE.store.close()
        _THERE.run, _THERE.store = task.run.id, opener()
    with _THERE.store.unit(write=False) as uow:
        return _make(uow, part, task)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: a part makes many small values and no cycle, and all go when it is issued."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@_uncollected()
def _make(uow: UnitOfWork, part: Sequence[Home], task: _Task) -> _Made:
    mine: dict[HouseholdId, tuple[InvoiceLine, ...]] = {}
    elsewhere: list[Lines] = []
    pending: list[Pending] = []
    credited: set[HouseholdId] = set()
    carried: list[CarriedOver] = []
    presumed: list[Presumed] = []
    books = _books(uow)
    for one in bill_families(uow, part, task.run, task.look, books, task.options, _apart(uow, task), sites=task.sites):
        pending += [waits for waits in one.pending if task.run.selection.tells(waits, task.series)]
        presumed += [day for day in one.presumed if task.run.selection.tells(day, task.series)]
        credited |= one.credited
        carried += one.carried
        mine.update((payer, lines) for payer, lines in one.lines.items() if payer in one.home)
        away = {payer: lines for payer, lines in one.lines.items() if payer not in one.home}
        if away:
            elsewhere.append(away)
    documents = drafts(mine, task.series, task.run, pending=pending)
    waiting = tuple(waiting_of(pending, documents, task.others))
    ready = [draft for draft in documents if not draft.blocked]
    blocked = tuple(dict.fromkeys(draft.payer for draft in documents if draft.blocked))
    return _Made(
        tuple(part),
        _written(uow, ready, task),
        tuple(elsewhere),
        tuple(pending),
        frozenset(credited),
        waiting,
        tuple(carried),
        blocked,
        tuple(presumed),
    )


def _written(uow: UnitOfWork, documents: Sequence[Draft], task: _Task) -> tuple[WrittenInvoice, ...]:
    return tuple(
        uow.invoices.write(invoice)
        for series in task.series
        for invoice in issue(documents, series, task.run, next_number=1)
    )


def _books(uow: UnitOfWork) -> Books:
    """The rules made ready, with the prices that they remember: once in each thread."""
    versions = [(one.version, one.digest) for one in uow.reglements.all()]
    if getattr(_THERE, "versions", None) != versions:
        _THERE.versions, _THERE.books = versions, Books(published_reglements(uow))
    books: Books = _THERE.books
    return books


def _apart(uow: UnitOfWork, task: _Task) -> dict[ChildId, tuple[Invoice, ...]]:
    """What third parties were billed, child by child."""
    return parts_by_child(stored.model for payer in sorted(task.others) for stored in uow.invoices.of(payer))


class _Issuing:
    """Numbers and keeps, in canonical order; knows which numbers nobody else took meanwhile."""

    def __init__(self, task: _Task, store: Store, actor: Actor, now: dt.datetime, uow: UnitOfWork) -> None:
        self._task, self._store, self._actor, self._now = task, store, actor, now
        self._year = task.run.issued_on.year
        self._last = self._numbers(uow)
        self._elsewhere = self._issued_elsewhere(uow)
        # Once another run was seen, every part that was computed before may rest on what is no longer so.
        self._overtaken = False
        # Households that share a child are billed with the first of them, and numbered when their turn comes.
        self._waiting: list[WrittenInvoice] = []
        self._open: list[Home] = []
        self._credited: set[HouseholdId] = set()
        self.count = 0
        self.total: Amount = 0

    def issue(self, made: _Made, following: HouseholdId | None) -> _Made:
        """Issue all that comes before the household ``following`` (``None``: all); what was really made."""
        with self._store.unit() as uow:
            take_turn(uow)
            self._overtaken = self._overtaken or self._numbers(uow) != self._last
            if self._overtaken:  # another run issues too: look again, now that it cannot
                again = _make(uow, (*self._open, *made.homes), self._task)
                made, self._waiting = attrs.evolve(again, homes=made.homes), []
                self._last = self._numbers(uow)
            self._credited |= made.credited
            waiting = [*self._waiting, *made.written]
            ready = [one for one in waiting if following is None or one.payer < following]
            self._waiting = [one for one in waiting if following is not None and one.payer >= following]
            late = {one.payer for one in self._waiting}
            self._open = [home for home in (*self._open, *made.homes) if not late.isdisjoint(home)]
            self._keep(ready, uow)
        return made

    def issue_elsewhere(self, documents: Sequence[Draft]) -> None:
        """Issue the documents of third parties, which are about families all over the city."""
        if not documents:
            return
        with self._store.unit() as uow:
            take_turn(uow)
            if self._issued_elsewhere(uow) != self._elsewhere:
                raise ConflictError(
                    "another run billed a third party meanwhile: run this one again", code="billing.run_overtaken"
                )
            self._keep(list(_written(uow, documents, self._task)), uow)

    def _keep(self, written: list[WrittenInvoice], uow: UnitOfWork) -> None:
        if not written:
            return
        task = self._task
        for series in task.series:
            mine = sorted((one for one in written if one.series == series.code), key=lambda one: one.payer)
            if not mine:
                continue
            first = uow.numbers.take(series.code, self._year, len(mine))
            uow.invoices.issue(mine, first)
            self._last[series.code] = first + len(mine) - 1
            credited = self._credited | {one.payer for one in mine if one.total < 0}
            payers = dict.fromkeys(one.payer for one in mine)
            impute_credits(
                payers, series, uow, on=task.run.issued_on, author=self._actor.label, now=self._now, credited=credited
            )
        detail = f"{len(written)}:{task.run.id}"
        uow.audit.append([audit(self._actor, Operation.RUN_BILLING, "commune", self._now, detail=detail)])
        uow.commit()
        self.count += len(written)
        self.total += sum(one.total for one in written)

    def _numbers(self, uow: UnitOfWork) -> dict[str, int]:
        return dict(last_numbers(self._task.series, self._year, uow))

    def _issued_elsewhere(self, uow: UnitOfWork) -> list[str]:
        return sorted(stored.model.id for payer in self._task.others for stored in uow.invoices.of(payer))
