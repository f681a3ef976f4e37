"""Two prices compared: « pourquoi plus cher que le mois dernier ? »."""

from __future__ import annotations

from collections.abc import Iterator

from periscolaire.facts import UNKNOWN
from periscolaire.money import Money
from periscolaire.pricing._price import Price
from periscolaire.pricing._steps import describe_fact, describe_value
from periscolaire.reasons import Description


def compare(before: Price, after: Price) -> tuple[Description, ...]:
    """What changed from ``before`` to ``after``: the difference, then its causes, then where the steps part.

    Causes are told from the outside in: another tariff, another version of it, another ending of the day, facts that
    changed among those that the tariffs read, components. No line after the first means no cause is left to tell.
    """
    return (_difference(before, after), *_causes(before, after))


def _difference(before: Price, after: Price) -> Description:
    old, new = Money(before.amount, before.currency), Money(after.amount, after.currency)
    if before.currency != after.currency:
        return Description.of("pricing.compare.currency", before=old, after=new)
    change = after.amount - before.amount
    if not change:
        return Description.of("pricing.compare.same", amount=new)
    code = "pricing.compare.dearer" if change > 0 else "pricing.compare.cheaper"
    return Description.of(code, before=old, after=new, difference=Money(abs(change), after.currency))


def _causes(before: Price, after: Price) -> Iterator[Description]:
    if before.tariff != after.tariff:
        yield Description.of("pricing.compare.tariff", before=before.tariff, after=after.tariff)
    elif before.version != after.version:
        yield Description.of("pricing.compare.version", since=after.version, deliberation=after.deliberation)
    if before.kind is not after.kind:
        kinds = [Description.of(f"pricing.kind.{price.kind.name.lower()}") for price in (before, after)]
        yield Description.of("pricing.compare.kind", before=kinds[0], after=kinds[1])
    for name in sorted(set(before.facts) | set(after.facts)):
        old, new = before.facts.get(name, UNKNOWN), after.facts.get(name, UNKNOWN)
        if old != new:
            yield Description.of(
                "pricing.compare.fact", fact=describe_fact(name), before=describe_value(old), after=describe_value(new)
            )
    yield from _components(before, after)
    for old_step, new_step in zip(before.steps, after.steps, strict=False):
        if old_step != new_step:
            said = old_step.describe(before.currency), new_step.describe(after.currency)
            yield Description.of("pricing.compare.step", before=said[0], after=said[1])
            return


def _components(before: Price, after: Price) -> Iterator[Description]:
    old = {component.name: component.amount for component in before.components}
    new = {component.name: component.amount for component in after.components}
    if len(old) < 2 and len(new) < 2:
        return
    for name in dict.fromkeys((*old, *new)):
        amounts = [Money(held.get(name, 0), after.currency) for held in (old, new)]
        if amounts[0] != amounts[1]:
            yield Description.of("pricing.compare.component", name=name, before=amounts[0], after=amounts[1])
