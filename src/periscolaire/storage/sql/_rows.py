"""A consumption as a row of plain columns, and back: mapped by hand, because there are millions of them."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Sequence
from typing import Any

from periscolaire.attendance import Booked, Consumption, Notice, Outcome, ProofState, Seen, Service
from periscolaire.billing import ConsumptionGroup
from periscolaire.booking import SlotKey
from periscolaire.catalogue import Effect
from periscolaire.clock import utc
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.storage._codec import dumps, loads

__all__ = ["COLUMNS", "KEY", "ORDINARY", "SAID", "from_row", "group_from_row", "instant_text", "to_row"]

#: The columns that identify a slot, in the order of the primary key: a child's month is one contiguous run.
KEY = ("child", "day", "product", "slot")
COLUMNS = (
    *KEY, "household", "outcome", "booked", "seen", "service", "notice", "proof", "mode", "tier", "effect", "counter",
    "held", "order_id", "order_rank", "arrival", "departure", "slot_used", "served", "motive", "told_at",
    "refund_requested", "proof_kind", "proof_received_at", "facts",
)  # fmt: skip

_OUTCOME, _BOOKED, _SEEN = Outcome.__members__, Booked.__members__, Seen.__members__
_SERVICE, _NOTICE, _PROOF = Service.__members__, Notice.__members__, ProofState.__members__


def instant_text(at: dt.datetime) -> str:
    """An instant in UTC with a fixed width, so that texts sort as instants do."""
    return utc(at).isoformat(timespec="microseconds")


@functools.lru_cache(maxsize=4096)
def _effect_text(effect: Effect) -> str:
    return dumps(effect)


@functools.lru_cache(maxsize=4096)
def _effect(text: str) -> Effect:
    return loads(Effect, text)


@functools.lru_cache(maxsize=4096)
def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def to_row(one: Consumption) -> tuple[Any, ...]:
    """The values of :data:`COLUMNS`."""
    key = one.key
    return (
        key.child,
        key.day.isoformat(),
        key.product,
        key.slot,
        one.household,
        one.outcome.name,
        one.booked.name,
        one.seen.name,
        one.service.name,
        one.notice.name,
        one.proof.name,
        one.mode,
        one.tier,
        None if one.effect is None else _effect_text(one.effect),
        one.counter,
        int(one.held),
        one.order,
        one.order_rank,
        None if one.arrival is None else one.arrival.isoformat(),
        None if one.departure is None else one.departure.isoformat(),
        one.slot_used,
        one.served,
        one.motive,
        None if one.told_at is None else instant_text(one.told_at),
        int(one.refund_requested),
        one.proof_kind,
        None if one.proof_received_at is None else instant_text(one.proof_received_at),
        " ".join(one.facts) or None,
    )


def from_row(row: Sequence[Any]) -> Consumption:
    """The consumption of a row of :data:`COLUMNS`."""
    child, day, product, slot, household, *said, facts = row
    key = SlotKey(ChildId(child), ProductCode(product), _day(day), slot)
    return _consumption(key, household, _said(*said), () if facts is None else tuple(facts.split(" ")))


def _consumption(key: SlotKey, household: str, said: tuple[Any, ...], facts: tuple[str, ...]) -> Consumption:
    fields: list[Any] = [key, household, *said, facts]
    return Consumption(*fields)


@functools.lru_cache(maxsize=4096)
def _said(
    outcome: str, booked: str, seen: str, service: str, notice: str, proof: str, mode: Any, tier: Any, effect: Any,
    counter: Any, held: int, order: Any, order_rank: Any, arrival: Any, departure: Any, slot_used: Any, served: Any,
    motive: Any, told_at: Any, refund_requested: int, proof_kind: Any, proof_received_at: Any,
) -> tuple[Any, ...]:  # fmt: skip
    """What a day says besides its slot, household and facts: thousands of days say the same."""
    return (
        _OUTCOME[outcome],
        _BOOKED[booked],
        _SEEN[seen],
        _SERVICE[service],
        _NOTICE[notice],
        _PROOF[proof],
        mode,
        tier,
        None if effect is None else _effect(effect),
        counter,
        bool(held),
        order,
        order_rank,
        None if arrival is None else dt.time.fromisoformat(arrival),
        None if departure is None else dt.time.fromisoformat(departure),
        slot_used,
        served,
        motive,
        None if told_at is None else dt.datetime.fromisoformat(told_at),
        bool(refund_requested),
        proof_kind,
        None if proof_received_at is None else dt.datetime.fromisoformat(proof_received_at),
    )


#: The columns that tell days apart besides their slot, household and facts, and what they hold of an ordinary day.
SAID = COLUMNS[5:-1]
ORDINARY = to_row(
    Consumption(
        SlotKey(ChildId(""), ProductCode(""), dt.date.min),
        HouseholdId(""),
        Outcome.AS_BOOKED,
        Booked.CONFIRMED,
        Seen.PRESENT,
    )
)[5:-1]


def group_from_row(row: Sequence[Any]) -> ConsumptionGroup:
    """The group of a row: its slot and household, its days (``2026-01-05|2026-01-06``), the facts of each
    (``a b|c``), and as a JSON list :data:`SAID`, unless it is :data:`ORDINARY`.
    """
    child, product, slot, household, days_said, facts_said, said = row
    days, order = _days(days_said)
    each = [tuple(one.split(" ")) if one else () for one in facts_said.split("|")]
    facts = tuple(each if order is None else [each[place] for place in order])
    sample = _consumption(SlotKey(child, product, days[0], slot), household, _said_alike(said), facts[0])
    return ConsumptionGroup(sample, days, facts)


@functools.lru_cache(maxsize=4096)
def _said_alike(said: str | None) -> tuple[Any, ...]:
    return _said(*(ORDINARY if said is None else json.loads(said)))


@functools.lru_cache(maxsize=4096)
def _days(said: str) -> tuple[tuple[dt.date, ...], tuple[int, ...] | None]:
    """The days of a group in order, and from which places they come if they came in another: most are met again."""
    days = [_day(day) for day in said.split("|")]
    order = sorted(range(len(days)), key=days.__getitem__)
    return tuple(sorted(days)), None if order == list(range(len(days))) else tuple(order)
