"""Which facts the rules read: nobody gathers what no rule asks for, nor keeps what no bill rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from periscolaire.facts import Condition
from periscolaire.reglement._reglement import Reglement

__all__ = ["billing_reads", "booking_reads"]

#: What of a règlement makes the price of a day that was booked and attended, or not.
_PRICED = ("tariffs", "absences", "penalties", "fees", "deposits", "instalments", "ticket_books", "billing")

_KEPT = 16
#: By identity: a règlement never changes, and comparing two of them is long.
_known: dict[int, tuple[Reglement, frozenset[str]]] = {}


def booking_reads(reglement: Reglement) -> frozenset[str]:
    """The facts, by their English names, that limits, gates, places and prerequisites of ``reglement`` may read."""
    found = _known.get(id(reglement))
    if found is None or found[0] is not reglement:
        reads = frozenset(fact for condition in _conditions(reglement.products) for fact in condition.facts_read)
        if len(_known) >= _KEPT:
            _known.clear()
        found = _known[id(reglement)] = (reglement, reads)
    return found[1]


def _conditions(value: Any) -> Iterable[Condition]:
    if isinstance(value, Condition):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _conditions(item)
    elif isinstance(value, tuple | frozenset):
        for item in value:
            yield from _conditions(item)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _conditions(getattr(value, field.name))


def billing_reads(reglement: Reglement) -> frozenset[str]:
    """The facts, by their English names, that a bill under ``reglement`` may read; none that it reads is left out."""
    return frozenset(fact for name in _PRICED for fact in _facts_named(getattr(reglement, name)))


def _facts_named(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _facts_named(item)
    elif isinstance(value, tuple | frozenset):
        for item in value:
            yield from _facts_named(item)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            inner = getattr(value, field.name)
            if field.name == "fact" and isinstance(inner, str):
                yield inner
            else:
                yield from _facts_named(inner)
