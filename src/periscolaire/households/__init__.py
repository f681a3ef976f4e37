"""Families: adults, children, their schooling, custody, dated facts, documents and consents.

Everything that depends on time is dated; rules never see these classes but the facts of a day
(:func:`facts_of_day`), and who pays on a day is :func:`payers`.
"""

from periscolaire.households._custody import (
    AlternatingWeeks,
    Custody,
    EvenOddWeeks,
    Payer,
    Shares,
    Sharing,
    SpansFirst,
    WeekdayTable,
    Whole,
    custody_conflicts,
    payers,
)
from periscolaire.households._dated import DatedFact, DatedFacts, SubjectId
from periscolaire.households._file import (
    PAI,
    Consent,
    Document,
    DocumentStatus,
    Requirement,
    RequirementOf,
    completeness,
    facts_of_day,
)
from periscolaire.households._household import Household, Member
from periscolaire.households._people import (
    Adult,
    Child,
    Civility,
    Grade,
    Level,
    Phone,
    PhoneKind,
    PickUp,
    PostalAddress,
    Schooling,
    Sex,
    covers,
)

__all__ = [
    "PAI",
    "Adult",
    "AlternatingWeeks",
    "Child",
    "Civility",
    "Consent",
    "Custody",
    "DatedFact",
    "DatedFacts",
    "Document",
    "DocumentStatus",
    "EvenOddWeeks",
    "Grade",
    "Household",
    "Level",
    "Member",
    "Payer",
    "Phone",
    "PhoneKind",
    "PickUp",
    "PostalAddress",
    "Requirement",
    "RequirementOf",
    "Schooling",
    "Sex",
    "Shares",
    "Sharing",
    "SpansFirst",
    "SubjectId",
    "WeekdayTable",
    "Whole",
    "completeness",
    "covers",
    "custody_conflicts",
    "facts_of_day",
    "payers",
]
