"""Conditions on facts: tests joined by *and*; *or* is another row; three-valued."""

from __future__ import annotations

import datetime as dt
import enum
from decimal import Decimal
from typing import Any

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts._values import Expired, Facts, FactValue, Unknown

__all__ = ["ALWAYS", "Condition", "Op", "Test", "Truth"]


class Truth(enum.Enum):
    """True, false, or not known (a fact is missing or has expired)."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


class Op(enum.Enum):
    """How a test compares a fact with its values; the values are the signs of the French notation."""

    EQ = "="
    IN = "parmi"
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    BETWEEN = "de à"  # both ends included
    UNKNOWN = "inconnu"  # nobody has said, or it has expired
    KNOWN = "connu"
    EXPIRED = "expiré"


@attrs.frozen
class Test:
    """One comparison: ``fact`` is an English name of the vocabulary, ``values`` what it is compared with.

    ``IN`` is true when the fact is one of the values or, for a fact that holds several texts, when they share one.
    """

    __test__ = False  # not a pytest class

    fact: str
    op: Op
    values: tuple[FactValue, ...] = ()

    def evaluate(self, facts: Facts) -> Truth:
        """Three-valued: ``UNKNOWN`` when the fact is not known and the test is not about that."""
        state = facts.state(self.fact)
        match self.op:
            case Op.UNKNOWN:
                return _truth(isinstance(state, Unknown | Expired))
            case Op.KNOWN:
                return _truth(not isinstance(state, Unknown | Expired))
            case Op.EXPIRED:
                return _truth(isinstance(state, Expired))
            case _ if isinstance(state, Unknown | Expired):
                return Truth.UNKNOWN
            case Op.EQ | Op.IN:
                held = state if isinstance(state, frozenset) else (state,)
                return _truth(any(value in held for value in self.values))
            case _:
                return _truth(self._compares(state))

    def _compares(self, value: FactValue) -> bool:
        ends: Any = self.values
        held: Any = value
        if type(held) not in _NUMBERS or not all(type(end) in _NUMBERS for end in ends):
            ends = [_comparable(self.fact, end) for end in self.values]
            held = _comparable(self.fact, value)
            if any(type(end) is not type(held) for end in ends):
                raise MisuseError(f"fact {self.fact}: {value!r} cannot be compared with {self.values!r}")
        match self.op:
            case Op.LT:
                return bool(held < ends[0])
            case Op.LE:
                return bool(held <= ends[0])
            case Op.GT:
                return bool(held > ends[0])
            case Op.GE:
                return bool(held >= ends[0])
            case _:
                return bool(ends[0] <= held <= ends[1])


@attrs.frozen
class Condition:
    """All of ``tests`` must hold; none at all always holds. Evaluated three-valued (Kleene)."""

    tests: tuple[Test, ...] = ()

    def evaluate(self, facts: Facts) -> Truth:
        """False as soon as one test is false; else unknown as soon as one is unknown; else true."""
        result = Truth.TRUE
        for test in self.tests:
            truth = test.evaluate(facts)
            if truth is Truth.FALSE:
                return truth
            if truth is Truth.UNKNOWN:
                result = truth
        return result

    @property
    def facts_read(self) -> frozenset[str]:
        """The names of the facts that the condition reads."""
        return frozenset(test.fact for test in self.tests)

    def and_(self, other: Condition) -> Condition:
        """Both conditions at once."""
        return Condition(self.tests + other.tests)


ALWAYS = Condition()


#: Numbers compare exactly with one another as they are (a ``bool`` is none of them).
_NUMBERS = frozenset({int, Decimal})


def _truth(value: bool) -> Truth:
    return Truth.TRUE if value else Truth.FALSE


def _comparable(fact: str, value: FactValue) -> Decimal | dt.date | dt.time | dt.datetime:
    if isinstance(value, bool | str | frozenset):
        raise MisuseError(f"fact {fact}: {value!r} has no order")
    return Decimal(value) if isinstance(value, int) else value
