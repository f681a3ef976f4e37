"""The whole règlement as one dated value; ``decide``; its linter."""

from periscolaire.reglement._absence import (
    AbsenceOutcome,
    AbsencePolicy,
    AbsenceRow,
    Consequence,
    Episode,
    EpisodeBreak,
    EpisodeUnit,
    UnknownAbsence,
    absence_outcome,
)
from periscolaire.reglement._policies import (
    Basis,
    BillingPolicy,
    CheckingPolicy,
    Collection,
    Cycle,
    QuotientEffect,
    QuotientPolicy,
    QuotientReading,
    Refund,
    Unchecked,
)
from periscolaire.reglement._reglement import Reglement, Reglements
from periscolaire.reglement._settings import CalendarSettings

__all__ = [
    "AbsenceOutcome",
    "AbsencePolicy",
    "AbsenceRow",
    "Basis",
    "BillingPolicy",
    "CalendarSettings",
    "CheckingPolicy",
    "Collection",
    "Consequence",
    "Cycle",
    "Episode",
    "EpisodeBreak",
    "EpisodeUnit",
    "QuotientEffect",
    "QuotientPolicy",
    "QuotientReading",
    "Refund",
    "Reglement",
    "Reglements",
    "Unchecked",
    "UnknownAbsence",
    "absence_outcome",
]
