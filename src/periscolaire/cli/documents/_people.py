"""To whom documents go, and under which law."""

from __future__ import annotations

import click

from periscolaire import i18n
from periscolaire.billing import missing_mentions
from periscolaire.documents import Addressee
from periscolaire.ids import HouseholdId
from periscolaire.operations import issuer_of, published_reglements, series_of
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Collection

__all__ = ["addressee_of", "collection_of", "language_of", "warn_of_mentions"]


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


def warn_of_mentions(uow: UnitOfWork, series: str | None = None) -> None:
    """Say on the error output what the documents should bear and the issuer does not tell (all series by default)."""
    issuer = issuer_of(uow)
    for one in series_of(published_reglements(uow).versions[-1]):
        if series in (None, one.code):
            for missing in missing_mentions(issuer, one):
                click.echo(f"attention : {i18n.text(missing)}", err=True)
