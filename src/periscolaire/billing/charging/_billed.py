"""What has been billed, key by key, and the one idea of the room: what should be billed minus what has been."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

import attrs

from periscolaire.billing._charges import Charge, ChargeKey, Instance
from periscolaire.billing._documents import Invoice, InvoiceLine, LineRef
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.money import Amount

__all__ = ["NOTHING_BILLED", "Billed", "Consumed", "delta"]

#: What a price is about, whoever pays it: (child, product, instance of the tariff's scope).
Consumed: TypeAlias = tuple[ChildId | None, ProductCode, Instance]


class Billed:
    """The index of issued lines that still stand: not taken back since. Drafts do not count (PRICES 3.16).

    A line of negative quantity takes back, for each of its instances, the lines that it corrects.
    """

    __slots__ = ("_lines", "_pins", "_standing")

    def __init__(self, invoices: Iterable[Invoice] = ()) -> None:
        self._lines: dict[LineRef, InvoiceLine] = {}
        self._standing: dict[ChargeKey, tuple[LineRef, ...]] = {}
        self._pins: dict[Consumed, InvoiceLine] = {}
        taken_back: dict[ChargeKey, set[LineRef]] = {}
        for invoice in sorted(invoices, key=lambda invoice: (invoice.issued_on, invoice.series, invoice.number)):
            self._add(invoice, taken_back)
        for key, gone in taken_back.items():
            self._standing[key] = tuple(ref for ref in self._standing.get(key, ()) if ref not in gone)

    def _add(self, invoice: Invoice, taken_back: dict[ChargeKey, set[LineRef]]) -> None:
        for line in invoice.lines:
            ref = LineRef(invoice.id, line.number)
            self._lines[ref] = line
            for key in line.keys(invoice.payer):
                if line.quantity > 0:
                    self._standing[key] = (*self._standing.get(key, ()), ref)
                    self._pins[key.child, key.product, key.instance] = line
                else:  # whatever the order of the dates: a line that was taken back never stands again
                    taken_back.setdefault(key, set()).update(line.corrects)

    def __bool__(self) -> bool:
        return bool(self._lines)

    def line(self, ref: LineRef) -> InvoiceLine:
        """The issued line."""
        return self._lines[ref]

    def standing(self, key: ChargeKey) -> tuple[LineRef, ...]:
        """The lines that the key bears today, in order of issue."""
        return self._standing.get(key, ())

    def net(self, key: ChargeKey) -> Amount:
        """What the key bears today."""
        return sum(self._lines[ref].unit for ref in self.standing(key))

    @property
    def versions(self) -> frozenset[str]:
        """The versions of the règlement that its lines pin."""
        return frozenset(line.tariff.reglement for line in self._lines.values() if line.tariff is not None)

    def keys(self) -> Iterator[ChargeKey]:
        """Every key that was ever billed."""
        return iter(self._standing)

    def pinned(self) -> Iterator[tuple[Consumed, str]]:
        """What was ever billed, with the version of the règlement that its last line pins."""
        return ((consumed, line.tariff.reglement) for consumed, line in self._pins.items() if line.tariff is not None)

    def pin(self, consumed: Consumed) -> InvoiceLine | None:
        """The last line that billed it, which pins its tariff version; ``None``: never billed."""
        return self._pins.get(consumed)


NOTHING_BILLED = Billed()


def delta(
    charges: Iterable[Charge],
    billed: Billed,
    first: dt.date,
    last: dt.date,
    *,
    held: Collection[Consumed] = frozenset(),
    ahead: Collection[ProductCode] = frozenset(),
) -> dict[HouseholdId, tuple[InvoiceLine, ...]]:
    """The lines that bring what has been billed to what should be, by payer; none when both agree.

    Of the products ``ahead``, ``charges`` are given beyond ``last`` too.

    ``charges`` are all that should be billed for instances from ``first`` to ``last``: a key
    billed there that is not among them is taken back, unless it is ``held`` (its price cannot be told yet). A key
    that bears another amount than it should has all its lines taken back, each by a line that names it, and is
    charged anew; a part of the same full price that has come due (deposit, instalment) is just added.
    """
    if not billed:
        return _first_lines(charges)
    work: dict[HouseholdId, _Lines] = {}
    due: set[ChargeKey] = set()
    for charge in charges:
        lines = work.setdefault(charge.payer, _Lines(billed))
        for key in charge.keys():  # noqa: SIM118 - a charge is not a mapping
            due.add(key)
            lines.compare(key, charge)
    for key in billed.keys():  # noqa: SIM118 - Billed is not a mapping
        if key in due or not billed.standing(key) or not first <= key.instance.day:
            continue
        if key.instance.day > last and key.product not in ahead:
            continue
        if (key.child, key.product, key.instance) in held:
            continue
        work.setdefault(key.payer, _Lines(billed)).take_back(key)
    made = {payer: lines.made() for payer, lines in sorted(work.items())}
    return {payer: lines for payer, lines in made.items() if lines}


def _first_lines(charges: Iterable[Charge]) -> dict[HouseholdId, tuple[InvoiceLine, ...]]:
    """The lines when nothing was billed before: each charge is one."""
    by_payer: dict[HouseholdId, list[Charge]] = {}
    for charge in charges:
        if charge.unit:
            by_payer.setdefault(charge.payer, []).append(charge)
    return {
        payer: tuple(
            [
                _line(charge, charge.instances, charge.unit, (), number)
                for number, charge in enumerate(sorted(by_payer[payer], key=_canonical_charge), start=1)
            ]
        )
        for payer in sorted(by_payer)
    }


def _canonical_charge(charge: Charge) -> tuple[object, ...]:
    """The same order as that of the lines that the charges make."""
    return (
        charge.child is None,
        charge.child or "",
        charge.product,
        charge.instances,
        charge.component,
        charge.unit,
        charge.outcome.value if charge.outcome is not None else "",
    )


class _Lines:
    """The lines of one payer in the making: keys gathered by what they share."""

    def __init__(self, billed: Billed) -> None:
        self.billed = billed
        self.reversed: dict[LineRef, list[Instance]] = {}
        # The charge itself, the unit and the lines that it stands for: what keys of one line share.
        self.charged: dict[tuple[int, Amount, tuple[LineRef, ...]], tuple[Charge, list[Instance]]] = {}
        self.order: list[Charge] = []

    def add(self, charge: Charge, instances: Iterable[Instance], unit: Amount, corrects: tuple[LineRef, ...]) -> None:
        where = (id(charge), unit, corrects)
        if where not in self.charged:
            self.order.append(charge)  # keeps it alive, so that its id stays its own
            self.charged[where] = (charge, [])
        self.charged[where][1].extend(instances)

    def compare(self, key: ChargeKey, charge: Charge) -> None:
        standing = self.billed.standing(key)
        net = self.billed.net(key)
        if net == charge.unit:
            return
        if standing and not self._is_next_part(standing, charge):
            self.take_back(key)
            if charge.unit:
                self.add(charge, (key.instance,), charge.unit, standing)
        else:
            self.add(charge, (key.instance,), charge.unit - net, ())

    def _is_next_part(self, standing: tuple[LineRef, ...], charge: Charge) -> bool:
        """More of the same price has come due."""
        net = sum(self.billed.line(ref).unit for ref in standing)
        return (
            charge.full is not None
            and charge.unit > net
            and all(self.billed.line(ref).full == charge.full for ref in standing)
        )

    def take_back(self, key: ChargeKey) -> None:
        for ref in self.billed.standing(key):
            self.reversed.setdefault(ref, []).append(key.instance)

    def made(self) -> tuple[InvoiceLine, ...]:
        lines = []
        for ref, instances in self.reversed.items():
            line = self.billed.line(ref)
            lines.append(
                attrs.evolve(
                    line,
                    instances=tuple(sorted(instances)),
                    quantity=-len(instances),
                    amount=-len(instances) * line.unit,
                    corrects=(ref,),
                )
            )
        for (_, unit, corrects), (charge, instances) in self.charged.items():
            lines.append(_line(charge, tuple(sorted(instances)), unit, corrects))
        return tuple(
            attrs.evolve(line, number=number) for number, line in enumerate(sorted(lines, key=_canonical), start=1)
        )


def _line(
    charge: Charge, instances: tuple[Instance, ...], unit: Amount, corrects: tuple[LineRef, ...], number: int = 0
) -> InvoiceLine:
    return InvoiceLine(
        number=number,
        product=charge.product,
        child=charge.child,
        instances=instances,
        quantity=len(instances),
        unit=unit,
        amount=unit * len(instances),
        kind=charge.kind,
        component=charge.component,
        nature=charge.nature,
        outcome=charge.outcome,
        tariff=charge.tariff,
        facts=charge.facts,
        steps=charge.steps,
        evidence=charge.evidence,
        corrects=tuple(sorted(corrects)),
        full=charge.full,
        provisional=charge.provisional,
        reference=charge.reference,
        site=charge.site,
    )


def _canonical(line: InvoiceLine) -> tuple[object, ...]:
    """Child by child, the current charges first, then what is taken back followed by what replaces it."""
    return (
        line.child is None,
        line.child or "",
        bool(line.corrects),
        line.product,
        line.instances,
        line.quantity > 0,
        line.component,
        line.unit,
        line.outcome.value if line.outcome is not None else "",
        line.corrects,
    )
