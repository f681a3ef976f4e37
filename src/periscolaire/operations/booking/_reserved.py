"""What is booked on a prepaid account and not billed yet: with it taken off, what the account still has to spare."""

from __future__ import annotations

import datetime as dt

from periscolaire.billing import Billed, Estimates
from periscolaire.calendar import Span
from periscolaire.catalogue import PaymentMode
from periscolaire.facts import Facts
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.money import Amount
from periscolaire.operations._family import read_family
from periscolaire.operations.booking._estimates import books_of, options_of
from periscolaire.ports import Repositories
from periscolaire.reglement import Reglements

__all__ = ["reserved_on_account"]


def reserved_on_account(household: HouseholdId, day: dt.date, reglements: Reglements, uow: Repositories) -> Amount:
    """What a household has booked on its prepaid account and was not billed for on ``day``, in minor units.

    From the beginning of the school year of ``day``, as far as it has booked.
    """
    paid_so = {
        product.code
        for version in reglements.versions
        for product in version.products
        if product.payment is PaymentMode.WALLET
    }
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
