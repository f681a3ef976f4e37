"""Many days at once: the groups that a store counts, priced without ever making one object a day.

Law: :class:`BulkBiller` charges what :func:`should_bill` charges for the same days taken one by one. A family
with a price that reads ranks or totals, or with anything billed by former rules, is taken day by day; so are the days
whose price reads the day itself, whose dated facts change, or that several households pay for.
"""

from __future__ import annotations

import datetime as dt
import itertools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import attrs

from periscolaire.attendance import Consumption, Outcome
from periscolaire.billing._charges import Charge, Instance, TariffRef
from periscolaire.billing.charging._billed import NOTHING_BILLED, Billed
from periscolaire.billing.charging._books import Book, Books
from periscolaire.billing.charging._endings import Ending, Endings, Resolved
from periscolaire.billing.charging._grouping import nature_of
from periscolaire.billing.charging._options import Options
from periscolaire.billing.charging._rows import COUNT_FACTS, FactsOf, FactState, row_of
from periscolaire.billing.charging._should import Should, should_bill
from periscolaire.catalogue import Scope
from periscolaire.facts import Facts
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.pricing import WHOLE, Plan, Price, PriceKind, Trigger, Unpriced, When, Who
from periscolaire.reglement import Basis, UnknownAbsence

__all__ = ["BulkBiller", "ConsumptionGroup", "SteadyFacts", "group_consumptions"]

#: The dated facts of a household and child when those of the names given are the same on every day of a closed span,
#: and nobody else may pay for one of these days; else ``None``.
SteadyFacts: TypeAlias = Callable[[HouseholdId, ChildId, dt.date, dt.date, Sequence[str]], Facts | None]

#: Facts of a consumption that a group does not hold: they tell its days apart.
_OF_ONE_DAY = frozenset(
    {
        "day",
        "weekday",
        "season",
        "school_year",
        "week_holidays",
        "arrival",
        "departure",
        "minutes",
        "late_minutes",
        "order_rank",
    }
)
_KINDS = {
    Outcome.AS_BOOKED: PriceKind.UNIT,
    Outcome.LATE_BOOKING: PriceKind.UNIT,
    Outcome.LEFT_EARLY: PriceKind.UNIT,
    Outcome.UNPLANNED: PriceKind.UNPLANNED,
}
_ABSENT = frozenset({Outcome.ABSENCE, Outcome.ABSENCE_JUSTIFIED, Outcome.LATE_CANCELLATION})
_FREE = frozenset({Outcome.NONE, Outcome.CLOSED, Outcome.SUSPENDED})


@attrs.frozen
class ConsumptionGroup:
    """Days of one child, product and slot whose consumptions differ in their day and the facts they rest on only.

    ``sample`` is the first of them; ``days`` are all of them, in order, and ``facts`` those of each day.
    """

    sample: Consumption
    days: tuple[dt.date, ...]
    facts: tuple[tuple[FactId, ...], ...]

    def each(self) -> Iterable[Consumption]:
        """The consumptions one by one."""
        for day, facts in zip(self.days, self.facts, strict=True):
            yield attrs.evolve(self.sample, key=attrs.evolve(self.sample.key, day=day), facts=facts)


_in_order = operator.attrgetter("key.child", "key.product", "key.day", "key.slot")


def group_consumptions(consumptions: Iterable[Consumption]) -> tuple[ConsumptionGroup, ...]:
    """The groups of consumptions already in memory (a store makes them by ``GROUP BY``), in order of first day."""
    alike: dict[tuple[object, ...], list[Consumption]] = {}
    for one in sorted(consumptions, key=_in_order):
        where = (
            one.key.child, one.key.product, one.key.slot, one.household, one.outcome, one.booked, one.seen,
            one.service, one.notice, one.proof, one.mode, one.tier, one.effect, one.counter, one.held, one.slot_used,
            one.served, one.motive, one.refund_requested, one.told_at, one.proof_kind, one.proof_received_at,
            one.order, one.order_rank, one.arrival, one.departure,
        )  # fmt: skip
        alike.setdefault(where, []).append(one)
    return tuple(
        ConsumptionGroup(held[0], tuple([one.key.day for one in held]), tuple([one.facts for one in held]))
        for held in alike.values()
    )


class BulkBiller:
    """Bills family after family for one span; keeps what families share (plans, instances)."""

    def __init__(
        self,
        books: Books,
        facts_of: FactsOf,
        steady: SteadyFacts,
        *,
        first: dt.date,
        last: dt.date,
        on: dt.date,
        options: Options,
    ) -> None:
        self._books, self._facts_of, self._steady = books, facts_of, steady
        self._first, self._last, self._on, self._options = first, last, on, options
        self._plans: dict[tuple[object, ...], _Plan | None] = {}
        self._instances: dict[tuple[dt.date, str], Instance] = {}
        self._counting: dict[str, bool] = {}
        self._plain: dict[str, bool] = {}
        self._absences: dict[tuple[object, ...], _Plan] = {}
        known = books.over(first, last)
        plain = len(known) == 1 and not (known[0].reglement.fees or options.schedules or options.incidents)
        self._book: Book | None = known[0] if plain else None
        if self._book is not None:  # a règlement may come into force after the span begins: nothing is consumed before
            self._first = max(first, self._book.reglement.first_day)
        self._apart = {key.child for key in (*options.contested, *options.in_kind)}
        self._triggers = {penalty.trigger for book in known for penalty in book.reglement.penalties}

    def bill(self, groups: Sequence[ConsumptionGroup], billed: Billed = NOTHING_BILLED) -> Should:
        """The charges of one family."""
        book = self._book
        laid: dict[tuple[object, ...], _Laid] = {}
        others: list[ConsumptionGroup] = []
        if (
            book is None
            or any(version != book.version for version in billed.versions)
            or any(self._is_alone(group.sample, book) for group in groups)
        ):
            others = list(groups)
        else:
            for group in groups:
                if group.sample.held:  # a place that waits for its payment is billed as if it were booked
                    others.append(group)
                    continue
                absent = group.sample.outcome in _ABSENT
                plan = self._absent(group, book) if absent else self._plan(group, book)
                if plan is None or (plan is not _NO_PLAN and not self._lay(group, plan, book, laid)):
                    others.append(group)
        charges = [charge for one in laid.values() for charge in _charges(one)]
        if not others:
            return Should(tuple(charges))
        slowly = should_bill(
            [one for group in others for one in group.each()],
            self._books,
            self._facts_of,
            first=self._first,
            last=self._last,
            on=self._on,
            billed=billed,
            options=self._options,
        )
        return attrs.evolve(slowly, charges=(*charges, *slowly.charges))

    def _plan(self, group: ConsumptionGroup, book: Book) -> _Plan | None:
        """What prices the whole group at once; ``None`` when its days must be looked at one by one."""
        one = group.sample
        inside = group.days[0] >= self._first and group.days[-1] <= self._last
        where = (one.key.product, one.outcome, one.effect, inside)
        try:
            return self._plans[where]
        except KeyError:
            plan = self._plans[where] = self._new_plan(one, book, inside=inside)
            return plan

    def _new_plan(self, one: Consumption, book: Book, *, inside: bool) -> _Plan | None:
        product = one.key.product
        if one.outcome in _FREE:
            return _NO_PLAN
        kind = _KINDS.get(one.outcome)
        if kind is None or not inside or not book.knows(product):
            return None
        rules = book.rules(product)
        effect = one.effect
        if rules.tariff is None or rules.checking.basis is not Basis.BOTH or rules.scheduled:
            return None
        if kind is PriceKind.UNIT and effect is not None and effect.price is not None and effect.scope is not Scope.DAY:
            return None
        version = book.pricer.version(rules.tariff, self._first)
        if version is None or version is not book.pricer.version(rules.tariff, self._last) or version.shares:
            return None
        if version.scope.when is not When.SERVICE or version.scope.who is not Who.CHILD:
            return None
        form = effect.price if effect is not None and kind is PriceKind.UNIT else None
        plan = book.plan(rules.tariff, version, self._first, kind, form)
        if not _OF_ONE_DAY.isdisjoint(plan.reads) or not COUNT_FACTS.isdisjoint(plan.reads):
            return None
        tariff = TariffRef(rules.tariff, version.first_day, book.version)
        return _Plan(plan, tariff, nature_of(rules.product.kind, kind))

    def _absent(self, group: ConsumptionGroup, book: Book) -> _Plan | None:
        """What prices absences that the règlement judges alike on every day; ``None``: one by one."""
        one = group.sample
        product = one.key.product
        if not self._is_plain(product, book, group):
            return None
        rules = book.rules(product)
        code = rules.tariff or ""
        version = book.pricer.version(code, self._first)
        if version is None or (one.effect is not None and one.effect.scope is not Scope.DAY):
            return None
        reads = rules.absence_reads
        if self._steady(one.household, one.key.child, group.days[0], group.days[-1], reads) is None:
            return None
        who = Resolved(one, one.outcome)
        ending = Endings(self._facts_of, self._on).of(who, version, book, rules, one.household)
        if ending is None:
            return _NO_PLAN
        if not isinstance(ending, Ending) or ending.provisional:
            return None
        where = (code, id(ending.version), ending.kind, ending.form, ending.row)
        plan = self._absences.get(where)
        if plan is None:
            prices = book.plan(code, ending.version, self._first, ending.kind, ending.form)
            if not _OF_ONE_DAY.isdisjoint(prices.reads):
                return None
            tariff = TariffRef(code, ending.version.first_day, book.version)
            plan = _Plan(prices, tariff, nature_of(rules.product.kind, ending.kind), ending.reference)
            self._absences[where] = plan
        return plan

    def _is_plain(self, product: ProductCode, book: Book, group: ConsumptionGroup) -> bool:
        """The absence rows look at neither limits nor the day, and the price is that of an ordinary service."""
        if not (self._first <= group.days[0] and group.days[-1] <= self._last):
            return False
        plain = self._plain.get(product)
        if plain is None:
            as_booked = attrs.evolve(group.sample, outcome=Outcome.AS_BOOKED, effect=None)
            plan = self._new_plan(as_booked, book, inside=True)
            plain = plan is not None and plan is not _NO_PLAN
            rules = book.rules(product) if plain else None
            if rules is not None:
                limits = any(row.notified_before or row.proof_within for row in rules.absence.rows)
                plain = not limits and _OF_ONE_DAY.isdisjoint(rules.absence_reads)
                plain = plain and rules.absence.unknown is UnknownAbsence.PROVISIONALLY_DUE
            self._plain[product] = plain
        return plain

    def _is_alone(self, one: Consumption, book: Book) -> bool:
        """It must be looked at by itself, and with it everything of its family."""
        return (
            self._counts(one.key.product, book)
            or one.key.child in self._apart
            or (one.departure is not None and Trigger.LATE_PICKUP in self._triggers)
            or (one.outcome is Outcome.ABSENCE and Trigger.UNANNOUNCED_ABSENCE in self._triggers)
            or (one.outcome is Outcome.UNKNOWN and Trigger.UNANNOUNCED_ABSENCE in self._triggers)
            or (one.outcome is Outcome.UNPLANNED and Trigger.UNPLANNED in self._triggers)
        )

    def _counts(self, product: str, book: Book) -> bool:
        """Whether a price or an absence rule of this product looks at other days or children."""
        held = self._counting.get(product)
        if held is None:
            held = self._counting[product] = self._product_counts(product, book)
        return held

    def _product_counts(self, product: str, book: Book) -> bool:
        if not book.knows(product):
            return False
        rules = book.rules(product)
        if rules.tariff is None:
            return False
        reads = set(rules.absence_reads)
        for day in (self._first, self._last):
            version = book.pricer.version(rules.tariff, day)
            if version is not None:
                for kind in PriceKind:
                    reads.update(book.plan(rules.tariff, version, day, kind).reads)
        return not COUNT_FACTS.isdisjoint(reads)

    def _lay(self, group: ConsumptionGroup, plan: _Plan, book: Book, laid: dict[tuple[object, ...], _Laid]) -> bool:
        """Price the group; ``False`` when its days must be looked at one by one."""
        one = group.sample
        key = one.key
        dated = self._steady(one.household, key.child, group.days[0], group.days[-1], plan.plan.reads)
        if dated is None:
            return False
        values: tuple[FactState, ...] = row_of(plan.plan.reads, one, one.outcome, book, dated, {})
        price = plan.plan(values)
        if isinstance(price, Unpriced):
            return False
        known, slot = self._instances, key.slot
        try:
            instances = [known[day, slot] for day in group.days]
        except KeyError:
            instances = [known.setdefault((day, slot), Instance(day, slot)) for day in group.days]
        where = (one.household, key.child, key.product, one.outcome, id(plan), values)
        same = laid.get(where)
        if same is None:
            laid[where] = _Laid(one, plan, price, instances, list(group.facts))
        else:
            days = list(zip(same.instances + instances, [*same.facts, *group.facts], strict=True))
            days.sort(key=lambda day: (day[0].day, day[0].label))
            same.instances, same.facts = [day for day, _ in days], [facts for _, facts in days]
        return True


@attrs.frozen(eq=False)
class _Plan:
    """What prices the groups of one product, outcome and effect."""

    plan: Plan
    tariff: TariffRef
    nature: str
    reference: str | None = None


@attrs.define(eq=False)
class _Laid:
    """Groups that came to the same price for the same facts."""

    one: Consumption
    plan: _Plan
    price: Price
    instances: list[Instance]
    facts: list[tuple[FactId, ...]]


#: Nothing is due: the outcome says so.
_NO_PLAN = _Plan(None, None, "")  # type: ignore[arg-type]  # a mark that is compared, never used


def _charges(laid: _Laid) -> list[Charge]:
    one, plan, price = laid.one, laid.plan, laid.price
    instances = tuple(laid.instances)
    evidence = tuple(dict.fromkeys(itertools.chain.from_iterable(laid.facts)))
    return [
        Charge(
            payer=one.household,
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
