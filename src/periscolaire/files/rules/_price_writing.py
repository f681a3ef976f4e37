"""The other half of :mod:`periscolaire.files.rules._prices`: price nodes to plain values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from periscolaire.errors import MisuseError
from periscolaire.facts import VOCABULARY, Condition, FactValue, Op, Test, Unknown, Vocabulary, print_test
from periscolaire.money import Rounding, RoundingMode
from periscolaire.pricing import (
    Band,
    Bands,
    Bound,
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
    Reference,
    Replace,
    RoundTo,
    Row,
    Rows,
    Shift,
    Sum,
    Times,
    Undecided,
    number,
    print_price,
)

__all__ = ["write_condition", "write_node", "write_rounding"]


def write_node(node: Node, vocabulary: Vocabulary = VOCABULARY) -> Any:
    """The plain value that :func:`read_node` reads as ``node``: the short form when there is one."""
    short = print_price(node)
    return short if short is not None else _Writer(vocabulary).table(node)


def write_condition(condition: Condition, vocabulary: Vocabulary = VOCABULARY) -> dict[str, Any]:
    """The ``si`` table of ``condition``."""
    return _Writer(vocabulary).condition(condition)


def write_rounding(rounding: Rounding) -> Any:
    """The value that :func:`read_rounding` reads as ``rounding``."""
    if rounding.step is None:
        return rounding.mode.value
    if rounding.mode is RoundingMode.HALF_UP:
        return number(rounding.step)
    return {"mode": rounding.mode.value, "pas": number(rounding.step)}


class _Writer:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def node(self, node: Node) -> Any:
        return write_node(node, self.vocabulary)

    def table(self, node: Node) -> dict[str, Any]:
        match node:
            case Flat(amount):
                return {"montant": number(amount)}
            case FactAmount(fact, missing):
                return {"fait": self.key(fact), **self.optional(sans=missing)}
            case Rows(rows):
                return {"lignes": [self._row(row) for row in rows]}
            case Bands(fact, bands, missing, shifts):
                sans = missing.value if isinstance(missing, Outermost) else None
                tables = [self._band(band, fact) for band in bands]
                held = {"sans": sans} if sans else self.optional(sans=missing)  # type: ignore[arg-type]  # a node here
                moved = {"decale": [self._shift(shift) for shift in shifts]} if shifts else {}
                return {"selon": self.key(fact), "tranches": tables, **held, **moved}
            case Formula(rate, fact, plus, low, high, base_low, base_high, missing):
                more = {} if plus is None else {"plus": self._rate(plus)}
                bounds = {"mini": low, "maxi": high, "base_mini": base_low, "base_maxi": base_high}
                return {"taux": self._rate(rate), "de": self.key(fact), **more, **self.optional(**bounds, sans=missing)}
            case PerUnit():
                return self._per_unit(node)
            case Sum(components):
                return {"somme": [self._component(component) for component in components]}
            case Reference(tariff, facts, times):
                return {
                    "prix_de": tariff,
                    **(
                        {"avec": {self.key(fact): self._value(fact, held) for fact, held in facts.items()}}
                        if facts
                        else {}
                    ),
                    **({"fois": number(times)} if times is not None else {}),
                }
            case Undecided(why):
                return {"a_decider": True if why is None else why}
            case Modified(inner, modifiers):
                return {**self.table(inner), "puis": [self._modifier(modifier) for modifier in modifiers]}

    def _row(self, row: Row) -> dict[str, Any]:
        si = {"si": self.condition(row.condition)} if row.condition.tests else {}
        return {**si, "prix": self.node(row.price), **_some(nom=row.label)}

    def _band(self, band: Band, fact: str) -> dict[str, Any]:
        bound: dict[str, Any] = {}
        if band.bound is not None:
            bound["jusqu_a" if band.inclusive else "moins_de"] = self._bound(band.bound, fact)
        return {**bound, "prix": self.node(band.price), **_some(nom=band.label)}

    def _shift(self, shift: Shift) -> dict[str, Any]:
        si = {"si": self.condition(shift.condition)} if shift.condition.tests else {}
        return {"de": shift.by, **si, **_some(nom=shift.label)}

    def _bound(self, bound: Bound, fact: str) -> Any:
        match bound:
            case Decimal():
                return int(bound) if bound == bound.to_integral_value() else number(bound)
            case dt.time():
                return bound.strftime("%H:%M")
            case _:
                return bound

    def _per_unit(self, node: PerUnit) -> dict[str, Any]:
        counting = node.counting.value
        if node.counting is Counting.AFTER:
            counting = f"{counting} {number(node.after)} {node.word}"
        sizes = {"mini": node.low, "maxi": node.high, "franchise": node.grace or None, "pas": node.step}
        return {
            "par": f"{number(node.unit)} {node.word}",
            "de": self.key(node.fact),
            "compte": counting,
            **{key: f"{number(size)} {node.word}" for key, size in sizes.items() if size is not None},
            **_some(ancre=node.anchor.strftime("%H:%M") if node.anchor else None),
            **_some(fenetre="-".join(f"{hour:%H:%M}" for hour in node.window) if node.window else None),
            "a": self.node(node.price),
        }

    def _component(self, component: Component) -> dict[str, Any]:
        return {"nom": component.name, **_some(nature=component.nature), "prix": self.node(component.price)}

    def _modifier(self, modifier: Modifier) -> dict[str, Any]:
        match modifier:
            case Times(factor):
                held: dict[str, Any] = {"fois": self._rate(factor)}
            case Plus(amount):
                held = {"plus": self._rate(amount)}
            case Clamp(low, high):
                held = self.optional(mini=low, maxi=high)
            case Replace(price):
                held = {"remplace": self.node(price)}
            case RoundTo(rounding):
                held = {"arrondi": write_rounding(rounding)}
        si = {"si": self.condition(modifier.condition)} if modifier.condition.tests else {}
        return {**held, **si, **_some(sur=modifier.on, nom=modifier.label)}

    def _rate(self, node: Node) -> Any:
        return number(node.amount) if isinstance(node, Flat) else self.node(node)

    def condition(self, condition: Condition) -> dict[str, Any]:
        return {self.key(test.fact): print_test(test) for test in condition.tests}

    def _value(self, fact: str, value: FactValue | Unknown) -> Any:
        return "inconnu" if isinstance(value, Unknown) else print_test(Test(fact, Op.EQ, (value,)))

    def key(self, fact: str) -> str:
        spec = self.vocabulary.by_name(fact)
        if spec is None:
            raise MisuseError(f"fact {fact!r} is not in the vocabulary of the règlement")
        return spec.key

    def optional(self, **nodes: Node | None) -> dict[str, Any]:
        return {key: self.node(node) for key, node in nodes.items() if node is not None}


def _some(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
