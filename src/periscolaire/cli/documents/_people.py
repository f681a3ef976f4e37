"""To whom documents go, and under which law."""

from __future__ import annotations

from periscolaire.documents import Addressee
from periscolaire.ids import HouseholdId
from periscolaire.operations import published_reglements, series_of
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Collection

__all__ = ["addressee_of", "collection_of", "language_of"]


def addressee_of(household: HouseholdId, uow: UnitOfWork) -> Addressee:
    """The adults of a household at its address; a third party is known by its code alone."""
    stored = uow.households.find(household)
    if stored is None:
        return Addressee(household)
    home = stored.model
    address = home.address or next((adult.address for adult in home.adults if adult.address is not None), None)
    lines = () if address is None else (*address.lines, f"{address.postcode} {address.city}".strip())
    return Addressee(", ".join(adult.full_name for adult in home.adults) or home.name, lines)


def collection_of(series: str, uow: UnitOfWork) -> Collection:
    """Whether a series is collected by a régie or by titres; a series that is no longer in force was a régie's."""
    known = {one.code: one.collection for one in series_of(published_reglements(uow).versions[-1])}
    return known.get(series, Collection.REGIE)


def language_of(household: HouseholdId, uow: UnitOfWork) -> str:
    """The language in which a household is written to."""
    stored = uow.households.find(household)
    return stored.model.language if stored is not None else "fr"
