"""Prices of a scope wider than a day of one child (a month, a stay, a household), packages, and days they give back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal

import attrs

from periscolaire.attendance import Consumption, Outcome, ProofState, Seen
from periscolaire.billing._charges import Instance
from periscolaire.billing.charging._books import Book, ProductRules
from periscolaire.billing.charging._endings import Ending, Resolved
from periscolaire.billing.charging._grouping import Target, nature_of
from periscolaire.billing.charging._packages import prorata
from periscolaire.billing.charging._rows import COUNT_FACTS
from periscolaire.billing.charging._worksheet import Worksheet
from periscolaire.households import Payer
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.money import Amount, Rounding
from periscolaire.pricing import PriceKind, Scope, Step, TariffVersion, Who
from periscolaire.reasons import Reason
from periscolaire.reglement import DayValue, PackageRule

__all__ = ["Scopes"]

_GENTLE = {PriceKind.UNIT: 0, PriceKind.UNPLANNED: 1, PriceKind.LATE_CANCELLATION: 2, PriceKind.ABSENCE: 3}


@attrs.define
class _Scoped:
    """The consumptions of one instance of a scope, for one payer."""

    payer: Payer
    child: ChildId | None
    product: ProductCode
    instance: Instance
    last: dt.date
    members: list[Resolved]


class Scopes:
    """The instances of scopes that a family touches: gathered day by day, then charged once each."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._scopes: dict[tuple[object, ...], _Scoped] = {}
        self._excused: list[tuple[Resolved, TariffVersion, Book, ProductRules, Sequence[Payer]]] = []
        self._package_prices: dict[tuple[HouseholdId, ChildId | None, ProductCode, Instance], tuple[Amount, int]] = {}

    def gather(self, who: Resolved, scope: Scope, book: Book, payers: Sequence[Payer]) -> None:
        """Put ``who`` with the others of its instance, if it touches the span."""
        one = who.one
        found = self._sheet.instance_of(scope, one, book)
        if found is None:
            return
        first, label, last = found
        product = scope.what[0] if scope.what else one.key.product
        child = one.key.child if scope.who is Who.CHILD else None
        instance = Instance(first, label)
        self._sheet.told_ahead.add(id(who))
        for payer in payers:
            where = (payer.household, child, product, instance)
            scoped = self._scopes.get(where)
            if scoped is None:
                scoped = self._scopes[where] = _Scoped(payer, child, product, instance, last, [])
            scoped.members.append(who)

    def cover(
        self, who: Resolved, version: TariffVersion, book: Book, rules: ProductRules, payers: Sequence[Payer]
    ) -> None:
        """Note a day that a package covers: what it gives back, if excused, is told once the package has its price."""
        self._excused.append((who, version, book, rules, payers))

    def bill(self) -> None:
        """Charge all that was gathered, then give back the days that were excused."""
        for scoped in self._scopes.values():
            self._bill_one(scoped)
        for excused in self._excused:
            self._give_back(*excused)

    def _bill_one(self, scoped: _Scoped) -> None:
        sheet, first = self._sheet, scoped.members[0].one
        book = sheet.book_of(scoped.product, scoped.instance, scoped.child, sheet.books.on(first.key.day))
        rules = book.rules(first.key.product)
        version = sheet.version_of(book, rules, scoped.instance.day) or sheet.version_of(book, rules, first.key.day)
        if version is None:
            return
        bearing: list[tuple[Resolved, Ending]] = []
        for member in scoped.members:
            ending: Ending | None = Ending(version, PriceKind.UNIT, None)
            if member.outcome is not Outcome.COVERED:
                ending = sheet.ending(member, version, book, rules, scoped.payer)
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
                sheet.wait(first, reason, target)
                return
            provisional = True
        # The gentlest ending prices the whole: as booked, else unplanned, else absent.
        who, ending = min(bearing, key=lambda pair: _GENTLE[pair[1].kind])
        rule = rules.package
        sheet.lay(
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
        if scoped.last >= self._sheet.on:
            return True
        children = {member.one.key.child for member in scoped.members}
        products = {member.one.key.product for member in scoped.members}
        return any(
            child in children and product in products and scoped.instance.day <= day <= scoped.last
            for child, product, day in self._sheet.waiting
        )

    # Packages: entry and exit, days given back.

    def _in_part(
        self, scoped: _Scoped, who: Resolved, book: Book, rule: PackageRule
    ) -> Callable[[Amount], tuple[Amount, Step | None]]:
        """What becomes of the price of a package, which is remembered for the days that it gives back."""
        key = who.one.key
        where = (scoped.payer.household, scoped.child, scoped.product, scoped.instance)
        planned = sum(member.outcome is Outcome.COVERED for member in scoped.members)
        open_days = book.rules(key.product).product.open_days
        held = self._sheet.options.registered(key.child, key.product)

        def change(amount: Amount) -> tuple[Amount, Step | None]:
            part = prorata(
                amount, rule, (scoped.instance.day, scoped.last), held,
                lambda day: book.calendar.is_open(open_days, day), book.currency,
            )  # fmt: skip
            self._package_prices[where] = (part + self._package_prices.get(where, (0, 0))[0], planned)
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
            self._sheet.lay(who, target, book, ending, (payer,))

    def _per_planned_day(self, one: Consumption, version: TariffVersion, book: Book, payer: Payer) -> Decimal:
        found = self._sheet.instance_of(version.scope, one, book)
        if found is None:
            return Decimal(0)
        child = one.key.child if version.scope.who is Who.CHILD else None
        product = version.scope.what[0] if version.scope.what else one.key.product
        where = (payer.household, child, product, Instance(found[0], found[1]))
        price, planned = self._package_prices.get(where, (0, 0))
        return (
            book.currency.value(book.currency.amount(book.currency.value(price) / planned, Rounding()))
            if planned
            else Decimal(0)
        )
