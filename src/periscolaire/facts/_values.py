"""The three states of a fact, and the facts handed to a rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

import attrs

from periscolaire.frozen import FrozenMap

__all__ = ["UNKNOWN", "Expired", "FactValue", "Facts", "Unknown"]

#: What a known fact may hold. Money facts are ``Decimal`` units (4.40), durations integer minutes,
#: several values at once (motives, diets) a ``frozenset`` of texts.
FactValue: TypeAlias = bool | int | Decimal | str | dt.date | dt.time | dt.datetime | frozenset[str]


@attrs.frozen
class Unknown:
    """Nobody has said: neither true nor false. ``why`` is a short code (``not_given``, ``refused``, ``unread``)."""

    why: str = "not_given"


@attrs.frozen
class Expired:
    """A value that was known until ``since`` (the first day on which it no longer holds)."""

    value: FactValue
    since: dt.date


UNKNOWN = Unknown()


class Facts(FrozenMap[str, FactValue | Unknown | Expired]):
    """Facts by their English name (see :data:`~periscolaire.facts.VOCABULARY`); a missing name is unknown."""

    __slots__ = ()

    def state(self, name: str) -> FactValue | Unknown | Expired:
        """The value, or the state that says why there is none."""
        return self.get(name, UNKNOWN)

    def known(self, name: str) -> FactValue | None:
        """The value when it is known and has not expired, else ``None``."""
        state = self.get(name, UNKNOWN)
        return None if isinstance(state, Unknown | Expired) else state

    def and_(self, more: Mapping[str, FactValue | Unknown | Expired]) -> Facts:
        """These facts with ``more`` laid over them."""
        # By far the most frequent call of a decision: dictionaries are joined directly, without going through Mapping.
        joined = Facts()
        joined._items = {**self._items, **(more._items if isinstance(more, FrozenMap) else more)}
        return joined
