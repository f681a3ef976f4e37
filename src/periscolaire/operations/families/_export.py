"""Use case of personal data: all that is kept about one family, handed over to it."""

from __future__ import annotations

import datetime as dt
import enum
import json
from decimal import Decimal
from typing import Any

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.frozen import FrozenMap
from periscolaire.ids import HouseholdId
from periscolaire.operations._once import trail
from periscolaire.operations._reglements import commune_today
from periscolaire.operations._targets import household_target
from periscolaire.operations.families._personal import HOLDINGS, FamilyScope
from periscolaire.ports import UnitOfWork

__all__ = ["FamilyData", "export_family"]


@attrs.frozen
class FamilyData:
    """All that is kept about one household, by the name of where it is kept (GDPR, articles 15 and 20)."""

    household: HouseholdId
    sections: FrozenMap[str, tuple[Any, ...]]

    def to_json(self) -> str:
        """One JSON document. A field that no repr shows (a hash, a digest, a subject) is in no export either."""
        return json.dumps(
            {name: [_plain(one) for one in models] for name, models in self.sections.items()},
            ensure_ascii=False,
            indent=2,
        )


def export_family(
    household: HouseholdId, uow: UnitOfWork, *, actor: Actor, at: dt.datetime, channel: str | None = None
) -> FamilyData:
    """What the commune keeps about ``household``: of a child of two households, only this household's own days.

    The other parent's notices, bookings, invoices and contacts are in none of it. With a ``channel``, by which it is
    handed over, a line of the audit trail says to whom: commit it. Without one nothing is written.

    :raises AccessDeniedError: not an adult of the household, nor the commune's administrator.
    """
    require(actor, Operation.EXPORT_FAMILY_DATA, household_target(uow, household, commune_today(uow, at)))
    home = uow.households.get(household).model
    children = dict.fromkeys(member.child for member in home.members)
    scope = FamilyScope(uow, home, (uow.children.get(child).model for child in children))
    sections = {name: holding.read(scope) for name, holding in HOLDINGS.items()}
    if channel is not None:
        trail(uow, actor, Operation.EXPORT_FAMILY_DATA, f"household:{household}", at, channel=channel)
    return FamilyData(household, FrozenMap(sections))


def _plain(value: Any) -> Any:
    """``value`` as JSON; what attrs hides from a repr is left out."""
    if attrs.has(type(value)):
        return {field.name: _plain(getattr(value, field.name)) for field in attrs.fields(type(value)) if field.repr}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict | FrozenMap):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((_plain(one) for one in value), key=repr)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"{type(value).__name__}: not a value that an export may hold")
