"""The audit trail: who did what, when, on what, by which channel, and whether it was allowed."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.access._actors import Actor
from periscolaire.access._operations import Operation
from periscolaire.clock import require_aware, utc

__all__ = ["AuditEntry", "audit"]


@attrs.frozen
class AuditEntry:
    """One line of the trail, appended in the transaction of what it tells; never holds a secret or a document.

    ``at`` is in UTC. ``target`` names the kind and identifier of what was touched (« household:h1 »);
    ``detail`` is a code, never free text of a family.
    """

    at: dt.datetime
    actor: str
    operation: str
    target: str
    channel: str
    allowed: bool = True
    detail: str = ""

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)


def audit(
    actor: Actor,
    operation: Operation,
    target: str,
    at: dt.datetime,
    *,
    channel: str = "",
    allowed: bool = True,
    detail: str = "",
) -> AuditEntry:
    """The line that tells that ``actor`` did ``operation``, by ``channel`` or else by the actor's own."""
    return AuditEntry(utc(at), actor.label, operation.value, target, channel or actor.channel, allowed, detail)
