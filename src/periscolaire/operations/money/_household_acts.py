"""What every act on a household's account shares: its line in the audit trail, and its key."""

from __future__ import annotations

import datetime as dt

from periscolaire.access import Actor, Operation
from periscolaire.ids import HouseholdId, Key
from periscolaire.operations._once import record_act
from periscolaire.ports import UnitOfWork

__all__ = ["act_on"]


def act_on(
    uow: UnitOfWork,
    actor: Actor,
    operation: Operation,
    household: HouseholdId,
    now: dt.datetime,
    detail: str,
    key: Key | None,
    command: object,
    result: str = "",
) -> None:
    target = f"household:{household}"
    record_act(uow, actor, operation, target, now, detail=detail, key=key, command=command, result=result)
