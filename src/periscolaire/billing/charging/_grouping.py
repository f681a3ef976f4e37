"""Prices laid in groups: keys that share every fact which the tariff reads become one charge.

Law: the grouped charges are those of each day taken alone, steps included.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

import attrs

from periscolaire.attendance import Outcome
from periscolaire.billing._charges import Charge, ChargeKind, Instance, TariffRef
from periscolaire.billing.charging._books import Book
from periscolaire.billing.charging._endings import Ending, Resolved
from periscolaire.billing.charging._rows import COUNT_FACTS, FactsOf, FactState, row_of
from periscolaire.facts import Facts
from periscolaire.households import Payer
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.money import Amount, Rounding, split
from periscolaire.pricing import WHOLE, Price, PriceKind, Schedule, Step, TariffVersion, Unpriced
from periscolaire.reasons import Reason
from periscolaire.reglement import CustodyPrice

__all__ = ["CountsOf", "Groups", "Target"]

CountsOf = Callable[[Sequence[str], Resolved, TariffVersion, HouseholdId, Book], dict[str, FactState]]
#: (payer, component, nature, unit, steps): one charge that a price makes.
_Part = tuple[HouseholdId, str, str | None, Amount, tuple[Step, ...]]
_NO_COUNTS: dict[str, FactState] = {}


@attrs.frozen
class Target:
    """What a price is for: the key without its payer, and what it is called."""

    child: ChildId | None
    product: ProductCode
    instance: Instance
    tariff: str
    kind: ChargeKind = ChargeKind.SERVICE
    outcome: Outcome | None = None
    nature: str = "garde"


@attrs.define
class _Group:
    charge: Charge
    instances: list[Instance]
    evidence: list[FactId]


class Groups:
    """The charges in the making."""

    def __init__(self, facts_of: FactsOf, counts: CountsOf, on: dt.date) -> None:
        self._facts_of = facts_of
        self._counts = counts
        self._on = on
        self._groups: dict[tuple[object, ...], _Group] = {}

    def charges(self) -> tuple[Charge, ...]:
        """All that was laid, in the order in which each group began."""
        return tuple(
            attrs.evolve(
                group.charge,
                instances=tuple(group.instances),
                evidence=tuple(dict.fromkeys(group.evidence)),
            )
            for group in self._groups.values()
        )

    def lay(
        self,
        who: Resolved,
        target: Target,
        book: Book,
        ending: Ending,
        payers: Sequence[Payer],
        evidence: Iterable[FactId],
        *,
        more: dict[str, FactState] = _NO_COUNTS,
        schedule: Schedule | None = None,
        change: Callable[[Amount], tuple[Amount, Step | None]] | None = None,
    ) -> Reason | None:
        """Price it for each payer and lay the charges; the reason why when it has no price.

        ``more`` are facts of this target alone; ``change`` is what a package does to the amount.
        """
        designated = payers if book.reglement.billing.custody is CustodyPrice.EACH else payers[:1]
        priced = []
        for payer in designated:
            found = self._price(who, target, book, ending, payer.household, more)
            if isinstance(found, Reason):
                return found
            priced.append((payer, *found))
        tariff = TariffRef(target.tariff, ending.version.first_day, book.version)
        one_price = len(priced) < len(payers)
        borne: dict[tuple[HouseholdId, str], tuple[_Part, Price, tuple[FactState, ...]]] = {}
        for payer, price, values in priced:
            for part in self._parts(price, payer, payers if one_price else (), target, ending, change):
                same = borne.get(part[:2])  # a third party bears its share of what each parent is asked for, once
                borne[part[:2]] = (part, price, values) if same is None else (_sum(same[0], part), *same[1:])
        for part, price, values in borne.values():
            self._lay_part(part, who, target, ending, tariff, price, values, book, evidence, schedule)
        return None

    def _price(
        self,
        who: Resolved,
        target: Target,
        book: Book,
        ending: Ending,
        payer: HouseholdId,
        more: dict[str, FactState],
    ) -> tuple[Price, tuple[FactState, ...]] | Reason:
        one = who.one
        plan = book.plan(target.tariff, ending.version, one.key.day, ending.kind, ending.form)
        counts = more
        if not COUNT_FACTS.isdisjoint(plan.reads):
            counts = {**self._counts(plan.reads, who, ending.version, payer, book), **more}
        dated = self._facts_of(payer, one.key.child, one.key.day)
        values = row_of(plan.reads, one, who.outcome, book, dated, counts)
        price = plan(values)
        return price.reason if isinstance(price, Unpriced) else (price, values)

    def _parts(
        self,
        price: Price,
        payer: Payer,
        shared: Sequence[Payer],
        target: Target,
        ending: Ending,
        change: Callable[[Amount], tuple[Amount, Step | None]] | None,
    ) -> list[_Part]:
        """``shared`` are all the payers of one price; empty when each has a price of its own."""
        steps = price.steps
        if price.shares:
            amounts: list[tuple[str, str | None, Amount]] = [("", target.nature, price.family_amount)]
        else:
            amounts = [
                ("" if part.name == WHOLE else part.name, part.nature or target.nature, part.amount)
                for part in price.components
                if not (ending.only_form and part.name == WHOLE)
            ]
        if change is not None:
            changed = [(component, nature, change(amount)) for component, nature, amount in amounts]
            amounts = [(component, nature, amount) for component, nature, (amount, _) in changed]
            steps = (*steps, *(step for _, _, (_, step) in changed if step is not None))
        made: list[_Part] = []
        for component, nature, amount in amounts:
            if shared:
                parts = split(amount, [one.part for one in shared])
                for one, part in zip(shared, parts, strict=True):
                    made.append((one.household, component, nature, part, (*steps, _share(one, part, price))))
            elif payer.part != 1:
                part = _part_of(amount, payer, shared, price)
                made.append((payer.household, component, nature, part, (*steps, _share(payer, part, price))))
            else:
                made.append((payer.household, component, nature, amount, steps))
        # What a third party bears is its own debt, by its own document.
        made += [
            (HouseholdId(share.payer), "", target.nature, _part_of(share.amount, payer, shared, price), price.steps)
            for share in price.shares[:-1]
            if share.amount
        ]
        return made

    def _lay_part(
        self,
        part: _Part,
        who: Resolved,
        target: Target,
        ending: Ending,
        tariff: TariffRef,
        price: Price,
        values: tuple[FactState, ...],
        book: Book,
        evidence: Iterable[FactId],
        schedule: Schedule | None,
    ) -> None:
        payer, component, nature, unit, steps = part
        full = None
        if ending.deposit_only and schedule is not None and schedule.deposit is not None:
            unit = schedule.deposit.split(unit, book.currency)[0]
        elif schedule is not None:
            day = target.instance.day
            year = book.calendar.school_year(day).first_day
            full, unit = unit, schedule.due(unit, day, self._on, year, book.currency)
        outcome = target.outcome if target.outcome is not None else who.outcome
        where = (
            payer, target.child, target.product, component, target.kind, outcome, tariff, ending.kind, ending.form,
            ending.row, ending.provisional, values, unit, full,
        )  # fmt: skip
        group = self._groups.get(where)
        if group is None:
            charge = Charge(
                payer=payer,
                child=target.child,
                product=target.product,
                instances=(target.instance,),
                unit=unit,
                kind=target.kind,
                component=component,
                nature=nature,
                outcome=outcome if target.kind is ChargeKind.SERVICE else None,
                tariff=tariff,
                facts=Facts(price.facts),
                steps=steps,
                full=full,
                provisional=ending.provisional,
                reference=ending.reference or price.reference,
            )
            group = self._groups[where] = _Group(charge, [], [])
        group.instances.append(target.instance)
        group.evidence.extend(evidence)


def nature_of(kind: str, ending: PriceKind) -> str:
    """What a price without named components is for: a penalty for absence is no childcare (BOI-IR-RICI-300, § 140)."""
    if ending in (PriceKind.ABSENCE, PriceKind.LATE_CANCELLATION):
        return "absence"
    return "repas" if kind == "restauration" else "garde"


def _part_of(amount: Amount, payer: Payer, shared: Sequence[Payer], price: Price) -> Amount:
    """What falls on a payer who has a price of its own; all of it where one price is ``shared``."""
    if shared or payer.part == 1:
        return amount
    return price.currency.amount(price.currency.value(amount) * payer.part, Rounding())


def _sum(one: _Part, other: _Part) -> _Part:
    payer, component, nature, amount, steps = one
    return payer, component, nature, amount + other[3], steps


def _share(payer: Payer, part: Amount, price: Price) -> Step:
    return Step("custody", (("part", payer.part),), price.currency.value(part))
