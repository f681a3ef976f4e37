"""What should be billed: consumptions and dated facts in, charges out, each with the facts and steps of its price.

One family at a time (all the households that share a child): ranks and totals need no more, so any cutting of a city
into families gives the same charges. Group first: keys that share every fact which the tariff reads are one charge.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeAlias

import attrs

from periscolaire.attendance import Consumption, Outcome, ProofState, Seen
from periscolaire.billing._charges import Charge, Instance, Pending, Presumed
from periscolaire.billing.charging._billed import NOTHING_BILLED, Billed, Consumed
from periscolaire.billing.charging._books import Book, Books, ProductRules
from periscolaire.billing.charging._counts import Counts, instance_of
from periscolaire.billing.charging._endings import CarriedOver, Ending, Endings, EpisodePlace, Resolved, resolve
from periscolaire.billing.charging._extras import Extra, extras
from periscolaire.billing.charging._grouping import Groups, Target, nature_of
from periscolaire.billing.charging._holding import also_held
from periscolaire.billing.charging._options import Options
from periscolaire.billing.charging._orders import Orders
from periscolaire.billing.charging._packages import prorata
from periscolaire.billing.charging._rows import COUNT_FACTS, FactsOf, FactState
from periscolaire.errors import MisuseError
from periscolaire.households import Payer
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.money import Amount, Rounding
from periscolaire.pricing import PriceKind, Scope, Step, TariffVersion, When, Who
from periscolaire.reasons import Reason
from periscolaire.reglement import DayValue, PackageRule

__all__ = ["Should", "should_bill"]

_NOTHING = frozenset({Outcome.NONE, Outcome.CLOSED, Outcome.COVERED, Outcome.SUSPENDED})
_GENTLE = {PriceKind.UNIT: 0, PriceKind.UNPLANNED: 1, PriceKind.LATE_CANCELLATION: 2, PriceKind.ABSENCE: 3}
_DEFAULT = Options()


@attrs.frozen
class Should:
    """All that should be billed for the days asked for; what cannot be told yet; and credits in kind.

    ``held`` are the keys of ``pending``: what was billed for them stands until they can be told. ``presumed`` are the
    days that nobody checked and that are told all the same.
    """

    charges: tuple[Charge, ...] = ()
    pending: tuple[Pending, ...] = ()
    held: frozenset[Consumed] = frozenset()
    carried_over: tuple[CarriedOver, ...] = ()
    presumed: tuple[Presumed, ...] = ()

    def __add__(self, other: Should) -> Should:
        return Should(
            self.charges + other.charges,
            self.pending + other.pending,
            self.held | other.held,
            self.carried_over + other.carried_over,
            self.presumed + other.presumed,
        )


def should_bill(
    consumptions: Iterable[Consumption],
    books: Books,
    facts_of: FactsOf,
    *,
    first: dt.date,
    last: dt.date,
    on: dt.date,
    billed: Billed = NOTHING_BILLED,
    options: Options = _DEFAULT,
    beside: Iterable[Consumption] = (),
    ahead: bool = False,
) -> Should:
    """The charges of one family for the service days from ``first`` to ``last``, as the facts stand.

    ``consumptions`` are the family's, whole: those outside of the span too, as far as ranks, totals, episodes and
    scopes look (usually since the school year began); in any order. ``facts_of`` gives the dated facts of a payer and
    child. ``on`` is the day of the run. ``billed`` pins the version of the règlement of what was billed before.
    ``beside`` are consumptions of the family that are charged elsewhere: ranks, totals and penalties look at them.

    ``ahead``: what is paid as it is booked is billed beyond ``last`` too, so far as its price is due in parts (a
    deposit) or it was billed before (and may have been cancelled since).

    What has no price yet is in ``pending`` with why: nothing is left out in silence.
    """
    return _Biller(books, facts_of, first, last, on, billed, options, ahead).bill(consumptions, beside)


#: What a penalty, a fee or a book of tickets is charged for once: its code, the instance, and the child or, for want
#: of one, who pays.
_Once: TypeAlias = tuple[ProductCode, Instance, ChildId | None, HouseholdId | None]


@attrs.define
class _Scoped:
    """The consumptions of one instance of a scope, for one payer."""

    payer: Payer
    child: ChildId | None
    product: ProductCode
    instance: Instance
    last: dt.date
    members: list[Resolved]


class _Biller:
    def __init__(
        self,
        books: Books,
        facts_of: FactsOf,
        first: dt.date,
        last: dt.date,
        on: dt.date,
        billed: Billed,
        options: Options,
        ahead: bool,
    ) -> None:
        self.books, self.facts_of, self.billed, self.options = books, facts_of, billed, options
        self.first, self.last, self.on, self.ahead = first, last, on, ahead
        self.excused: list[tuple[Resolved, TariffVersion, Book, ProductRules, Sequence[Payer]]] = []
        self.package_prices: dict[tuple[HouseholdId, ChildId | None, ProductCode, Instance], tuple[Amount, int]] = {}
        self.pending: list[Pending] = []
        self.presumed: list[Presumed] = []
        self.held: set[Consumed] = set()
        self.carried: list[CarriedOver] = []
        self.waiting: set[tuple[ChildId, ProductCode, dt.date]] = set()
        self.told_ahead: set[int] = set()  # of what comes after ``last``, what is billed now all the same
        self.scopes: dict[tuple[object, ...], _Scoped] = {}
        self.elsewhere: set[int] = set()
        self.endings = Endings(facts_of, on)
        self._follow((), Orders())

    def _follow(self, resolved: Sequence[Resolved], orders: Orders) -> None:
        """Count in what happened. No part of a biller holds the biller: it goes as soon as a family is done."""
        options = self.options
        self.orders = orders
        self.counts = Counts(
            resolved, self.books, self.facts_of, options.seniority, functools.partial(_pays, options), orders
        )
        self.groups = Groups(self.facts_of, self.counts.of, self.on)

    def bill(self, consumptions: Iterable[Consumption], beside: Iterable[Consumption]) -> Should:
        mine, others = tuple(consumptions), tuple(beside)
        elsewhere = self.elsewhere = {id(one) for one in others}
        resolved = self._resolved((*mine, *others))
        self._follow(resolved, Orders((*mine, *others)))
        for who in resolved:
            if id(who.one) not in elsewhere:
                self._bill(who)
        for scoped in self.scopes.values():
            self._bill_scope(scoped)
        for excused in self.excused:
            self._give_back(*excused)
        # A booking that waits for the run of its month brings no fee before.
        self._bill_extras([who for who in resolved if who.one.key.day <= self.last or id(who) in self.told_ahead])
        return Should(
            self.groups.charges(),
            tuple(self.pending),
            frozenset(self.held),
            tuple(self.carried),
            tuple(self.presumed),
        )

    # What happened, in canonical order; what waits.

    def _resolved(self, consumptions: Iterable[Consumption]) -> list[Resolved]:
        books = self.books
        ranked = [
            (one.key.day, books.rank(one.key.product, one.key.day), one.key.child, one.key.slot, one)
            for one in consumptions
        ]
        ranked.sort(key=lambda item: item[:4])
        found: list[Resolved] = []
        for day, _, _, _, one in ranked:
            book = books.on(day)
            product = one.key.product
            if not book.knows(product):
                result: Resolved | Reason = Reason.of("billing.pending.no_price", product=product, day=day)
            elif one.key in self.options.contested:
                result = Reason.of("billing.pending.contested", day=day)
            else:
                result = resolve(one, book.rules(product), self.on)
            if isinstance(result, Resolved):
                found.append(result)
                if result.presumed and self._inside(one.key.child, product, Instance(day, one.key.slot)):
                    self.presumed.append(Presumed(one.household, one.key.child, product, day, result.outcome))
            elif day <= self.last or id(one) not in self.elsewhere:
                self._wait(one, result)
        return found

    def _wait(self, one: Consumption, reason: Reason, target: Target | None = None) -> None:
        """Report what cannot be billed yet, and hold its key."""
        key = one.key
        instance = target.instance if target is not None else Instance(key.day, key.slot)
        product = target.product if target is not None else key.product
        self.waiting.add((key.child, product, key.day))
        if target is not None or self._inside(key.child, product, instance):
            self.pending.append(Pending(one.household, key.child, product, instance.day, reason))
            self.held.add((target.child if target is not None else key.child, product, instance))
        if target is None and self.billed and self.books.hold_on(key.day):
            self.held.update(also_held(one, self.books.on(key.day), self.orders, self.options.since))

    def _payers(self, one: Consumption) -> Sequence[Payer]:
        return _payers(self.options, one)

    # Which rules.

    def _book(self, product: ProductCode, instance: Instance, child: ChildId | None, its: Book) -> Book:
        """The version in force on the first day of the instance, or the one that the billed key pins.

        ``its`` is that of the service itself: it speaks where the former one did not know the product yet.
        """
        book = self.books.on(instance.day) if self.books.hold_on(instance.day) else its
        if not book.knows(product) and book.extra(product) is None:
            book = its
        line = self.billed.pin((child, product, instance)) if self.billed else None
        if line is None or line.tariff is None or line.tariff.reglement == book.version:
            return book
        if any(act.covers(product, instance.day) for act in self.options.reprises):
            return book
        return self.books.named(line.tariff.reglement)

    @staticmethod
    def _version(book: Book, rules: ProductRules, day: dt.date) -> TariffVersion | None:
        return None if rules.tariff is None else book.pricer.version(rules.tariff, day)

    def _inside(self, child: ChildId | None, product: ProductCode, instance: Instance) -> bool:
        """Whether this call bills it."""
        if instance.day <= self.last or not self.ahead:
            return self.first <= instance.day <= self.last
        book = self.books.on(instance.day)
        if not book.knows(product):
            return False
        rules = book.rules(product)
        return rules.schedule is not None or (rules.prepaid and self.billed.pin((child, product, instance)) is not None)

    # One consumption.

    def _bill(self, who: Resolved) -> None:
        one = who.one
        key = one.key
        if (holder := self.options.in_kind.get(key)) is not None:
            self._give_unit_back(who, holder)
            return
        covered = who.outcome is Outcome.COVERED
        if who.outcome in _NOTHING and not covered:
            return
        instance = Instance(key.day, key.slot)
        book = self._book(key.product, instance, key.child, self.books.on(key.day))
        rules = book.rules(key.product)
        version = self._version(book, rules, key.day)
        inside = self._inside(key.child, key.product, instance)
        if version is None:
            if inside:
                self._wait(one, Reason.of("billing.pending.no_price", product=key.product, day=key.day))
            return
        payers = self._payers(one)
        if not payers:
            if inside:
                self._wait(one, Reason.of("billing.pending.nobody_pays", child=key.child, day=key.day))
            return
        if version.scope.when is not When.SERVICE or version.scope.who is Who.HOUSEHOLD:
            self._gather(who, version.scope, book, payers)
        if not inside:
            return
        self.told_ahead.add(id(who))
        if covered:
            self.excused.append((who, version, book, rules, payers))
            return
        if version.scope.when is When.SERVICE and version.scope.who is Who.CHILD:
            ending = self._ending(who, version, book, rules, payers[0])
            if ending is not None:
                nature = nature_of(rules.product.kind, ending.kind)
                target = Target(key.child, key.product, instance, rules.tariff or "", nature=nature)
                self._lay(who, target, book, ending, payers)

    def _ending(
        self, who: Resolved, version: TariffVersion, book: Book, rules: ProductRules, payer: Payer
    ) -> Ending | None:
        ended = self.endings.of(who, version, book, rules, payer.household, self._episode(who, book, rules))
        if isinstance(ended, CarriedOver):
            self._carry_over(who.one, ended)
        elif isinstance(ended, Reason):
            self._wait(who.one, ended)
        elif ended is not None:
            return ended
        return None

    def _episode(self, who: Resolved, book: Book, rules: ProductRules) -> EpisodePlace:
        """Where an absence stands in its episode, so far as its rules look at it."""
        limited = any(row.notified_before or row.proof_within for row in rules.absence.rows)
        if who.outcome.absent and (limited or not COUNT_FACTS.isdisjoint(rules.absence_reads)):
            return self.counts.episode(who, book)
        return EpisodePlace()

    def _give_unit_back(self, who: Resolved, holder: HouseholdId) -> None:
        """A day paid in kind costs no money; its unit goes back to ``holder`` where money would not have been due."""
        one = who.one
        if not self._inside(one.key.child, one.key.product, Instance(one.key.day, one.key.slot)):
            return
        book = self.books.on(one.key.day)
        rules = book.rules(one.key.product)
        if self.endings.gives_back(who, book, rules, holder, self._episode(who, book, rules)):
            credit = CarriedOver(holder, one.key.child, one.key.product, one.key.day, one.facts, in_kind=True)
            self.carried.append(credit)

    def _carry_over(self, one: Consumption, credit: CarriedOver) -> None:
        """What was paid stands, and the day is kept for another; what was not paid is just not due."""
        consumed = (one.key.child, one.key.product, Instance(one.key.day, one.key.slot))
        if self.billed.pin(consumed) is not None:
            self.held.add(consumed)
            self.carried.append(credit)

    def _lay(
        self,
        who: Resolved,
        target: Target,
        book: Book,
        ending: Ending,
        payers: Sequence[Payer],
        members: Iterable[Resolved] = (),
        more: dict[str, FactState] | None = None,
        change: Callable[[Amount], tuple[Amount, Step | None]] | None = None,
    ) -> None:
        evidence = [fact for member in (members or (who,)) for fact in member.one.facts]
        reason = self.groups.lay(
            who,
            target,
            book,
            ending,
            payers,
            evidence,
            more=more or {},
            schedule=book.rules(target.product).schedule if book.knows(target.product) else None,
            change=change,
        )
        if reason is not None:
            self._wait(who.one, reason, target)

    # Packages: entry and exit, days given back.

    def _in_part(
        self, scoped: _Scoped, who: Resolved, book: Book, rule: PackageRule
    ) -> Callable[[Amount], tuple[Amount, Step | None]]:
        """What becomes of the price of a package, which is remembered for the days that it gives back."""
        key = who.one.key
        where = (scoped.payer.household, scoped.child, scoped.product, scoped.instance)
        planned = sum(member.outcome is Outcome.COVERED for member in scoped.members)
        open_days = book.rules(key.product).product.open_days
        held = self.options.registered(key.child, key.product)

        def change(amount: Amount) -> tuple[Amount, Step | None]:
            part = prorata(
                amount, rule, (scoped.instance.day, scoped.last), held,
                lambda day: book.calendar.is_open(open_days, day), book.currency,
            )  # fmt: skip
            self.package_prices[where] = (part + self.package_prices.get(where, (0, 0))[0], planned)
            step = Step("prorata", (("rule", rule.prorata.value),), book.currency.value(part))
            return part, None if part == amount else step

        return change

    def _give_back(
        self, who: Resolved, version: TariffVersion, book: Book, rules: ProductRules, payers: Sequence[Payer]
    ) -> None:
        """A day of a package that was excused: its value is credited."""
        one, rule = who.one, rules.package
        if rule is None or rule.day_value is None:
            return
        if one.seen is not Seen.ABSENT or one.proof is not ProofState.ACCEPTED:
            return
        for payer in payers:
            said = rule.day_value
            value = self._per_planned_day(one, version, book, payer) if isinstance(said, DayValue) else said
            target = Target(
                one.key.child,
                one.key.product,
                Instance(one.key.day, one.key.slot or "valeur du jour"),
                rules.tariff or "",
                nature=nature_of(rules.product.kind, PriceKind.UNIT),
            )
            ending = Ending(book.day_value(value, version.reference), PriceKind.UNIT, None)
            self._lay(who, target, book, ending, (payer,))

    def _per_planned_day(self, one: Consumption, version: TariffVersion, book: Book, payer: Payer) -> Decimal:
        found = self._instance(version.scope, one, book)
        if found is None:
            return Decimal(0)
        child = one.key.child if version.scope.who is Who.CHILD else None
        product = version.scope.what[0] if version.scope.what else one.key.product
        where = (payer.household, child, product, Instance(found[0], found[1]))
        price, planned = self.package_prices.get(where, (0, 0))
        return (
            book.currency.value(book.currency.amount(book.currency.value(price) / planned, Rounding()))
            if planned
            else Decimal(0)
        )

    # Scopes longer or wider than a child's service.

    def _gather(self, who: Resolved, scope: Scope, book: Book, payers: Sequence[Payer]) -> None:
        one = who.one
        found = self._instance(scope, one, book)
        if found is None:
            return
        first, label, last = found
        product = scope.what[0] if scope.what else one.key.product
        child = one.key.child if scope.who is Who.CHILD else None
        instance = Instance(first, label)
        self.told_ahead.add(id(who))
        for payer in payers:
            where = (payer.household, child, product, instance)
            scoped = self.scopes.get(where)
            if scoped is None:
                scoped = self.scopes[where] = _Scoped(payer, child, product, instance, last, [])
            scoped.members.append(who)

    def _instance(
        self, scope: Scope, one: Consumption, book: Book, target: Target | None = None
    ) -> tuple[dt.date, str, dt.date] | None:
        """The instance that the consumption belongs to, when it touches the span; what cannot be told waits."""
        try:
            found = instance_of(scope, one, book, self.orders, self.options.since(one.key.child, one.key.product))
        except MisuseError:  # no order, no first registration, no term on that day: one child must not stop a run
            if not self._inside(one.key.child, one.key.product, Instance(one.key.day, one.key.slot)):
                return None
            self._wait(one, Reason.of("billing.pending.no_instance", day=one.key.day, scope=scope.when.value), target)
            return None
        if self.first <= found[2] and found[0] <= self.last:
            return found
        product = scope.what[0] if scope.what else one.key.product
        child = one.key.child if scope.who is Who.CHILD else None
        return found if self._inside(child, product, Instance(found[0], found[1])) else None

    def _bill_scope(self, scoped: _Scoped) -> None:
        first = scoped.members[0].one
        book = self._book(scoped.product, scoped.instance, scoped.child, self.books.on(first.key.day))
        rules = book.rules(first.key.product)
        version = self._version(book, rules, scoped.instance.day) or self._version(book, rules, first.key.day)
        if version is None:
            return
        bearing: list[tuple[Resolved, Ending]] = []
        for member in scoped.members:
            ending: Ending | None = Ending(version, PriceKind.UNIT, None)
            if member.outcome is not Outcome.COVERED:
                ending = self._ending(member, version, book, rules, scoped.payer)
            if ending is not None:
                bearing.append((member, ending))
        if not all(ending.deposit_only for _, ending in bearing):
            bearing = [pair for pair in bearing if not pair[1].deposit_only]
        if not bearing:
            return
        provisional = any(ending.provisional for _, ending in bearing)
        kinds = nature_of(rules.product.kind, PriceKind.UNIT)
        target = Target(scoped.child, scoped.product, scoped.instance, rules.tariff or "", nature=kinds)
        # What counts days is told once the scope is over and checked; before, it is a provision for R, pending for C.
        reads = book.plan(target.tariff, version, scoped.instance.day, PriceKind.UNIT).reads
        if not COUNT_FACTS.isdisjoint(reads) and self._is_open(scoped):
            if not rules.prepaid:
                reason = Reason.of("billing.pending.scope_open", until=scoped.last, product=scoped.product)
                self._wait(first, reason, target)
                return
            provisional = True
        # The gentlest ending prices the whole: as booked, else unplanned, else absent.
        who, ending = min(bearing, key=lambda pair: _GENTLE[pair[1].kind])
        rule = rules.package
        self._lay(
            who,
            attrs.evolve(target, outcome=who.outcome),
            book,
            attrs.evolve(ending, provisional=provisional),
            (scoped.payer,),
            [member for member, _ in bearing],
            change=None if rule is None else self._in_part(scoped, who, book, rule),
        )

    def _is_open(self, scoped: _Scoped) -> bool:
        """Not over yet, or a day of it is still waited for."""
        if scoped.last >= self.on:
            return True
        children = {member.one.key.child for member in scoped.members}
        products = {member.one.key.product for member in scoped.members}
        return any(
            child in children and product in products and scoped.instance.day <= day <= scoped.last
            for child, product, day in self.waiting
        )

    # Penalties, fees and books of tickets.

    def _bill_extras(self, resolved: Sequence[Resolved]) -> None:
        done: dict[_Once, list[Extra]] = {}
        options = self.options
        for extra in extras(resolved, options.incidents, options.bought, self.books, self.facts_of):
            self._gather_extra(extra, done)
        for once, found in done.items():
            self._bill_extra(found, *once)

    def _gather_extra(self, extra: Extra, done: dict[_Once, list[Extra]]) -> None:
        one = extra.who.one
        child = one.key.child if extra.scope.who is Who.CHILD and one.key.child else None
        waiting = Target(one.key.child or None, extra.code, Instance(one.key.day), extra.code, extra.kind)
        found = self._instance(extra.scope, one, extra.book, waiting)
        if found is None:
            return
        instance = Instance(found[0], found[1])
        payers = self._payers(one)
        if not payers:
            reason = Reason.of("billing.pending.nobody_pays", child=one.key.child, day=one.key.day)
            self._wait(one, reason, attrs.evolve(waiting, child=child, instance=instance))
        for payer in payers if child is None else payers[:1]:  # each household owes what households owe
            once = (extra.code, instance, child, payer.household if child is None else None)
            done.setdefault(once, []).append(extra)

    def _bill_extra(
        self,
        found: list[Extra],
        code: ProductCode,
        instance: Instance,
        child: ChildId | None,
        household: HouseholdId | None,
    ) -> None:
        """Once for the instance: the one that is worst (most minutes late), then the first."""
        extra = max(found, key=lambda one: _late(one.more))
        one = extra.who.one
        target = Target(child, code, instance, code, extra.kind, nature=extra.nature)
        decided = self.options.decided.get((str(code), child, instance.day)) if extra.proposed else True
        if decided is False:
            return
        if decided is None:
            reason = Reason.of("billing.pending.unconfirmed", penalty=code, day=instance.day)
            self._wait(one, reason, target)
            return
        book = self._book(code, instance, child, extra.book)
        said = book.extra(code) or extra
        version = book.version_of(said.price, said.reference)
        ending = Ending(version, PriceKind.UNIT, None)
        payers = self._payers(one) if household is None else (Payer(household),)
        self._lay(extra.who, target, book, ending, payers, [each.who for each in found], extra.more)


def _payers(options: Options, one: Consumption) -> Sequence[Payer]:
    return (Payer(one.household),) if options.payers is None else options.payers(one)


def _pays(options: Options, one: Consumption, payer: HouseholdId) -> bool:
    return any(candidate.household == payer for candidate in _payers(options, one))


def _late(more: dict[str, FactState]) -> int:
    minutes = more.get("late_minutes", 0)
    return minutes if isinstance(minutes, int) else 0
