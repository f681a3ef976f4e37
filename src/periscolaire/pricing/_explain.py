"""A price told line by line: tariff and deliberation, steps, total, who pays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from periscolaire.money import Money
from periscolaire.pricing._price import Price
from periscolaire.pricing._shares import FAMILY
from periscolaire.pricing._steps import Step
from periscolaire.reasons import Description

#: Steps that say nothing that the next one does not.
_SILENT = frozenset({"flat"})
#: What a price form puts in the place of all that was computed before it.
_INSTEAD = frozenset({"form.other", "form.replace"})
#: What says of which price the steps after it are.
_FRAMES = frozenset({"own_price"})


def telling_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that a reader needs to find the price again, in order: without those that were put aside since, nor
    those that only repeat the price.

    A price that is one fixed amount has none.
    """
    start = max((index for index, step in enumerate(steps) if step.code in _INSTEAD), default=0)
    kept = [step for step in steps[:start] if step.code in _FRAMES] + list(steps[start:])
    return tuple(
        step
        for step in kept
        if step.code not in _SILENT
        and step.code != "form.other"  # the reference after it names the tariff
        and not (step.code == "share" and ("payer", FAMILY) in step.inputs)
    )


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
