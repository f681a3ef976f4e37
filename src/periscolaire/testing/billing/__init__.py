"""For tests of billing: a small commune, Hypothesis strategies, a naive recomputation, and a state machine.

The commune sells a canteen (by quotient, half price from the second child present, the third unplanned meal of the
year and the next ones dearer) and a garderie by started half hours. :func:`naive_amounts` computes every cent of it
again without tariffs, tables or groups; :class:`BillingMachine` lets facts, runs and payments come in any order.
"""

from periscolaire.testing.billing._commune import (
    ABSENCES,
    BANDS,
    CANTEEN,
    CANTEEN_PRICE,
    FIRST,
    GARDERIE,
    GARDERIE_PRICE,
    LAST,
    LATE,
    MONDAY,
    bill,
    books,
    eaten,
    facts_of_days,
    flat,
    is_,
    quotients,
    reglement,
    week,
)
from periscolaire.testing.billing._machine import BillingMachine
from periscolaire.testing.billing._naive import naive_amounts, naive_pending
from periscolaire.testing.billing._strategies import DAYS, family, quotient_steps

__all__ = [
    "ABSENCES",
    "BANDS",
    "CANTEEN",
    "CANTEEN_PRICE",
    "DAYS",
    "FIRST",
    "GARDERIE",
    "GARDERIE_PRICE",
    "LAST",
    "LATE",
    "MONDAY",
    "BillingMachine",
    "bill",
    "books",
    "eaten",
    "facts_of_days",
    "family",
    "flat",
    "is_",
    "naive_amounts",
    "naive_pending",
    "quotient_steps",
    "quotients",
    "reglement",
    "week",
]
