"""What is known while a scenario is played: families, what they declared, what was booked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TypeAlias

import attrs

from periscolaire.catalogue import PriceForm
from periscolaire.errors import UnknownYearError
from periscolaire.facts import Facts, FactValue, Truth
from periscolaire.files import Scenario, ScenarioFamily, Step
from periscolaire.households import EffectPolicy, effective_day
from periscolaire.reglement import Context, Reglement, day_facts, product_calendar

__all__ = ["Held", "World"]


@attrs.frozen
class Held:
    """A booking made earlier in the scenario: the tier that accepted it and the price form it brought."""

    tier: int | None
    name: str | None
    form: PriceForm | None

    @property
    def late(self) -> bool:
        """Booked through a tier after the first."""
        return self.tier is not None and self.tier > 0

    @property
    def facts(self) -> dict[str, bool | str]:
        """What rules may read of it."""
        named = {} if self.name is None else {"tier": self.name}
        return {"booked": True, "late": self.late, **named}


#: ``evenements = { "la facture" = … }`` of a declaration: the last service day already invoiced.
INVOICED = "la facture"

Slot: TypeAlias = tuple[str | None, str, dt.date, str | None]


class World:
    """Facts by family and day, and bookings; changed by the steps that are played."""

    def __init__(self, reglement: Reglement, scenario: Scenario) -> None:
        self.reglement = reglement
        self.scenario = scenario
        self.bookings: dict[Slot, Held] = {}
        self._declared: dict[str, list[tuple[dt.date, Facts]]] = {}

    def instant(self, at: dt.datetime) -> dt.datetime:
        """The instant of a step: a wall time of the file is the commune's."""
        if at.tzinfo is not None:
            return at
        calendar = self.reglement.calendar
        return calendar.instant(at.date(), at.hour * 60 + at.minute) + dt.timedelta(seconds=at.second)

    def family(self, step: Step) -> ScenarioFamily | None:
        """The family of a step: named, or the child's, or the only one."""
        families = self.scenario.families
        for family in families:
            names = [name for child in family.children for name in (child.name, f"{child.name} {family.name}")]
            if step.family == family.name or (step.family is None and step.child in names):
                return family
        return families[0] if len(families) == 1 and step.child is None and step.family is None else None

    def declare(self, step: Step) -> dt.date:
        """The family declares facts: the day from which they count, by the policy of the règlement."""
        assert step.at is not None, "the reader asks for the instant of a declaration"
        policy = self.reglement.quotient
        day = self.reglement.calendar.today(self.instant(step.at))
        reference = policy.reference_day or (9, 1)
        quotient = "quotient" in step.declared or "resources" in step.declared
        effect = policy.effect if quotient else EffectPolicy.RECEPTION
        effective = effective_day(
            effect, day, valid_from=step.day or day, last_invoiced=step.events.get(INVOICED), reference=reference
        )
        family = self.family(step)
        self._declared.setdefault("" if family is None else family.name, []).append((effective, step.declared))
        return effective

    def facts(self, step: Step, day: dt.date) -> Facts:
        """The facts of a step on ``day``: household, declarations in effect, child, the day itself, the step's own."""
        family = self.family(step)
        facts: dict[str, object] = {}
        if family is not None:
            facts.update(family.facts)
            child = next(
                (c for c in family.children if step.child in (c.name, f"{c.name} {family.name}")),
                family.children[0] if len(family.children) == 1 and step.child is None else None,
            )
            if child is not None:
                facts.update(child.facts)
        for effective, declared in self._declared.get("" if family is None else family.name, ()):
            if effective <= day:
                facts.update(declared)
        facts.update(step.facts)
        if isinstance(quotient := facts.get("quotient"), Decimal):
            facts["quotient"] = self.reglement.quotient.reading.read(quotient)
        return Facts(facts)

    def day_facts(self, step: Step, day: dt.date, facts: Facts) -> Facts:
        """``facts`` and what the calendar says of ``day``; nothing more outside the known years."""
        context = Context(self.reglement, facts)
        known: dict[str, FactValue]
        try:
            product = self.reglement.product(step.target)
            known = day_facts(product_calendar(context, product), day)
        except (UnknownYearError, LookupError):
            known = {"day": day}
        return Facts({**known, **facts})

    def places_left(self, step: Step, facts: Facts) -> int | None:
        """Free places: as the step says, or what the règlement offers less those already booked."""
        if step.places_left is not None or step.booked_places is None:
            return step.places_left
        product = self.reglement.product(step.target)
        for rule in product.places:
            if rule.maximum is not None and rule.condition.evaluate(facts) is Truth.TRUE:
                return max(0, rule.maximum - step.booked_places)
        return None

    def slot(self, step: Step, day: dt.date) -> Slot:
        """The key of what is booked."""
        family = self.family(step)
        child = step.child or (family.name if family is not None else None)
        return child, step.target, day, step.slot
