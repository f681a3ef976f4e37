"""How a price looks at each fact: the values that it cannot tell apart are one cell, hence one computation.

A tariff that cuts the quotient in seven bands has seven prices, however many quotients a city has. What looks at a
fact is read from the tree: tests, bands, and computations (an effort rate tells every value apart).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from periscolaire.catalogue import OtherTariff, PriceForm
from periscolaire.errors import MisuseError
from periscolaire.facts import Condition, Expired, Facts, FactValue, Test, Unknown
from periscolaire.pricing._nodes import OWN, Bands, FactAmount, Formula, Node, PerUnit, Reference
from periscolaire.pricing._reads import conditions, walk
from periscolaire.pricing._tariff import PriceKind, Tariff, TariffVersion

__all__ = ["FactUse", "fact_uses"]


@attrs.define
class FactUse:
    """What looks at one fact: nothing else of it can change the price. ``exact``: an amount is computed from it."""

    fact: str
    exact: bool = False
    tests: list[Test] = attrs.field(factory=list)
    bands: list[Bands] = attrs.field(factory=list)

    def cell(self, value: FactValue | Unknown | Expired) -> object:
        """What the rule sees of the value."""
        if self.exact or isinstance(value, Unknown | Expired):
            return value
        facts = Facts({self.fact: value})
        try:
            seen = [test.evaluate(facts) for test in self.tests]
            return (*seen, *[bands.position(value) for bands in self.bands])
        except MisuseError:  # a value that one of them refuses: the evaluation says whether it comes to that
            return value


def fact_uses(
    version: TariffVersion, kind: PriceKind, form: PriceForm | None, tariffs: Mapping[str, Tariff]
) -> dict[str, FactUse]:
    """How the price looks at each fact, whatever stands behind its references included."""
    roots: list[Node] = [version.node_of(kind), version.node]
    asked: list[Condition] = []
    for share in version.shares:
        asked.append(share.condition)
        roots += () if share.amount is None else (share.amount,)
    for subsidy in version.subsidies:
        asked.append(subsidy.condition)
        roots.append(subsidy.amount)
    if isinstance(form, OtherTariff):
        roots.append(Reference(form.code))
    uses: dict[str, FactUse] = {}

    def use(fact: str) -> FactUse:
        return uses.setdefault(fact, FactUse(fact))

    for node in _everything(roots, tariffs, set()):
        asked += conditions(node)
        match node:
            case Bands(fact=fact):
                use(fact).bands.append(node)
            case FactAmount(fact=fact) | Formula(fact=fact):
                use(fact).exact = True
            case PerUnit():
                for fact in (node.fact, "arrival", "departure"):
                    use(fact).exact = True
            case _:
                pass
    for condition in asked:
        for test in condition.tests:
            if test not in use(test.fact).tests:
                use(test.fact).tests.append(test)
    return uses


def _everything(roots: list[Node], tariffs: Mapping[str, Tariff], seen: set[str]) -> Iterator[Node]:
    for root in roots:
        for node in walk(root):
            yield node
            if isinstance(node, Reference) and node.tariff != OWN and node.tariff not in seen:
                seen.add(node.tariff)
                tariff = tariffs.get(node.tariff)
                if tariff is not None:
                    yield from _everything([version.node for version in tariff.versions], tariffs, seen)
