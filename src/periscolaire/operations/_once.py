"""What every command that writes shares: it counts once under its key, and its clock does not go back."""

from __future__ import annotations

import datetime as dt

from periscolaire.access import Actor, Operation, audit
from periscolaire.clock import utc
from periscolaire.errors import ConflictError
from periscolaire.ids import Key
from periscolaire.ports import UnitOfWork

__all__ = ["after", "done_before", "record_act", "trail"]


def done_before(uow: UnitOfWork, key: Key | None, command: object) -> str | None:
    """The result of this very command under ``key``, when it was done already.

    :raises ConflictError: the key was used for another command.
    """
    return None if key is None else uow.keys.find(key, repr(command))


def trail(
    uow: UnitOfWork,
    actor: Actor,
    operation: Operation,
    target: str,
    at: dt.datetime,
    *,
    channel: str | None = None,
    detail: str = "",
) -> None:
    """Append the line of the audit trail for a command whose facts bear their own instants."""
    uow.audit.append([audit(actor, operation, target, at, channel=channel or "", detail=detail)])


def record_act(
    uow: UnitOfWork,
    actor: Actor,
    operation: Operation,
    target: str,
    now: dt.datetime,
    *,
    detail: str = "",
    key: Key | None = None,
    command: object = None,
    result: str = "",
) -> None:
    """Append the line of the audit trail, and remember ``key`` where one was given. Call it before writing facts.

    :raises ConflictError: something was done to ``target`` after ``now``: the clock has gone back, and what is recorded
        now would be read as older than what it follows.
    """
    last = max((line.at for line in uow.audit.of(target)), default=None)
    if last is not None and utc(now) < last:
        raise ConflictError(
            f"{target}: it is {utc(now):%Y-%m-%d %H:%M:%S}, but something was done at {last:%Y-%m-%d %H:%M:%S}",
            code="operation.clock_went_back",
        )
    uow.audit.append([audit(actor, operation, target, now, detail=detail)])
    if key is not None:
        uow.keys.record(key, repr(command), result, utc(now))


def after(now: dt.datetime, earlier: dt.datetime) -> dt.datetime:
    """The instant of a state that follows another one of the same fact: the newest counts, so it is never equal."""
    return max(utc(now), utc(earlier) + dt.timedelta(microseconds=1))
