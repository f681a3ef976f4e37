"""Cutting a city into families: households that share a child are billed together, all others apart."""

from __future__ import annotations

from collections.abc import Iterable

from periscolaire.ids import ChildId, HouseholdId

__all__ = ["families"]


def families(members: Iterable[tuple[HouseholdId, ChildId]]) -> tuple[tuple[HouseholdId, ...], ...]:
    """The households that must be billed together, each family sorted, families in order of their first household.

    Ranks, totals and custody never look beyond one; any further grouping gives the same charges.
    """
    parent: dict[HouseholdId, HouseholdId] = {}
    first_of: dict[ChildId, HouseholdId] = {}

    def root(household: HouseholdId) -> HouseholdId:
        while parent[household] != household:
            parent[household] = parent[parent[household]]
            household = parent[household]
        return household

    for household, child in members:
        parent.setdefault(household, household)
        other = first_of.setdefault(child, household)
        low, high = sorted((root(household), root(other)))
        parent[high] = low
    found: dict[HouseholdId, list[HouseholdId]] = {}
    for household in sorted(parent):
        found.setdefault(root(household), []).append(household)
    return tuple(tuple(found[first]) for first in sorted(found))
