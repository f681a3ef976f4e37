"""Typed facts about a child, family, day or absence, and the one closed union of conditions on them.

Gates, limits, prices and absence rules read **facts**, never a ``Child`` or a ``Household``: who calls gathers the
facts of a day and hands them over. A fact is known, unknown or expired; a condition on a fact that is not known is
neither true nor false (:class:`Truth`), and what then happens is a stated policy of the règlement.
"""

from periscolaire.facts._conditions import ALWAYS, Condition, Op, Test, Truth
from periscolaire.facts._notation import parse_test, print_test
from periscolaire.facts._values import UNKNOWN, Expired, Facts, FactValue, Unknown
from periscolaire.facts._vocabulary import VOCABULARY, FactKind, FactSpec, Subject, Vocabulary

__all__ = [
    "ALWAYS",
    "UNKNOWN",
    "VOCABULARY",
    "Condition",
    "Expired",
    "FactKind",
    "FactSpec",
    "FactValue",
    "Facts",
    "Op",
    "Subject",
    "Test",
    "Truth",
    "Unknown",
    "Vocabulary",
    "parse_test",
    "print_test",
]
