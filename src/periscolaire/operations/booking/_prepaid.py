"""Prepaid accounts: what a household has to its credit, what it owes, and what it has booked and was not billed yet."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import Billed, Estimates
from periscolaire.calendar import Span
from periscolaire.catalogue import PaymentMode
from periscolaire.facts import Facts
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.money import Amount
from periscolaire.operations._accounts import read_account
from periscolaire.operations._family import read_family
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import household_target
from periscolaire.operations.booking._estimates import books_of, options_of
from periscolaire.ports import Repositories, UnitOfWork
from periscolaire.reglement import Reglements

__all__ = ["PrepaidBalance", "prepaid_balance", "prepaid_by_day"]


@attrs.frozen
class PrepaidBalance:
    """What a household may still spend, in minor units, all its accounts together.

    ``credit`` is what it paid or was given back and has settled nothing yet, ``owed`` what its invoices still ask for,
    ``reserved`` what is booked on its prepaid account since the school year began and not billed yet.
    """

    credit: Amount
    owed: Amount
    reserved: Amount

    @property
    def left(self) -> Amount:
        """What may still be booked with: the fact ``solde``. Below zero, more is booked or owed than was paid."""
        return self.credit - self.owed - self.reserved


def prepaid_balance(household: HouseholdId, uow: UnitOfWork, *, actor: Actor, on: dt.date) -> PrepaidBalance:
    """What the household may still spend at the end of ``on``.

    :raises AccessDeniedError: not an adult of the household, nor staff who see invoices.
    :raises NotFoundError: no such household.
    """
    require(actor, Operation.VIEW_INVOICES, household_target(uow, household))
    return prepaid_by_day(household, uow, published_reglements(uow))(on)


def prepaid_by_day(
    household: HouseholdId, uow: Repositories, reglements: Reglements
) -> Callable[[dt.date], PrepaidBalance]:
    """As :func:`prepaid_balance`, on any day: read once, told as often as asked. Asks nobody who may."""
    series = {stored.model.series for stored in uow.invoices.of(household)}
    series |= {stored.model.series for stored in uow.payments.of(household)}
    accounts = tuple(read_account(household, one, uow) for one in sorted(series))

    @functools.cache
    def balance_on(day: dt.date) -> PrepaidBalance:
        held = [account.at(day) for account in accounts]
        reserved = _reserved(household, day, reglements, uow)
        return PrepaidBalance(sum(one.credit for one in held), sum(one.owed for one in held), reserved)

    return balance_on


def _reserved(household: HouseholdId, day: dt.date, reglements: Reglements, uow: Repositories) -> Amount:
    """What is booked since the school year of ``day`` began, as far as it goes, and was not billed by then."""
    paid_so = {
        product.code
        for version in reglements.versions
        for product in version.products
        if product.payment is PaymentMode.WALLET
    }
    if not paid_so:
        return 0
    calendar = reglements.at(day).calendar
    span = Span(calendar.school_year(day).first_day, max(calendar.known.last, day))
    family = read_family(uow, household, span)
    booked = [one for child in family.children for one in uow.consumptions.of_child(child, span.first, span.last)]

    def facts_of(home: HouseholdId, child: ChildId | None, on: dt.date) -> Facts:
        # A charge of the whole household reads what any of its children may tell of it.
        return family.facts(child if child is not None else min(family.children), on)

    estimates = Estimates(household, books_of(reglements), facts_of, booked, options_of(family))
    invoices = (stored.model for stored in uow.invoices.of(household))
    return estimates.left_to_bill(paid_so, Billed(one for one in invoices if one.issued_on <= day))
