"""Facts that try every case a price distinguishes: each bound, just below and just above it, and the unknown."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias

from periscolaire.facts import UNKNOWN, VOCABULARY, Condition, FactKind, Facts, FactValue, Unknown
from periscolaire.pricing._nodes import Bands, Bound, FactAmount, Formula, Node, PerUnit
from periscolaire.pricing._reads import conditions, walk

Case: TypeAlias = FactValue | Unknown

#: Past this many cases the facts are tried one at a time around a first choice, not all together.
_MOST = 4096
_OTHER = "\N{BULLET} autre"
_NEAR = Decimal("0.01")


def cases(nodes: Iterable[Node], more: Iterable[Condition] = ()) -> dict[str, list[Case]]:
    """For each fact that ``nodes`` and ``more`` read, the values that may change the price, the unknown last."""
    found: dict[str, dict[Case, None]] = {}
    tested = list(more)
    for node in nodes:
        for inner in walk(node):
            tested.extend(conditions(inner))
            match inner:
                case Bands(fact=fact, bands=bands):
                    held = found.setdefault(fact, {})
                    for band in bands:
                        held.update(dict.fromkeys(_around(band.bound)))
                    held.update(dict.fromkeys(_ordinary(fact, FactKind.DECIMAL)))
                case Formula(fact=fact) | FactAmount(fact=fact) | PerUnit(fact=fact):
                    found.setdefault(fact, {}).update(dict.fromkeys(_ordinary(fact, FactKind.DECIMAL)))
                case _:
                    pass
    for condition in tested:
        for test in condition.tests:
            held = found.setdefault(test.fact, {})
            for value in test.values:
                held.update(dict.fromkeys(_near(value)))
            if VOCABULARY.by_name(test.fact) is not None or all(isinstance(value, str) for value in test.values):
                held.update(dict.fromkeys(_ordinary(test.fact)))
    return {fact: [*held, UNKNOWN] for fact, held in found.items()}


def combinations(held: dict[str, list[Case]]) -> Iterator[Facts]:
    """The facts to try: every combination while they are few, else one fact at a time around the first of each."""
    size = 1
    for values in held.values():
        size *= len(values)
    names = list(held)
    if size <= _MOST:
        for chosen in itertools.product(*held.values()):
            yield Facts(zip(names, chosen, strict=True))
        return
    first = {name: values[0] for name, values in held.items()}
    yield Facts(first)
    for name, other in itertools.combinations(names, 2):
        for value, second in itertools.product(held[name], held[other]):
            yield Facts({**first, name: value, other: second})


def _around(bound: Bound | None) -> list[Case]:
    return [] if bound is None else _near(bound)


def _near(value: FactValue) -> list[Case]:
    match value:
        case bool():
            return [value, not value]
        case int():
            return [value, value - 1, value + 1]
        case Decimal():
            return [value, value - _NEAR, value + _NEAR]
        case dt.datetime():
            return [value]
        case dt.date():
            return [value, value - dt.timedelta(days=1), value + dt.timedelta(days=1)]
        case dt.time():
            minutes = value.hour * 60 + value.minute
            return [_hour(minutes), _hour(max(0, minutes - 1)), _hour(min(1439, minutes + 1))]
        case _:
            return [value]


def _hour(minutes: int) -> dt.time:
    return dt.time(*divmod(minutes, 60))


def _ordinary(fact: str, declared: FactKind = FactKind.TEXT) -> list[Case]:
    """Values of the fact's kind that no test names; ``declared`` is the kind of a fact of the commune's own."""
    spec = VOCABULARY.by_name(fact)
    match spec.kind if spec is not None else declared:
        case FactKind.BOOL:
            return [True, False]
        case FactKind.INTEGER:
            return [1, 2, 100]
        case FactKind.DECIMAL | FactKind.MONEY:
            return [Decimal(0), Decimal(100000)]
        case FactKind.MINUTES:
            return [0, 1, 600]
        case FactKind.DATE:
            return [dt.date(2001, 1, 1), dt.date(2999, 1, 1)]
        case FactKind.TIME:
            return [dt.time(0, 1), dt.time(23, 58)]
        case FactKind.WEEKDAY:
            return ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
        case FactKind.TEXT:
            return [_OTHER]
        case FactKind.TEXTS:
            return [frozenset({_OTHER})]
