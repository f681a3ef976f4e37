"""The five modifiers, an ordered list on any node, each with an optional condition and a target component.

A modified price holds modifiers, and a modifier holds prices: the two modules tell one recursive type, so this one
names :data:`Node` for the reader of types alone, and at run time asks nothing of it but ``evaluate``.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import ALWAYS, Condition
from periscolaire.money import Rounding
from periscolaire.pricing._run import Parts, Run, Value, rounded, scaled, total

if TYPE_CHECKING:
    from periscolaire.pricing._nodes import Node

#: The target of a percentage that applies to the price before any modifier of the same list.
BASE = "base"
#: What a surcharge adds, and what a floor, ceiling or rounding moves, when the price has components.
SUPPLEMENT = "majoration"
ADJUSTMENT = "ajustement"


@attrs.frozen
class Times:
    """``fois``: the running price multiplied (``on="base"``: by the price before any modifier)."""

    factor: Node
    condition: Condition = ALWAYS
    on: str | None = None
    label: str | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes it holds."""
        return (self.factor,)

    def apply(self, running: Value, base: Value, run: Run) -> Value:
        """The running price after this modifier."""
        factor = run.operand(self.factor)
        if self.on == BASE:
            result = _more(running, scaled(base, factor - 1))
        elif self.on is not None:
            result = _on(running, self.on, lambda amount: amount * factor)
        else:
            result = scaled(running, factor)
        run.step("times", total(result), factor=factor, on=self.on, label=self.label)
        return result


@attrs.frozen
class Plus:
    """``plus``: an amount added, or taken off when negative."""

    amount: Node
    condition: Condition = ALWAYS
    on: str | None = None
    label: str | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes it holds."""
        return (self.amount,)

    def apply(self, running: Value, base: Value, run: Run) -> Value:
        """The running price after this modifier."""
        amount = run.operand(self.amount)
        if self.on is not None and self.on != BASE:
            result = _on(running, self.on, lambda held: held + amount)
        elif isinstance(running, Parts):
            result = running.plus(self.label or SUPPLEMENT, amount)
        else:
            result = running + amount
        run.step("plus", total(result), amount=amount, on=self.on, label=self.label)
        return result


@attrs.frozen
class Clamp:
    """``mini`` / ``maxi``: the running price kept between two bounds."""

    low: Node | None = None
    high: Node | None = None
    condition: Condition = ALWAYS
    on: str | None = None
    label: str | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes it holds."""
        return tuple(node for node in (self.low, self.high) if node is not None)

    def apply(self, running: Value, base: Value, run: Run) -> Value:
        """The running price after this modifier; components are rounded first, so that the sum keeps the bound."""
        if self.on is not None and self.on != BASE:
            return _on(running, self.on, lambda amount: clamped(amount, self.low, self.high, run))
        if isinstance(running, Parts):
            running = run.round_unit(running)
        return _to_total(running, clamped(total(running), self.low, self.high, run))


@attrs.frozen
class Replace:
    """``remplace``: another price stands instead of the running one."""

    price: Node
    condition: Condition = ALWAYS
    on: str | None = None
    label: str | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes it holds."""
        return (self.price,)

    def apply(self, running: Value, base: Value, run: Run) -> Value:
        """The running price after this modifier."""
        before = len(run.steps)
        value = self.price.evaluate(run)
        if len(run.steps) == before + 1 and run.steps[-1].code == "flat":
            del run.steps[-1]  # « remplacé par 50,00 € » says it
        result = _on(running, self.on, lambda _: total(value)) if self.on is not None else value
        run.step("replace", total(result), on=self.on, label=self.label)
        return result


@attrs.frozen
class RoundTo:
    """``arrondi``: one more named rounding, where it stands in the list."""

    rounding: Rounding
    condition: Condition = ALWAYS
    on: str | None = None
    label: str | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes it holds."""
        return ()

    def apply(self, running: Value, base: Value, run: Run) -> Value:
        """The running price after this modifier."""
        if self.on is not None and self.on != BASE:
            return _on(running, self.on, lambda amount: self._round(amount, run))
        if isinstance(running, Parts):
            running = run.round_unit(running)
        return _to_total(running, self._round(total(running), run))

    def _round(self, amount: Decimal, run: Run) -> Decimal:
        result = rounded(amount, self.rounding, run.currency)
        run.step("round", result, before=amount, mode=self.rounding.mode.value, to=self.rounding.step)
        return result


Modifier: TypeAlias = Times | Plus | Clamp | Replace | RoundTo


def clamped(amount: Decimal, low: Node | None, high: Node | None, run: Run) -> Decimal:
    """``amount`` between its bounds; the ceiling wins when the file sets it under the floor (the linter says so)."""
    if low is not None and amount < (floor := run.operand(low)):
        run.step("floor", floor, before=amount)
        amount = floor
    if high is not None and amount > (ceiling := run.operand(high)):
        run.step("ceiling", ceiling, before=amount)
        amount = ceiling
    return amount


def _on(running: Value, name: str | None, change: Callable[[Decimal], Decimal]) -> Value:
    if isinstance(running, Parts):
        for index, part in enumerate(running.parts):
            if part.name == name:
                changed = attrs.evolve(part, amount=change(part.amount))
                return Parts((*running.parts[:index], changed, *running.parts[index + 1 :]))
    known = ", ".join(part.name for part in running.parts) if isinstance(running, Parts) else "none"
    raise MisuseError(f"component {name!r}: the price has {known}")


def _more(running: Value, more: Value) -> Value:
    if not isinstance(running, Parts):
        return running + total(more)
    if not isinstance(more, Parts):
        return running.plus(SUPPLEMENT, more)
    for part in more.parts:
        running = running.plus(part.name, part.amount, part.nature)
    return running


def _to_total(running: Value, amount: Decimal) -> Value:
    return running.plus(ADJUSTMENT, amount - running.total) if isinstance(running, Parts) else amount
