"""A decision as it was recorded, accepted or refused, with what it rested on."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.booking import SlotKey
from periscolaire.catalogue import Action
from periscolaire.clock import require_aware
from periscolaire.ids import FactId, HouseholdId
from periscolaire.reglement import Decision

__all__ = ["RecordedDecision"]


@attrs.frozen
class RecordedDecision:
    """What was asked at ``at``, and the answer under version ``reglement`` of the rules: never decided again.

    A refusal is recorded like an acceptance: the family keeps the proof that it had asked. ``change`` is the booking
    change that an acceptance led to.
    """

    id: FactId
    key: SlotKey
    household: HouseholdId
    action: Action
    at: dt.datetime
    author: str
    channel: str | None
    reglement: str
    decision: Decision
    change: FactId | None = None

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)
