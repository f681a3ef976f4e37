"""What the règlement says at the door, of children who come or leave: read once a family and day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from periscolaire.attendance import Presence
from periscolaire.calendar import Span
from periscolaire.catalogue import Product
from periscolaire.errors import UnknownYearError
from periscolaire.facts import Facts, FactValue
from periscolaire.ids import ChildId
from periscolaire.operations._family import read_family
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations.booking._requests import Homes
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Reason
from periscolaire.reglement import Context, Reglement, admit, day_facts, product_calendar

__all__ = ["Door"]


class Door:
    """Answers for one unit of work; what is known of a child is read only where a product has gates of the door."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._reglements = published_reglements(uow)
        self._homes = Homes(uow)
        self._facts: dict[tuple[ChildId, dt.date], Facts] = {}

    def against(self, fact: Presence) -> tuple[Reason, ...]:
        """What stands against this presence; nothing against a child who did not come.

        :raises NotFoundError: no règlement that day, no such product, or a child of no household.
        """
        reglement = self._reglements.on(fact.key.day)
        product = reglement.product(fact.key.product)
        if not fact.present:
            return ()
        times = {"arrival": fact.arrival, "departure": fact.departure}
        known: dict[str, FactValue] = {name: time for name, time in times.items() if time is not None}
        facts, derogations = Facts(known), frozenset[str]()
        if any(gate.at_door for gate in product.gates):
            family = self._of(fact.key.child, fact.key.day, reglement)
            held = self._uow.reservations.find(fact.key)
            known["booked"] = not product.needs_booking or (held is not None and held.model.state.is_booked)
            calendar = product_calendar(Context(reglement, family), product)
            facts = Facts({**day_facts(calendar, fact.key.day), **family, **known})
            granted = family.known("derogations")
            derogations = granted if isinstance(granted, frozenset) else frozenset()
        slot = fact.slot_used or fact.key.slot or None
        found = admit(product, facts, slot=slot, derogations=derogations)
        return (*self._closed(fact, product, reglement), *(reason for effect, reason in found if not effect.allows))

    def _closed(self, fact: Presence, product: Product, reglement: Reglement) -> Iterator[Reason]:
        """That the service does not run on that day, for that child: a Wednesday typed for a Thursday, as a rule."""
        day, calendar = fact.key.day, reglement.calendar
        try:
            if calendar.is_open(product.open_days, day):
                return
            calendar = product_calendar(Context(reglement, self._of(fact.key.child, day, reglement)), product)
            if calendar.is_open(product.open_days, day):
                return
        except UnknownYearError:
            return
        why = calendar.describe(day)
        yield Reason.of("booking.closed", product=product.name, day=day, why=why, reference=product.reference)

    def _of(self, child: ChildId, day: dt.date, reglement: Reglement) -> Facts:
        found = self._facts.get((child, day))
        if found is None:
            family = read_family(self._uow, self._homes.of(child, day), Span.one(day), reglement.requirements)
            found = self._facts[child, day] = family.facts(child, day)
        return found
