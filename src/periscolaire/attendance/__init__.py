"""What happened against what was booked: appended facts, one consumption per slot, a total table of outcomes."""

from periscolaire.attendance._consumptions import Consumption, Place, booked_state, consumption, consumptions
from periscolaire.attendance._facts import (
    AbsenceNotice,
    CancelledBy,
    Closure,
    Presence,
    Proof,
    ProofState,
    Suspension,
    latest,
)
from periscolaire.attendance._outcomes import (
    OUTCOME_ROWS,
    OUTCOMES,
    Booked,
    Notice,
    Outcome,
    OutcomeRow,
    Seen,
    Service,
    outcome_of,
)

__all__ = [
    "OUTCOMES",
    "OUTCOME_ROWS",
    "AbsenceNotice",
    "Booked",
    "CancelledBy",
    "Closure",
    "Consumption",
    "Notice",
    "Outcome",
    "OutcomeRow",
    "Place",
    "Presence",
    "Proof",
    "ProofState",
    "Seen",
    "Service",
    "Suspension",
    "booked_state",
    "consumption",
    "consumptions",
    "latest",
    "outcome_of",
]
