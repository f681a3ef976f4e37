"""What a family should hear of before the bill: present without a booking, booked and absent, not checked."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from periscolaire.attendance._consumptions import Consumption
from periscolaire.attendance._outcomes import Notice, Outcome
from periscolaire.booking import SlotKey
from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.ids import FactId, HouseholdId
from periscolaire.reasons import Description, Reason

__all__ = ["Anomaly", "AnomalyKind", "Appeal", "AppealState", "anomalies", "contested", "describe_outcome"]


class AnomalyKind(enum.Enum):
    """What is out of the ordinary; the values are the words of notices and exports."""

    PRESENT_UNBOOKED = "présent sans réservation"
    BOOKED_ABSENT = "réservé et absent"
    UNCHECKED = "non pointé"

    @property
    def is_for_family(self) -> bool:
        """A family is told; a day that nobody checked is for the staff."""
        return self is not AnomalyKind.UNCHECKED


@attrs.frozen
class Anomaly:
    """One slot that a family is told about, with the last day on which it may answer (``appeal_until``)."""

    kind: AnomalyKind
    key: SlotKey
    household: HouseholdId
    appeal_until: dt.date
    facts: tuple[FactId, ...] = ()

    @property
    def reason(self) -> Reason:
        """The notice, to be put in words."""
        return Reason.of(
            f"attendance.anomaly.{self.kind.name.lower()}",
            child=self.key.child,
            product=self.key.product,
            day=self.key.day,
            until=self.appeal_until,
        )


class AppealState(enum.Enum):
    """What became of an appeal; the values are the words of screens and exports."""

    OPEN = "en cours"
    ACCEPTED = "acceptée"
    REFUSED = "refusée"
    WITHDRAWN = "retirée"


@attrs.frozen
class Appeal:
    """A family contests what is said of one slot; a decision is a newer fact of the same ``id``.

    While one is open the slot is not billed. Accepted, it is followed by the corrected presence or absence.
    """

    id: FactId
    key: SlotKey
    motive: str
    at: dt.datetime
    author: str
    state: AppealState = AppealState.OPEN

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)


_KINDS = {
    Outcome.UNPLANNED: AnomalyKind.PRESENT_UNBOOKED,
    Outcome.ABSENCE: AnomalyKind.BOOKED_ABSENT,
    Outcome.UNKNOWN: AnomalyKind.UNCHECKED,
}


def anomalies(consumptions: Iterable[Consumption], on: dt.date, *, appeal_days: int = 7) -> tuple[Anomaly, ...]:
    """What is to be told on ``on``, up to that day of service, household by household in order of days.

    An absence that was told is no news to the family; a day that nobody checked is told to the staff.

    :raises MisuseError: a negative number of days.
    """
    if appeal_days < 0:
        raise MisuseError(f"appeal window of {appeal_days} days: expected 0 or more")
    until = on + dt.timedelta(days=appeal_days)
    found = [
        Anomaly(kind, one.key, one.household, until, one.facts)
        for one in consumptions
        if (kind := _KINDS.get(one.outcome)) is not None
        and one.key.day <= on
        and not (kind is AnomalyKind.BOOKED_ABSENT and one.notice is Notice.TOLD)
    ]
    return tuple(sorted(found, key=lambda anomaly: (anomaly.household, anomaly.key)))


def contested(appeals: Iterable[Appeal]) -> frozenset[SlotKey]:
    """The slots with an appeal that nobody has decided yet."""
    newest: dict[FactId, Appeal] = {}
    for appeal in appeals:
        held = newest.get(appeal.id)
        if held is None or (held.at, held.state.value) < (appeal.at, appeal.state.value):
            newest[appeal.id] = appeal
    return frozenset(appeal.key for appeal in newest.values() if appeal.state is AppealState.OPEN)


def describe_outcome(outcome: Outcome) -> Description:
    """What happened, to be put in words."""
    return Description.of(f"attendance.outcome.{outcome.name.lower()}")
