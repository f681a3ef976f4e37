"""What should be billed: consumptions and dated facts in, charges out, each with the facts and steps of its price.

One family at a time (all the households that share a child): ranks and totals need no more, so any cutting of a city
into families gives the same charges. Group first: keys that share every fact which the tariff reads are priced once.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from typing import TypeAlias

import attrs

from periscolaire.attendance import Booked, Consumption, Outcome, ProofState
from periscolaire.billing._billed import NOTHING_BILLED, Billed, Consumed
from periscolaire.billing._books import Book, Books, ProductRules
from periscolaire.billing._charges import Charge, Instance, Pending, TariffRef
from periscolaire.billing._counts import Counts, Resolved, SeniorityOf, instance_of
from periscolaire.billing._rows import COUNT_FACTS, FactsOf, FactState, row_of
from periscolaire.booking import SlotKey
from periscolaire.catalogue import Effect, Multiple, PaymentMode, PriceForm, Scope, Surcharge, Verb
from periscolaire.facts import Facts
from periscolaire.households import Payer
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.money import Amount, Rounding, split
from periscolaire.pricing import OWN_PRICE, WHOLE, Price, PriceKind, Step, TariffVersion, Unpriced, When, Who
from periscolaire.reasons import Reason
from periscolaire.reglement import AbsenceOutcome, Basis, Consequence, Unchecked, UnknownAbsence, absence_outcome

__all__ = ["CarriedOver", "CustodyPrice", "PayersOf", "Reprise", "Should", "resolve", "should_bill"]

#: Who pays for a child on a day: see :func:`periscolaire.households.payers`. None at all: nobody can be told.
PayersOf: TypeAlias = Callable[[Consumption], Sequence[Payer]]


class CustodyPrice(enum.Enum):
    """With whose facts a day shared by several households is priced."""

    EACH = "quotient de chaque parent"  # each one's own price, times its part, rounded: nothing is conserved
    DESIGNATED = "quotient d'un foyer désigné"  # the first payer's price, split; odd cents to the first


@attrs.frozen
class Reprise:
    """A dated act of the commune that makes the rules in force today reach days that were billed by former ones."""

    reference: str
    first: dt.date
    last: dt.date
    products: frozenset[ProductCode] | None = None

    def covers(self, product: ProductCode, day: dt.date) -> bool:
        """Whether the act reaches that day of that product."""
        return self.first <= day <= self.last and (self.products is None or product in self.products)


@attrs.frozen
class CarriedOver:
    """An absence that gives a credit in kind: the day is kept for another (Peipin: meals or hours)."""

    payer: HouseholdId
    child: ChildId
    product: ProductCode
    day: dt.date
    facts: tuple[FactId, ...] = ()


@attrs.frozen
class Should:
    """All that should be billed for the days asked for; what cannot be told yet; and credits in kind.

    ``held`` are the keys of ``pending``: what was billed for them stands until they can be told.
    """

    charges: tuple[Charge, ...] = ()
    pending: tuple[Pending, ...] = ()
    held: frozenset[Consumed] = frozenset()
    carried_over: tuple[CarriedOver, ...] = ()

    def __add__(self, other: Should) -> Should:
        return Should(
            self.charges + other.charges,
            self.pending + other.pending,
            self.held | other.held,
            self.carried_over + other.carried_over,
        )


_UNIT = frozenset({Outcome.AS_BOOKED, Outcome.LATE_BOOKING, Outcome.LEFT_EARLY})
_NOTHING = frozenset({Outcome.NONE, Outcome.CLOSED, Outcome.COVERED, Outcome.SUSPENDED})
_HELD = frozenset({Booked.CONFIRMED, Booked.CONFIRMED_LATE})
_NO_NAMES: dict[str, FactState] = {}


def resolve(one: Consumption, rules: ProductRules, on: dt.date) -> Resolved | Reason:
    """The outcome that is billed: the checking policy of the product decides what nobody checked.

    A reason when it cannot be told yet. ``on`` is the day of the run: a day is waited for until ``delay_days`` after
    it. A product that is paid when booked is billed as booked, provisionally, until somebody checks; so is a place
    that is held until it is paid (pay to confirm).
    """
    outcome = one.outcome
    checking = rules.checking
    if one.held and one.booked is Booked.REQUESTED and rules.product.payment is PaymentMode.TO_CONFIRM:
        return Resolved(one, Outcome.LATE_BOOKING if one.tier else Outcome.AS_BOOKED, provisional=True)
    if checking.basis is Basis.PRESENCE and outcome.absent:
        return Resolved(one, Outcome.NONE)
    if checking.basis is Basis.PRESENCE and outcome is Outcome.UNPLANNED:
        return Resolved(one, Outcome.AS_BOOKED)
    if outcome is not Outcome.UNKNOWN:
        return Resolved(one, outcome)
    booked = Outcome.LATE_BOOKING if one.booked is Booked.CONFIRMED_LATE else Outcome.AS_BOOKED
    if rules.checking.basis is Basis.BOOKING and one.booked in _HELD:
        return Resolved(one, booked)
    if rules.prepaid:
        return Resolved(one, booked, provisional=True)
    deadline = one.key.day + dt.timedelta(days=checking.delay_days)
    if on <= deadline or checking.unchecked is Unchecked.WAIT:
        return Reason.of("billing.pending.unknown", day=one.key.day, until=deadline)
    if checking.unchecked is Unchecked.PRESENT:
        return Resolved(one, booked)
    if one.proof is ProofState.PENDING:
        return Resolved(one, Outcome.ABSENCE_PENDING)
    return Resolved(one, Outcome.ABSENCE)


def should_bill(
    consumptions: Iterable[Consumption],
    books: Books,
    facts_of: FactsOf,
    *,
    first: dt.date,
    last: dt.date,
    on: dt.date,
    billed: Billed = NOTHING_BILLED,
    payers: PayersOf | None = None,
    custody: CustodyPrice = CustodyPrice.EACH,
    seniority: SeniorityOf = lambda child: (),
    reprises: Collection[Reprise] = (),
    products: Collection[ProductCode] | None = None,
    contested: Collection[SlotKey] = frozenset(),
    since: Callable[[ChildId, ProductCode], dt.date | None] = lambda child, product: None,
) -> Should:
    """The charges of one family for the service days from ``first`` to ``last``, as the facts stand.

    ``consumptions`` are the family's, whole: those outside of the span too, as far as ranks, totals and episodes look
    (usually since the school year began); in any order. ``facts_of`` gives the dated facts of a payer and child.
    ``on`` is the day of the run. ``billed`` pins the version of the règlement of what was billed before; only a
    ``reprise`` lifts the pin. ``payers`` say who pays for a consumption (its household when not given), ``custody``
    with whose facts. ``contested`` slots wait until the appeal is decided. ``since`` is the first registration, for
    rolling years.
    """
    return _Biller(
        books,
        facts_of,
        first,
        last,
        on,
        billed,
        payers,
        custody,
        seniority,
        tuple(reprises),
        products,
        contested,
        since,
    ).bill(consumptions)


@attrs.define
class _Group:
    """Keys that share one price: what a charge is made of."""

    charge: Charge
    instances: list[Instance]
    evidence: list[FactId]


class _Biller:
    def __init__(
        self,
        books: Books,
        facts_of: FactsOf,
        first: dt.date,
        last: dt.date,
        on: dt.date,
        billed: Billed,
        payers: PayersOf | None,
        custody: CustodyPrice,
        seniority: SeniorityOf,
        reprises: tuple[Reprise, ...],
        products: Collection[ProductCode] | None,
        contested: Collection[SlotKey],
        since: Callable[[ChildId, ProductCode], dt.date | None],
    ) -> None:
        self.books, self.facts_of = books, facts_of
        self.first, self.last, self.on = first, last, on
        self.billed, self.payers, self.custody = billed, payers, custody
        self.seniority, self.reprises, self.products, self.since = seniority, reprises, products, since
        self.contested = contested
        self.groups: dict[tuple[object, ...], _Group] = {}
        self.pending: list[Pending] = []
        self.held: set[Consumed] = set()
        self.carried: list[CarriedOver] = []
        self.ordered: set[tuple[str, HouseholdId]] = set()
        self.counts: Counts
        self.scoped: dict[tuple[object, ...], list[tuple[Resolved, Payer]]] = {}
        self.scope_last: dict[tuple[object, ...], dt.date] = {}
        self.waiting: set[tuple[ChildId, ProductCode, dt.date]] = set()

    def bill(self, consumptions: Iterable[Consumption]) -> Should:
        resolved = self._resolved(consumptions)
        self.counts = Counts(resolved, self.books, self.facts_of, self.seniority, self._pays)
        for who in resolved:
            one = who.one
            if not self.first <= one.key.day <= self.last or (who.outcome in _NOTHING and not self._is_scoped(who)):
                continue
            if self.products is not None and one.key.product not in self.products:
                continue
            self._bill(who)
        self._bill_scopes()
        charges = tuple(
            attrs.evolve(group.charge, instances=tuple(group.instances), evidence=tuple(dict.fromkeys(group.evidence)))
            for group in self.groups.values()
        )
        return Should(charges, tuple(self.pending), frozenset(self.held), tuple(self.carried))

    # What happened, in canonical order.

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
            if not book.knows(one.key.product):
                self._wait(one, Reason.of("billing.pending.no_price", product=one.key.product, day=day))
                continue
            if one.key in self.contested:
                self._wait(one, Reason.of("billing.pending.contested", day=day))
                continue
            result = resolve(one, book.rules(one.key.product), self.on)
            if isinstance(result, Resolved):
                found.append(result)
            else:
                self._wait(one, result)
        return found

    def _wait(self, one: Consumption, reason: Reason, instance: Instance | None = None) -> None:
        key = one.key
        self.waiting.add((key.child, key.product, key.day))
        if not self.first <= key.day <= self.last:
            return
        self.pending.append(Pending(one.household, key.child, key.product, key.day, reason))
        self.held.add((key.child, key.product, instance or Instance(key.day, key.slot)))

    def _pays(self, one: Consumption, payer: HouseholdId) -> bool:
        return any(candidate.household == payer for candidate in self._payers(one))

    def _payers(self, one: Consumption) -> Sequence[Payer]:
        return (Payer(one.household),) if self.payers is None else self.payers(one)

    # Which rules.

    def _book(self, product: ProductCode, instance: Instance, child: ChildId | None) -> Book:
        """The version in force on the day, or the one that the billed key pins."""
        book = self.books.on(instance.day)
        line = self.billed.pin((child, product, instance))
        if line is None or line.tariff is None or line.tariff.reglement == book.version:
            return book
        if any(act.covers(product, instance.day) for act in self.reprises):
            return book
        return self.books.named(line.tariff.reglement)

    def _version(self, book: Book, rules: ProductRules, day: dt.date) -> TariffVersion | None:
        return None if rules.tariff is None else book.pricer.version(rules.tariff, day)

    def _is_scoped(self, who: Resolved) -> bool:
        """A package covers days that bear nothing themselves: its scope is what is charged."""
        if who.outcome is not Outcome.COVERED:
            return False
        book = self.books.on(who.one.key.day)
        version = self._version(book, book.rules(who.one.key.product), who.one.key.day)
        return version is not None and version.scope.when is not When.SERVICE

    # One consumption.

    def _bill(self, who: Resolved) -> None:
        one = who.one
        key = one.key
        instance = Instance(key.day, key.slot)
        book = self._book(key.product, instance, key.child)
        rules = book.rules(key.product)
        version = self._version(book, rules, key.day)
        if version is None:
            self._wait(one, Reason.of("billing.pending.no_price", product=key.product, day=key.day))
            return
        payers = self._payers(one)
        if not payers:
            self._wait(one, Reason.of("billing.pending.nobody_pays", child=key.child, day=key.day))
            return
        if version.scope.when is not When.SERVICE or version.scope.who is Who.HOUSEHOLD:
            self._scope(who, version, book, payers)
            return
        ending = self._ending(who, version, book, rules, payers[0])
        if ending is not None:
            self._charge(who, instance, book, rules, ending, payers)

    def _ending(
        self, who: Resolved, version: TariffVersion, book: Book, rules: ProductRules, payer: Payer
    ) -> _Ending | None:
        """Which node prices it, and how; ``None`` when nothing is due (or it waits)."""
        one, outcome = who.one, who.outcome
        if outcome in _UNIT:
            return _Ending(version, PriceKind.UNIT, self._form(one, payer.household), provisional=who.provisional)
        if outcome is Outcome.UNPLANNED:
            return _Ending(version, PriceKind.UNPLANNED, None)
        if outcome is Outcome.CANCELLED:
            return self._kept(one, version)
        return self._absence(who, version, book, rules, payer)

    def _form(self, one: Consumption, payer: HouseholdId) -> PriceForm | None:
        effect = one.effect
        if effect is None or effect.price is None:
            return None
        if effect.scope is Scope.DAY:
            return effect.price
        # Once for the order, or once for the household: on the first day that bears it, in canonical order.
        order = one.order if one.order is not None else one.key.day.isoformat()
        once = (order if effect.scope is Scope.ORDER else f"{payer}:{order}", payer)
        if once in self.ordered:
            return None
        self.ordered.add(once)
        return effect.price

    def _kept(self, one: Consumption, version: TariffVersion) -> _Ending | None:
        """A surcharge that stays due although the booking was cancelled in time (« acquise », LIMITS A14)."""
        effect = one.effect
        if effect is None or not effect.kept or not isinstance(effect.price, Surcharge):
            return None
        return _Ending(version, PriceKind.UNIT, effect.price, only_form=True)

    def _absence(
        self, who: Resolved, version: TariffVersion, book: Book, rules: ProductRules, payer: Payer
    ) -> _Ending | None:
        one = who.one
        found = self._absence_outcome(who, book, rules, payer)
        provisional = who.outcome is Outcome.ABSENCE_PENDING or one.proof is ProofState.PENDING
        learning = found.provisional and self.on <= one.key.day + dt.timedelta(days=rules.checking.delay_days)
        if (provisional or learning) and rules.absence.unknown is UnknownAbsence.WAIT:
            self._wait(one, Reason.of("billing.pending.proof", day=one.key.day))
            return None
        late = who.outcome is Outcome.LATE_CANCELLATION
        effect = one.effect
        if late and found.row is None and effect is not None and effect.verb is Verb.CARRIED_OVER:
            found = attrs.evolve(found, effect=Consequence.CARRIED_OVER)
        match found.effect:
            case Consequence.NOT_DUE:
                return None
            case Consequence.CARRIED_OVER:
                self.carried.append(
                    CarriedOver(payer.household, one.key.child, one.key.product, one.key.day, one.facts)
                )
                return None
            case Consequence.UNDECIDED:
                reason = Reason.of("billing.pending.undecided", day=one.key.day, product=one.key.product)
                self._wait(one, reason)
                return None
            case Consequence.DUE:
                pass
        kind = PriceKind.LATE_CANCELLATION if late else PriceKind.ABSENCE
        if found.price is not None:
            version = book.with_absence(version, found.price)
        own = version.node_of(kind) == OWN_PRICE
        form = _consequence_form(effect) if late else (self._form(one, payer.household) if own else None)
        reference = found.reasons[0].reference if found.reasons else None
        return _Ending(version, kind, form, provisional=provisional, row=found.row, reference=reference)

    def _absence_outcome(self, who: Resolved, book: Book, rules: ProductRules, payer: Payer) -> AbsenceOutcome:
        one = who.one
        names = sorted({name for row in rules.absence.rows for name in row.condition.facts_read})
        facts = Facts()
        if names:
            counts: dict[str, FactState] = {}
            if "absence_rank" in names or "absence_length" in names:
                counts["absence_rank"], counts["absence_length"] = self.counts.episode(who, book)
            dated = self.facts_of(payer.household, one.key.child, one.key.day)
            facts = Facts(zip(names, row_of(names, one, who.outcome, book, dated, counts), strict=True))
        return absence_outcome(
            rules.absence,
            facts,
            one.key.day,
            rules.product,
            book.calendar,
            notified_at=one.told_at,
            proof_at=one.proof_received_at,
        )

    def _charge(
        self,
        who: Resolved,
        instance: Instance,
        book: Book,
        rules: ProductRules,
        ending: _Ending,
        payers: Sequence[Payer],
        *,
        product: ProductCode | None = None,
        child: ChildId | None = None,
        evidence: Iterable[FactId] | None = None,
        outcome: Outcome | None = None,
    ) -> None:
        """Price it for each payer and lay the charges in their groups."""
        code = rules.tariff or ""
        one = who.one
        names = book.pricer.reads_version(ending.version, ending.kind)
        prices: list[tuple[Payer, Price, tuple[FactState, ...]]] = []
        designated = payers if self.custody is CustodyPrice.EACH else payers[:1]
        for payer in designated:
            counts = _NO_NAMES
            if not COUNT_FACTS.isdisjoint(names):
                counts = self.counts.of(names, who, ending.version, payer.household, book)
            dated = self.facts_of(payer.household, one.key.child, one.key.day)
            values = row_of(names, one, who.outcome, book, dated, counts)
            facts = Facts(zip(names, values, strict=True))
            price = book.pricer.price_version(code, ending.version, facts, one.key.day, ending.kind, ending.form)
            if isinstance(price, Unpriced):
                self._wait(one, price.reason, instance)
                return
            prices.append((payer, price, values))
        tariff = TariffRef(code, ending.version.first_day, book.version)
        for index, (payer, price, values) in enumerate(prices):
            parts = self._parts(price, payer, payers, rules, ending, designated_only=len(prices) < len(payers))
            for part_payer, component, nature, unit, steps in parts:
                where = (
                    part_payer, child, product, one.key.child if product is None else None, one.key.product,
                    component, who.outcome, tariff, ending.kind, ending.form, ending.row, ending.provisional,
                    values, unit, index,
                )  # fmt: skip
                group = self.groups.get(where)
                if group is None:
                    group = self.groups[where] = _Group(
                        Charge(
                            payer=part_payer,
                            child=child if product is not None else one.key.child,
                            product=product or one.key.product,
                            instances=(instance,),
                            unit=unit,
                            component=component,
                            nature=nature,
                            outcome=outcome or who.outcome,
                            tariff=tariff,
                            facts=Facts(price.facts),
                            steps=steps,
                            provisional=ending.provisional,
                            reference=ending.reference or price.reference,
                        ),
                        [],
                        [],
                    )
                group.instances.append(instance)
                group.evidence.extend(one.facts if evidence is None else evidence)

    def _parts(
        self,
        price: Price,
        payer: Payer,
        payers: Sequence[Payer],
        rules: ProductRules,
        ending: _Ending,
        *,
        designated_only: bool,
    ) -> list[tuple[HouseholdId, str, str | None, Amount, tuple[Step, ...]]]:
        """(payer, component, nature, unit, steps) of each charge that a price makes."""
        natures = _natures(rules, ending.kind)
        if price.shares:
            amounts = [("", natures, price.family_amount)]
        else:
            amounts = [
                ("" if part.name == WHOLE else part.name, part.nature or natures, part.amount)
                for part in price.components
                if not (ending.only_form and part.name == WHOLE)
            ]
        third = [
            (HouseholdId(share.payer), "", natures, share.amount, price.steps)
            for share in price.shares[:-1]
            if share.amount
        ]
        made: list[tuple[HouseholdId, str, str | None, Amount, tuple[Step, ...]]] = []
        for component, nature, amount in amounts:
            if designated_only:
                shares = split(amount, [one.part for one in payers])
                made += [
                    (one.household, component, nature, share, (*price.steps, _share_step(one, share, price)))
                    for one, share in zip(payers, shares, strict=True)
                ]
            elif payer.part != 1:
                exact = price.currency.value(amount) * payer.part
                share = price.currency.amount(exact, Rounding())
                made.append(
                    (payer.household, component, nature, share, (*price.steps, _share_step(payer, share, price)))
                )
            else:
                made.append((payer.household, component, nature, amount, price.steps))
        return made + third

    # Scopes longer or wider than a child's service.

    def _scope(self, who: Resolved, version: TariffVersion, book: Book, payers: Sequence[Payer]) -> None:
        scope = version.scope
        one = who.one
        first, label, last = instance_of(scope, one, book, self.since(one.key.child, one.key.product))
        product = scope.what[0] if scope.what else one.key.product
        child = one.key.child if scope.who is Who.CHILD else None
        for payer in payers:
            where = (payer.household, child, product, Instance(first, label))
            self.scoped.setdefault(where, []).append((who, payer))
            self.scope_last[where] = last

    def _bill_scopes(self) -> None:
        for where, members in self.scoped.items():
            _, child, product, instance = where
            assert isinstance(instance, Instance)
            who = members[0][0]
            book = self._book(ProductCode(str(product)), instance, child if child is None else ChildId(str(child)))
            rules = book.rules(who.one.key.product)
            version = self._version(book, rules, instance.day) or self._version(book, rules, who.one.key.day)
            if version is None:
                continue
            bearing: list[tuple[Resolved, _Ending]] = []
            for member, payer in members:
                if member.outcome is Outcome.COVERED:
                    bearing.append((member, _Ending(version, PriceKind.UNIT, None)))
                    continue
                ending = self._ending(member, version, book, rules, payer)
                if ending is not None:
                    bearing.append((member, ending))
            if not bearing:
                continue
            counted = not COUNT_FACTS.isdisjoint(book.pricer.reads_version(version, PriceKind.UNIT))
            provisional = any(ending.provisional for _, ending in bearing)
            if counted and (self.scope_last[where] >= self.on or self._waits(members, where)):
                if not rules.prepaid:
                    self._wait(
                        who.one,
                        Reason.of("billing.pending.scope_open", until=self.scope_last[where], product=str(product)),
                        instance,
                    )
                    continue
                provisional = True
            # The gentlest ending prices the whole: as booked, else unplanned, else absent.
            first_who, ending = min(bearing, key=lambda pair: _GENTLE[pair[1].kind])
            self._charge(
                first_who,
                instance,
                book,
                rules,
                attrs.evolve(ending, provisional=provisional),
                (members[0][1],),
                product=ProductCode(str(product)),
                child=None if child is None else ChildId(str(child)),
                evidence=[fact for member, _ in bearing for fact in member.one.facts],
            )

    def _waits(self, members: list[tuple[Resolved, Payer]], where: tuple[object, ...]) -> bool:
        first = where[3].day if isinstance(where[3], Instance) else dt.date.min
        children = {member.one.key.child for member, _ in members}
        products = {member.one.key.product for member, _ in members}
        return any(
            child in children and product in products and first <= day <= self.scope_last[where]
            for child, product, day in self.waiting
        )


@attrs.frozen
class _Ending:
    """How a consumption is priced: the version (with the absence row's price), the node, the form of its tier."""

    version: TariffVersion
    kind: PriceKind
    form: PriceForm | None
    provisional: bool = False
    row: int | None = None
    reference: str | None = None
    only_form: bool = False


_GENTLE = {PriceKind.UNIT: 0, PriceKind.UNPLANNED: 1, PriceKind.LATE_CANCELLATION: 2, PriceKind.ABSENCE: 3}


def _consequence_form(effect: Effect | None) -> PriceForm | None:
    """``dû 50 %`` leaves a share; another price form stands as it is."""
    if effect is None:
        return None
    return Multiple(effect.share) if effect.share is not None else effect.price


def _natures(rules: ProductRules, kind: PriceKind) -> str:
    """What a price without named components is for: penalties for absence are no childcare (BOI-IR-RICI-300, § 140)."""
    if kind in (PriceKind.ABSENCE, PriceKind.LATE_CANCELLATION):
        return "absence"
    return "repas" if rules.product.kind == "restauration" else "garde"


def _share_step(payer: Payer, share: Amount, price: Price) -> Step:
    return Step("custody", (("part", Decimal(payer.part)),), price.currency.value(share))
