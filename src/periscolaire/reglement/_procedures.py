"""Procedures: what a family asks of the town hall besides bookings, within a limit.

A bank account changed before the 20th for the next month (Arles-sur-Tech), a file to take a week before the first
booking (Béthisy-Saint-Pierre), a claim within a month of the invoice (Les Rousses): the limits of bookings say them.
"""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.calendar import WHOLE_WEEK, AllYear, CommuneCalendar
from periscolaire.catalogue import Action, LimitTable, Product
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import Currency
from periscolaire.reglement._decide import decide
from periscolaire.reglement._request import Context, Decision, Request

__all__ = ["Procedure", "ask"]


@attrs.frozen
class Procedure:
    """A request other than a booking; the unit of its ``limits`` is what it takes effect for (« le mois »)."""

    code: str
    name: str
    limits: LimitTable
    reference: str | None = None

    @property
    def product(self) -> Product:
        """The procedure as something asked for every day of the year: what the engine of limits decides."""
        every_day = AllYear(WHOLE_WEEK, public_holidays=True)
        return Product(ProductCode(self.code), self.name, every_day, booking=self.limits, reference=self.reference)


@attrs.frozen
class _Alone:
    """The rules of one procedure."""

    version: str
    currency: Currency
    calendar: CommuneCalendar
    asked: Product

    def product(self, code: str) -> Product:
        return self.asked


def ask(
    procedure: Procedure,
    at: dt.datetime,
    context: Context,
    *,
    day: dt.date | None = None,
    channel: str | None = None,
    author: str = "famille",
) -> tuple[Decision, dt.date | None]:
    """The decision for the unit of ``day``, and the day from which the request counts.

    That day is the first of the first unit still within the limit, hence later when ``day`` is too late; ``None``
    when no unit is open in sight. Without ``day`` the decision is that of this unit.

    :raises MisuseError: ``at`` is naive, or the limits differ by channel and none is given.
    :raises UnknownYearError: the calendar does not reach the days that the limits count.
    """
    product = procedure.product
    calendar = context.reglement.calendar
    rules = _Alone(context.reglement.version, context.reglement.currency, calendar, product)
    asked = calendar.today(at) if day is None else day
    request = Request(Action.BOOK, ChildId(""), product.code, asked, at, channel, author)
    decision = decide(request, attrs.evolve(context, reglement=rules))
    if decision.allowed:
        return decision, asked if decision.unit is None else decision.unit.first
    if decision.next is None:
        return decision, None
    if day is None:
        return ask(procedure, at, context, day=decision.next.day, channel=channel, author=author)
    return decision, decision.next.day
