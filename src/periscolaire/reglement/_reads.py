"""Which facts the rules of booking read, so that nobody gathers what no rule asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from periscolaire.facts import Condition
from periscolaire.reglement._reglement import Reglement

__all__ = ["booking_reads"]

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
