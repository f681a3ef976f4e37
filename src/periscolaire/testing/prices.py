"""Strategies for prices and facts, and an oracle in fractions that shares no code with the engine.

``prices`` draws any price node, ``facts_for`` facts that may reach its rows, ``tariff_versions`` a version with its
other endings. :func:`oracle` computes the same price by the text of the reference alone: whoever writes another engine
(in SQL, in JavaScript) can hold it against this one.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from periscolaire.facts import UNKNOWN, Condition, Expired, Facts, Op, Test, Unknown
from periscolaire.frozen import FrozenMap
from periscolaire.money import EUR, Currency, Rounding, RoundingMode
from periscolaire.pricing import (
    OWN,
    Band,
    Bands,
    Clamp,
    Component,
    Counting,
    FactAmount,
    Flat,
    Formula,
    Modified,
    Modifier,
    Node,
    Outermost,
    PerUnit,
    Plus,
    PriceKind,
    Reference,
    Replace,
    RoundTo,
    Row,
    Rows,
    Sum,
    Tariff,
    TariffVersion,
    Times,
    Undecided,
)

__all__ = ["FACTS", "amounts", "conditions", "facts", "facts_for", "oracle", "prices", "tariff_versions"]

FIRST_DAY = dt.date(2025, 9, 1)


def amounts(most: int = 10_000) -> st.SearchStrategy[Decimal]:
    """Amounts in units with two decimals, from zero."""
    return st.integers(0, most).map(lambda cents: Decimal(cents) / 100)


def _rates() -> st.SearchStrategy[Decimal]:
    return st.integers(0, 200).map(lambda value: Decimal(value) / 10_000)


def _quotients() -> st.SearchStrategy[Decimal]:
    ordinary = st.integers(0, 3000).map(Decimal)
    return st.one_of(st.just(Decimal(0)), ordinary, st.integers(0, 300_000).map(lambda value: Decimal(value) / 100))


#: The facts that the drawn prices read, with the values each may take.
FACTS: Mapping[str, st.SearchStrategy[Any]] = {
    "quotient": st.one_of(_quotients(), st.just(UNKNOWN), st.just(Expired(Decimal(500), FIRST_DAY))),
    "resources": amounts(400_000),
    "resident": st.one_of(st.booleans(), st.just(UNKNOWN)),
    "mode": st.sampled_from(["annuel", "occasionnel"]),
    "rank": st.integers(1, 5),
    "siblings": st.integers(1, 5),
    "minutes": st.integers(0, 720),
    "quantity": st.integers(0, 40).map(Decimal),
    "day": st.dates(FIRST_DAY, dt.date(2026, 7, 4)),
    "arrival": st.integers(420, 540).map(lambda value: dt.time(*divmod(value, 60))),
    "departure": st.integers(960, 1150).map(lambda value: dt.time(*divmod(value, 60))),
}


@functools.cache
def facts() -> st.SearchStrategy[Facts]:
    """Facts of one day, some of them unknown or expired."""
    return st.fixed_dictionaries(dict(FACTS)).map(Facts)


@st.composite
def facts_for(draw: st.DrawFn, node: Node) -> Facts:
    """Facts of one day, often exactly on a bound of ``node``."""
    drawn = dict(draw(facts()))
    if isinstance(node, Modified):
        node = node.node
    if isinstance(node, Bands) and draw(st.booleans()):
        bounds = [band.bound for band in node.bands if band.bound is not None]
        if bounds:
            bound = draw(st.sampled_from(bounds))
            drawn[node.fact] = int(bound) if node.fact == "rank" and isinstance(bound, Decimal) else bound
    return Facts(drawn)


@functools.cache
def _tests() -> st.SearchStrategy[Test]:
    numeric = st.sampled_from([Op.LT, Op.LE, Op.GT, Op.GE, Op.EQ])
    return st.one_of(
        st.builds(lambda op, value: Test("quotient", op, (value,)), numeric, _quotients()),
        st.builds(lambda op, value: Test("rank", op, (value,)), numeric, st.integers(1, 4)),
        st.builds(lambda value: Test("resident", Op.EQ, (value,)), st.booleans()),
        st.builds(lambda value: Test("mode", Op.EQ, (value,)), st.sampled_from(["annuel", "occasionnel"])),
        st.just(Test("quotient", Op.UNKNOWN)),
        st.just(Test("mode", Op.IN, ("annuel", "mensuel"))),
        st.builds(
            lambda first, length: Test("rank", Op.BETWEEN, (first, first + length)),
            st.integers(1, 3),
            st.integers(0, 2),
        ),
    )


@functools.cache
def conditions() -> st.SearchStrategy[Condition]:
    """Up to two tests, each on its own fact (a table of a rules file names a fact once)."""
    return st.lists(_tests(), max_size=2, unique_by=lambda test: test.fact).map(lambda held: Condition(tuple(held)))


@st.composite
def _bands(draw: st.DrawFn, inner: st.SearchStrategy[Node]) -> Node:
    fact = draw(st.sampled_from(["quotient", "rank", "siblings"]))
    most = 3000 if fact == "quotient" else 4
    bounds = sorted(draw(st.sets(st.integers(1, most), max_size=4)))
    bands = [Band(Decimal(bound), draw(inner), draw(st.booleans())) for bound in bounds]
    missing: st.SearchStrategy[Node | Outermost | None] = st.one_of(st.none(), st.sampled_from(Outermost), inner)
    return Bands(fact, (*bands, Band(None, draw(inner))), draw(missing))


@st.composite
def _formulas(draw: st.DrawFn, inner: st.SearchStrategy[Node]) -> Node:
    bounds = sorted(draw(st.tuples(amounts(1000), amounts(1000))))
    low, high = (Flat(bound) if draw(st.booleans()) else None for bound in bounds)
    plus = draw(st.one_of(st.none(), amounts(500).map(Flat)))
    fact = draw(st.sampled_from(["quotient", "resources"]))
    missing = draw(st.one_of(st.none(), inner))
    return Formula(draw(_rates().map(Flat)), fact, plus, low, high, missing=missing)


def _per_unit(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    units = st.sampled_from([Decimal(15), Decimal(30), Decimal(45), Decimal(60)])
    hours = st.builds(
        lambda unit, price, counting, after, high, grace: PerUnit(
            unit, price, "minutes", counting, after if counting is Counting.AFTER else Decimal(0), None, high, grace
        ),
        units,
        inner,
        st.sampled_from(Counting),
        st.sampled_from([Decimal(5), Decimal(10)]),
        st.sampled_from([None, Decimal(240)]),
        st.sampled_from([Decimal(0), Decimal(10)]),
    )
    meals = st.builds(lambda size, price: PerUnit(size, price, "quantity", word="repas"), units, inner)
    window = (dt.time(16, 30), dt.time(18, 30))
    anchored = st.builds(
        lambda unit, price, anchor: PerUnit(unit, price, anchor=anchor, window=window),
        units,
        inner,
        st.sampled_from([None, dt.time(16, 0)]),
    )
    return st.one_of(hours, meals, anchored)


def _sums(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    names = st.lists(st.sampled_from(["accueil", "repas", "goûter"]), min_size=1, max_size=3, unique=True)
    component = st.tuples(names, st.lists(inner, min_size=3, max_size=3))
    return component.map(
        lambda drawn: Sum(tuple(Component(name, price) for name, price in zip(drawn[0], drawn[1], strict=False)))
    )


@functools.cache
def _roundings() -> st.SearchStrategy[Rounding]:
    return st.builds(Rounding, st.sampled_from(RoundingMode), st.sampled_from([None, Decimal("0.05"), Decimal("0.1")]))


@functools.cache
def _modifiers() -> st.SearchStrategy[Modifier]:
    factor = st.integers(0, 300).map(lambda value: Flat(Decimal(value) / 100))
    when = conditions()
    return st.one_of(
        st.builds(Times, factor, when, st.sampled_from([None, "base"])),
        st.builds(Plus, amounts(500).map(Flat), when),
        st.builds(lambda low, more, held: Clamp(Flat(low), Flat(low + more), held), amounts(500), amounts(500), when),
        st.builds(Replace, amounts().map(Flat), when),
        st.builds(RoundTo, _roundings(), when),
    )


def _modified(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    plain = inner.filter(lambda node: not isinstance(node, Modified))
    return st.builds(
        lambda node, held: Modified(node, tuple(held)), plain, st.lists(_modifiers(), min_size=1, max_size=3)
    )


@functools.cache
def prices(leaves: int = 6) -> st.SearchStrategy[Node]:
    """Any price node: grids in grids, effort rates, units of time, components, modifiers."""
    leaf: st.SearchStrategy[Node] = st.one_of(
        amounts().map(Flat), st.just(FactAmount("resources")), st.just(Undecided()), amounts().map(Flat)
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(st.builds(Row, conditions(), inner), min_size=1, max_size=4).map(lambda rows: Rows(tuple(rows))),
            _bands(inner),
            _formulas(inner),
            _per_unit(inner),
            _sums(inner),
            _modified(inner),
        ),
        max_leaves=leaves,
    )


@st.composite
def tariff_versions(draw: st.DrawFn) -> TariffVersion:
    """A version with its unplanned price (own, replaced or derived) and a rounding."""
    own = Reference(OWN)
    more = amounts(500).map(lambda amount: Modified(own, (Plus(Flat(amount)),)))
    ranked = Reference(OWN, FrozenMap({"rank": 1}))
    unplanned = draw(
        st.one_of(st.just(own), more, st.just(Reference(OWN, times=Decimal(2))), st.just(ranked), prices(3))
    )
    return TariffVersion(FIRST_DAY, draw(prices(4)), rounding=draw(_roundings()), unplanned=unplanned)


# -- the oracle --------------------------------------------------------------------------------------------------


class _NoPrice(Exception):  # a control flow of the oracle, never seen outside
    pass


def oracle(
    version: TariffVersion,
    known: Facts,
    kind: PriceKind = PriceKind.UNIT,
    tariffs: Mapping[str, Tariff] | None = None,
    currency: Currency = EUR,
) -> int | None:
    """The price in minor units, ``None`` when there is none, computed in fractions by the book."""
    judge = _Oracle(version, dict(known), tariffs or {}, currency)
    try:
        held = judge.rounded(judge.value(version.node_of(kind)))
    except _NoPrice:
        return None
    whole = sum(held.values(), Fraction(0)) * 10**currency.digits
    assert whole.denominator == 1
    return int(whole)


class _Oracle:
    """Values are components: a name to an exact fraction; a plain price is the component ``""``."""

    def __init__(
        self, version: TariffVersion, known: dict[str, Any], tariffs: Mapping[str, Tariff], currency: Currency
    ) -> None:
        self.version, self.known, self.tariffs, self.currency = version, known, tariffs, currency

    def state(self, fact: str) -> Any:
        state = self.known.get(fact, UNKNOWN)
        return None if isinstance(state, Unknown | Expired) else state

    def number(self, fact: str) -> Fraction | None:
        state = self.state(fact)
        return None if state is None else Fraction(state)

    def amount(self, node: Node) -> Fraction:
        return sum(self.value(node).values(), Fraction(0))

    def value(self, node: Node) -> dict[str, Fraction]:
        match node:
            case Flat(amount):
                return {"": Fraction(amount)}
            case FactAmount(fact, missing):
                return self.known_or(self.number(fact), missing)
            case Undecided():
                raise _NoPrice
            case Rows(rows):
                asked = {test.fact for row in rows for test in row.condition.tests if test.op is Op.UNKNOWN}
                for row in rows:
                    if self.holds(row.condition, asked):
                        return self.value(row.price)
                raise _NoPrice
            case Bands():
                return self.band(node)
            case Formula():
                return self.formula(node)
            case PerUnit():
                return self.units(node)
            case Sum(components):
                return {component.name: self.amount(component.price) for component in components}
            case Reference(tariff, others, times):
                assert tariff == OWN, "the oracle follows references to the own price only"
                judge = _Oracle(self.version, {**self.known, **others}, self.tariffs, self.currency)
                held = judge.rounded(judge.value(self.version.node))
                return {name: part * Fraction(1 if times is None else times) for name, part in held.items()}
            case Modified(inner, modifiers):
                base = running = self.value(inner)
                for modifier in modifiers:
                    if self.holds(modifier.condition, set()):
                        running = self.modify(modifier, running, base)
                return running

    def known_or(self, amount: Fraction | None, missing: Node | None) -> dict[str, Fraction]:
        if amount is not None:
            return {"": amount}
        if missing is None:
            raise _NoPrice
        return self.value(missing)

    def band(self, node: Bands) -> dict[str, Fraction]:
        state = self.state(node.fact)
        if state is None:
            if node.missing is None:
                raise _NoPrice
            if isinstance(node.missing, Outermost):
                return self.value(node.bands[0 if node.missing is Outermost.FIRST else -1].price)
            return self.value(node.missing)
        for band in node.bands:
            if band.bound is None or state < band.bound or (band.inclusive and state == band.bound):
                return self.value(band.price)
        raise _NoPrice

    def formula(self, node: Formula) -> dict[str, Fraction]:
        base = self.number(node.fact)
        if base is None:
            return self.known_or(None, node.missing)
        result = self.amount(node.rate) * self.between(base, node.base_low, node.base_high)
        if node.plus is not None:
            result += self.amount(node.plus)
        return {"": self.between(result, node.low, node.high)}

    def between(self, value: Fraction, low: Node | None, high: Node | None) -> Fraction:
        if low is not None:
            value = max(value, self.amount(low))
        return value if high is None else min(value, self.amount(high))

    def units(self, node: PerUnit) -> dict[str, Fraction]:
        quantity = self.quantity(node)
        if quantity <= Fraction(node.grace):
            quantity = Fraction(0)
        elif node.low is not None:
            quantity = max(quantity, Fraction(node.low))
        if node.high is not None:
            quantity = min(quantity, Fraction(node.high))
        ratio = quantity / Fraction(node.unit)
        price = self.value(node.price)
        if node.counting is Counting.PRORATA:
            return {name: part * ratio for name, part in price.items()}
        whole = ratio.numerator // ratio.denominator
        rest = (ratio - whole) * Fraction(node.unit)
        tolerated = {Counting.STARTED: Fraction(0), Counting.AFTER: Fraction(node.after)}.get(node.counting)
        count = whole + (1 if tolerated is not None and rest > tolerated else 0)
        return {name: part * count for name, part in self.rounded(price).items()}

    def quantity(self, node: PerUnit) -> Fraction:
        if node.anchor is None and node.window is None:
            quantity = self.number(node.fact)
            if quantity is None:
                raise _NoPrice
            return quantity
        begin, end = self.state("arrival"), self.state("departure")
        if begin is None or end is None:
            raise _NoPrice
        minutes = [hour.hour * 60 + hour.minute for hour in (begin, end)]
        if node.window is not None:
            edges = [hour.hour * 60 + hour.minute for hour in node.window]
            minutes = [max(minutes[0], edges[0]), min(minutes[1], edges[1])]
        if node.anchor is not None:
            start = node.anchor.hour * 60 + node.anchor.minute
            minutes[0] = start + (minutes[0] - start) // int(node.unit) * int(node.unit)
        return Fraction(max(0, minutes[1] - minutes[0]))

    def modify(
        self, modifier: Modifier, running: dict[str, Fraction], base: dict[str, Fraction]
    ) -> dict[str, Fraction]:
        match modifier:
            case Times(factor, on="base"):
                more = self.amount(factor) - 1
                return self.merged(running, {name: part * more for name, part in base.items()})
            case Times(factor):
                by = self.amount(factor)
                return {name: part * by for name, part in running.items()}
            case Plus(amount):
                return self.added(running, "majoration", self.amount(amount))
            case Replace(price):
                return self.value(price)
            case Clamp(low, high):
                held = self.rounded(running) if "" not in running else running
                whole = sum(held.values(), Fraction(0))
                return self.added(held, "ajustement", self.between(whole, low, high) - whole)
            case RoundTo(rounding):
                held = self.rounded(running) if "" not in running else running
                whole = sum(held.values(), Fraction(0))
                return self.added(held, "ajustement", self.round(whole, rounding) - whole)

    def merged(self, running: dict[str, Fraction], more: dict[str, Fraction]) -> dict[str, Fraction]:
        if "" in running:
            return {"": running[""] + sum(more.values(), Fraction(0))}
        for name, part in more.items():
            running = self.added(running, name or "majoration", part)
        return running

    def added(self, running: dict[str, Fraction], name: str, more: Fraction) -> dict[str, Fraction]:
        if "" in running:
            return {"": running[""] + more}
        return {**running, name: running.get(name, Fraction(0)) + more}

    def rounded(self, held: dict[str, Fraction]) -> dict[str, Fraction]:
        return {name: self.round(part, self.version.rounding) for name, part in held.items()}

    def round(self, value: Fraction, rounding: Rounding) -> Fraction:
        step = Fraction(1, 10**self.currency.digits) if rounding.step is None else Fraction(rounding.step)
        ratio = value / step
        below, rest = divmod(ratio.numerator, ratio.denominator)
        part = Fraction(rest, ratio.denominator)
        match rounding.mode:
            case RoundingMode.DOWN:
                up = False
            case RoundingMode.UP:
                up = part > 0
            case RoundingMode.HALF_UP:
                up = part > Fraction(1, 2) or (part == Fraction(1, 2) and value > 0)
            case RoundingMode.HALF_EVEN:
                up = part > Fraction(1, 2) or (part == Fraction(1, 2) and below % 2 == 1)
        return (below + (1 if up else 0)) * step

    def holds(self, condition: Condition, asked: set[str]) -> bool:
        truths = [self.truth(test) for test in condition.tests]
        if False in truths:
            return False
        for test, truth in zip(condition.tests, truths, strict=True):
            if truth is None and test.op not in (Op.EQ, Op.IN) and test.fact not in asked:
                raise _NoPrice
        return None not in truths

    def truth(self, test: Test) -> bool | None:
        state: Any = self.state(test.fact)
        values: tuple[Any, ...] = test.values
        if test.op is Op.EXPIRED:
            return isinstance(self.known.get(test.fact), Expired)
        if test.op in (Op.UNKNOWN, Op.KNOWN):
            return (state is None) == (test.op is Op.UNKNOWN)
        if state is None:
            return None
        match test.op:
            case Op.LT:
                return bool(state < values[0])
            case Op.LE:
                return bool(state <= values[0])
            case Op.GT:
                return bool(state > values[0])
            case Op.GE:
                return bool(state >= values[0])
            case Op.BETWEEN:
                return bool(values[0] <= state <= values[1])
            case _:
                return state in values
