"""The series of documents that a règlement makes, and the one that a payment is for."""

from __future__ import annotations

from periscolaire.billing import Series
from periscolaire.reglement import Reglement

__all__ = ["series_of"]


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
