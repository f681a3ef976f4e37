"""Limits for tests: Hypothesis strategies, and an oracle that walks over days and minutes.

The oracle shares the types of a rule with the engine, and the calendar's answer to « what kind of day is this? »;
no code that counts, shifts or compares. It is slow, and plain enough to be believed.
"""

from periscolaire.testing.limits._oracle import oracle_tier, oracle_window
from periscolaire.testing.limits._strategies import (
    day_exprs,
    effects,
    instants_near,
    limits,
    points,
    rules,
    tiers,
    units,
)
from periscolaire.testing.limits._walk import Case, Unanswered

__all__ = [
    "Case",
    "Unanswered",
    "day_exprs",
    "effects",
    "instants_near",
    "limits",
    "oracle_tier",
    "oracle_window",
    "points",
    "rules",
    "tiers",
    "units",
]
