"""A decision as it was recorded, accepted or refused, with what it rested on."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.booking import LineVerdict, SlotKey
from periscolaire.clock import require_aware
from periscolaire.ids import FactId, HouseholdId

__all__ = ["RecordedDecision"]


@attrs.frozen
class RecordedDecision:
    """What a household asked at ``at``, and the answer under version ``reglement`` of the rules: never decided again.

    ``verdict`` holds the action, the slot, every reason, the tier and its effect. A refusal is recorded like an
    acceptance: the family keeps the proof that it had asked. ``source`` says where the request was written
    (``demandes.csv:14``).
    """

    id: FactId
    household: HouseholdId
    at: dt.datetime
    author: str
    channel: str | None
    reglement: str
    verdict: LineVerdict
    source: str = ""

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)

    @property
    def key(self) -> SlotKey:
        """The slot that was asked for."""
        return self.verdict.line.key
