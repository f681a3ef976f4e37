"""Days that are alike, told once: what a store counts, and what billing prices without making one object a day."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import attrs

from periscolaire.attendance import Consumption
from periscolaire.billing.charging._timeline import Timeline
from periscolaire.booking import SlotKey
from periscolaire.ids import FactId

__all__ = ["ConsumptionGroup", "group_consumptions"]

T = TypeVar("T")


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
        key = self.sample.key
        _, *same, _ = attrs.astuple(self.sample, recurse=False)  # the key comes first, the facts last
        for day, facts in zip(self.days, self.facts, strict=True):
            fields: list[Any] = [SlotKey(key.child, key.product, day, key.slot), *same, facts]
            yield Consumption(*fields)

    def cut(self, line: Timeline[T]) -> list[tuple[T, ConsumptionGroup]]:
        """The group in pieces inside of which nothing changes, each with what holds."""
        found = line.cut(self.days)
        if len(found) == 1:
            return [(found[0][0], self)]
        return [(held, self.only(places)) for held, places in found]

    def only(self, places: Sequence[int]) -> ConsumptionGroup:
        """The days at these places, in order; one at least."""
        days, facts = tuple([self.days[at] for at in places]), tuple([self.facts[at] for at in places])
        key = attrs.evolve(self.sample.key, day=days[0])
        return ConsumptionGroup(attrs.evolve(self.sample, key=key, facts=facts[0]), days, facts)


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
