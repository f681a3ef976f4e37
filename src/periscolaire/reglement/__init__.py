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
    proof_limit,
)
from periscolaire.reglement._billing import (
    TITRE_THRESHOLD,
    BillingPolicy,
    Collection,
    Cycle,
    Refund,
    SeriesPolicy,
    UncheckedDays,
)
from periscolaire.reglement._bulk import decide_days, table_of
from periscolaire.reglement._cycles import billing_cycle, last_cycle, off_cycle
from periscolaire.reglement._decide import admit, day_facts, decide, product_calendar
from periscolaire.reglement._lint import Finding, lint
from periscolaire.reglement._payers import CustodyPrice, DayValue, PackageRule, Prorata
from periscolaire.reglement._policies import (
    Basis,
    CheckingPolicy,
    QuotientPolicy,
    Unchecked,
)
from periscolaire.reglement._procedures import Procedure, ask
from periscolaire.reglement._reads import billing_reads, booking_reads
from periscolaire.reglement._recovery import DEFAULT_REMINDERS, RecoveryPolicy, ReminderLevel
from periscolaire.reglement._reglement import Reglement, Reglements
from periscolaire.reglement._request import LIMIT_DEROGATION, Context, Decision, NextOpen, Request, Rules
from periscolaire.reglement._settings import CalendarSettings

__all__ = [
    "DEFAULT_REMINDERS",
    "LIMIT_DEROGATION",
    "TITRE_THRESHOLD",
    "AbsenceOutcome",
    "AbsencePolicy",
    "AbsenceRow",
    "Basis",
    "BillingPolicy",
    "CalendarSettings",
    "CheckingPolicy",
    "Collection",
    "Consequence",
    "Context",
    "CustodyPrice",
    "Cycle",
    "DayValue",
    "Decision",
    "Episode",
    "EpisodeBreak",
    "EpisodeUnit",
    "Finding",
    "NextOpen",
    "PackageRule",
    "Procedure",
    "Prorata",
    "QuotientPolicy",
    "RecoveryPolicy",
    "Refund",
    "Reglement",
    "Reglements",
    "ReminderLevel",
    "Request",
    "Rules",
    "SeriesPolicy",
    "Unchecked",
    "UncheckedDays",
    "UnknownAbsence",
    "absence_outcome",
    "admit",
    "ask",
    "billing_cycle",
    "billing_reads",
    "booking_reads",
    "day_facts",
    "decide",
    "decide_days",
    "last_cycle",
    "lint",
    "off_cycle",
    "product_calendar",
    "proof_limit",
    "table_of",
]
