"""What the charges of one family are worked out on: the rules and facts that are looked up, and what was found so far.

Services, scopes wider than a day, and what is charged once (penalties, fees, books of tickets) share one.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Sequence

from periscolaire.attendance import Consumption
from periscolaire.billing._charges import Instance, Pending, Presumed
from periscolaire.billing.charging._billed import Billed, Consumed
from periscolaire.billing.charging._books import Book, Books, ProductRules
from periscolaire.billing.charging._counts import Counts, instance_of
from periscolaire.billing.charging._endings import CarriedOver, Ending, Endings, EpisodePlace, Resolved
from periscolaire.billing.charging._grouping import Groups, Target
from periscolaire.billing.charging._holding import also_held
from periscolaire.billing.charging._options import Options
from periscolaire.billing.charging._orders import Orders
from periscolaire.billing.charging._rows import COUNT_FACTS, FactsOf, FactState
from periscolaire.errors import MisuseError
from periscolaire.households import Payer
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.money import Amount
from periscolaire.pricing import Scope, Step, TariffVersion, Who
from periscolaire.reasons import Reason

__all__ = ["Worksheet"]


class Worksheet:
    """One family, for one call: short-lived, filled in by those that charge.

    Nothing that it holds holds it in turn: it goes as soon as the family is done.
    """

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
        self.pending: list[Pending] = []
        self.presumed: list[Presumed] = []
        self.held: set[Consumed] = set()
        self.carried: list[CarriedOver] = []
        #: The days that are waited for, in or out of the span.
        self.waiting: set[tuple[ChildId, ProductCode, dt.date]] = set()
        #: Of what comes after ``last``, what is billed now all the same.
        self.told_ahead: set[int] = set()
        self.endings = Endings(facts_of, on)
        self.follow((), Orders())

    def follow(self, resolved: Sequence[Resolved], orders: Orders) -> None:
        """Count in what happened, in canonical order."""
        options = self.options
        self.orders = orders
        self.counts = Counts(
            resolved, self.books, self.facts_of, options.seniority, functools.partial(_pays, options), orders
        )
        self.groups = Groups(self.facts_of, self.counts.of, self.on)

    # Which rules, which days, who pays.

    def book_of(self, product: ProductCode, instance: Instance, child: ChildId | None, its: Book) -> Book:
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
    def version_of(book: Book, rules: ProductRules, day: dt.date) -> TariffVersion | None:
        """The version of the product's tariff on ``day``."""
        return None if rules.tariff is None else book.pricer.version(rules.tariff, day)

    def is_inside(self, child: ChildId | None, product: ProductCode, instance: Instance) -> bool:
        """Whether this call bills it."""
        if instance.day <= self.last or not self.ahead:
            return self.first <= instance.day <= self.last
        book = self.books.on(instance.day)
        if not book.knows(product):
            return False
        rules = book.rules(product)
        return rules.schedule is not None or (rules.prepaid and self.billed.pin((child, product, instance)) is not None)

    def instance_of(
        self, scope: Scope, one: Consumption, book: Book, target: Target | None = None
    ) -> tuple[dt.date, str, dt.date] | None:
        """The instance that the consumption belongs to, when it touches the span; what cannot be told waits."""
        try:
            found = instance_of(scope, one, book, self.orders, self.options.since(one.key.child, one.key.product))
        except MisuseError:  # no order, no first registration, no term on that day: one child must not stop a run
            if not self.is_inside(one.key.child, one.key.product, Instance(one.key.day, one.key.slot)):
                return None
            self.wait(one, Reason.of("billing.pending.no_instance", day=one.key.day, scope=scope.when.value), target)
            return None
        if self.first <= found[2] and found[0] <= self.last:
            return found
        product = scope.what[0] if scope.what else one.key.product
        child = one.key.child if scope.who is Who.CHILD else None
        return found if self.is_inside(child, product, Instance(found[0], found[1])) else None

    def payers(self, one: Consumption) -> Sequence[Payer]:
        """Who pays for it; nobody at all where that cannot be told."""
        return _payers(self.options, one)

    # What is found.

    def wait(self, one: Consumption, reason: Reason, target: Target | None = None) -> None:
        """Report what cannot be billed yet, and hold its key."""
        key = one.key
        instance = target.instance if target is not None else Instance(key.day, key.slot)
        product = target.product if target is not None else key.product
        self.waiting.add((key.child, product, key.day))
        if target is not None or self.is_inside(key.child, product, instance):
            self.pending.append(Pending(one.household, key.child, product, instance.day, reason))
            self.held.add((target.child if target is not None else key.child, product, instance))
        if target is None and self.billed and self.books.hold_on(key.day):
            self.held.update(also_held(one, self.books.on(key.day), self.orders, self.options.since))

    def ending(
        self, who: Resolved, version: TariffVersion, book: Book, rules: ProductRules, payer: Payer
    ) -> Ending | None:
        """How it is priced; ``None`` when it is not: nothing is due, it is carried over, or it waits."""
        ended = self.endings.of(who, version, book, rules, payer.household, self.episode(who, book, rules))
        if isinstance(ended, CarriedOver):
            self._carry_over(who.one, ended)
        elif isinstance(ended, Reason):
            self.wait(who.one, ended)
        elif ended is not None:
            return ended
        return None

    def episode(self, who: Resolved, book: Book, rules: ProductRules) -> EpisodePlace:
        """Where an absence stands in its episode, so far as its rules look at it."""
        limited = any(row.notified_before or row.proof_within for row in rules.absence.rows)
        if who.outcome.absent and (limited or not COUNT_FACTS.isdisjoint(rules.absence_reads)):
            return self.counts.episode(who, book)
        return EpisodePlace()

    def _carry_over(self, one: Consumption, credit: CarriedOver) -> None:
        """What was paid stands, and the day is kept for another; what was not paid is just not due."""
        consumed = (one.key.child, one.key.product, Instance(one.key.day, one.key.slot))
        if self.billed.pin(consumed) is not None:
            self.held.add(consumed)
            self.carried.append(credit)

    def lay(
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
        """Price ``who`` and add it to the charge that it shares; it waits where a fact of the price is not known."""
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
            self.wait(who.one, reason, target)


def _payers(options: Options, one: Consumption) -> Sequence[Payer]:
    return (Payer(one.household),) if options.payers is None else options.payers(one)


def _pays(options: Options, one: Consumption, payer: HouseholdId) -> bool:
    return any(candidate.household == payer for candidate in _payers(options, one))
