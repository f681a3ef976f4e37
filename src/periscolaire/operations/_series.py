"""The series of documents that a règlement makes, and the one that a payment is for."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.billing import Series
from periscolaire.reglement import Reglement, Reglements

__all__ = ["series_of", "series_on"]


def series_of(reglement: Reglement) -> tuple[Series, ...]:
    """The series of documents that a règlement's billing policy makes: those it names, else a régie's, or titres."""
    policy, unit = reglement.billing, reglement.currency
    return tuple(
        Series(
            one.code,
            policy.collection_of(one),
            one.regie,
            None if one.products is None else frozenset(one.products),
            policy.due_days_of(one),
            policy.minimum_of(one, unit),
            None if one.sites is None else frozenset(one.sites),
            policy.refund_of(one),
        )
        for one in policy.all_series
    )


def series_on(day: dt.date, reglements: Reglements) -> tuple[Series, ...]:
    """The series in force on ``day``, then those of other versions of the règlement, which only take corrections."""
    current = series_of(reglements.on(day))
    others = {one.code: one for version in reglements.versions for one in series_of(version)}
    for one in current:
        del others[one.code]
    return (*current, *(attrs.evolve(one, products=frozenset(), sites=None) for one in others.values()))
