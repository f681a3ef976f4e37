"""Many days at once: the groups that a store counts, priced without ever making one object a day.

A group is cut where who pays changes (custody), where the rules do (another règlement, another tariff), and where the
dated facts do; each piece has one price. Days that nothing prices at once go through :func:`should_bill`, one by one;
so does what ranks, totals, penalties and fees look at, to be seen there though it is priced here.

Law: :class:`BulkBiller` charges what :func:`should_bill` charges for the same days taken one by one.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Protocol

import attrs

from periscolaire.attendance import Consumption, Outcome
from periscolaire.billing._charges import Charge, Instance
from periscolaire.billing.charging._alike import ConsumptionGroup
from periscolaire.billing.charging._billed import NOTHING_BILLED, Billed
from periscolaire.billing.charging._books import Books
from periscolaire.billing.charging._in_kind import KindEntry
from periscolaire.billing.charging._options import Incident, Options
from periscolaire.billing.charging._plans import ABSENT, FREE, BulkPlan, Era, OneByOneError
from periscolaire.billing.charging._rows import FactState, row_of
from periscolaire.billing.charging._should import Should, should_bill
from periscolaire.billing.charging._timeline import Timeline
from periscolaire.facts import Facts
from periscolaire.ids import ChildId, FactId, HouseholdId
from periscolaire.pricing import WHOLE, Price, Trigger, Unpriced

__all__ = ["BulkBiller", "FamilyFacts"]


class FamilyFacts(Protocol):
    """What is known of the families that are billed."""

    def of(self, household: HouseholdId, child: ChildId | None, day: dt.date) -> Facts:
        """The dated facts of a payer and child on a day."""
        ...

    def timeline(self, household: HouseholdId, child: ChildId, names: Sequence[str]) -> Timeline[Facts]:
        """The same over time, as far as the facts of these names go."""
        ...

    def is_shared(self, household: HouseholdId, child: ChildId) -> bool:
        """Whether somebody else than the household may pay for some day of the child."""
        ...


#: One object for each day, whoever comes on it: a store writes it once.
_instance = functools.lru_cache(maxsize=4096)(Instance)


class BulkBiller:
    """Bills family after family for one span; keeps what families share (plans, instances)."""

    def __init__(
        self,
        books: Books,
        facts: FamilyFacts,
        *,
        first: dt.date,
        last: dt.date,
        on: dt.date,
        options: Options,
        ahead: bool = False,
    ) -> None:
        self._ahead = ahead
        self._books, self._facts, self._options = books, facts, options
        self._first, self._last, self._on = first, last, on
        known = books.over(first, last)
        alike: dict[tuple[object, ...], int] = {}
        self._versions = {book.version for book in known}
        changes = [day for book in known for day in book.changes()]
        self._eras = Timeline(changes, lambda day: Era(books.on(day), day, on, options, alike))
        began = [day for day in (first, *changes) if first <= day <= last and books.hold_on(day)]
        self._counting = frozenset().union(*(self._eras.on(day).counting() for day in began))
        self._apart = {key.child for key in (*options.contested, *options.in_kind)}
        self._has_fees = any(book.reglement.fees for book in known)
        self._triggers = {penalty.trigger for book in known for penalty in book.reglement.penalties}
        self._instances: dict[tuple[tuple[dt.date, ...], str], tuple[Instance, ...]] = {}

    def bill(
        self,
        groups: Sequence[ConsumptionGroup],
        billed: Billed = NOTHING_BILLED,
        incidents: tuple[Incident, ...] = (),
        bought: tuple[KindEntry, ...] = (),
        later: Sequence[ConsumptionGroup] = (),
    ) -> Should:
        """The charges of one family; ``incidents`` and what it ``bought`` are its own.

        ``later`` is what comes after the last day and is charged then: ranks of what is billed ahead look at it.
        """
        laid: dict[tuple[object, ...], list[_Piece]] = {}
        others: list[ConsumptionGroup] = []
        beside: list[ConsumptionGroup] = []
        everything = self._has_fees or any(group.sample.key.product in self._counting for group in groups)
        pinned = self._is_pinned_elsewhere(billed)
        for group in groups:
            try:
                if pinned or group.sample.held or group.sample.key.child in self._apart:
                    raise OneByOneError
                pieces = self._pieces(group)
            except OneByOneError:
                others.append(group)
                continue
            for piece in pieces:
                laid.setdefault(piece.where, []).append(piece)
            if everything or self._triggers_penalty(group.sample):
                beside.append(group)
        orders = {group.sample.order for group in others} - {None}  # an order runs as long as all of its days
        beside += [group for group in groups if group.sample.order in orders and group not in (*others, *beside)]
        charges = [charge for alike in laid.values() for charge in self._charges(alike)]
        if not others and not beside and not incidents and not bought:
            return Should(tuple(charges))
        if any(self._last < group.days[-1] for group in others):
            beside += later
        slowly = should_bill(
            [one for group in others for one in group.each()],
            self._books,
            self._facts.of,
            first=self._first,
            last=self._last,
            on=self._on,
            billed=billed,
            options=attrs.evolve(self._options, incidents=incidents, bought=bought),
            beside=[one for group in beside for one in group.each()],
            ahead=self._ahead,
        )
        return attrs.evolve(slowly, charges=(*charges, *slowly.charges))

    def _is_pinned_elsewhere(self, billed: Billed) -> bool:
        """Something was billed by other rules than those of its day: what is pinned is looked at one by one."""
        if not billed or (len(self._versions) == 1 and billed.versions <= self._versions):
            return False
        books = self._books
        return any(
            not books.hold_on(instance.day) or books.on(instance.day).version != version
            for (_, _, instance), version in billed.pinned()
        )

    def _triggers_penalty(self, one: Consumption) -> bool:
        return bool(self._triggers) and (
            (one.departure is not None and Trigger.LATE_PICKUP in self._triggers)
            or (one.outcome is Outcome.ABSENCE and Trigger.UNANNOUNCED_ABSENCE in self._triggers)
            or (one.outcome is Outcome.UNPLANNED and Trigger.UNPLANNED in self._triggers)
        )

    # One group, cut into pieces that have one price each.

    def _pieces(self, group: ConsumptionGroup) -> list[_Piece]:
        """The pieces of a group.

        :raises OneByOneError: its days must be looked at one by one.
        """
        one, days = group.sample, group.days
        pieces: list[_Piece] = []
        if one.outcome in FREE:
            return pieces
        if self._ahead and self._last < days[-1]:
            raise OneByOneError
        if days[0] < self._first or self._last < days[-1]:
            inside = range(bisect_left(days, self._first), bisect_right(days, self._last))
            if not inside:
                return pieces
            group = group.only(inside)
        for payer, mine in self._by_payer(group):
            for era, piece in mine.cut(self._eras):
                self._price(piece, era, payer, pieces)
        return pieces

    def _by_payer(self, group: ConsumptionGroup) -> Iterable[tuple[HouseholdId, ConsumptionGroup]]:
        one, payers = group.sample, self._options.payers
        if payers is None or not self._facts.is_shared(one.household, one.key.child):
            return ((one.household, group),)
        found: dict[HouseholdId, list[int]] = {}
        for place, day in enumerate(group.each()):
            paying = payers(day)
            if len(paying) != 1 or paying[0].part != 1:
                raise OneByOneError
            found.setdefault(paying[0].household, []).append(place)
        return [(payer, group.only(places)) for payer, places in found.items()]

    def _price(self, group: ConsumptionGroup, era: Era, payer: HouseholdId, pieces: list[_Piece]) -> None:
        """Add the pieces of a group of one payer and era."""
        one = group.sample
        if one.outcome not in ABSENT:
            self._price_by(era.service(one), group, era, payer, pieces)
            return
        for facts, piece in group.cut(self._facts.timeline(payer, one.key.child, era.absence_reads(one.key.product))):
            plan = era.absence(piece.sample, payer, facts)
            if plan is not None:
                self._price_by(plan, piece, era, payer, pieces)

    def _price_by(
        self, plan: BulkPlan, group: ConsumptionGroup, era: Era, payer: HouseholdId, pieces: list[_Piece]
    ) -> None:
        one, reads = group.sample, plan.plan.reads
        if not reads:
            pieces.append(_Piece(group, plan, payer, (), _said(plan, ())))
            return
        for facts, piece in group.cut(self._facts.timeline(payer, one.key.child, reads)):
            values = row_of(reads, one, one.outcome, era.book, facts, {})
            pieces.append(_Piece(piece, plan, payer, values, _said(plan, values)))

    def _charges(self, pieces: list[_Piece]) -> list[Charge]:
        first = pieces[0]
        one, plan, price = first.group.sample, first.plan, first.price
        instances, facts = self._instances_of(pieces)
        evidence = tuple(dict.fromkeys(itertools.chain.from_iterable(facts)))
        return [
            Charge(
                payer=first.payer,
                child=one.key.child,
                product=one.key.product,
                instances=instances,
                unit=part.amount,
                component="" if part.name == WHOLE else part.name,
                nature=part.nature or plan.nature,
                outcome=one.outcome,
                tariff=plan.tariff,
                facts=price.facts,
                steps=price.steps,
                evidence=evidence,
                reference=plan.reference or price.reference,
            )
            for part in price.components
        ]

    def _instances_of(self, pieces: list[_Piece]) -> tuple[tuple[Instance, ...], Iterable[tuple[FactId, ...]]]:
        """The instances of pieces that came to one price, in order, and the facts of each."""
        if len(pieces) == 1:
            group = pieces[0].group
            return self._days_of(group), group.facts
        both = [pair for piece in pieces for pair in zip(self._days_of(piece.group), piece.group.facts, strict=True)]
        both.sort(key=lambda pair: (pair[0].day, pair[0].label))
        return tuple([instance for instance, _ in both]), [facts for _, facts in both]

    def _days_of(self, group: ConsumptionGroup) -> tuple[Instance, ...]:
        """The same object for the same days too: many children come on the same ones."""
        where = (group.days, group.sample.key.slot)
        try:
            return self._instances[where]
        except KeyError:
            found = self._instances[where] = tuple([_instance(day, where[1]) for day in group.days])
            return found


def _said(plan: BulkPlan, values: tuple[FactState, ...]) -> Price:
    price = plan.plan.price_of(values)
    if isinstance(price, Unpriced):
        raise OneByOneError
    return price


@attrs.frozen(eq=False)
class _Piece:
    """Days of a group that have one price."""

    group: ConsumptionGroup
    plan: BulkPlan
    payer: HouseholdId
    values: tuple[FactState, ...]
    price: Price

    @property
    def where(self) -> tuple[object, ...]:
        """What pieces of one charge share."""
        return (self.payer, self.group.sample.key.child, self.plan.alike, self.values, self.price.amount)
