"""Charges told apart by the site of the child, for communes whose series or runs go by site."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import attrs

from periscolaire.billing._charges import Charge, Instance
from periscolaire.ids import ChildId, HouseholdId

__all__ = ["SiteOf", "by_site"]

#: The site of a child on a day, as the facts of the household that pays for it tell.
SiteOf: TypeAlias = Callable[[HouseholdId, ChildId, dt.date], str | None]


def by_site(charges: Iterable[Charge], site_of: SiteOf) -> Iterator[Charge]:
    """The same charges, the instances of each at one site; what is no child's has none."""
    for charge in charges:
        if charge.child is None:
            yield charge
            continue
        parted: dict[str | None, list[Instance]] = {}
        for instance in charge.instances:
            parted.setdefault(site_of(charge.payer, charge.child, instance.day), []).append(instance)
        for site, instances in parted.items():
            yield attrs.evolve(charge, instances=tuple(instances), site=site)
