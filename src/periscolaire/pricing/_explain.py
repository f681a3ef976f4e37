"""A price told line by line: tariff and deliberation, steps, total, who pays."""

from __future__ import annotations

from collections.abc import Iterator

from periscolaire.money import Money
from periscolaire.pricing._price import Price
from periscolaire.pricing._shares import FAMILY
from periscolaire.reasons import Description

#: Steps that say nothing that the next one does not.
_SILENT = frozenset({"flat"})


def explain(price: Price) -> tuple[Description, ...]:
    """The lines that answer « pourquoi ce prix ? », in order, for :func:`periscolaire.i18n.text`."""
    return tuple(_lines(price))


def _lines(price: Price) -> Iterator[Description]:
    yield Description.of(
        "pricing.explain.tariff",
        tariff=price.tariff,
        kind=Description.of(f"pricing.kind.{price.kind.name.lower()}"),
        since=price.version,
        deliberation=price.deliberation,
        reference=price.reference,
    )
    for position, step in enumerate(price.steps):
        if step.code in _SILENT and position:
            continue
        if step.code == "share" and ("payer", FAMILY) in step.inputs:
            continue  # told by the last line
        yield step.describe(price.currency)
    if len(price.components) > 1:
        for component in price.components:
            amount = Money(component.amount, price.currency)
            yield Description.of("pricing.explain.component", name=component.name, amount=amount)
    yield Description.of("pricing.explain.total", amount=Money(price.amount, price.currency))
    if price.shares:
        yield Description.of("pricing.explain.family", amount=Money(price.family_amount, price.currency))
