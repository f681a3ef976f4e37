"""Places: which pools a booking draws from, what is left in them, and what is over when a maximum falls.

The rules of one product that name the same facts in ``pool`` form a table of which the **first** whose condition
holds counts ("lundi 60, mardi 70"); tables over different facts all count at once (24 a slot, and 60 on the whole
site). A condition on a fact that is not known counts as holding: places are never oversold for want of knowledge.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import attrs

from periscolaire.booking._reservations import Reservation, SlotKey
from periscolaire.catalogue import PlacesRule, Product
from periscolaire.facts import Expired, Facts, Truth, Unknown

__all__ = ["Claim", "Overage", "Taken", "claims", "overages", "places_left", "places_rules", "taken_from"]


@attrs.frozen(order=True)
class Claim:
    """One place to take in ``pool``, allowed while fewer than ``maximum`` are taken.

    ``pool`` is stable text: product, day, and the values of the facts that separate pools.
    """

    pool: str
    maximum: int


@attrs.frozen
class Overage:
    """A pool that holds more than its maximum, which has fallen: reported, never undone."""

    pool: str
    maximum: int
    taken: int


_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
#: Places taken by pool, as the store counts them.
Taken: TypeAlias = Mapping[str, int]


def places_rules(product: Product, key: SlotKey, facts: Facts) -> tuple[PlacesRule, ...]:
    """The rules that bound booking ``key`` with these facts of the child: the first that holds of each table."""
    if not product.places:
        return ()
    known = _with_day(key, facts) if _reads_facts(product) else facts
    found: dict[tuple[str, ...], PlacesRule] = {}
    for rule in product.places:
        if rule.pool not in found and rule.condition.evaluate(known) is not Truth.FALSE:
            found[rule.pool] = rule
    return tuple(found.values())


def claims(product: Product, key: SlotKey, facts: Facts) -> tuple[Claim, ...]:
    """The places that booking ``key`` takes, in a stable order (so that concurrent claims cannot wait in a circle)."""
    if not product.places:
        return ()
    known = _with_day(key, facts) if _reads_facts(product) else facts
    return tuple(
        sorted(
            Claim(_pool(rule, key, known), rule.maximum)
            for rule in places_rules(product, key, facts)
            if rule.maximum is not None  # the text says who comes first, not how many
        )
    )


def places_left(wanted: Iterable[Claim], taken: Taken) -> int | None:
    """How many more bookings like this one fit; ``None`` when nothing bounds them."""
    left = [max(0, claim.maximum - taken.get(claim.pool, 0)) for claim in wanted]
    return min(left) if left else None


def taken_from(reservations: Iterable[Reservation], claims_of: Callable[[SlotKey], Iterable[Claim]]) -> dict[str, int]:
    """Places taken, counted again from the reservations: what the store's counters must equal."""
    counts: dict[str, int] = {}
    for reservation in reservations:
        if reservation.holds_place:
            for claim in claims_of(reservation.key):
                counts[claim.pool] = counts.get(claim.pool, 0) + 1
    return counts


def overages(bounds: Iterable[Claim], taken: Taken) -> tuple[Overage, ...]:
    """The pools that hold more than their present maximum, in order of their names."""
    return tuple(
        Overage(claim.pool, claim.maximum, taken[claim.pool])
        for claim in sorted(set(bounds))
        if taken.get(claim.pool, 0) > claim.maximum
    )


def _pool(rule: PlacesRule, key: SlotKey, facts: Facts) -> str:
    parts = [str(key.product), key.day.isoformat()]
    if rule.per_adult is not None:
        # Age groups with a ratio of their own have a team, hence places, of their own; who is in the team may change.
        parts.append(f"par_encadrant={rule.per_adult}")
    for name in rule.pool:
        value = facts.state(name)
        parts.append(f"{name}={'?' if isinstance(value, Unknown | Expired) else _text(value)}")
    return "/".join(parts)


def _reads_facts(product: Product) -> bool:
    return any(rule.pool or rule.condition.tests for rule in product.places)


def _with_day(key: SlotKey, facts: Facts) -> Facts:
    return facts.and_({"day": key.day, "weekday": _WEEKDAYS[key.day.weekday()], "slot": key.slot})


def _text(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return "+".join(sorted(value)) if isinstance(value, frozenset) else str(value)
