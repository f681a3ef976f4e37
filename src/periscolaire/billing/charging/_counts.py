"""Ranks, totals and absence episodes: facts computed before pricing, in canonical order, from all that is handed in.

Canonical order is service day, place of the product in the règlement, child, slot: the order in which facts were
recorded never counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from periscolaire.attendance import Booked, Consumption, Outcome
from periscolaire.billing.charging._books import Book, Books
from periscolaire.billing.charging._endings import EpisodePlace, Resolved
from periscolaire.billing.charging._options import SeniorityOf
from periscolaire.billing.charging._orders import Orders
from periscolaire.billing.charging._rows import FactsOf, FactState, row_of
from periscolaire.calendar import monday_of
from periscolaire.catalogue import day_facts
from periscolaire.errors import MisuseError
from periscolaire.facts import ALWAYS, UNKNOWN, Condition, Facts, Op, Test, Truth
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.pricing import Among, Measure, RankOrder, RankSpec, Scope, TariffVersion, TotalSpec, When, Who
from periscolaire.reglement import Episode, EpisodeBreak, EpisodeUnit

__all__ = ["Counts", "instance_of"]

_BOOKED = frozenset({Booked.CONFIRMED, Booked.CONFIRMED_LATE, Booked.CANCELLED_LATE, Booked.PACKAGE})
_ABSENT = frozenset({Outcome.ABSENCE, Outcome.ABSENCE_JUSTIFIED, Outcome.ABSENCE_PENDING, Outcome.LATE_CANCELLATION})
_PER_CHILD_YEAR = Scope(Who.CHILD, When.SCHOOL_YEAR)
_UNPLANNED = Condition((Test("outcome", Op.EQ, (Outcome.UNPLANNED.value,)),))

#: What a counted fact means when the tariff that reads it does not say.
_DEFAULT_RANKS = {
    "rank": RankSpec(among=Among.PRESENT),
    "unplanned_rank": RankSpec("unplanned_rank", Among.PRESENT, _PER_CHILD_YEAR, RankOrder.CHRONOLOGICAL, _UNPLANNED),
}


def instance_of(
    scope: Scope, one: Consumption, book: Book, orders: Orders, since: dt.date | None = None
) -> tuple[dt.date, str, dt.date]:
    """The first day, the label and the last day of the instance of ``scope`` that holds the consumption.

    :raises MisuseError: the scope needs something that the consumption does not have (an order, a first registration).
    """
    day = one.key.day
    if scope.when is When.SERVICE:
        return day, one.key.slot, day
    year = None
    if scope.when is When.SCHOOL_YEAR:
        known = book.calendar.school_year(day)
        year = (known.first_day, known.last_day)
    found = scope.instance(
        day, product=one.key.product, slot=one.key.slot, school_year=year, since=since, order=one.order
    )
    label = "" if scope.when is When.DAY else found.key
    if scope.when is When.STAY:
        # A stay begins with its own first day, whatever else was in the basket: its balance is due by that day.
        child = one.key.child if scope.who is Who.CHILD else None
        span = orders.stay(found.key, day, child, scope.what or (one.key.product,), book)
        return span.first, label, span.last
    if scope.when is When.ORDER or scope.when is When.PURCHASE:
        span = orders.span(found.key, day)
        return span.first, label, span.last
    return found.first, label, found.last


class Counts:
    """The counted facts of one family's consumptions, computed when a tariff asks for them."""

    def __init__(
        self,
        resolved: Sequence[Resolved],
        books: Books,
        facts_of: FactsOf,
        seniority: SeniorityOf,
        pays: Callable[[Consumption, HouseholdId], bool],
        orders: Orders,
    ) -> None:
        self._all = resolved
        self._orders = orders
        self._books = books
        self._facts_of = facts_of
        self._seniority = seniority
        self._pays = pays
        self._populations: dict[tuple[object, ...], dict[tuple[object, ...], list[Resolved]]] = {}
        self._episodes: dict[tuple[ChildId, ProductCode, Episode], dict[tuple[dt.date, str], EpisodePlace]] = {}

    def of(
        self, names: Iterable[str], who: Resolved, version: TariffVersion, payer: HouseholdId, book: Book
    ) -> dict[str, FactState]:
        """The counted facts among ``names``, for the price of ``who`` by ``version``."""
        ranks = {spec.fact: spec for spec in version.ranks}
        totals = {spec.fact: spec for spec in version.totals}
        found: dict[str, FactState] = {}
        for name in names:
            rank = ranks.get(name) or _DEFAULT_RANKS.get(name)
            if rank is not None and name not in totals:
                found[name] = self.rank(rank, who, payer, book)
            elif name in totals:
                found[name] = self.total(totals[name], who, payer, book)
            elif name == "siblings":
                spec = ranks.get("rank") or _DEFAULT_RANKS["rank"]
                found[name] = len({member.one.key.child for member in self._population(spec, who, payer, book)})
            elif name in ("absence_rank", "absence_length"):
                place = self.episode(who, book)
                found[name] = place.rank if name == "absence_rank" else place.length
            elif name in ("days", "days_open", "slots", "attendance_ratio", "quantity"):
                found[name] = self._of_scope(name, who, version, payer, book)
        return found

    def rank(self, spec: RankSpec, who: Resolved, payer: HouseholdId, book: Book) -> int:
        """The position of ``who``, from 1; after the last when it is not counted itself."""
        members = self._population(spec, who, payer, book)
        if spec.order is RankOrder.CHRONOLOGICAL:
            before = [member for member in members if _canonical(member, self._books) < _canonical(who, self._books)]
            return len(before) + 1
        child = who.one.key.child
        children = sorted({member.one.key.child for member in members} | {child}, key=self._order(spec.order, members))
        return children.index(child) + 1

    def _order(self, order: RankOrder, members: list[Resolved]) -> Callable[[ChildId], tuple[object, ...]]:
        if order is RankOrder.FIRST_REGISTERED:
            raise MisuseError("rank by first registration: hand it in as a dated fact")
        if order is RankOrder.YOUNGEST_FIRST:
            eldest = sorted({member.one.key.child for member in members}, key=self._seniority)
            place = {child: len(eldest) - index for index, child in enumerate(eldest)}
            return lambda child: (place.get(child, 0), child)
        return lambda child: (*self._seniority(child), child)

    def total(self, spec: TotalSpec, who: Resolved, payer: HouseholdId, book: Book) -> FactState:
        """The count or ratio over the scope."""
        members = self._population(spec, who, payer, book)
        days = {(member.one.key.child, member.one.key.day) for member in members}
        match spec.measure:
            case Measure.COUNT:
                return len(members)
            case Measure.CHILDREN:
                return len({member.one.key.child for member in members})
            case Measure.DAYS:
                return len(days)
            case Measure.MINUTES:
                return self._minutes(members)
            case Measure.RATIO_OF_OFFERED:
                return self._ratio(len({day for _, day in days}), spec, who, book)

    def _minutes(self, members: list[Resolved]) -> FactState:
        values = [
            row_of(("minutes",), member.one, member.outcome, self._books.on(member.one.key.day), Facts(), {})[0]
            for member in members
        ]
        known = [value for value in values if isinstance(value, int)]
        return sum(known) if len(known) == len(values) else UNKNOWN

    def _ratio(self, taken: int, spec: TotalSpec, who: Resolved, book: Book) -> FactState:
        offered = self._offered(spec.scope, who, book, spec.condition)
        return UNKNOWN if not offered else Decimal(taken) / Decimal(offered)

    def _offered(self, scope: Scope, who: Resolved, book: Book, condition: Condition = ALWAYS) -> int:
        """The open days of the scope, less those that ``condition`` leaves out whatever happens (the Wednesdays)."""
        first, _, last = instance_of(scope, who.one, book, self._orders)
        open_days = book.rules(who.one.key.product).product.open_days
        days = ((first + dt.timedelta(days=offset)) for offset in range((last - first).days + 1))
        opened = [day for day in days if book.calendar.is_open(open_days, day)]
        if condition == ALWAYS:
            return len(opened)
        return sum(condition.evaluate(Facts(day_facts(book.calendar, day))) is not Truth.FALSE for day in opened)

    def _of_scope(self, name: str, who: Resolved, version: TariffVersion, payer: HouseholdId, book: Book) -> FactState:
        if name == "days_open":
            return self._offered(version.scope, who, book)
        spec = TotalSpec(name, Among.PRESENT, version.scope)
        members = self._population(spec, who, payer, book)
        if name == "slots":
            return frozenset(
                member.one.slot_used or member.one.key.slot or member.one.key.product for member in members
            )
        if name == "quantity":
            return len(members)
        days = len({member.one.key.day for member in members})
        return days if name == "days" else self._ratio(days, spec, who, book)

    def _population(self, spec: RankSpec | TotalSpec, who: Resolved, payer: HouseholdId, book: Book) -> list[Resolved]:
        """Everything counted in the same instance of the scope as ``who``."""
        scope = spec.scope
        what = scope.what or (() if scope.when is When.DAY and scope.who is Who.HOUSEHOLD else (who.one.key.product,))
        index_key = (scope.who, scope.when, scope.terms, what, spec.among, spec.condition, payer)
        index = self._populations.get(index_key)
        if index is None:
            index = self._populations[index_key] = self._index(spec, what, payer)
        return index.get(self._place(scope, who.one, book), [])

    def _index(
        self, spec: RankSpec | TotalSpec, what: tuple[ProductCode, ...], payer: HouseholdId
    ) -> dict[tuple[object, ...], list[Resolved]]:
        index: dict[tuple[object, ...], list[Resolved]] = {}
        for member in self._all:
            if what and member.one.key.product not in what:
                continue
            book = self._books.on(member.one.key.day)
            if not book.knows(member.one.key.product) or not _counted(spec.among, member):
                continue
            if spec.scope.who is Who.HOUSEHOLD and not self._pays(member.one, payer):
                continue
            if spec.condition is not ALWAYS and not self._holds(spec.condition, member, payer, book):
                continue
            index.setdefault(self._place(spec.scope, member.one, book), []).append(member)
        return index

    def _place(self, scope: Scope, one: Consumption, book: Book) -> tuple[object, ...]:
        if scope.when is When.DAY or scope.when is When.SERVICE:
            where: tuple[object, ...] = (one.key.day,) if scope.when is When.DAY else (one.key.day, one.key.slot)
        else:
            first, label, _ = instance_of(scope, one, book, self._orders)
            where = (first, label)
        return (one.key.child, *where) if scope.who is Who.CHILD else where

    def _holds(self, condition: Condition, member: Resolved, payer: HouseholdId, book: Book) -> bool:
        names = tuple(sorted(condition.facts_read))
        dated = self._facts_of(payer, member.one.key.child, member.one.key.day)
        values = row_of(names, member.one, member.outcome, book, dated, {})
        return condition.evaluate(Facts(zip(names, values, strict=True))) is Truth.TRUE

    def episode(self, who: Resolved, book: Book) -> EpisodePlace:
        """Where the day stands in its absence episode; all zero outside of one."""
        key = who.one.key
        spec = book.rules(key.product).absence.episode
        where = (key.child, key.product, spec)
        known = self._episodes.get(where)
        if known is None:
            mine = [member for member in self._all if (member.one.key.child, member.one.key.product) == where[:2]]
            known = self._episodes[where] = _episodes(mine, spec, self._books)
        return known.get((key.day, key.slot), EpisodePlace())


def _counted(among: Among | None, member: Resolved) -> bool:
    match among:
        case Among.BOOKED:
            return member.one.booked in _BOOKED
        case Among.REGISTERED:
            return member.outcome is not Outcome.NONE
        case _:
            return member.outcome.attended or (member.outcome is Outcome.COVERED)


def _canonical(member: Resolved, books: Books) -> tuple[dt.date, int, ChildId, str]:
    key = member.one.key
    return (key.day, books.rank(key.product, key.day), key.child, key.slot)


def _episodes(members: Iterable[Resolved], spec: Episode, books: Books) -> dict[tuple[dt.date, str], EpisodePlace]:
    """Every absence of one child and product with its place in its episode.

    A presence cuts an episode; so does, where the règlement says so, an open day without a booking. A day that was
    closed, cancelled in time or not checked neither cuts nor counts.
    """
    runs: list[list[Resolved]] = []
    current: list[Resolved] = []
    for member in sorted(members, key=lambda member: (member.one.key.day, member.one.key.slot)):
        cut = member.outcome.attended or (
            spec.broken_by is EpisodeBreak.UNBOOKED_DAY and current and _gap(current[-1], member, books)
        )
        if cut and current:
            runs.append(current)
            current = []
        if member.outcome in _ABSENT:
            current.append(member)
    if current:
        runs.append(current)
    found: dict[tuple[dt.date, str], EpisodePlace] = {}
    for run in runs:
        ranks = [_rank(run[: index + 1], spec, books) for index in range(len(run))]
        for member, rank in zip(run, ranks, strict=True):
            found[member.one.key.day, member.one.key.slot] = EpisodePlace(rank, ranks[-1], run[0].one.key.day)
    return found


def _rank(run: list[Resolved], spec: Episode, books: Books) -> int:
    first, last = run[0].one.key.day, run[-1].one.key.day
    match spec.counts:
        case EpisodeUnit.BOOKED:
            return len({member.one.key.day for member in run})
        case EpisodeUnit.CALENDAR:
            return (last - first).days + 1
        case EpisodeUnit.WEEKS:
            return (monday_of(last) - monday_of(first)).days // 7 + 1
        case EpisodeUnit.OPEN:
            return len(_open_days(run[0], first, last, books))


def _gap(before: Resolved, after: Resolved, books: Books) -> bool:
    one = dt.timedelta(days=1)
    return bool(_open_days(before, before.one.key.day + one, after.one.key.day - one, books))


def _open_days(member: Resolved, first: dt.date, last: dt.date, books: Books) -> list[dt.date]:
    book = books.on(member.one.key.day)
    open_days = book.rules(member.one.key.product).product.open_days
    days = [first + dt.timedelta(days=offset) for offset in range((last - first).days + 1)]
    return [day for day in days if book.calendar.is_open(open_days, day)]
