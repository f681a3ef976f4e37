"""One evaluation: the facts and tariffs that a node may look at, the running value, and the steps it leaves behind."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Protocol, TypeAlias

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import Condition, Expired, Facts, FactValue, Op, Truth, Unknown
from periscolaire.money import EUR, Currency, Rounding
from periscolaire.pricing._steps import Step, StepValue, describe_fact
from periscolaire.reasons import Parameter, Reason

#: Wide enough that only a pro rata can be inexact, and then by less than one part in 10^50.
EXACT = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_EVEN)
#: The rounding of a tariff that names none: half-up to the minor unit.
HALF_UP = Rounding()
_SNAP = Decimal(1).scaleb(-30)


@attrs.frozen
class Part:
    """One component of a running price, not yet rounded (``amount`` in units)."""

    name: str
    nature: str | None
    amount: Decimal


@attrs.frozen
class Parts:
    """A running price made of named components."""

    parts: tuple[Part, ...]

    @property
    def total(self) -> Decimal:
        """The exact sum of the components."""
        return sum((part.amount for part in self.parts), Decimal(0))

    def map(self, change: Callable[[Decimal], Decimal]) -> Parts:
        """Every component changed in the same way."""
        return Parts(tuple(attrs.evolve(part, amount=change(part.amount)) for part in self.parts))

    def plus(self, name: str, amount: Decimal, nature: str | None = None) -> Parts:
        """One more component, or more of one that is there; nothing is added for zero."""
        if not amount:
            return self
        for index, part in enumerate(self.parts):
            if part.name == name:
                grown = attrs.evolve(part, amount=part.amount + amount)
                return Parts((*self.parts[:index], grown, *self.parts[index + 1 :]))
        return Parts((*self.parts, Part(name, nature, amount)))


#: An exact running price: one amount in units, or its components.
Value: TypeAlias = Decimal | Parts


def total(value: Value) -> Decimal:
    """The exact amount of ``value``."""
    return value.total if isinstance(value, Parts) else value


def scaled(value: Value, factor: Decimal) -> Value:
    """``value`` multiplied, component by component."""
    return value.map(lambda amount: amount * factor) if isinstance(value, Parts) else value * factor


def rounded(value: Decimal, rounding: Rounding, currency: Currency) -> Decimal:
    """``value`` rounded once. A pro rata carries 60 digits: its tail is first read back as the half it stands for."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -30:
        value = value.quantize(_SNAP, rounding=decimal.ROUND_HALF_EVEN, context=EXACT)
    return rounding.apply(value, currency)


class StopError(Exception):
    """Inside the room only: the tariff cannot say a price, for that reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.code)


class Evaluated(Protocol):
    """What a run asks of a node."""

    def evaluate(self, run: Run) -> Value:
        """The exact price, or number, that it says for the facts of the run."""
        ...


class InForce(Protocol):
    """What a run asks of the version of a tariff."""

    @property
    def first_day(self) -> dt.date:
        """The day that it begins."""
        ...

    @property
    def rounding(self) -> Rounding:
        """The one rounding of its unit price."""
        ...

    @property
    def reference(self) -> str | None:
        """The article cited by what it says."""
        ...

    @property
    def node(self) -> Evaluated:
        """The price of a day as booked."""
        ...


class Voted(Protocol):
    """What a run asks of a tariff that a price refers to."""

    def on(self, day: dt.date) -> InForce | None:
        """The version in force."""


class Run:
    """What one evaluation reads and leaves; never shared, never kept."""

    __slots__ = ("currency", "day", "facts", "pending", "rounding", "steps", "tariffs", "version")

    def __init__(
        self,
        version: InForce,
        facts: Facts,
        currency: Currency = EUR,
        tariffs: Mapping[str, Voted] | None = None,
        day: dt.date | None = None,
        steps: list[Step] | None = None,
        pending: tuple[str, ...] = (),
    ) -> None:
        self.version = version
        self.facts = facts
        self.currency = currency
        self.tariffs: Mapping[str, Voted] = tariffs or {}
        self.day = day if day is not None else version.first_day
        self.rounding = version.rounding
        self.steps: list[Step] = [] if steps is None else steps
        self.pending = pending

    def under(self, version: InForce, facts: Facts, code: str) -> Run:
        """The evaluation of another node that this one refers to; its steps follow these."""
        if code in self.pending:
            raise MisuseError(f"price refers to itself: {' -> '.join((*self.pending, code))}")
        return type(self)(version, facts, self.currency, self.tariffs, self.day, self.steps, (*self.pending, code))

    def step(self, code: str, result: Decimal | None, /, **inputs: StepValue) -> None:
        """Leave one step behind."""
        self.steps.append(Step(code, tuple(inputs.items()), result))

    def operand(self, node: Evaluated) -> Decimal:
        """The number that a rate, a factor or a bound is, without a step of its own: the step that uses it says it.

        « Prix : 0,0036 » before « quotient 1 000 × 0,0036 » would be a price that nobody pays.
        """
        before = len(self.steps)
        amount = total(node.evaluate(self))
        if len(self.steps) > before and (last := self.steps[-1]).code == "flat" and last.result == amount:
            del self.steps[-1]
        return amount

    def stop(self, code: str, /, **parameters: Parameter) -> StopError:
        """The error to raise when no price can be said."""
        return StopError(Reason.of(code, reference=self.version.reference, **parameters))

    def state(self, fact: str) -> FactValue | Unknown | Expired:
        """The fact, or why there is none."""
        return self.facts.state(fact)

    def number(self, fact: str) -> Decimal | None:
        """The numeric fact, ``None`` when it is not known.

        :raises MisuseError: it holds something else than an ``int`` or a ``Decimal`` (a ``float`` above all).
        """
        value = self.facts.known(fact)
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        raise MisuseError(f"fact {fact}: {value!r} is not an exact number (Decimal or int)")

    def missing(self, fact: str) -> StopError:
        """The error for a fact that the price needs and nobody gave."""
        code = "pricing.fact_expired" if isinstance(self.facts.state(fact), Expired) else "pricing.fact_missing"
        return self.stop(code, fact=describe_fact(fact))

    def holds(self, condition: Condition, answered: frozenset[str] = frozenset()) -> bool:
        """Whether the row or modifier applies.

        An equality with a fact that nobody gave does not hold (no PAI said: no PAI). A comparison with a quantity
        that nobody gave cannot be decided: a price is not guessed, unless a row of the same table answers for the
        unknown (``answered``).
        """
        if not condition.tests:
            return True
        truth = condition.evaluate(self.facts)
        if truth is not Truth.UNKNOWN:
            return truth is Truth.TRUE
        for test in condition.tests:
            if test.op in COMPARISONS and test.fact not in answered and self.facts.known(test.fact) is None:
                raise self.missing(test.fact)
        return False

    def round_unit(self, value: Value) -> Value:
        """The one rounding of the unit price (each component on its own), named by the tariff."""
        if isinstance(value, Parts):
            return Parts(tuple(attrs.evolve(part, amount=self._round(part.amount)) for part in value.parts))
        return self._round(value)

    def _round(self, amount: Decimal) -> Decimal:
        result = rounded(amount, self.rounding, self.currency)
        if result != amount:
            self.step("round", result, before=amount, mode=self.rounding.mode.value, to=self.rounding.step)
        return result


class SilentRun(Run):
    """The same evaluation, which leaves no steps: what counts when only the amount is asked for."""

    __slots__ = ()

    def step(self, code: str, result: Decimal | None, /, **inputs: StepValue) -> None:
        """Nothing is left behind."""


COMPARISONS = frozenset({Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN})
